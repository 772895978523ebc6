/*
 * search.c - layouts in growing order: data-parallel ranks double when they shard (ZeRO), else tensor parallelism
 * doubles within the node, then pipeline stages are added over nodes. Published methods need no layouts: they divide.
 */
#include <math.h>

#include "kernels/reduce/search.h"

enum { NODES_MAX = 64, RANKS_MAX = 4096 };

void kern_search_init(kern_search *f, const kern_scenario *sc, const kern_gpu *gpu, const kern_bounds *bounds) {
    f->sc = *sc;
    f->gpu = gpu;
    f->bounds = *bounds;
    f->node = gpu->max_per_node > 0 ? gpu->max_per_node : 1;
    f->lowered = f->spent = 0;
    if (!sc->method->exact) return;
    if (sc->layout.zero) {
        f->sc.layout.dp = 1;
    } else {
        f->sc.layout.tp = f->sc.layout.pp = 1;
    }
}

/** Next larger layout; 0 when there is none. */
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

/** Lowers the present layout once. Returns 0 when the model does not allow it. */
static int lower_here(kern_search *f) {
    char why[DIAG_TEXT];
    if (f->lowered) return f->lowered > 0;
    f->capacity = kern_capacity(&f->sc, f->gpu, kern_layout_gpus(&f->sc.layout), KERN_USE_FIT);
    f->lowered = kern_lower(&f->sc, &f->bounds, &f->record, why, NULL, NULL) == ERR_OK ? 1 : -1;
    return f->lowered > 0;
}

static double charge_at(const kern_search *f, double b, double s) {
    double charge;
    kern_eval_cell(&f->record, b, s, NULL, &charge);
    return charge;
}

int kern_search_gpus(kern_search *f, double b, double s) {
    if (!f->sc.method->exact) {
        if (!lower_here(f)) return 0;
        return (int)fmin(ceil(charge_at(f, b, s) / kern_capacity(&f->sc, f->gpu, 1, KERN_USE_FIT)), RANKS_MAX);
    }
    while (!f->spent) {
        if (lower_here(f) && charge_at(f, b, s) <= f->capacity) return kern_layout_gpus(&f->sc.layout);
        f->lowered = 0;
        f->spent = !grow(&f->sc.layout, f->node);
    }
    return 0;
}
