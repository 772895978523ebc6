/*
 * run_reduce.c - `reduce`: the grid reduced to one row per combination and GPU: how many cells fit, the largest batch,
 * the longest context, the smallest and largest total. Combinations are shared out to threads, rows written in order.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/combos.h"
#include "sweep/measure.h"
#include "sweep/run.h"

static const char HEADER[] = "model,weights,kv,mode,layout,engine,method,gpu,gpus,cells,cells_that_fit,largest_batch,"
                             "longest_context,smallest_total_bytes,largest_total_bytes,status\n";

/** What is known of one combination on one GPU. */
typedef struct reduced {
    uint64_t cells, fits;
    double largest_batch, longest_context, capacity; /* capacity: bytes, without a GPU no limit */
} reduced;

/** Adds one context's row of totals to what is known of a GPU. */
static void add_row(const sweep_pick *k, const sweep_tile *t, double s, reduced *out) {
    size_t n = k->n[SWEEP_BATCH];
    size_t fits = kern_ops_get()->count_fits(t->row.charge, n, out->capacity);
    out->cells += n;
    out->fits += fits;
    if (!fits) return;
    out->longest_context = fmax(out->longest_context, s);
    for (size_t i = 0; i < n; i++) {
        if (t->row.charge[i] <= out->capacity) out->largest_batch = fmax(out->largest_batch, t->batch[i]);
    }
}

static void put_key(const sweep_pick *k, const sweep_combo *c, report_csv_text *out) {
    static const sweep_axis order[] = {SWEEP_MODEL,  SWEEP_WEIGHTS, SWEEP_KV,    SWEEP_MODE,
                                       SWEEP_LAYOUT, SWEEP_ENGINE,  SWEEP_METHOD};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        report_csv_field(out, k->plan->value[order[i]][c->at[order[i]]].label);
        report_csv_raw(out, ",");
    }
}

static void put_number(report_csv_text *out, double x) {
    report_csv_whole(out, x);
    report_csv_raw(out, ",");
}

static void put_gpu_row(const sweep_pick *k, const sweep_combo *c, const kern_gpu *gpu, const reduced *r,
                        const double total[2], report_csv_text *out) {
    put_key(k, c, out);
    if (gpu) {
        report_csv_field(out, gpu->name);
        report_csv_raw(out, ",");
        put_number(out, sweep_pick_gpus(k, &c->sc));
        put_number(out, (double)r->cells);
        put_number(out, (double)r->fits);
        put_number(out, r->largest_batch);
        put_number(out, r->longest_context);
    } else {
        report_csv_raw(out, ",,");
        put_number(out, (double)r->cells);
        report_csv_raw(out, ",,,");
    }
    put_number(out, total[0]);
    put_number(out, total[1]);
    report_csv_raw(out, "ok\n");
}

static void put_refused(const sweep_pick *k, const sweep_combo *c, const char *why, report_csv_text *out) {
    put_key(k, c, out);
    report_csv_raw(out, ",,,,,,,,");
    report_csv_field(out, why);
    report_csv_raw(out, "\n");
}

static const kern_gpu *gpu_at(const sweep_pick *k, size_t g) {
    return k->n[SWEEP_GPU] ? k->plan->gpu[k->index[SWEEP_GPU][g]] : NULL;
}

/** Smallest and largest total and, per GPU, what fits, over all cells of the combination in the tile. */
static void reduce_cells(const sweep_pick *k, const sweep_combo *c, sweep_tile *t, size_t n_gpus, reduced *r,
                         double total[2]) {
    for (size_t g = 0; g < n_gpus; g++) {
        const kern_gpu *gpu = gpu_at(k, g);
        r[g].capacity = gpu ? kern_capacity(&c->sc, gpu, sweep_pick_gpus(k, &c->sc), KERN_USE_FIT) : INFINITY;
    }
    for (size_t i = 0; i < k->n[SWEEP_CONTEXT] && !sweep_progress_stopped(); i++) {
        double s = k->plan->context[k->index[SWEEP_CONTEXT][i]];
        sweep_tile_eval(t, s, 0, k->n[SWEEP_BATCH]);
        for (size_t j = 0; j < k->n[SWEEP_BATCH]; j++) {
            total[0] = fmin(total[0], t->row.total[j]);
            total[1] = fmax(total[1], t->row.total[j]);
        }
        for (size_t g = 0; g < n_gpus; g++)
            add_row(k, t, s, &r[g]);
    }
}

/** All rows of one combination. */
static int reduce_combo(const void *ctx, const sweep_combo *c, uint64_t part, sweep_tile *t, const char *why,
                        report_csv_text *out) {
    const sweep_pick *k = ctx;
    size_t n_gpus = k->n[SWEEP_GPU] ? k->n[SWEEP_GPU] : 1;
    double total[2] = {INFINITY, 0};
    (void)part;
    reduced *r = why ? NULL : calloc(n_gpus, sizeof *r);
    if (!r) {
        put_refused(k, c, why ? why : err_text(ERR_MEMORY), out);
        return 0;
    }
    reduce_cells(k, c, t, n_gpus, r, total);
    for (size_t g = 0; g < n_gpus; g++)
        put_gpu_row(k, c, gpu_at(k, g), &r[g], total, out);
    free(r);
    return 1;
}

err sweep_reduce_work(sweep_run *run, const sweep_report *r, sweep_combo_work *out) {
    sweep_pick *pick = arena_alloc(&run->ctx->mem, 1, sizeof *pick);
    if (!pick) return sweep_run_no_memory(run);
    TRY(sweep_pick_build(pick, &run->ctx->mem, &run->plans[r->i_sweep], run->cfg, r, &run->ctx->faults));
    *out = (sweep_combo_work){.pick = pick,
                              .label = "reducing",
                              .parts = 1,
                              .cells = pick->n[SWEEP_CONTEXT] * pick->n[SWEEP_BATCH],
                              .rows = pick->n[SWEEP_GPU] ? pick->n[SWEEP_GPU] : 1,
                              .at_once = 64,
                              .job = reduce_combo,
                              .ctx = pick};
    return ERR_OK;
}

err sweep_run_reduce(sweep_run *run, const sweep_report *r) {
    sweep_combo_work work;
    TRY(sweep_reduce_work(run, r, &work));
    return sweep_run_rows(run, r, &work, HEADER);
}
