/*
 * reduce.c - grid and capacities of a `reduce` report, and the count of one record. Skip rules that name a GPU drop its
 * rows; rules that name contexts or batches have every cell asked.
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

int sweep_reduce_build(sweep_reduce *j, arena *mem, const sweep_pick *k) {
    kern_grid *g = &j->grid;
    *j = (sweep_reduce){.pick = k, .n_gpus = k->n[SWEEP_GPU] ? k->n[SWEEP_GPU] : 1};
    g->n_s = k->n[SWEEP_CONTEXT];
    g->n_b = k->n[SWEEP_BATCH];
    g->s = numbers(mem, k->plan->context, k->index[SWEEP_CONTEXT], &g->n_s);
    g->b = numbers(mem, k->plan->batch, k->index[SWEEP_BATCH], &g->n_b);
    if (!g->s || !g->b) return 0;
    j->bounds = (kern_bounds){g->s[g->n_s - 1], g->b[g->n_b - 1]};
    size_t last = (size_t)j->bounds.b_max;
    uint32_t *table = last > SWEEP_REDUCE_TABLE ? NULL : arena_alloc(mem, last + 1, sizeof *table);
    kern_grid_complete(g, table);
    return table || last > SWEEP_REDUCE_TABLE;
}

int sweep_reducer_init(sweep_reducer *r, const sweep_reduce *j) {
    size_t n = j->n_gpus;
    *r = (sweep_reducer){.counter = kern_counter_new(j->grid.n_b, n),
                         .caps = {.of_gpu = calloc(n, sizeof *r->caps.of_gpu),
                                  .rank = calloc(n, sizeof *r->caps.rank),
                                  .distinct = calloc(n, sizeof *r->caps.distinct)},
                         .fit = calloc(n, sizeof *r->fit),
                         .part = calloc(n, sizeof *r->part),
                         .counted = calloc(n, sizeof *r->counted)};
    if (r->counter && r->caps.of_gpu && r->caps.rank && r->caps.distinct && r->fit && r->part && r->counted) return 1;
    sweep_reducer_free(r);
    return 0;
}

void sweep_reducer_free(sweep_reducer *r) {
    kern_counter_free(r->counter);
    free(r->caps.of_gpu);
    free(r->caps.rank);
    free(r->caps.distinct);
    free(r->fit);
    free(r->part);
    free(r->counted);
    *r = (sweep_reducer){0};
}

const kern_gpu *sweep_reduce_gpu(const sweep_reduce *j, size_t g) {
    const sweep_pick *k = j->pick;
    return k->n[SWEEP_GPU] ? k->plan->gpu[k->index[SWEEP_GPU][g]] : NULL;
}

static uint32_t place_of(const sweep_capacities *c, double bytes) {
    const double *at = bsearch(&bytes, c->distinct, c->n, sizeof bytes, ascending);
    return (uint32_t)(at - c->distinct);
}

int sweep_capacities_read(sweep_capacities *c, const sweep_reduce *j, const kern_scenario *sc) {
    int changed = c->n == 0, gpus = sweep_pick_gpus(j->pick, sc);
    for (size_t g = 0; g < j->n_gpus; g++) {
        const kern_gpu *gpu = sweep_reduce_gpu(j, g);
        double bytes = gpu ? kern_capacity(sc, gpu, gpus, KERN_USE_FIT) : INFINITY;
        changed |= c->of_gpu[g] != bytes;
        c->of_gpu[g] = bytes;
    }
    return changed;
}

void sweep_capacities_rank(sweep_capacities *c, const sweep_reduce *j) {
    memcpy(c->distinct, c->of_gpu, j->n_gpus * sizeof *c->distinct);
    qsort(c->distinct, j->n_gpus, sizeof *c->distinct, ascending);
    c->n = 0;
    for (size_t g = 0; g < j->n_gpus; g++) {
        if (!c->n || c->distinct[c->n - 1] != c->distinct[g]) c->distinct[c->n++] = c->distinct[g];
    }
    for (size_t g = 0; g < j->n_gpus; g++)
        c->rank[g] = place_of(c, c->of_gpu[g]);
}

sweep_counted sweep_counted_of(const kern_grid *g, uint64_t records, const kern_fit *fit) {
    return (sweep_counted){records * g->n_s * g->n_b, fit->cells, fit->batches ? g->b[fit->batches - 1] : 0,
                           fit->contexts ? g->s[fit->contexts - 1] : 0};
}

/** Cells between two looks at whether to go on. */
enum { CELLS_AT_ONCE = 1 << 20 };

