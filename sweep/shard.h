/*
 * shard.h - shares of a run made by jobs that do not know each other. `run --shard K/N` leaves OUT/shard-K-of-N/ whole
 * or not at all: the K-th share of each report of rows, all other reports in the first one, and a list of the files
 * (.shard.json) that says which run they belong to. `merge` needs nothing but these folders.
 */
#ifndef SWEEP_SHARD_H
#define SWEEP_SHARD_H

#include "sweep/run.h"

#define SWEEP_SHARD_LIST ".shard.json"

enum { SWEEP_SHARD_ID = 17, SWEEP_SHARD_FILES = 4096 };

/** A file of a shard. */
typedef struct sweep_shard_file {
    const char *name; /* relative to the shard's folder */
    uint64_t bytes;
    uint32_t crc;
    int rows; /* a share: those of all shards, one after another, are the file */
} sweep_shard_file;

typedef struct sweep_shard {
    const char *dir;         /* its folder */
    char id[SWEEP_SHARD_ID]; /* digits that stand for program, config and catalogs */
    uint64_t shard, of;      /* counted from 1 */
    sweep_shard_file *file;  /* in the order of names */
    size_t n_files, cap_files;
} sweep_shard;

/** Together. Sends the files of a shard into a folder aside; without --shard nothing. */
err sweep_shard_begin(sweep_run *run);

/** Together. Lists the files and moves the folder to its place when `e` is ERR_OK, else removes it. Returns the first
 * failure. */
err sweep_shard_end(sweep_run *run, err e);

/** The list as JSON, and back; strings live in `mem`. */
err sweep_shard_write(const sweep_shard *s, const char *path, diags *faults);
err sweep_shard_read(sweep_shard *s, arena *mem, const char *dir, diags *faults);

/** Adds to a checksum that starts with 0. */
uint32_t sweep_shard_crc(uint32_t crc, const void *bytes, size_t n);

/** Removes a folder of ours and what is in it; links are removed, not followed. */
void sweep_shard_remove(const char *dir);

#endif
