/*
 * run_procure.c - `procurement`: the axes of a sweep and the keys of the report to a question; its tables, chart and
 * workbook. One mode and one engine; layouts other than tp1 are taken as the replicas to look at.
 */
#include <math.h>
#include <string.h>

#include "sweep/output.h"
#include "sweep/procure_chart.h"
#include "sweep/procure_table.h"
#include "sweep/run.h"
#include "sweep/scenario.h"

/** Method, engine, mode, and batch when it counts, have one value. */
static err check_axes(sweep_run *run, const sweep_report *r, const sweep_pick *pick) {
    static const sweep_axis free[] = {SWEEP_MODEL,   SWEEP_WEIGHTS, SWEEP_KV,   SWEEP_LAYOUT,
                                      SWEEP_CONTEXT, SWEEP_GPU,     SWEEP_BATCH};
    const kern_mode *mode = pick->plan->value[SWEEP_MODE][pick->index[SWEEP_MODE][0]].row.mode;
    size_t n = sizeof free / sizeof *free;
    if (pick->plan->layouts) {
        return diag_add(&run->ctx->faults, ERR_RANGE, run->cfg->path, r->line, r->column, "layout",
                        "auto is not for procurement: without layouts those that make sense are looked at");
    }
    return sweep_pick_single(pick, free, mode->train == KERN_INFERENCE ? n : n - 1, run->cfg, r, &run->ctx->faults);
}

/** One layout of one GPU says nothing about replicas. */
static int gives_layouts(const sweep_pick *pick) {
    const kern_layout *first = &pick->plan->value[SWEEP_LAYOUT][pick->index[SWEEP_LAYOUT][0]].row.layout;
    return pick->n[SWEEP_LAYOUT] > 1 || kern_layout_gpus(first) > 1;
}

/** Combinations that no skip rule drops. */
static err take_works(sweep_run *run, const sweep_pick *pick, sweep_procure *q) {
    size_t n[] = {pick->n[SWEEP_MODEL], pick->n[SWEEP_WEIGHTS], pick->n[SWEEP_KV], pick->n[SWEEP_LAYOUT]};
    uint64_t all = (uint64_t)n[0] * n[1];
    all = all > SWEEP_PAIRS_MAX ? all : all * n[2] * n[3];
    if (all > SWEEP_PAIRS_MAX) {
        return diag_add(&run->ctx->faults, ERR_LIMIT, run->cfg->path, q->line, q->column, "procurement",
                        "more than %d models in their formats", SWEEP_PAIRS_MAX);
    }
    sweep_work *work = arena_alloc(&run->ctx->mem, all + 1, sizeof *work);
    if (!work) return sweep_run_no_memory(run);
    for (size_t i = 0; i < all; i++) {
        size_t at[SWEEP_CATEGORIES] = {0};
        at[SWEEP_LAYOUT] = i % n[3];
        at[SWEEP_KV] = i / n[3] % n[2];
        at[SWEEP_WEIGHTS] = i / n[3] / n[2] % n[1];
        at[SWEEP_MODEL] = i / n[3] / n[2] / n[1];
        sweep_work *w = &work[q->n_works];
        w->weights = sweep_pick_label(pick, SWEEP_WEIGHTS, at[SWEEP_WEIGHTS]);
        w->kv = sweep_pick_label(pick, SWEEP_KV, at[SWEEP_KV]);
        if (!sweep_pick_combination(pick, at, &w->combo)) continue;
        w->given = w->combo.sc.mode->train == KERN_INFERENCE && gives_layouts(pick);
        q->n_works++;
    }
    q->work = work;
    if (q->n_works) return ERR_OK;
    return diag_add(&run->ctx->faults, ERR_MISSING, run->cfg->path, q->line, q->column, "procurement",
                    "skip rules leave no model");
}

static err take_contexts(sweep_run *run, const sweep_pick *pick, const sweep_report *r, sweep_procure *q) {
    const sweep_plan *p = pick->plan;
    size_t n = pick->n[SWEEP_CONTEXT];
    double *context = arena_alloc(&run->ctx->mem, n, sizeof *context);
    size_t *index = arena_alloc(&run->ctx->mem, n, sizeof *index);
    if (!context || !index) return sweep_run_no_memory(run);
    for (size_t i = 0; i < p->n[SWEEP_CONTEXT]; i++) {
        for (size_t k = 0; k < n; k++) {
            if (pick->index[SWEEP_CONTEXT][k] != i || (q->n_contexts && index[q->n_contexts - 1] == i)) continue;
            context[q->n_contexts] = p->context[i];
            index[q->n_contexts++] = i;
        }
    }
    q->context = context;
    q->i_context = index;
    q->shown_context = context[q->n_contexts - 1];
    if (!r->context.text) return ERR_OK;
    long asked = sweep_plan_find(p, SWEEP_CONTEXT, r->context.text);
    for (size_t i = 0; asked >= 0 && i < q->n_contexts; i++) {
        if (index[i] != (size_t)asked) continue;
        q->shown_context = context[i];
        return ERR_OK;
    }
    return diag_add(&run->ctx->faults, ERR_NAME, run->cfg->path, r->context.line, r->context.column, "context",
                    "'%.60s' is no context that is left of the sweep", r->context.text);
}

