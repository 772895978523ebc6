/*
 * search.h - the fewest GPUs of one kind that hold a scenario, as a search that only moves forward: asked about larger
 * and larger batches or contexts it never looks at a layout twice, because a layout that did not hold less cannot hold
 * more. One lowered record at a time; the caller owns the struct.
 */
#ifndef KERNELS_REDUCE_SEARCH_H
#define KERNELS_REDUCE_SEARCH_H

#include "kernels/lower/lower.h"
#include "kernels/reduce/capacity.h"

typedef struct kern_search {
    kern_scenario sc; /* with the layout tried now */
    const kern_gpu *gpu;
    kern_bounds bounds;
    int node, lowered, spent; /* spent: no layout is left */
    double capacity;
    kern_record record;
} kern_search;

/** Starts with the smallest layout. `bounds` are the largest batch and context that will be asked for. */
void kern_search_init(kern_search *f, const kern_scenario *sc, const kern_gpu *gpu, const kern_bounds *bounds);

/**
 * GPUs of the first layout, from the present one on, that holds (b, s); 0 when there is none. f->sc.layout is that
 * layout. Layouts: see kern_min_gpus. Ask with b and s that do not fall.
 */
int kern_search_gpus(kern_search *f, double b, double s);

#endif
