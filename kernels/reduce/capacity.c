/*
 * capacity.c - bytes a scenario is held against, and the fewest GPUs of a kind that hold it.
 */
#include <math.h>

#include "kernels/lower/lower.h"
#include "kernels/reduce/capacity.h"

enum { NODES_MAX = 64, RANKS_MAX = 4096 };

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

static int fits(const kern_scenario *sc, const kern_layout *layout, const kern_gpu *gpu, double b, double s) {
    kern_scenario at = *sc;
    kern_record r;
    char why[DIAG_TEXT];
    double charge;
    at.layout = *layout;
    if (kern_lower(&at, &(kern_bounds){s, b}, &r, why, NULL, NULL) != ERR_OK) return 0;
    kern_eval_cell(&r, b, s, NULL, &charge);
    return charge <= kern_capacity(&at, gpu, kern_layout_gpus(layout), KERN_USE_FIT);
}

/** Next larger layout to try: data-parallel ranks when they shard, else tp within the node, then pp over nodes. */
static int grow(kern_layout *l, int node) {
    if (l->zero) {
        l->dp *= 2;
        return l->dp <= RANKS_MAX;
    }
    if (l->pp == 1 && l->tp * 2 <= node) {
        l->tp *= 2;
        return 1;
    }
    l->pp++;
    return l->pp <= NODES_MAX;
}

static int min_gpus_exact(const kern_scenario *sc, const kern_gpu *gpu, double b, double s, kern_layout *layout) {
    int node = gpu->max_per_node > 0 ? gpu->max_per_node : 1;
    kern_layout try = sc->layout;
    if (try.zero) {
        try.dp = 1;
    } else {
        try.tp = try.pp = 1;
    }
    do {
        if (!fits(sc, &try, gpu, b, s)) continue;
        if (layout) *layout = try;
        return kern_layout_gpus(&try);
    } while (grow(&try, node));
    return 0;
}

int kern_min_gpus(const kern_scenario *sc, const kern_gpu *gpu, double b, double s, kern_layout *layout) {
    if (sc->method->exact) return min_gpus_exact(sc, gpu, b, s, layout);
    kern_record r;
    char why[DIAG_TEXT];
    double charge;
    if (kern_lower(sc, &(kern_bounds){s, b}, &r, why, NULL, NULL) != ERR_OK) return 0;
    kern_eval_cell(&r, b, s, NULL, &charge);
    if (layout) *layout = sc->layout;
    return (int)fmin(ceil(charge / kern_capacity(sc, gpu, 1, KERN_USE_FIT)), RANKS_MAX);
}