static err take_gpus(sweep_run *run, const sweep_pick *pick, sweep_procure *q) {
    size_t n = pick->n[SWEEP_GPU];
    const kern_gpu **gpu = arena_alloc(&run->ctx->mem, n, sizeof *gpu);
    long *index = arena_alloc(&run->ctx->mem, n, sizeof *index);
    if (!gpu || !index) return sweep_run_no_memory(run);
    for (size_t i = 0; i < n; i++) {
        size_t seen = 0;
        while (seen < q->n_gpus && index[seen] != (long)pick->index[SWEEP_GPU][i])
            seen++;
        if (seen < q->n_gpus) continue;
        index[q->n_gpus] = (long)pick->index[SWEEP_GPU][i];
        gpu[q->n_gpus++] = pick->plan->gpu[pick->index[SWEEP_GPU][i]];
    }
    q->gpu = gpu;
    q->i_gpu = index;
    return ERR_OK;
}

static err ask(sweep_run *run, const sweep_report *r, sweep_procure *q) {
    static const char *const no_knobs[SC_COLUMNS] = {NULL};
    sweep_pick pick;
    const sweep_plan *p = &run->plans[r->i_sweep];
    *q = (sweep_procure){.mem = &run->ctx->mem,
                         .faults = &run->ctx->faults,
                         .file = run->cfg->path,
                         .line = r->line,
                         .column = r->column,
                         .catalogs = &run->ctx->catalogs,
                         .plan = p,
                         .text = no_knobs,
                         .buying = r->buying};
    TRY(sweep_pick_build(&pick, q->mem, p, run->cfg, r, q->faults));
    TRY(check_axes(run, r, &pick));
    q->i_batch = pick.index[SWEEP_BATCH][0];
    q->batch = p->batch[q->i_batch];
    TRY(take_works(run, &pick, q));
    TRY(take_contexts(run, &pick, r, q));
    TRY(take_gpus(run, &pick, q));
    return sweep_procure_make(q);
}

/** Notes of the report after those of the config. */
static err set_notes(sweep_run *run, const sweep_report *r, const sweep_procure *q, report_table *t) {
    const char *own[SWEEP_PROCURE_NOTES];
    size_t n = sweep_procure_notes(q, SWEEP_VIEW_PEOPLE, own);
    const char **all = arena_alloc(q->mem, n + r->notes.n + 1, sizeof *all);
    if (!n || !all) return sweep_run_no_memory(run);
    for (size_t i = 0; i < r->notes.n; i++)
        all[t->n_notes++] = r->notes.item[i].text;
    for (size_t i = 0; i < n; i++)
        all[t->n_notes++] = own[i];
    t->notes = all;
    return ERR_OK;
}

static err write_options(sweep_run *run, const sweep_report *r, const sweep_procure *q) {
    report_table *shown = sweep_procure_table(q, SWEEP_VIEW_PEOPLE), *data = sweep_procure_table(q, SWEEP_VIEW_DATA);
    report_table *terse = sweep_procure_table(q, SWEEP_VIEW_TERMINAL);
    if (!shown || !data || !terse) return sweep_run_no_memory(run);
    TRY(set_notes(run, r, q, shown));
    const char **notes = arena_alloc(q->mem, SWEEP_PROCURE_NOTES, sizeof *notes);
    if (!notes) return sweep_run_no_memory(run);
    terse->n_notes = sweep_procure_notes(q, SWEEP_VIEW_TERMINAL, notes);
    terse->notes = notes;
    shown->name = data->name = terse->name = q->report.name;
    shown->title = data->title = terse->title = q->report.title;
    if (!run->shown) run->shown = terse;
    return sweep_run_write_both(run, r, shown, data);
}

static err write_refused(sweep_run *run, const sweep_report *r, const sweep_procure *q) {
    static const char *const notes[] = {"The layout that misses least of those looked at, with one sequence on its "
                                        "fullest GPU; or why none is allowed."};
    static const char *const none[] = {"Every GPU holds every model in every format."};
    report_table *shown = sweep_procure_refused(q, SWEEP_VIEW_PEOPLE),
                 *data = sweep_procure_refused(q, SWEEP_VIEW_DATA);
    sweep_report apart = *r;
    if (!shown || !data) return sweep_run_no_memory(run);
    apart.n_injects = 0;
    shown->name = data->name = arena_printf(q->mem, "%s-refused", q->report.name);
    shown->title = data->title = arena_printf(q->mem, "%s: GPUs that hold it in no replica", q->report.title);
    shown->notes = q->n_refusals ? notes : none;
    shown->n_notes = 1;
    if (!shown->name || !shown->title) return sweep_run_no_memory(run);
    return sweep_run_write_both(run, &apart, shown, data);
}

static err write_book(sweep_run *run, const sweep_report *r, sweep_procure *q) {
    const char *path = sweep_run_path(run, r->book, "");
    q->report.notes = arena_alloc(q->mem, SWEEP_PROCURE_NOTES, sizeof *q->report.notes);
    if (!path || !q->report.notes) return sweep_run_no_memory(run);
    q->report.n_notes = sweep_procure_notes(q, SWEEP_VIEW_PEOPLE, (const char **)q->report.notes);
    run->n_files++;
    return report_procurement_book(path, &q->report, &run->ctx->faults);
}

err sweep_run_procurement(sweep_run *run, const sweep_report *r) {
    sweep_procure q;
    TRY(ask(run, r, &q));
    q.report.name = r->name;
    q.report.title = r->title ? r->title : r->name;
    TRY(write_options(run, r, &q));
    TRY(write_refused(run, r, &q));
    TRY(sweep_procure_draw(run, &q));
    return r->book ? write_book(run, r, &q) : ERR_OK;
}
