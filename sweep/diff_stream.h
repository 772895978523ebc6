/*
 * diff_stream.h - a CSV file row by row, on demand: plain, gzip or zstd, in pieces of bounded size.
 */
#ifndef SWEEP_DIFF_STREAM_H
#define SWEEP_DIFF_STREAM_H

#include "common/err.h"

#include <stddef.h>

enum { DIFF_FIELD_MAX = 1 << 16, DIFF_COLUMNS_MAX = 4096 };

typedef struct diff_stream diff_stream;

/** One row; text holds n fields, each with a NUL. */
typedef struct diff_row {
    const char *text;
    size_t n, bytes;
} diff_row;

/** Opens a file. `path` is borrowed. */
err diff_stream_open(diff_stream **s, const char *path, diags *faults);

/** The next row, valid until the next call; row->n 0 at the end. */
err diff_stream_next(diff_stream *s, diff_row *row, diags *faults);

void diff_stream_close(diff_stream *s);

#endif
