/*
 * tile.c - aligned buffers of one thread.
 */
#include <math.h>
#include <stdlib.h>

#include "kernels/lower/lower.h"
#include "sweep/tile.h"

enum { COLUMNS = KERN_COMPONENTS + 4, ALIGN = 64 };

sweep_tile *sweep_tile_new(const sweep_pick *k) {
    size_t n = kern_row_capacity(k->n[SWEEP_BATCH] + 1);
    sweep_tile *t = aligned_alloc(ALIGN, (sizeof *t + ALIGN - 1) / ALIGN * ALIGN);
    double *memory = aligned_alloc(ALIGN, (COLUMNS + 1) * n * sizeof *memory);
    if (!t || !memory) {
        free(t);
        free(memory);
        return NULL;
    }
    t->memory = memory;
    for (unsigned c = 0; c < KERN_COMPONENTS; c++, memory += n)
        t->row.component[c] = memory;
    t->row.total = memory;
    t->row.charge = memory + n;
    t->row.scratch[0] = memory + 2 * n;
    t->row.scratch[1] = memory + 3 * n;
    t->batch = memory + 4 * n;
    for (size_t i = 0; i < n; i++) {
        size_t at = i < k->n[SWEEP_BATCH] ? i : k->n[SWEEP_BATCH] - 1;
        t->batch[i] = k->plan->batch[k->index[SWEEP_BATCH][at]];
    }
    return t;
}

void sweep_tile_free(sweep_tile *t) {
    if (!t) return;
    free(t->memory);
    free(t);
}

static double largest(const double *value, const uint32_t *index, size_t n) {
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, value[index[i]]);
    return most;
}

err sweep_tile_lower(sweep_tile *t, const sweep_pick *k, const kern_scenario *sc, char *why) {
    const kern_bounds bounds = {largest(k->plan->context, k->index[SWEEP_CONTEXT], k->n[SWEEP_CONTEXT]),
                                largest(k->plan->batch, k->index[SWEEP_BATCH], k->n[SWEEP_BATCH])};
    return kern_lower(sc, &bounds, &t->record, why, NULL, NULL);
}

void sweep_tile_eval(sweep_tile *t, double s, size_t first, size_t n) {
    kern_ops_get()->eval_row(&t->record, s, t->batch + first, n, &t->row);
}
