/*
 * run_stale.c - what a report is made from, as one digest, and whether its files are still those that were made from
 * it. A report depends on the program, every catalog file read, its own part of the config and that of its sweep;
 * charts on whether there is a gnuplot; collecting reports on everything.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/record.h"
#include "report/writers.h"
#include "sweep/config_internal.h"
#include "sweep/facts.h"
#include "sweep/run_set.h"

int sweep_report_collects(const sweep_report *r) {
    return r->kind == SWEEP_REPORT_WORKBOOK || r->kind == SWEEP_REPORT_HTML;
}

const char *sweep_report_what(const sweep_run *run, const sweep_report *r) {
    const char *kind = r->by.n ? "groups" : config_report_name[r->kind]; /* groups are not shared out as rows are */
    return arena_printf(&run->ctx->mem, "%s %s", kind, r->name ? r->name : r->target);
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static const char *text_digest(arena *mem, const char *text) {
    char hex[DIGEST_HEX];
    digest d;
    digest_init(&d);
    digest_text(&d, text);
    digest_end(&d, hex);
    return arena_text(mem, hex, DIGEST_HEX - 1);
}

static err name_formulas(sweep_run *run, sweep_manifest *m) {
    arena *mem = &run->ctx->mem;
    m->formula = arena_alloc(mem, kern_formulas_n + 1, sizeof *m->formula);
    if (!m->formula) return sweep_run_no_memory(run);
    for (; m->n_formulas < kern_formulas_n; m->n_formulas++) {
        const kern_formula *f = &kern_formulas[m->n_formulas];
        const char *hex = text_digest(mem, f->text);
        if (!hex) return sweep_run_no_memory(run);
        m->formula[m->n_formulas] = (sweep_named_digest){f->name, hex};
    }
    return ERR_OK;
}

static err name_catalogs(sweep_run *run, sweep_manifest *m) {
    const sweep_catalogs *c = &run->ctx->catalogs;
    m->catalog = arena_alloc(&run->ctx->mem, c->n_files + 1, sizeof *m->catalog);
    char *hex = arena_alloc(&run->ctx->mem, c->n_files + 1, DIGEST_HEX);
    if (!m->catalog || !hex) return sweep_run_no_memory(run);
    for (size_t i = 0; i < c->n_files; i++, hex += DIGEST_HEX) {
        int why = digest_file(c->files[i], hex, NULL, NULL);
        if (why) {
            return diag_input(&run->ctx->faults, ERR_READ, c->files[i], NULL, "cannot be read: ", why);
        }
        m->catalog[m->n_catalogs++] = (sweep_named_digest){base_name(c->files[i]), hex};
    }
    return ERR_OK;
}

/** What all reports of the config depend on. */
static void add_base(const sweep_run *run, const sweep_manifest *m, digest *d) {
    digest_text(d, m->program);
    digest_text(d, m->sources);
    digest_text(d, run->cfg->digest);
    digest_text(d, getenv("SOURCE_DATE_EPOCH"));
    for (size_t i = 0; i < m->n_catalogs; i++) {
        digest_text(d, m->catalog[i].name);
        digest_text(d, m->catalog[i].digest);
    }
}

/** Files of facts beside the catalogs: those reports that may show them depend on all. 0 when one cannot be looked at.
 */
static int add_facts(const sweep_run *run, digest *d) {
    for (size_t i = 0; sweep_facts_name(i); i++) {
        char hex[DIGEST_HEX] = "";
        const char *path = sweep_facts_path(run->ctx, sweep_facts_name(i));
        int why = path ? digest_file(path, hex, NULL, NULL) : ENOMEM;
        if (why && why != ENOENT) return 0;
        if (!why) digest_text(d, hex);
    }
    return 1;
}

static int add_report(const sweep_run *run, const sweep_report *r, digest *d) {
    char hex[DIGEST_HEX] = "";
    digest_text(d, r->digest);
    digest_text(d, run->cfg->sweeps[r->i_sweep].digest);
    if (r->kind == SWEEP_REPORT_COMPARE && digest_file(r->target, hex, NULL, NULL) == 0) digest_text(d, hex);
    return (r->kind != SWEEP_REPORT_RECOMMEND && r->kind != SWEEP_REPORT_CHART) || add_facts(run, d);
}

