/*
 * run_changes.c - `changes`: what the stage holds against what is in the folder before it is replaced. Tables are
 * compared as CSV whatever formats they are written in; other files by their bytes, but for the formats of a table and
 * the pictures of a chart, which follow from what is compared. When nothing differs, the last report stays as it is.
 */
#include <string.h>
#include <unistd.h>

#include "report/writers.h"
#include "sweep/output.h"
#include "sweep/run_changes.h"

int sweep_changes_wanted(const sweep_run *run) {
    for (size_t i = 0; i < run->cfg->n_reports; i++) {
        if (run->cfg->reports[i].kind == SWEEP_REPORT_CHANGES) return 1;
    }
    return 0;
}

const char *sweep_changes_table(const sweep_run *run, const char *table) {
    return arena_printf(&run->ctx->mem, SWEEP_STATE "/%s.tables/%s", run->cfg->name, table);
}

static int ends_in(const char *name, const char *suffix) {
    size_t n = strlen(name), m = strlen(suffix);
    return n > m && strcmp(name + n - m, suffix) == 0;
}

/** Files that are compared: CSV, data of charts, workbooks. */
static int is_compared(const char *name) {
    return sweep_diff_is_csv(name) || ends_in(name, ".dat") || ends_in(name, ".xlsx");
}

static err add_file(sweep_run *run, sweep_diff *d, sweep_diff_kind kind, const char *name) {
    return sweep_diff_add(d, &(sweep_difference){.kind = kind, .file = name}) ? ERR_OK : sweep_run_no_memory(run);
}

static err cannot_read(sweep_run *run, const char *path, int why) {
    return diag_add(&run->ctx->faults, ERR_WRITE, NULL, 0, 0, NULL, "%.200s: cannot be read: %s", path, strerror(why));
}

/** A file that the stage has, against that of the folder; `staged` is its name there. */
static err compare_file(sweep_run *run, sweep_diff *d, const char *name, const char *staged) {
    const char *before = arena_printf(&run->ctx->mem, "%s/%s", run->set->folder.dir, staged);
    const char *after = arena_printf(&run->ctx->mem, "%s/%s", run->set->folder.stage, staged);
    if (!before || !after) return sweep_run_no_memory(run);
    int is_made, was_there;
    int why = report_file_exists(after, &is_made), why_not = report_file_exists(before, &was_there);
    if (why || why_not) return cannot_read(run, why ? after : before, why ? why : why_not);
    if (!is_made) return ERR_OK; /* as it was */
    if (!was_there) return add_file(run, d, SWEEP_DIFF_FILE_ADDED, name);
    return sweep_diff_is_csv(name) ? sweep_diff_csv(d, name, before, after, &run->ctx->faults)
                                   : sweep_diff_bytes(d, name, before, after, &run->ctx->faults);
}

/** A walk over the tables that are kept. */
typedef struct tables {
    sweep_run *run;
    sweep_diff *d;
    err e;
} tables;

static int compare_table(void *ctx, const char *file) {
    tables *t = ctx;
    const char *name = arena_text(&t->run->ctx->mem, file, strlen(file));
    const char *staged =
        name ? arena_printf(&t->run->ctx->mem, SWEEP_STATE "/%s.tables/%s", t->run->cfg->name, name) : NULL;
    t->e = staged ? compare_file(t->run, t->d, name, staged) : sweep_run_no_memory(t->run);
    return t->e != ERR_OK;
}

static err compare_tables(sweep_run *run, sweep_diff *d) {
    tables t = {run, d, ERR_OK};
    const char *dir =
        arena_printf(&run->ctx->mem, "%s/" SWEEP_STATE "/%s.tables", run->set->folder.stage, run->cfg->name);
    if (!dir) return sweep_run_no_memory(run);
    int is_there, why = report_file_exists(dir, &is_there);
    if (!why && is_there) why = sweep_folder_walk(dir, 0, compare_table, &t);
    return why && t.e == ERR_OK ? cannot_read(run, dir, why) : t.e;
}

