/*
 * run_reduce.c - `reduce`: the grid reduced to one row per combination and GPU: how many cells fit, the largest batch,
 * the longest context, the smallest and largest total. Combinations are shared out to threads, rows written in order.
 */
#include "sweep/combos.h"
#include "sweep/reduce.h"
#include "sweep/run.h"

static const char HEADER[] = "model,weights,kv,mode,layout,engine,method,gpu,gpus,cells,cells_that_fit,largest_batch,"
                             "longest_context,smallest_total_bytes,largest_total_bytes,status\n";

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

static void put_gpu_row(const sweep_reduce *j, const sweep_combo *c, const kern_gpu *gpu, const sweep_counted *r,
                        const double total[2], report_csv_text *out) {
    put_key(j->pick, c, out);
    if (gpu) {
        report_csv_field(out, gpu->name);
        report_csv_raw(out, ",");
        put_number(out, sweep_pick_gpus(j->pick, &c->sc));
        put_number(out, (double)r->cells);
        put_number(out, (double)r->fits);
        put_number(out, r->batch);
        put_number(out, r->context);
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

/** Smallest and largest total of the grid: a record never falls. */
static void find_totals(const sweep_reduce *j, const kern_record *r, double total[2]) {
    total[0] = kern_eval_cell(r, j->grid.b[0], j->grid.s[0], NULL, NULL);
    total[1] = kern_eval_cell(r, j->bounds.b_max, j->bounds.s_max, NULL, NULL);
}

/** All rows of one combination. */
static int reduce_combo(const void *ctx, const sweep_combo *c, uint64_t part, sweep_tile *t, const char *why,
                        report_csv_text *out) {
    const sweep_reduce *j = ctx;
    double total[2];
    sweep_reducer r;
    (void)part;
    if (!why && !sweep_reducer_init(&r, j)) {
        out->failed = 1;
        return 0;
    }
    if (why) {
        put_refused(j->pick, c, why, out);
        return 0;
    }
    sweep_reduce_record(&r, j, c, &t->record);
    find_totals(j, &t->record, total);
    for (size_t g = 0; g < j->n_gpus; g++) {
        if (r.counted[g].cells) put_gpu_row(j, c, sweep_reduce_gpu(j, g), &r.counted[g], total, out);
    }
    sweep_reducer_free(&r);
    return 1;
}

err sweep_reduce_work(sweep_run *run, const sweep_report *r, sweep_combo_work *out) {
    sweep_pick *pick = arena_alloc(&run->ctx->mem, 1, sizeof *pick);
    sweep_reduce *job = arena_alloc(&run->ctx->mem, 1, sizeof *job);
    if (!pick || !job) return sweep_run_no_memory(run);
    TRY(sweep_pick_build(pick, &run->ctx->mem, &run->plans[r->i_sweep], run->cfg, r, &run->ctx->faults));
    if (!sweep_reduce_build(job, &run->ctx->mem, pick)) return sweep_run_no_memory(run);
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
    sweep_combo_work work = {0};
    TRY(sweep_reduce_work(run, r, &work));
    return r->by.n ? sweep_run_reduce_groups(run, r, work.ctx) : sweep_run_rows(run, r, &work, HEADER);
}
