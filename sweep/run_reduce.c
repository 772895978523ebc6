/*
 * run_reduce.c - `reduce`: the grid reduced to one row per combination and GPU: how many cells fit, the largest batch,
 * the longest context, the smallest and largest total. Combinations are shared out to threads, rows written in order.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/combos.h"
#include "sweep/reduce.h"
#include "sweep/run.h"

static const char HEADER[] = "model,weights,kv,mode,layout,engine,method,gpu,gpus,cells,cells_that_fit,largest_batch,"
                             "longest_context,smallest_total_bytes,largest_total_bytes,status\n";

typedef struct reduce_job {
    const sweep_pick *pick;
    kern_grid grid;
    size_t n_gpus; /* 1 without GPUs */
} reduce_job;

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

static void put_gpu_row(const reduce_job *j, const sweep_combo *c, const kern_gpu *gpu, const kern_fit *r,
                        const double total[2], report_csv_text *out) {
    double cells = (double)(j->grid.n_s * j->grid.n_b);
    put_key(j->pick, c, out);
    if (gpu) {
        report_csv_field(out, gpu->name);
        report_csv_raw(out, ",");
        put_number(out, sweep_pick_gpus(j->pick, &c->sc));
        put_number(out, cells);
        put_number(out, (double)r->cells);
        put_number(out, r->batch);
        put_number(out, r->context);
    } else {
        report_csv_raw(out, ",,");
        put_number(out, cells);
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

/** What a thread needs for one combination at a time. */
typedef struct reducer {
    kern_counter *counter;
    sweep_capacities caps;
    kern_fit *fit; /* (GPUs at most) per distinct capacity */
} reducer;

static void reducer_free(reducer *r) {
    kern_counter_free(r->counter);
    sweep_capacities_free(&r->caps);
    free(r->fit);
}

static int reducer_init(reducer *r, const reduce_job *j) {
    *r = (reducer){.counter = kern_counter_new(j->grid.n_b, j->n_gpus), .fit = calloc(j->n_gpus, sizeof *r->fit)};
    if (r->counter && r->fit && sweep_capacities_init(&r->caps, j->pick)) return 1;
    reducer_free(r);
    return 0;
}

/** Smallest and largest total of the grid: a record never falls. */
static void find_totals(const reduce_job *j, const kern_record *r, double total[2]) {
    const kern_grid *g = &j->grid;
    total[0] = kern_eval_cell(r, g->b[0], g->s[0], NULL, NULL);
    total[1] = kern_eval_cell(r, g->b[g->n_b - 1], g->s[g->n_s - 1], NULL, NULL);
}

/** All rows of one combination. */
static int reduce_combo(const void *ctx, const sweep_combo *c, uint64_t part, sweep_tile *t, const char *why,
                        report_csv_text *out) {
    const reduce_job *j = ctx;
    double total[2];
    kern_extent extent;
    reducer r;
    (void)part;
    if (!why && !reducer_init(&r, j)) why = err_text(ERR_MEMORY);
    if (why) {
        put_refused(j->pick, c, why, out);
        return 0;
    }
    sweep_capacities_set(&r.caps, j->pick, &c->sc);
    kern_count(r.counter, &t->record, &j->grid, kern_count_way(&t->record, &j->grid), r.caps.distinct, r.caps.n, r.fit,
               &extent);
    find_totals(j, &t->record, total);
    for (size_t g = 0; g < j->n_gpus; g++)
        put_gpu_row(j, c, gpu_at(j->pick, g), &r.fit[r.caps.rank[g]], total, out);
    reducer_free(&r);
    return 1;
}

err sweep_reduce_work(sweep_run *run, const sweep_report *r, sweep_combo_work *out) {
    sweep_pick *pick = arena_alloc(&run->ctx->mem, 1, sizeof *pick);
    reduce_job *job = arena_alloc(&run->ctx->mem, 1, sizeof *job);
    if (!pick || !job) return sweep_run_no_memory(run);
    TRY(sweep_pick_build(pick, &run->ctx->mem, &run->plans[r->i_sweep], run->cfg, r, &run->ctx->faults));
    *job = (reduce_job){.pick = pick, .n_gpus = pick->n[SWEEP_GPU] ? pick->n[SWEEP_GPU] : 1};
    if (!sweep_grid_build(&job->grid, &run->ctx->mem, pick)) return sweep_run_no_memory(run);
    *out = (sweep_combo_work){.pick = pick,
                              .label = "reducing",
                              .parts = 1,
                              .cells = job->grid.n_s * job->grid.n_b,
                              .rows = job->n_gpus,
                              .at_once = 64,
                              .job = reduce_combo,
                              .ctx = job};
    return ERR_OK;
}

err sweep_run_reduce(sweep_run *run, const sweep_report *r) {
    sweep_combo_work work;
    TRY(sweep_reduce_work(run, r, &work));
    return sweep_run_rows(run, r, &work, HEADER);
}
