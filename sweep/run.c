/*
 * run.c - a config from start to end: catalogs, plans, reports in the order of the file (workbooks last, they collect
 * the tables), and what to tell the user. Every file is written whole or not at all.
 */
#include <inttypes.h>
#include <string.h>

#include "report/writers.h"
#include "sweep/pages.h"
#include "sweep/ranks.h"
#include "sweep/resolve.h"
#include "sweep/rows_kind.h"
#include "sweep/run_check.h"
#include "sweep/run_set.h"
#include "sweep/run_summary.h"

err sweep_run_no_memory(sweep_run *run) {
    return diag_add(&run->ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

const char *sweep_run_path(sweep_run *run, const char *name, const char *suffix) {
    if (*name == '/') return arena_printf(&run->ctx->mem, "%s%s", name, suffix);
    if (sweep_config_leaves(name) && run->set)
        return arena_printf(&run->ctx->mem, "%s/%s%s", run->set->folder.dir, name, suffix);
    return arena_printf(&run->ctx->mem, "%s/%s%s", run->dir, name, suffix);
}

static err write_as(sweep_run *run, const report_table *t, const report_writer *w, const char *name) {
    report_file *f;
    const char *path = name ? sweep_run_path(run, name, w->suffix) : NULL;
    if (!path) return sweep_run_no_memory(run);
    TRY(report_file_open(&f, path, &run->ctx->faults));
    run->n_files++;
    return report_file_end(f, w->write(f, t), &run->ctx->faults);
}

int sweep_keeps_formulas(const sweep_report *r) {
    return r->formulas ? strcmp(r->formulas, "keep") == 0 : r->kind == SWEEP_REPORT_CSV;
}

/** Words of `to` whose files are data. */
static int is_data(const char *word) {
    return strcmp(word, "csv") == 0 || strcmp(word, "xlsx") == 0;
}

/** In the formats of `to`. */
static err write_formats(sweep_run *run, const sweep_report *r, const report_table *shown, const report_table *data) {
    err first = ERR_OK;
    for (size_t i = 0; i < r->to.n; i++) {
        const report_writer *w = report_writer_find(r->to.item[i].text);
        const report_table *t = is_data(r->to.item[i].text) ? data : shown;
        report_table as_asked = *t;
        err e = ERR_OK;
        as_asked.keep_formulas = sweep_keeps_formulas(r);
        if (w) {
            e = write_as(run, &as_asked, w, t->name);
        } else if (run->n_sheets < SWEEP_TABLES_MAX) {
            run->sheet[run->n_sheets++] = t;
        }
        if (first == ERR_OK) first = e;
    }
    return first;
}

err sweep_run_write_both(sweep_run *run, const sweep_report *r, const report_table *shown, const report_table *data) {
    report_table as_read = *data;
    as_read.keep_formulas = 1;
    if (!run->shown) run->shown = shown;
    if (run->n_items < SWEEP_TABLES_MAX) run->item[run->n_items++] = (report_item){.table = shown};
    err first = write_formats(run, r, shown, data);
    if (first == ERR_OK && run->set && sweep_changes_wanted(run))
        first = write_as(run, &as_read, report_writer_find("csv"), sweep_changes_table(run, data->name));
    for (size_t i = 0; i < r->n_injects; i++) {
        err e = sweep_page_inject(run, &r->injects[i], shown);
        if (first == ERR_OK) first = e;
    }
    return first;
}

err sweep_run_write_table(sweep_run *run, const sweep_report *r, const report_table *t) {
    return sweep_run_write_both(run, r, t, t);
}

static err (*const make[SWEEP_REPORTS])(sweep_run *, const sweep_report *) = {
    [SWEEP_REPORT_CSV] = sweep_run_csv,
    [SWEEP_REPORT_TABLE] = sweep_run_table,
    [SWEEP_REPORT_CHART] = sweep_run_chart,
    [SWEEP_REPORT_WORKBOOK] = sweep_run_workbook,
    [SWEEP_REPORT_COMPARE] = sweep_run_compare,
    [SWEEP_REPORT_REDUCE] = sweep_run_reduce,
    [SWEEP_REPORT_HTML] = sweep_run_html,
    [SWEEP_REPORT_RECOMMEND] = sweep_run_recommend,
    [SWEEP_REPORT_PROCUREMENT] = sweep_run_procurement,
};

int sweep_run_shares(const sweep_report *r) {
    if (r->kind == SWEEP_REPORT_CSV) return sweep_rows_kind_of(r->target) != SWEEP_ROWS_XLSX;
    return r->kind == SWEEP_REPORT_REDUCE && !r->by.n;
}

/** Reports that all ranks work on: rows that are shared out, and groups, which they add up. */
static int ranks_share(const sweep_report *r) {
    return sweep_run_shares(r) || (r->kind == SWEEP_REPORT_REDUCE && r->by.n);
}

/** Whether some rank was told to stop; every rank asks together. */
static int stopped(void) {
    return sweep_ranks_agree(sweep_progress_stopped() ? ERR_INTERRUPTED : ERR_OK, NULL) != ERR_OK;
}

/** Reports of one pass: workbooks and pages collect what the others made, so they come in a second pass. */
static err make_reports(sweep_run *run, int collecting) {
    err first = ERR_OK;
    for (size_t i = 0; i < run->cfg->n_reports && !stopped(); i++) {
        const sweep_report *r = &run->cfg->reports[i];
        if (sweep_report_collects(r) != collecting || (run->set && !sweep_set_makes(run, i))) continue;
        if (r->outside && run->real_dir) continue; /* --check: writes nothing, and compares the folder only */
        if (sweep_ranks_me() && !ranks_share(r)) continue;
        if (!make[r->kind]) continue; /* changes: made when the set is replaced, and --check replaces none */
        err e = make[r->kind](run, r);
        if (e == ERR_OK && run->set && sweep_ranks_me() == 0) e = sweep_set_made(run, i);
        if (first == ERR_OK) first = e;
    }
    return sweep_ranks_agree(first, &run->ctx->faults);
}

static void note_engines(sweep_ctx *ctx, const sweep_plan *p) {
    for (size_t i = 0; i < p->n[SWEEP_ENGINE]; i++) {
        const sweep_value *v = &p->value[SWEEP_ENGINE][i];
        if (sweep_engine_is_older(v)) sweep_ctx_note_engine(ctx, v->label, v->row.engine);
    }
}

/** Shares make up a folder's set: what lies elsewhere would be written by each. */
static err check_outside(sweep_ctx *ctx, const sweep_config *cfg) {
    for (size_t i = 0; i < cfg->n_reports && ctx->options->shards; i++) {
        const sweep_report *r = &cfg->reports[i];
        if (r->outside)
            return diag_add(&ctx->faults, ERR_USAGE, cfg->path, r->line, r->column, "--shard",
                            "'%.100s' lies outside of the output folder, which shares cannot", r->target);
    }
    return ERR_OK;
}

static err load(sweep_ctx *ctx, const char *path, sweep_config *cfg, sweep_plan **plans) {
    TRY((ctx->options->outside ? sweep_config_load_freely : sweep_config_load)(cfg, &ctx->mem, path, &ctx->faults));
    TRY(check_outside(ctx, cfg));
    TRY(sweep_rows_rename(cfg, ctx->options->format, &ctx->mem, &ctx->faults));
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

/** What rank 0 finds out about the folder, for the others. */
typedef struct orders {
    int work;
    unsigned char stale[SWEEP_CONFIG_REPORTS];
} orders;

static err take_orders(sweep_run *run, const orders *o) {
    run->set = arena_alloc(&run->ctx->mem, 1, sizeof *run->set);
    const char *stage = arena_printf(&run->ctx->mem, "%s/" SWEEP_STATE "/new", run->dir);
    if (!run->set || !stage) return sweep_run_no_memory(run);
    run->set->work = o->work;
    memcpy(run->set->stale, o->stale, sizeof o->stale);
    run->dir = stage;
    return ERR_OK;
}

/** Rank 0 gives the folder back. */
static err end_set(sweep_run *run, err outcome) {
    err e = sweep_ranks_me() ? outcome : sweep_set_end(run, outcome);
    return sweep_ranks_agree(e, &run->ctx->faults);
}

/** Rank 0 opens the folder. */
static err open_set(sweep_run *run) {
    orders o = {.work = 0};
    err e = sweep_ranks_me() ? ERR_OK : sweep_set_open(run);
    TRY(sweep_ranks_agree(e, &run->ctx->faults));
    if (sweep_ranks_me() == 0 && run->set) {
        o.work = run->set->work;
        memcpy(o.stale, run->set->stale, sizeof o.stale);
    }
    e = sweep_ranks_tell(&o, sizeof o);
    if (sweep_ranks_me()) return e == ERR_OK ? take_orders(run, &o) : e;
    return e == ERR_OK ? e : sweep_set_end(run, e);
}

static err write_reports(sweep_run *run) {
    TRY(make_reports(run, 0));
    return make_reports(run, 1);
}

/** The reports as one set, then the pages that take tables in. */
static err make_set(sweep_run *run) {
    err e = ERR_OK;
    TRY(open_set(run));
    if (run->set && run->set->work) e = write_reports(run);
    if (stopped()) e = ERR_INTERRUPTED;
    e = end_set(run, e);
    return e == ERR_OK && sweep_ranks_me() == 0 ? sweep_pages_write(run) : e;
}

/** --check: all reports are made anew, aside. */
static err check_reports(sweep_run *run) {
    TRY(sweep_check_begin(run));
    err e = write_reports(run);
    return sweep_check_end(run, sweep_progress_stopped() ? ERR_INTERRUPTED : e);
}

/** out/<config>, or --out; a shard has a folder of its own in it. */
static const char *folder_of(sweep_ctx *ctx, const sweep_config *cfg) {
    const sweep_options *o = ctx->options;
    const char *dir = o->out ? o->out : arena_printf(&ctx->mem, "out/%s", cfg->name);
    if (!dir || !o->shard) return dir;
    return arena_printf(&ctx->mem, "%s/shard-%" PRIu64 "-of-%" PRIu64, dir, o->shard, o->shards);
}

/** *out: the run, once its config is read; it lives in the arena. */
static err run_config(sweep_ctx *ctx, const char *path, sweep_progress *progress, sweep_run **out) {
    sweep_config *cfg = arena_alloc(&ctx->mem, 1, sizeof *cfg);
    sweep_plan *plans = NULL;
    if (!cfg) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    TRY(sweep_ranks_agree(load(ctx, path, cfg, &plans), &ctx->faults));
    sweep_run *run = arena_alloc(&ctx->mem, 1, sizeof *run);
    const char *dir = folder_of(ctx, cfg);
    if (!run || !dir) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    *run = (sweep_run){.ctx = ctx, .cfg = cfg, .plans = plans, .dir = dir, .progress = progress};
    *out = run;
    err e = sweep_ranks_me() == 0 ? sweep_run_estimate(run) : ERR_OK;
    if (e != ERR_OK || ctx->options->dry_run) return sweep_ranks_agree(e, &ctx->faults);
    e = ctx->options->check ? check_reports(run) : make_set(run);
    if (e == ERR_INTERRUPTED) {
        return diag_add(&ctx->faults, ERR_INTERRUPTED, NULL, 0, 0, NULL, "%s%s", err_text(ERR_INTERRUPTED),
                        sweep_ranks_lost() ? ", or another rank has ended: it no longer answers; nothing is written"
                                           : "");
    }
    return e;
}

/** Several processes that do not know each other would all write the same files. */
static err check_launch(sweep_ctx *ctx) {
    if (sweep_ranks_launched() <= sweep_ranks_n() || ctx->options->shard) return ERR_OK;
    return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "run",
                    "started as %u processes, but this program was built without MPI; build it with 'make MPI=1', or "
                    "give each process its --shard",
                    sweep_ranks_launched());
}

err sweep_cmd_run(sweep_ctx *ctx) {
    err first = ERR_OK;
    if (ctx->options->n_args == 0) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "run", "expected one or more configs");
    }
    TRY(check_launch(ctx));
    if (ctx->options->check && sweep_ranks_n() > 1) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "--check", "one process does it");
    }
    if (ctx->options->shard && ctx->options->out && ctx->options->n_args > 1) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "--shard", "expected one config where --out is given");
    }
    sweep_progress_keep_pipes();
    sweep_progress *progress = sweep_progress_new(ctx->options);
    for (int i = 0; i < ctx->options->n_args && !stopped(); i++) {
        sweep_run *run = NULL;
        int faults = ctx->faults.n;
        err e = run_config(ctx, ctx->options->args[i], progress, &run);
        int silent = ctx->options->dry_run || sweep_ranks_me();
        err told = silent ? ERR_OK : sweep_summary_print(ctx, ctx->options->args[i], run, faults, e);
        if (e == ERR_OK) e = told;
        if (first == ERR_OK) first = e;
    }
    sweep_progress_free(progress);
    return first;
}
