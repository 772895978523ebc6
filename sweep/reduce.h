/*
 * reduce.h - what the `reduce` reports share: the grid of a pick for the counting kernels, what it is held against (the
 * distinct capacities of the GPUs: many have the same), and the count of one record for every GPU.
 */
#ifndef SWEEP_REDUCE_H
#define SWEEP_REDUCE_H

#include "kernels/lower/lower.h"
#include "kernels/reduce/count.h"
#include "sweep/run.h"
#include "sweep/skip.h"

/** Largest batch up to which counting goes by a table of the batches. */
enum { SWEEP_REDUCE_TABLE = 1 << 16 };

/** What is reduced: a pick, its grid (ascending, whatever the order in `where`) and its GPUs, 1 without any. */
typedef struct sweep_reduce {
    const sweep_pick *pick;
    kern_grid grid;
    size_t n_gpus;
    kern_bounds bounds;
} sweep_reduce;

/** Capacities of the picked GPUs for one scenario; without GPUs one that holds everything. */
typedef struct sweep_capacities {
    double *of_gpu;   /* (n_gpus) [bytes] */
    uint32_t *rank;   /* (n_gpus) place among the distinct ones */
    double *distinct; /* (n) ascending [bytes] */
    size_t n;
} sweep_capacities;

/** What one record is to one GPU: cells of the grid that no skip rule drops, and those that fit. */
typedef struct sweep_counted {
    uint64_t cells, fits;
    double batch, context; /* largest of any cell that fits, 0: none does */
} sweep_counted;

/** A thread's work space. */
typedef struct sweep_reducer {
    kern_counter *counter;
    sweep_capacities caps;
    kern_fit *fit, *part;   /* (n_gpus) per distinct capacity, of the grid and of some contexts */
    sweep_counted *counted; /* (n_gpus) */
} sweep_reducer;

/** The grid of a report's pick. Lives in mem; 0 when memory is gone. */
int sweep_reduce_build(sweep_reduce *j, arena *mem, const sweep_pick *k);

/** 0 when memory is gone. */
int sweep_reducer_init(sweep_reducer *r, const sweep_reduce *j);
void sweep_reducer_free(sweep_reducer *r);

/** Fills in a scenario's capacities. Returns 1 when they differ from what was there: then they have to be ranked. */
int sweep_capacities_read(sweep_capacities *c, const sweep_reduce *j, const kern_scenario *sc);
void sweep_capacities_rank(sweep_capacities *c, const sweep_reduce *j);

/** What fits of `records` records over the whole grid. */
sweep_counted sweep_counted_of(const kern_grid *g, uint64_t records, const kern_fit *fit);

/** Counts a lowered combination for every GPU, into r->counted; GPUs that a skip rule drops have no cells. */
void sweep_reduce_record(sweep_reducer *r, const sweep_reduce *j, const sweep_combo *c, const kern_record *record);

/** GPU g of the pick, NULL: none. */
const kern_gpu *sweep_reduce_gpu(const sweep_reduce *j, size_t g);

/** A report with `by`: rows per group of combinations. */
err sweep_run_reduce_groups(sweep_run *run, const sweep_report *r, const sweep_reduce *j);
/** How many groups it has. */
uint64_t sweep_reduce_groups(const sweep_reduce *j, const sweep_report *r);

#endif
