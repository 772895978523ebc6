/*
 * count.h - how much of a grid of contexts and batches fits: cells, largest batch and longest context, for each of many
 * capacities at once. Two ways with the same answers, bit for bit:
 *
 *   analytic  for monotone records that are lines (kernels/eval/lines.h): one product per context and capacity, proven
 *             by another; eight contexts that a capacity holds wholly or not at all cost nothing
 *   brute     every cell evaluated and compared with every capacity: any record
 */
#ifndef KERNELS_REDUCE_COUNT_H
#define KERNELS_REDUCE_COUNT_H

#include <math.h>

#include "kernels/eval/eval.h"

/** Work space of one thread. */
typedef struct kern_counter kern_counter;

typedef enum kern_way { KERN_WAY_ANALYTIC, KERN_WAY_BRUTE } kern_way;

/** Room for the batches of the widest grid and for n capacities; one per thread. NULL when memory is gone. */
kern_counter *kern_counter_new(size_t n_b, size_t n);
void kern_counter_free(kern_counter *c);

/** Completes a grid whose s and b are set; `table` has room for its largest batch + 1, NULL: brute only. */
void kern_grid_complete(kern_grid *g, uint32_t *table);

/** Analytic where it is right, else brute. */
kern_way kern_count_way(const kern_record *r, const kern_grid *g);

/**
 * Counts the whole grid for capacities[0..n) [bytes], ascending; INFINITY holds everything.
 * @param way     kern_count_way, or brute
 * @param fit     (n) out, overwritten
 * @param extent  out, overwritten
 */
void kern_count(kern_counter *c, const kern_record *r, const kern_grid *g, kern_way way, const double *capacity,
                size_t n, kern_fit *fit, kern_extent *extent);

/** What nothing was counted for yet. */
#define KERN_EXTENT_NONE ((kern_extent){INFINITY, 0})

#endif