static int is_table(const sweep_report *r) {
    return r->kind == SWEEP_REPORT_TABLE || r->kind == SWEEP_REPORT_COMPARE || r->kind == SWEEP_REPORT_RECOMMEND;
}

static int is_made_now(const sweep_manifest *m, const char *name) {
    for (size_t i = 0; i < m->n_reports; i++) {
        for (size_t k = 0; k < m->report[i].n; k++) {
            if (strcmp(m->report[i].file[k].name, name) == 0) return 1;
        }
    }
    return 0;
}

static err compare_all(sweep_run *run, sweep_diff *d) {
    const sweep_set *s = run->set;
    TRY(compare_tables(run, d));
    for (size_t i = 0; i < run->cfg->n_reports; i++) {
        const sweep_made_report *r = &s->now.report[i];
        for (size_t k = 0; k < r->n && !is_table(&run->cfg->reports[i]); k++) {
            if (is_compared(r->file[k].name)) TRY(compare_file(run, d, r->file[k].name, r->file[k].name));
        }
    }
    for (size_t i = 0; i < s->old.n_reports; i++) {
        const sweep_made_report *r = &s->old.report[i];
        for (size_t k = 0; k < r->n && strncmp(r->what, "changes ", strlen("changes ")) != 0; k++) {
            if (is_compared(r->file[k].name) && !is_made_now(&s->now, r->file[k].name))
                TRY(add_file(run, d, SWEEP_DIFF_FILE_REMOVED, r->file[k].name));
        }
    }
    return ERR_OK;
}

static err write_format(sweep_run *run, const char *name, const char *format, const report_table *t) {
    const report_writer *w = report_writer_find(format);
    const char *path = arena_printf(&run->ctx->mem, "%s/%s.%s", run->set->folder.stage, name, format);
    report_file *f;
    if (!path) return sweep_run_no_memory(run);
    TRY(report_file_open(&f, path, &run->ctx->faults));
    err e = w ? w->write(f, t) : sweep_output_json(f, t, &run->ctx->faults);
    return report_file_end(f, e, &run->ctx->faults);
}

/** Says so when there was nothing to compare with. */
static void say_first(const sweep_run *run, report_table *t, const char *notes[1]) {
    if (run->set->had_old) return;
    notes[0] = "This is the first run in this folder: there is nothing to compare with.";
    t->notes = notes;
    t->n_notes = 1;
    t->n_rows = 0;
}

static err write_report(sweep_run *run, size_t i, sweep_diff *d) {
    const sweep_report *r = &run->cfg->reports[i];
    const char *notes[1];
    const report_table *found = sweep_diff_table(d, r->title ? r->title : "Changes since the last run");
    if (!found) return sweep_run_no_memory(run);
    report_table t = *found;
    t.name = r->name;
    t.keep_formulas = sweep_keeps_formulas(r);
    say_first(run, &t, notes);
    for (size_t k = 0; k < r->to.n; k++)
        TRY(write_format(run, r->name, r->to.item[k].text, &t));
    return sweep_set_made(run, i);
}

err sweep_changes_make(sweep_run *run) {
    sweep_diff d;
    if (!sweep_changes_wanted(run)) return ERR_OK;
    sweep_diff_init(&d, &run->ctx->mem);
    d.with_cause = 1;
    d.most = SWEEP_DIFF_IN_REPORT;
    if (run->set->had_old) {
        TRY(compare_all(run, &d));
        if (sweep_diff_total(&d)) TRY(sweep_causes_find(run, &d));
    }
    run->set->changes = d;
    for (size_t i = 0; i < run->cfg->n_reports; i++) {
        if (run->cfg->reports[i].kind != SWEEP_REPORT_CHANGES) continue;
        if (sweep_diff_total(&d) || run->set->stale[i]) TRY(write_report(run, i, &d));
    }
    return sweep_causes_keep(run);
}
