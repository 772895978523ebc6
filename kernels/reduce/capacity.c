/*
 * capacity.c - bytes a scenario is held against, and the fewest GPUs of a kind that hold it.
 */
#include <math.h>

#include "kernels/reduce/ladder.h"

int kern_layout_gpus(const kern_layout *l) {
    int ranks = l->tp * l->dp;
    if (l->ep > ranks) ranks = l->ep; /* ep alone: attention is data-parallel over the expert ranks */
    return ranks * l->pp * l->cp;
}

double kern_capacity(const kern_scenario *sc, const kern_gpu *gpu, int gpus, kern_use use) {
    const kern_method *m = sc->method;
    if (m->exact) return floor(gpu->usable_bytes * sc->engine->memory_utilization);
    return gpu->marketed_gb * 1e9 * gpus * (use == KERN_USE_FIT ? m->fit_share : m->serve_share);
}

int kern_min_gpus(const kern_scenario *sc, const kern_gpu *gpu, double b, double s, kern_layout *layout) {
    kern_ladder l;
    kern_rung rung;
    size_t from = 0;
    kern_ladder_init(&l, sc, gpu->max_per_node, &(kern_bounds){s, b}, &rung, 1);
    if (layout) *layout = sc->layout;
    return kern_ladder_climb(&l, gpu, b, s, &from, layout);
}
