/*
 * grid.h - a config opened for measuring: its first sweep planned, its first report a csv of every row. The rows are
 * made by the code that `vramsweep run` calls.
 */
#ifndef BENCH_GRID_H
#define BENCH_GRID_H

#include <stdio.h>

#include "kernels/lower/lower.h"
#include "sweep/run.h"

typedef struct bench_grid {
    sweep_options options;
    sweep_ctx ctx;
    sweep_config cfg;
    sweep_plan plan;
    kern_bounds bounds; /* largest context and batch */
    sweep_run run;
} bench_grid;

/** Opens a config over the shipped catalogs (VRAMSWEEP_CATALOGS). 0 after printing what is wrong with it. */
int bench_grid_open(bench_grid *g, const char *config);
void bench_grid_close(bench_grid *g);

/** Cells: combinations x contexts x batches. */
double bench_grid_cells(const bench_grid *g);

/**
 * Writes all rows as CSV to a path: a device as it is, a file anew and not synced, as most programs write theirs.
 * Returns 0 when something went wrong.
 */
int bench_grid_write(bench_grid *g, const char *path, int threads);

/** The same rows by the shortest way: lower, a cell at a time, fprintf. For sweeps without GPUs and skip rules. */
int bench_grid_print(const bench_grid *g, FILE *out);

#endif
