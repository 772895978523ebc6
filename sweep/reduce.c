/*
 * reduce.c - grid and capacities of a `reduce` report.
 */
#include "sweep/reduce.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/reduce/capacity.h"

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** Picked values of a numeric axis, ascending and distinct, padded with the last; *n becomes their number. */
static double *numbers(arena *mem, const double *value, const uint32_t *index, size_t *n) {
    size_t room = kern_row_capacity(*n), kept = 0;
    char *memory = arena_alloc(mem, room * sizeof(double) + 64, 1);
    if (!memory) return NULL;
    double *x = (double *)(((uintptr_t)memory + 63) & ~(uintptr_t)63);
    for (size_t i = 0; i < *n; i++)
        x[i] = value[index[i]];
    qsort(x, *n, sizeof *x, ascending);
    for (size_t i = 0; i < *n; i++) {
        if (!kept || x[kept - 1] != x[i]) x[kept++] = x[i];
    }
    for (size_t i = kept; i < room; i++)
        x[i] = x[kept - 1];
    *n = kept;
    return x;
}

int sweep_grid_build(kern_grid *g, arena *mem, const sweep_pick *k) {
    *g = (kern_grid){.n_s = k->n[SWEEP_CONTEXT], .n_b = k->n[SWEEP_BATCH]};
    g->s = numbers(mem, k->plan->context, k->index[SWEEP_CONTEXT], &g->n_s);
    g->b = numbers(mem, k->plan->batch, k->index[SWEEP_BATCH], &g->n_b);
    if (!g->s || !g->b) return 0;
    double last = g->b[g->n_b - 1];
    uint32_t *table = last > SWEEP_REDUCE_TABLE ? NULL : arena_alloc(mem, (size_t)last + 1, sizeof *table);
    kern_grid_complete(g, table);
    return table || last > SWEEP_REDUCE_TABLE;
}

int sweep_capacities_init(sweep_capacities *c, const sweep_pick *k) {
    size_t n = k->n[SWEEP_GPU] ? k->n[SWEEP_GPU] : 1;
    *c = (sweep_capacities){.n_gpus = n,
                            .of_gpu = calloc(n, sizeof *c->of_gpu),
                            .rank = calloc(n, sizeof *c->rank),
                            .distinct = calloc(n, sizeof *c->distinct)};
    if (c->of_gpu && c->rank && c->distinct) return 1;
    sweep_capacities_free(c);
    return 0;
}

void sweep_capacities_free(sweep_capacities *c) {
    free(c->of_gpu);
    free(c->rank);
    free(c->distinct);
    *c = (sweep_capacities){0};
}

static uint32_t place_of(const sweep_capacities *c, double bytes) {
    const double *at = bsearch(&bytes, c->distinct, c->n, sizeof bytes, ascending);
    return (uint32_t)(at - c->distinct);
}

int sweep_capacities_set(sweep_capacities *c, const sweep_pick *k, const kern_scenario *sc) {
    int changed = c->n == 0, gpus = sweep_pick_gpus(k, sc);
    for (size_t g = 0; g < c->n_gpus; g++) {
        const kern_gpu *gpu = k->n[SWEEP_GPU] ? k->plan->gpu[k->index[SWEEP_GPU][g]] : NULL;
        double bytes = gpu ? kern_capacity(sc, gpu, gpus, KERN_USE_FIT) : INFINITY;
        changed |= c->of_gpu[g] != bytes;
        c->of_gpu[g] = bytes;
    }
    if (!changed) return 0;
    memcpy(c->distinct, c->of_gpu, c->n_gpus * sizeof *c->distinct);
    qsort(c->distinct, c->n_gpus, sizeof *c->distinct, ascending);
    c->n = 0;
    for (size_t g = 0; g < c->n_gpus; g++) {
        if (!c->n || c->distinct[c->n - 1] != c->distinct[g]) c->distinct[c->n++] = c->distinct[g];
    }
    for (size_t g = 0; g < c->n_gpus; g++)
        c->rank[g] = place_of(c, c->of_gpu[g]);
    return 1;
}
