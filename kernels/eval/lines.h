/*
 * lines.h - a record over a block of contexts as straight lines: at each context every phase costs k0 + k1*b bytes.
 * Records with terms that are capped in bytes or count the tokens of all sequences together are no lines, nor are
 * charged ones. And what is counted over lines, or over rows of cells: see kernels/reduce/count.h.
 */
#ifndef KERNELS_EVAL_LINES_H
#define KERNELS_EVAL_LINES_H

#include <stddef.h>

#include "kernels/record.h"

enum { KERN_LINES = 64 }; /* contexts of a block */

/** Arrays are 64-byte aligned; behind the n contexts k0 is infinite. */
typedef struct kern_lines {
    _Alignas(64) double k0[KERN_PHASES_MAX][KERN_LINES]; /* [bytes] */
    double k1[KERN_PHASES_MAX][KERN_LINES];              /* [bytes per sequence] */
    size_t first, n;                                     /* contexts of the grid */
    unsigned n_phases;
} kern_lines;

/** Contexts and batches, ascending and distinct whole numbers; b is 64-byte aligned and padded (kern_row_capacity). */
typedef struct kern_grid {
    const double *s, *b;
    size_t n_s, n_b;
    const uint32_t *batches_to; /* (largest batch + 1) batches of the grid up to so many, NULL: too many for a table */
    int no_gaps;                /* batches are first, first + 1, ... */
} kern_grid;

/** Cells that one limit holds, in lanes whose sum counts, each cell as -1: what a comparison of vectors gives. */
enum { KERN_HELD_LANES = 4 };
typedef struct kern_held {
    _Alignas(32) int64_t lane[KERN_HELD_LANES];
} kern_held;

/** What fits a capacity; zeros when nothing does. */
typedef struct kern_fit {
    uint64_t cells;
    uint32_t batches, contexts; /* of the grid, up to the largest of any cell that fits */
} kern_fit;

/** All cells of lines by size (ranks.kern.c). Arrays have room for the cells of a block. */
enum {
    KERN_BUCKETS = 2048,
    KERN_RANKS_BATCHES = 256, /* most batches of a grid whose cells are ranked */
    KERN_RANKS_AHEAD = 4      /* cells of a bucket that are always compared */
};
_Static_assert(KERN_LINES *KERN_RANKS_BATCHES <= UINT16_MAX, "cells of a block are numbered in 16 bits");
typedef struct kern_ranks {
    double *raw;      /* (contexts, batches) [bytes] */
    double *cell;     /* the same, bucket by bucket, with KERN_RANKS_AHEAD more behind them */
    uint16_t *bucket; /* of raw */
    uint16_t start[KERN_BUCKETS + 1];
    size_t n, first, n_s;    /* cells and contexts that take part, the first of these in the grid */
    double least, most, top; /* smallest cell; largest that takes part; largest of all */
    int64_t first_key;
} kern_ranks;

/** Smallest and largest charge of any cell [bytes]. */
typedef struct kern_extent {
    double least, most;
} kern_extent;

#endif
