/*
 * reduce.h - what the two kinds of `reduce` reports share: the grid of a pick for the counting kernels, and what it is
 * held against: the distinct capacities of the GPUs, because many GPUs have the same.
 */
#ifndef SWEEP_REDUCE_H
#define SWEEP_REDUCE_H

#include "kernels/reduce/count.h"
#include "sweep/pick.h"

/** Largest batch up to which counting goes by a table of the batches. */
enum { SWEEP_REDUCE_TABLE = 1 << 16 };

/** The grid of a pick, ascending in whatever order `where` names it. Lives in mem; 0 when memory is gone. */
int sweep_grid_build(kern_grid *g, arena *mem, const sweep_pick *k);

/** Capacities of the picked GPUs for one scenario; without GPUs one that holds everything. */
typedef struct sweep_capacities {
    size_t n_gpus;
    double *of_gpu;   /* (n_gpus) [bytes] */
    uint32_t *rank;   /* (n_gpus) place among the distinct ones */
    double *distinct; /* (n) ascending [bytes] */
    size_t n;
} sweep_capacities;

/** Room for a pick; 0 when memory is gone. Free with sweep_capacities_free. */
int sweep_capacities_init(sweep_capacities *c, const sweep_pick *k);
void sweep_capacities_free(sweep_capacities *c);

/** Fills in a scenario's. Returns 1 when they differ from what was there. */
int sweep_capacities_set(sweep_capacities *c, const sweep_pick *k, const kern_scenario *sc);

#endif
