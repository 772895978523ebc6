/*
 * accuracy.h - measurements held against the model: a cells file (compare.h) whose `published` column is a measured
 * figure, `document` the dataset it belongs to and `quantity` the term. Errors are ours over measured, minus 1.
 */
#ifndef SWEEP_ACCURACY_H
#define SWEEP_ACCURACY_H

#include "report/table.h"
#include "sweep/compare.h"

/** A measurement and our answer; `why` is set instead of a value when the scenario cannot be evaluated. */
typedef struct sweep_measured {
    sweep_cell cell;
    const char *why;
    double error;    /* relative */
    double reserved; /* measured, in the unit of the cell; 0: not stated */
} sweep_measured;

/** Reads and evaluates the files in order. A row that cannot be evaluated is kept with its reason. */
err sweep_accuracy_load(arena *mem, const sweep_catalogs *c, char *const *paths, size_t n_paths, sweep_measured **rows,
                        size_t *n, diags *faults);

/**
 * One row per dataset and term: rows, refused, median and 90th percentile of |error|, bias, worst; where rows state
 * what the allocator reserved, how far that stands over what it handed out, and our place between the two. NULL: no
 * memory.
 */
report_table *sweep_accuracy_summary(arena *mem, const sweep_measured *rows, size_t n);

/** Every measurement with our value and the error. NULL: no memory. */
report_table *sweep_accuracy_rows(arena *mem, const sweep_measured *rows, size_t n);

/**
 * Draws accuracy-<term>.{gp,dat,svg,png} in a folder, made if need be: predicted over measured, a point per row.
 * *rendered: 0 when gnuplot is not there and only scripts and data were written.
 */
err sweep_accuracy_charts(arena *mem, const char *dir, const sweep_measured *rows, size_t n, int *rendered,
                          diags *faults);

#endif
