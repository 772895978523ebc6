/*
 * combos.h - walks the combinations of a pick with all threads and writes what each one yields in order. Every
 * combination may be cut into parts, so that one of them never needs more memory than a chunk.
 */
#ifndef SWEEP_COMBOS_H
#define SWEEP_COMBOS_H

#include "report/csv_text.h"
#include "report/file.h"
#include "sweep/run.h"
#include "sweep/tile.h"

/**
 * Appends one part of a combination to `out`. The tile is the thread's own; `why` is NULL when the combination was
 * lowered into it, else the reason why it cannot be. Returns 0 when some row is not ok.
 */
typedef int (*sweep_combo_job)(const void *ctx, const sweep_combo *c, uint64_t part, sweep_tile *t, const char *why,
                               report_csv_text *out);

typedef struct sweep_combo_work {
    const sweep_pick *pick;
    const char *label; /* of the progress bar */
    uint64_t parts;    /* of each combination */
    uint64_t cells;    /* of each combination: contexts x batches */
    uint64_t rows;     /* that each combination yields at most */
    uint64_t at_once;  /* parts formatted before they are written */
    sweep_combo_job job;
    const void *ctx;
} sweep_combo_work;

/** Number of combinations of the pick, skipped ones included. */
uint64_t sweep_combos_count(const sweep_pick *k);

/** Groups of `at_once` parts: what a thread makes and packs as one piece. */
uint64_t sweep_combos_groups(const sweep_combo_work *work);

/** Takes the pieces in their order, one thread at a time. */
typedef err (*sweep_put)(void *to, const char *bytes, size_t n);

/** Where the pieces go. */
typedef struct sweep_sink {
    sweep_put put;
    void *to;
    size_t before; /* bytes in front of the first piece */
    int copies;    /* to the pages of a file, where it pays that a piece lies alike in memory */
} sweep_sink;

/** The sink, and which groups come next. */
typedef struct sweep_rows_out {
    /** The next span of groups, which may be empty; 0: none is left. Asked by the thread that called, between spans. */
    int (*next)(struct sweep_rows_out *out, err so_far, uint64_t *from, uint64_t *to);
    sweep_sink sink;
} sweep_rows_out;

/** Threads to work with: --threads, else one for each processor, shared with the ranks beside. */
int sweep_combos_threads(const sweep_run *run);

/**
 * Makes the groups that `out` asks for and puts them in order, packed as the suffix of `path` says; *bad is set when
 * some row was not ok. `groups` is how many it will be, about, for the progress bar. ERR_INTERRUPTED after Ctrl-C.
 */
err sweep_combos_walk(sweep_run *run, const sweep_combo_work *work, const char *path, sweep_rows_out *out,
                      uint64_t groups, int *bad);

/** The same for the groups [from, to) in one go. */
err sweep_combos_each(sweep_run *run, const sweep_combo_work *work, const char *path, uint64_t from, uint64_t to,
                      sweep_sink sink, int *bad);

/** Bytes of text that the work yields, about: those of a few parts, evenly spread, times all parts. NAN: they take
 * long. */
err sweep_combos_bytes(sweep_run *run, const sweep_combo_work *work, double *bytes);

/** Writes the report's file: a header, then all rows of the work; with --shard the rows of the share. */
err sweep_run_rows(sweep_run *run, const sweep_report *r, const sweep_combo_work *work, const char *header);

/** Writes the rows of the work, which are CSV, into a workbook. */
err sweep_run_bulk(sweep_run *run, const sweep_report *r, const sweep_combo_work *work, const char *header);

/** The work of a report that writes rows; what it points to is in the arena of the run. */
err sweep_csv_work(sweep_run *run, const sweep_report *r, sweep_combo_work *out);
err sweep_reduce_work(sweep_run *run, const sweep_report *r, sweep_combo_work *out);

#endif
