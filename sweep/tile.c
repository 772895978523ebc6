/*
 * tile.c - aligned buffers of one thread.
 */
#include <math.h>
#include <stdlib.h>

#include "kernels/lower/lower.h"
#include "sweep/tile.h"

enum { ALIGN = 64 };

sweep_tile *sweep_tile_new(const sweep_pick *k) {
    size_t n = kern_row_capacity(k->n[SWEEP_BATCH] + 1);
    sweep_tile *t = aligned_alloc(ALIGN, (sizeof *t + ALIGN - 1) / ALIGN * ALIGN);
    double *memory = aligned_alloc(ALIGN, (KERN_ROW_ARRAYS + 1) * n * sizeof *memory);
    size_t cells = k->n[SWEEP_BATCH] * (k->n[SWEEP_GPU] ? k->n[SWEEP_GPU] : 1);
    double *max_context = malloc(cells * sizeof *max_context);
    kern_rung *rungs = malloc((size_t)SWEEP_LADDERS * SWEEP_RUNGS * sizeof *rungs);
    if (!t || !memory || !max_context || !rungs) {
        free(t);
        free(memory);
        free(max_context);
        free(rungs);
        return NULL;
    }
    t->memory = memory;
    t->max_context = max_context;
    t->n_max_context = cells;
    t->rungs = rungs;
    kern_row_place(&t->row, memory, n);
    t->batch = memory + KERN_ROW_ARRAYS * n;
    for (size_t i = 0; i < n; i++) {
        size_t at = i < k->n[SWEEP_BATCH] ? i : k->n[SWEEP_BATCH] - 1;
        t->batch[i] = k->plan->batch[k->index[SWEEP_BATCH][at]];
    }
    return t;
}

void sweep_tile_free(sweep_tile *t) {
    if (!t) return;
    free(t->memory);
    free(t->max_context);
    free(t->rungs);
    free(t);
}

static double largest(const double *value, const uint32_t *index, size_t n) {
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, value[index[i]]);
    return most;
}

err sweep_tile_lower(sweep_tile *t, const sweep_pick *k, const kern_scenario *sc, char *why) {
    t->bounds = (kern_bounds){largest(k->plan->context, k->index[SWEEP_CONTEXT], k->n[SWEEP_CONTEXT]),
                              largest(k->plan->batch, k->index[SWEEP_BATCH], k->n[SWEEP_BATCH])};
    for (size_t i = 0; i < t->n_max_context; i++)
        t->max_context[i] = -1;
    for (int i = 0; i < SWEEP_LADDERS; i++)
        t->ladder[i].node = 0;
    return kern_lower(sc, &t->bounds, &t->record, why, NULL, NULL);
}

kern_ladder *sweep_tile_ladder(sweep_tile *t, const kern_scenario *sc, int node) {
    int i = 0;
    while (i < SWEEP_LADDERS - 1 && t->ladder[i].node && t->ladder[i].node != node)
        i++;
    if (t->ladder[i].node != node) {
        kern_ladder_init(&t->ladder[i], sc, node, &t->bounds, t->rungs + (size_t)i * SWEEP_RUNGS, SWEEP_RUNGS);
    }
    return &t->ladder[i];
}

void sweep_tile_eval(sweep_tile *t, double s, size_t first, size_t n) {
    kern_ops_get()->eval_row(&t->record, s, t->batch + first, n, &t->row);
}