/** The report's own part of the config, and those of all that it collects. */
static const char *report_asked(const sweep_run *run, const sweep_report *r) {
    char hex[DIGEST_HEX];
    digest d;
    digest_init(&d);
    for (size_t i = 0; i < run->cfg->n_reports; i++) {
        const sweep_report *part = &run->cfg->reports[i];
        if (part != r && !sweep_report_collects(r)) continue;
        digest_text(&d, part->digest);
        digest_text(&d, run->cfg->sweeps[part->i_sweep].digest);
    }
    digest_end(&d, hex);
    return arena_text(&run->ctx->mem, hex, DIGEST_HEX - 1);
}

/** Whether pictures are drawn: no run that cannot tell has the key of one that can. */
static const char *drawing(void) {
    int found, why = report_gnuplot_found(&found);
    return why ? "unknown" : found ? "drawn" : "scripts";
}

static const char *key_of(const sweep_run *run, const sweep_manifest *m, const sweep_report *r) {
    char hex[DIGEST_HEX];
    digest d;
    if (r->kind == SWEEP_REPORT_CHANGES) return r->digest; /* made when others are, else as it was */
    digest_init(&d);
    add_base(run, m, &d);
    if (r->kind == SWEEP_REPORT_CHART || r->kind == SWEEP_REPORT_PROCUREMENT || sweep_report_collects(r))
        digest_text(&d, drawing());
    int ok = add_report(run, r, &d);
    for (size_t i = 0; ok && sweep_report_collects(r) && i < run->cfg->n_reports; i++)
        ok = add_report(run, &run->cfg->reports[i], &d);
    if (!ok) return NULL;
    digest_end(&d, hex);
    return arena_text(&run->ctx->mem, hex, DIGEST_HEX - 1);
}

err sweep_set_keys(sweep_run *run) {
    sweep_manifest *m = &run->set->now;
    *m = (sweep_manifest){.program = sweep_build_version,
                          .sources = sweep_build_sources,
                          .shard = run->ctx->options->shard,
                          .of = run->ctx->options->shards};
    TRY(name_formulas(run, m));
    TRY(name_catalogs(run, m));
    m->report = arena_alloc(&run->ctx->mem, run->cfg->n_reports + 1, sizeof *m->report);
    if (!m->report) return sweep_run_no_memory(run);
    for (size_t i = 0; i < run->cfg->n_reports; i++) {
        const sweep_report *r = &run->cfg->reports[i];
        run->set->key[i] = key_of(run, m, r);
        m->report[i] = (sweep_made_report){
            .what = sweep_report_what(run, r), .key = run->set->key[i], .asked = report_asked(run, r)};
        if (!m->report[i].what || !m->report[i].key || !m->report[i].asked) return sweep_run_no_memory(run);
    }
    m->n_reports = run->cfg->n_reports;
    return ERR_OK;
}

static int is_intact(const sweep_run *run, const sweep_made_file *f) {
    char hex[DIGEST_HEX];
    const char *path = arena_printf(&run->ctx->mem, "%s/%s", run->set->folder.dir, f->name);
    return path && digest_file(path, hex, NULL, NULL) == 0 && strcmp(hex, f->sha) == 0;
}

/** The report's files are there, untouched, made from what it would be made from now. */
static int is_fresh(const sweep_run *run, const sweep_made_report *now) {
    const sweep_made_report *old = run->set->had_old ? sweep_manifest_find(&run->set->old, now->what) : NULL;
    if (!old || strcmp(old->key, now->key) != 0) return 0;
    for (size_t i = 0; i < old->n; i++) {
        if (!is_intact(run, &old->file[i])) return 0;
    }
    return 1;
}

/** A changes report that has never been made, or is gone, needs all others: it compares with them from then on. */
static int makes_all(const sweep_run *run) {
    for (size_t i = 0; i < run->cfg->n_reports; i++) {
        if (run->cfg->reports[i].kind == SWEEP_REPORT_CHANGES && !is_fresh(run, &run->set->now.report[i])) return 1;
    }
    return run->ctx->options->force;
}

size_t sweep_set_find_stale(sweep_run *run) {
    size_t n = 0;
    int all = makes_all(run);
    for (size_t i = 0; i < run->cfg->n_reports; i++) {
        sweep_made_report *now = &run->set->now.report[i];
        if (run->ctx->options->shard > 1 && !sweep_run_shares(&run->cfg->reports[i])) continue; /* the first makes it */
        int into_pages =
            run->cfg->reports[i].n_injects > 0 || run->cfg->reports[i].outside; /* may have changed since */
        int fresh = !all && !into_pages && is_fresh(run, now);
        run->set->stale[i] = !fresh;
        n += !fresh;
        if (fresh) *now = *sweep_manifest_find(&run->set->old, now->what);
    }
    return n;
}
