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
    err (*put)(void *sink, const char *text, size_t n); /* takes the text in order; NULL: it goes to the file */
    void *sink;
} sweep_combo_work;

/** Number of combinations of the pick, skipped ones included. */
uint64_t sweep_combos_count(const sweep_pick *k);

/** Does the work; *bad is set when some row was not ok. ERR_INTERRUPTED after Ctrl-C. */
err sweep_combos_write(sweep_run *run, const sweep_combo_work *work, report_file *out, int *bad);

/** Bytes of text that the work yields, about: those of a few parts, evenly spread, times all parts. NAN: they take
 * long. */
err sweep_combos_bytes(sweep_run *run, const sweep_combo_work *work, double *bytes);

/** Writes the report's file: a header, then all rows of the work. */
err sweep_run_rows(sweep_run *run, const sweep_report *r, const sweep_combo_work *work, const char *header);

/** Writes the rows of the work, which are CSV, into a workbook. */
err sweep_run_bulk(sweep_run *run, const sweep_report *r, const sweep_combo_work *work, const char *header);

/** The work of a report that writes rows; what it points to is in the arena of the run. */
err sweep_csv_work(sweep_run *run, const sweep_report *r, sweep_combo_work *out);
err sweep_reduce_work(sweep_run *run, const sweep_report *r, sweep_combo_work *out);

#endif
