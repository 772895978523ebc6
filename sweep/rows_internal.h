/*
 * rows_internal.h - a report of rows being written, by one process (rows.c) or by ranks (rows_ranks.c).
 */
#ifndef SWEEP_ROWS_INTERNAL_H
#define SWEEP_ROWS_INTERNAL_H

#include "sweep/combos.h"

typedef struct rows_job {
    const char *path; /* NULL: memory was gone */
    const char *header;
    const sweep_combo_work *work;
    uint64_t from, to; /* groups: all, or a shard's */
    int with_header, is_share;
} rows_job;

/** Packs the header and puts it, when this is the share that begins with it. */
err rows_header(sweep_run *run, const rows_job *j, sweep_put put, void *to);

/** Together: all ranks make their parts and write one file. */
err rows_by_ranks(sweep_run *run, const rows_job *j);

#endif
