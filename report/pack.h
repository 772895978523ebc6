/*
 * pack.h - one piece of output as one gzip member or one zstd frame. Members and frames one after another are a valid
 * file, so pieces can be packed by any thread, rank or shard, and the bytes depend on how the text was cut alone.
 */
#ifndef REPORT_PACK_H
#define REPORT_PACK_H

#include <stddef.h>

#include "common/err.h"

/** One thread's packer. */
typedef struct report_packer report_packer;

/** For output that goes to `path`: its suffix decides (.gz, .zst; else nothing is packed). NULL when memory is gone. */
report_packer *report_packer_new(const char *path);
void report_packer_free(report_packer *p);

/** Packs a piece; *out is the packer's own until the next call, or `text` itself. Nothing gives nothing. */
err report_packer_pack(report_packer *p, const char *text, size_t n, const char **out, size_t *n_out);

#endif
