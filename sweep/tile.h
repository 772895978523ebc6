/*
 * tile.h - one thread's work space for evaluating combinations of a pick: the record and one row of cells. The grid is
 * never held whole.
 */
#ifndef SWEEP_TILE_H
#define SWEEP_TILE_H

#include "kernels/eval/eval.h"
#include "kernels/reduce/ladder.h"
#include "sweep/pick.h"

enum { SWEEP_LADDERS = 4, SWEEP_RUNGS = 80 };

typedef struct sweep_tile {
    kern_record record;
    kern_row row;  /* of the batches last evaluated */
    double *batch; /* picked batches, ascending as picked, padded */
    void *memory;
    kern_bounds bounds;
    /* Answers that hold for a whole combination, kept until the next is lowered. */
    double *max_context; /* (batches, gpus) [tokens], -1: not solved yet */
    size_t n_max_context;
    kern_ladder ladder[SWEEP_LADDERS]; /* by node size; node 0: free */
    kern_rung *rungs;                  /* (SWEEP_LADDERS, SWEEP_RUNGS) */
} sweep_tile;

/** Allocates for the batches of a pick. NULL when memory is gone. */
sweep_tile *sweep_tile_new(const sweep_pick *k);
void sweep_tile_free(sweep_tile *t);

/** Lowers a combination for the largest picked context and batch; *why (DIAG_TEXT bytes) on failure. */
err sweep_tile_lower(sweep_tile *t, const sweep_pick *k, const kern_scenario *sc, char *why);

/** Ladder of the tile's combination for GPUs with `node` in a node; shared by all GPUs that ask for the same. */
kern_ladder *sweep_tile_ladder(sweep_tile *t, const kern_scenario *sc, int node);

/** Evaluates context s for n batches from `first` (a multiple of 8) on: results in t->row[0..n). */
void sweep_tile_eval(sweep_tile *t, double s, size_t first, size_t n);

#endif
