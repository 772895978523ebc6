/*
 * run.c - a config from start to end: catalogs, plans, reports in the order of the file (workbooks last, they collect
 * the tables), and what to tell the user. Every file is written whole or not at all.
 */
#include <string.h>

#include "report/terminal.h"
#include "report/writers.h"
#include "sweep/pages.h"
#include "sweep/resolve.h"
#include "sweep/run_check.h"

err sweep_run_no_memory(sweep_run *run) {
    return diag_add(&run->ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

const char *sweep_run_path(sweep_run *run, const char *name, const char *suffix) {
    return arena_printf(&run->ctx->mem, "%s/%s%s", run->dir, name, suffix);
}

static err write_as(sweep_run *run, const report_table *t, const report_writer *w) {
    report_file *f;
    const char *path = sweep_run_path(run, t->name, w->suffix);
    if (!path) return sweep_run_no_memory(run);
    TRY(report_file_open(&f, path, &run->ctx->faults));
    err e = w->write(f, t);
    err committed = report_file_commit(f, &run->ctx->faults);
    run->n_files++;
    return e != ERR_OK && committed == ERR_OK ? e : committed;
}

err sweep_run_write_table(sweep_run *run, const sweep_report *r, const report_table *t) {
    err first = ERR_OK;
    if (!run->shown) run->shown = t;
    if (run->n_items < SWEEP_TABLES_MAX) run->item[run->n_items++] = (report_item){.table = t};
    for (size_t i = 0; i < r->to.n; i++) {
        const report_writer *w = report_writer_find(r->to.item[i].text);
        err e = ERR_OK;
        if (w) {
            e = write_as(run, t, w);
        } else if (run->n_sheets < SWEEP_TABLES_MAX) {
            run->sheet[run->n_sheets++] = t;
        }
        if (first == ERR_OK) first = e;
    }
    for (size_t i = 0; i < r->n_injects; i++) {
        err e = sweep_page_inject(run, &r->injects[i], t);
        if (first == ERR_OK) first = e;
    }
    return first;
}

static err (*const make[SWEEP_REPORTS])(sweep_run *, const sweep_report *) = {
    [SWEEP_REPORT_CSV] = sweep_run_csv,         [SWEEP_REPORT_TABLE] = sweep_run_table,
    [SWEEP_REPORT_CHART] = sweep_run_chart,     [SWEEP_REPORT_WORKBOOK] = sweep_run_workbook,
    [SWEEP_REPORT_COMPARE] = sweep_run_compare, [SWEEP_REPORT_REDUCE] = sweep_run_reduce,
    [SWEEP_REPORT_HTML] = sweep_run_html,       [SWEEP_REPORT_RECOMMEND] = sweep_run_recommend,
};

/** Reports of one pass: workbooks and pages collect what the others made, so they come in a second pass. */
static err make_reports(sweep_run *run, int collecting) {
    err first = ERR_OK;
    for (size_t i = 0; i < run->cfg->n_reports && !sweep_progress_stopped(); i++) {
        const sweep_report *r = &run->cfg->reports[i];
        if ((r->kind == SWEEP_REPORT_WORKBOOK || r->kind == SWEEP_REPORT_HTML) != collecting) continue;
        err e = make[r->kind](run, r);
        if (first == ERR_OK) first = e;
    }
    return first;
}

static void note_engines(sweep_ctx *ctx, const sweep_plan *p) {
    for (size_t i = 0; i < p->n[SWEEP_ENGINE]; i++) {
        const sweep_value *v = &p->value[SWEEP_ENGINE][i];
        if (sweep_engine_is_older(v)) sweep_ctx_note_engine(ctx, v->label, v->row.engine);
    }
}

static err load(sweep_ctx *ctx, const char *path, sweep_config *cfg, sweep_plan **plans) {
    TRY(sweep_config_load(cfg, &ctx->mem, path, &ctx->faults));
    const char **overlays = arena_alloc(&ctx->mem, cfg->catalogs.n + 1, sizeof *overlays);
    *plans = arena_alloc(&ctx->mem, cfg->n_sweeps, sizeof **plans);
    if (!overlays || !*plans) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    for (size_t i = 0; i < cfg->catalogs.n; i++)
        overlays[i] = cfg->catalogs.item[i].text;
    TRY(sweep_ctx_catalogs(ctx, overlays, cfg->catalogs.n));
    err first = ERR_OK;
    for (size_t i = 0; i < cfg->n_sweeps; i++) {
        err e = sweep_plan_build(&(*plans)[i], &ctx->mem, &ctx->catalogs, cfg, i, &ctx->faults);
        if (first == ERR_OK) first = e;
        if (e == ERR_OK) note_engines(ctx, &(*plans)[i]);
    }
    return first;
}

static void tell(const sweep_run *run) {
    if (run->ctx->options->quiet) return;
    if (run->shown && !run->real_dir) report_terminal_write(stdout, run->shown, 0);
    if (run->real_dir) {
        printf("%s/ is up to date\n", run->real_dir);
        return;
    }
    printf("%s%zu file%s in %s/\n", run->shown ? "\n" : "", run->n_files, run->n_files == 1 ? "" : "s", run->dir);
    if (run->not_rendered) {
        printf("%d charts were not drawn: gnuplot is not installed; their scripts are written\n", run->not_rendered);
    }
}

static err run_config(sweep_ctx *ctx, const char *path, sweep_progress *progress) {
    sweep_config cfg;
    sweep_plan *plans;
    TRY(load(ctx, path, &cfg, &plans));
    sweep_run *run = arena_alloc(&ctx->mem, 1, sizeof *run);
    const char *dir = ctx->options->out ? ctx->options->out : arena_printf(&ctx->mem, "out/%s", cfg.name);
    if (!run || !dir) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    *run = (sweep_run){.ctx = ctx, .cfg = &cfg, .plans = plans, .dir = dir, .progress = progress};
    err e = sweep_run_estimate(run);
    if (e != ERR_OK || ctx->options->dry_run) return e;
    if (ctx->options->check) TRY(sweep_check_begin(run));
    e = make_reports(run, 0);
    if (e == ERR_OK) e = make_reports(run, 1);
    if (e == ERR_OK && !ctx->options->check && !sweep_progress_stopped()) e = sweep_pages_write(run);
    if (ctx->options->check) e = sweep_check_end(run, sweep_progress_stopped() ? ERR_INTERRUPTED : e);
    if (sweep_progress_stopped()) {
        return diag_add(&ctx->faults, ERR_INTERRUPTED, path, 0, 0, NULL, "%s", err_text(ERR_INTERRUPTED));
    }
    if (e == ERR_OK) tell(run);
    return e;
}

err sweep_cmd_run(sweep_ctx *ctx) {
    err first = ERR_OK;
    if (ctx->options->n_args == 0) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "run", "expected one or more configs");
    }
    sweep_progress_watch_signals();
    sweep_progress *progress = sweep_progress_new(ctx->options);
    for (int i = 0; i < ctx->options->n_args && !sweep_progress_stopped(); i++) {
        err e = run_config(ctx, ctx->options->args[i], progress);
        if (first == ERR_OK) first = e;
    }
    sweep_progress_free(progress);
    return first;
}