/** The whole grid, a few contexts at a time. */
static void count_kernel(sweep_reducer *r, const sweep_reduce *j, const kern_record *record) {
    const kern_grid *all = &j->grid;
    size_t at_once = (CELLS_AT_ONCE / all->n_b + KERN_LINES) / KERN_LINES * KERN_LINES;
    memset(r->fit, 0, r->caps.n * sizeof *r->fit);
    for (size_t i = 0; i < all->n_s && !sweep_progress_stopped(); i += at_once) {
        kern_grid part = *all;
        kern_extent extent;
        part.s += i;
        part.n_s = all->n_s - i < at_once ? all->n_s - i : at_once;
        kern_count(r->counter, record, &part, kern_count_way(record, &part), r->caps.distinct, r->caps.n, r->part,
                   &extent);
        for (size_t k = 0; k < r->caps.n; k++) {
            r->fit[k].cells += r->part[k].cells;
            if (r->part[k].batches > r->fit[k].batches) r->fit[k].batches = r->part[k].batches;
            if (r->part[k].contexts) r->fit[k].contexts = (uint32_t)i + r->part[k].contexts;
        }
    }
    for (size_t g = 0; g < j->n_gpus; g++)
        r->counted[g] = sweep_counted_of(&j->grid, 1, &r->fit[r->caps.rank[g]]);
}

static void add_cell(sweep_counted *c, double charge, double capacity, double s, double b) {
    c->cells++;
    if (charge > capacity) return;
    c->fits++;
    c->context = fmax(c->context, s);
    c->batch = fmax(c->batch, b);
}

/** Every cell by itself: skip rules name contexts or batches. */
static void count_cells(sweep_reducer *r, const sweep_reduce *j, const sweep_combo *c, const kern_record *record) {
    const sweep_pick *k = j->pick;
    memset(r->counted, 0, j->n_gpus * sizeof *r->counted);
    for (size_t i = 0; i < k->n[SWEEP_CONTEXT] && !sweep_progress_stopped(); i++) {
        for (size_t m = 0; m < k->n[SWEEP_BATCH]; m++) {
            uint32_t at_s = k->index[SWEEP_CONTEXT][i], at_b = k->index[SWEEP_BATCH][m];
            double s = k->plan->context[at_s], b = k->plan->batch[at_b];
            double charge = kern_eval_charge(record, b, s);
            for (size_t g = 0; g < j->n_gpus; g++) {
                long gpu = k->n[SWEEP_GPU] ? (long)k->index[SWEEP_GPU][g] : -1;
                if (!sweep_plan_skips(k->plan, c, at_s, at_b, gpu))
                    add_cell(&r->counted[g], charge, r->caps.of_gpu[g], s, b);
            }
        }
    }
}

void sweep_reduce_record(sweep_reducer *r, const sweep_reduce *j, const sweep_combo *c, const kern_record *record) {
    const sweep_pick *k = j->pick;
    if (sweep_capacities_read(&r->caps, j, &c->sc)) sweep_capacities_rank(&r->caps, j);
    if (sweep_skip_has_grid(k->plan->skip)) {
        count_cells(r, j, c, record);
        return;
    }
    count_kernel(r, j, record);
    if (!sweep_plan_skips_cells(k->plan)) return;
    for (size_t g = 0; g < k->n[SWEEP_GPU]; g++) {
        if (sweep_plan_skips(k->plan, c, 0, 0, (long)k->index[SWEEP_GPU][g])) r->counted[g] = (sweep_counted){0};
    }
}
