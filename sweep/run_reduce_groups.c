/*
 * run_reduce_groups.c - `reduce` with `by`: sets up the groups, has them counted, writes a row per group and GPU in the
 * order of `by`.
 */
#include <string.h>

#include "report/csv_text.h"
#include "report/file.h"
#include "sweep/ranks.h"
#include "sweep/reduce_groups.h"
#include "sweep/resolve.h"

/** Axes of `by` in its order, the GPU aside; the last varies fastest. */
static size_t axes_of(const sweep_report *r, sweep_axis axis[SWEEP_AXES]) {
    size_t n = 0;
    for (size_t i = 0; i < r->by.n; i++) {
        sweep_axis a = sweep_axis_find(r->by.item[i].text);
        if (a < SWEEP_CATEGORIES) axis[n++] = a;
    }
    return n;
}

uint64_t sweep_reduce_groups(const sweep_reduce *j, const sweep_report *r) {
    sweep_axis axis[SWEEP_AXES];
    uint64_t n = 1;
    for (size_t i = axes_of(r, axis); i-- > 0;)
        n = n > SWEEP_GROUP_ROWS ? n : n * j->pick->n[axis[i]];
    return n;
}

static err build(sweep_groups *to, sweep_run *run, const sweep_report *r, const sweep_reduce *j) {
    sweep_axis axis[SWEEP_AXES];
    size_t n_axes = axes_of(r, axis);
    uint64_t n = sweep_reduce_groups(j, r);
    if (n * j->n_gpus > SWEEP_GROUP_ROWS) {
        return diag_add(&run->ctx->faults, ERR_LIMIT, run->cfg->path, r->line, r->column, "by",
                        "more than %d rows; name fewer axes, or leave `by` out for a row per combination",
                        SWEEP_GROUP_ROWS);
    }
    *to = (sweep_groups){.j = j, .n = (size_t)n};
    for (size_t i = n_axes, stride = 1; i-- > 0; stride *= j->pick->n[axis[i]])
        to->stride[axis[i]] = stride;
    to->of = arena_alloc(&run->ctx->mem, to->n, sizeof *to->of);
    to->counted = arena_alloc(&run->ctx->mem, to->n * j->n_gpus, sizeof *to->counted);
    if (!to->of || !to->counted) return sweep_run_no_memory(run);
    memset(to->counted, 0, to->n * j->n_gpus * sizeof *to->counted);
    for (size_t i = 0; i < to->n; i++)
        to->of[i] = (sweep_tally){0, 0, KERN_EXTENT_NONE};
    return ERR_OK;
}

static void put_number(report_csv_text *out, double x) {
    report_csv_raw(out, ",");
    report_csv_whole(out, x);
}

static void put_header(const sweep_report *r, report_csv_text *out) {
    sweep_axis axis[SWEEP_AXES];
    size_t n = axes_of(r, axis);
    for (size_t i = 0; i < n; i++) {
        report_csv_raw(out, sweep_axis_name[axis[i]]);
        report_csv_raw(out, ",");
    }
    report_csv_raw(out, "gpu,combinations,refused,cells,cells_that_fit,largest_batch,longest_context,"
                        "smallest_total_bytes,largest_total_bytes\n");
}

static void put_row(const sweep_groups *g, const sweep_report *r, size_t group, size_t gpu, report_csv_text *out) {
    const sweep_pick *k = g->j->pick;
    const sweep_tally *of = &g->of[group];
    const sweep_counted *c = &g->counted[group * g->j->n_gpus + gpu];
    const kern_gpu *row = sweep_reduce_gpu(g->j, gpu);
    sweep_axis axis[SWEEP_AXES];
    size_t n = axes_of(r, axis);
    for (size_t i = 0; i < n; i++) {
        report_csv_field(out, sweep_pick_label(k, axis[i], group / g->stride[axis[i]] % k->n[axis[i]]));
        report_csv_raw(out, ",");
    }
    report_csv_field(out, row ? row->name : "");
    put_number(out, (double)of->combinations);
    put_number(out, (double)of->refused);
    put_number(out, (double)c->cells);
    if (row) {
        put_number(out, (double)c->fits);
        put_number(out, c->batch);
        put_number(out, c->context);
    } else {
        report_csv_raw(out, ",,,");
    }
    if (of->extent.most > 0) {
        put_number(out, of->extent.least);
        put_number(out, of->extent.most);
    } else {
        report_csv_raw(out, ",,");
    }
    report_csv_raw(out, "\n");
}

static err write_groups(sweep_run *run, const sweep_groups *g, const sweep_report *r) {
    report_file *f;
    report_csv_text text = {0};
    const char *path = sweep_run_path(run, r->target, "");
    if (!path) return sweep_run_no_memory(run);
    put_header(r, &text);
    for (size_t i = 0; i < g->n; i++) {
        for (size_t gpu = 0; gpu < g->j->n_gpus; gpu++)
            put_row(g, r, i, gpu, &text);
    }
    if (text.failed) {
        report_csv_text_free(&text);
        return sweep_run_no_memory(run);
    }
    err e = report_file_open(&f, path, &run->ctx->faults);
    if (e == ERR_OK) {
        report_file_write(f, text.text, text.n); /* a failure stays with the file */
        e = report_file_commit(f, &run->ctx->faults);
        run->n_files++;
    }
    report_csv_text_free(&text);
    return e;
}

err sweep_run_reduce_groups(sweep_run *run, const sweep_report *r, const sweep_reduce *j) {
    sweep_groups groups;
    TRY(build(&groups, run, r, j));
    err e = sweep_ranks_agree(sweep_groups_count(run, &groups), &run->ctx->faults);
    if (e == ERR_OK) e = sweep_groups_merge(run, &groups);
    return e == ERR_OK && sweep_ranks_me() == 0 ? write_groups(run, &groups, r) : e;
}
