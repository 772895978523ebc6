/*
 * run_set.c - from the stage to the folder: which staged files differ from those in their places, which old ones no
 * report writes any more, and the one commit that replaces them together with the manifest.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sweep/run_set.h"

static err add_step(sweep_run *run, const char *name, int removes) {
    sweep_set *s = run->set;
    sweep_step *steps = arena_grow(&run->ctx->mem, s->step, s->n_steps, &s->cap_steps, s->n_steps + 1, sizeof *steps);
    if (!steps) return sweep_run_no_memory(run);
    s->step = steps;
    s->step[s->n_steps++] = (sweep_step){name, removes};
    return ERR_OK;
}

static const sweep_made_file *find_file(const sweep_manifest *m, const char *name) {
    for (size_t i = 0; i < m->n_reports; i++) {
        for (size_t k = 0; k < m->report[i].n; k++) {
            if (strcmp(m->report[i].file[k].name, name) == 0) return &m->report[i].file[k];
        }
    }
    return NULL;
}

static const char *path_in(const sweep_run *run, const char *dir, const char *name) {
    return arena_printf(&run->ctx->mem, "%s/%s", dir, name);
}

static err cannot_read(sweep_run *run, const char *path, int why) {
    return diag_add(&run->ctx->faults, ERR_WRITE, NULL, 0, 0, NULL, "%.200s: cannot be read: %s", path, strerror(why));
}

static int has_digest(const char *path, const char *sha) {
    char hex[DIGEST_HEX];
    return path && digest_file(path, hex, NULL, NULL) == 0 && strcmp(hex, sha) == 0;
}

/** Files of the last run that no report writes any more and nobody has touched. */
static err find_dropped(sweep_run *run) {
    sweep_set *s = run->set;
    for (size_t i = 0; i < s->old.n_reports; i++) {
        for (size_t k = 0; k < s->old.report[i].n; k++) {
            const sweep_made_file *f = &s->old.report[i].file[k];
            const char *path = path_in(run, s->folder.dir, f->name);
            char hex[DIGEST_HEX];
            if (!path) return sweep_run_no_memory(run);
            if (find_file(&s->now, f->name)) continue;
            int why = digest_file(path, hex, NULL, NULL);
            if (why && why != ENOENT && why != ENOTDIR) return cannot_read(run, path, why);
            if (why || strcmp(hex, f->sha) != 0) continue;
            s->removed++;
            TRY(add_step(run, f->name, 1));
        }
    }
    return ERR_OK;
}

/** Nothing is made: what is dropped then is all there is to do. */
static int drops_reports(const sweep_set *s) {
    for (size_t i = 0; i < s->old.n_reports; i++) {
        if (!sweep_manifest_find(&s->now, s->old.report[i].what)) return 1;
    }
    return 0;
}

static size_t count_files(const sweep_manifest *m) {
    size_t n = 0;
    for (size_t i = 0; i < m->n_reports; i++)
        n += m->report[i].n;
    return n;
}

static void tell_of_dead_run(const sweep_run *run) {
    const sweep_folder *f = &run->set->folder;
    if (!f->died) return;
    diag_add(&run->ctx->faults, ERR_OK, NULL, 0, 0, "note", "%.200s: process %ld was killed at work here; %s", f->dir,
             f->died, f->recovered ? "the set that it had finished is in place" : "what it left is cleared away");
}

/** Reports whose file a link would lead out of the folder are refused before anything is made. */
static err check_targets(const sweep_run *run) {
    err first = ERR_OK;
    for (size_t i = 0; i < run->cfg->n_reports; i++) {
        const sweep_report *r = &run->cfg->reports[i];
        diags mine = {.n = 0};
        int is_file = r->kind == SWEEP_REPORT_CSV || r->kind == SWEEP_REPORT_REDUCE || r->kind == SWEEP_REPORT_HTML ||
                      r->kind == SWEEP_REPORT_WORKBOOK;
        if (!is_file || r->outside || sweep_folder_check(&run->set->folder, r->target, &mine) == ERR_OK) continue;
        first = diag_add(&run->ctx->faults, ERR_WRITE, run->cfg->path, r->line, r->column, "reports", "%s",
                         mine.item[0].text);
    }
    return first;
}

err sweep_set_open(sweep_run *run) {
    sweep_set *s = arena_alloc(&run->ctx->mem, 1, sizeof *s);
    if (!s) return sweep_run_no_memory(run);
    run->set = s;
    s->manifest = arena_printf(&run->ctx->mem, SWEEP_STATE "/%s.manifest.json", run->cfg->name);
    if (!s->manifest) return sweep_run_no_memory(run);
    TRY(sweep_set_keys(run));
    if (run->ctx->options->summary == SWEEP_SUMMARY_CHANGES && !sweep_changes_wanted(run)) {
        return diag_add(&run->ctx->faults, ERR_USAGE, run->cfg->path, 0, 0, "--summary",
                        "'changes' needs a config with a report `changes: NAME`");
    }
    TRY((run->ctx->options->outside ? sweep_folder_open_freely : sweep_folder_open)(&s->folder, &run->ctx->mem,
                                                                                    run->dir, &run->ctx->faults));
    err inside = check_targets(run);
    if (inside != ERR_OK) {
        sweep_folder_close(&s->folder);
        return inside;
    }
    tell_of_dead_run(run);
    const char *path = path_in(run, run->dir, s->manifest);
    err e = path ? sweep_manifest_read(&s->old, &run->ctx->mem, path, &run->ctx->faults) : sweep_run_no_memory(run);
    s->had_old = s->old.program && s->old.shard == s->now.shard && s->old.of == s->now.of;
    s->work = e == ERR_OK && (sweep_set_find_stale(run) > 0 || drops_reports(s));
    s->unchanged = s->work ? 0 : count_files(&s->now);
    if (e == ERR_OK && !s->work) return ERR_OK;
    if (e == ERR_OK) e = sweep_folder_stage(&s->folder, &run->ctx->faults);
    if (e != ERR_OK) sweep_folder_close(&s->folder);
    run->dir = s->folder.stage;
    return e;
}

int sweep_set_makes(const sweep_run *run, size_t i) {
    const sweep_report *r = &run->cfg->reports[i];
    if (r->kind == SWEEP_REPORT_CHANGES) return 0; /* made when the set is replaced */
    if (!run->set) return 1;
    int collected = r->kind != SWEEP_REPORT_CSV && r->kind != SWEEP_REPORT_REDUCE;
    for (size_t k = 0; collected && k < run->cfg->n_reports; k++) {
        if (run->set->stale[k] && sweep_report_collects(&run->cfg->reports[k])) return 1;
    }
    return run->set->stale[i];
}

/** A walk over the stage on behalf of a report. */
typedef struct gathering {
    sweep_run *run;
    size_t i;
} gathering;

static int gather_file(void *ctx, const char *name) {
    const gathering *g = ctx;
    sweep_run *run = g->run;
    sweep_made_file f = {.name = arena_text(&run->ctx->mem, name, strlen(name))};
    for (size_t i = 0; i < run->set->now.n_reports; i++) { /* a report that was made before, or is made anew */
        const sweep_made_report *r = &run->set->now.report[i];
        for (size_t k = 0; k < r->n; k++) {
            if (strcmp(r->file[k].name, name) == 0) return 0;
        }
    }
    const char *path = f.name ? path_in(run, run->set->folder.stage, name) : NULL;
    int why = path ? digest_file(path, f.sha, &f.bytes, &f.lines) : ENOMEM;
    if (why) return why;
    return sweep_made_add(&run->set->now.report[g->i], &run->ctx->mem, &f) ? 0 : ENOMEM;
}

err sweep_set_made(sweep_run *run, size_t i) {
    gathering g = {run, i};
    if (!run->set) return ERR_OK;
    sweep_made_report *r = &run->set->now.report[i];
    *r = (sweep_made_report){.what = r->what, .key = run->set->key[i], .asked = r->asked};
    int why = sweep_folder_walk(run->set->folder.stage, 0, gather_file, &g);
    return why ? diag_add(&run->ctx->faults, ERR_WRITE, NULL, 0, 0, NULL, "%.200s: what was written cannot be read: %s",
                          run->set->folder.dir, strerror(why))
               : ERR_OK;
}

/** Staged files take their places unless the same bytes are there. */
static err place_files(sweep_run *run) {
    sweep_set *s = run->set;
    for (size_t i = 0; i < s->now.n_reports; i++) {
        for (size_t k = 0; k < s->now.report[i].n; k++) {
            const sweep_made_file *f = &s->now.report[i].file[k];
            const char *staged = path_in(run, s->folder.stage, f->name), *target = path_in(run, s->folder.dir, f->name);
            if (!staged || !target) return sweep_run_no_memory(run);
            int made, why = report_file_exists(staged, &made);
            if (why) return cannot_read(run, staged, why);
            if (made && (run->ctx->options->force || !has_digest(target, f->sha))) {
                s->written++;
                TRY(add_step(run, f->name, 0));
            } else {
                s->unchanged++;
            }
        }
    }
    return ERR_OK;
}

/** Files of ours that are staged: those that differ take their places. */
static int place_own_file(void *ctx, const char *name) {
    sweep_run *run = ctx;
    char hex[DIGEST_HEX];
    const char *own = arena_printf(&run->ctx->mem, SWEEP_STATE "/%s", name);
    const char *staged = own ? path_in(run, run->set->folder.stage, own) : NULL;
    const char *target = own ? path_in(run, run->set->folder.dir, own) : NULL;
    if (!staged || !target) return ENOMEM;
    int why = digest_file(staged, hex, NULL, NULL);
    if (why || has_digest(target, hex)) return why;
    return add_step(run, own, 0) == ERR_OK ? 0 : ENOMEM;
}

static err place_own_files(sweep_run *run) {
    const char *own = path_in(run, run->set->folder.stage, SWEEP_STATE);
    int why = own ? sweep_folder_walk(own, 0, place_own_file, run) : ENOMEM;
    return why ? diag_add(&run->ctx->faults, ERR_WRITE, NULL, 0, 0, NULL, "%.200s: %s", run->set->folder.dir,
                          strerror(why))
               : ERR_OK;
}

static err replace(sweep_run *run) {
    sweep_set *s = run->set;
    TRY(sweep_changes_make(run));
    TRY(place_files(run));
    TRY(find_dropped(run));
    const char *path = path_in(run, s->folder.stage, s->manifest);
    if (!path) return sweep_run_no_memory(run);
    TRY(sweep_manifest_write(&s->now, path, &run->ctx->faults));
    TRY(place_own_files(run));
    return sweep_folder_commit(&s->folder, s->step, s->n_steps, &run->ctx->faults);
}

/** Faults name the stage, which is gone: they speak of the folder. */
static void name_folder(sweep_run *run) {
    const sweep_folder *f = &run->set->folder;
    size_t n = strlen(f->stage), m = strlen(f->dir);
    for (int i = 0; i < run->ctx->faults.n; i++) {
        char *at = strstr(run->ctx->faults.item[i].text, f->stage);
        if (!at) continue;
        memmove(at + m, at + n, strlen(at + n) + 1);
    }
}

err sweep_set_end(sweep_run *run, err outcome) {
    if (outcome == ERR_OK && run->set->work) outcome = replace(run);
    sweep_folder_close(&run->set->folder);
    name_folder(run);
    run->dir = run->set->folder.dir;
    return outcome;
}

void sweep_set_tell(const sweep_run *run) {
    const sweep_set *s = run->set;
    size_t n = count_files(&s->now);
    const char *many = n == 1 ? "" : "s";
    if (!s->work) {
        printf("nothing has changed: %zu file%s in %s/ up to date\n", n, many, run->dir);
    } else if (s->unchanged || s->removed) {
        printf("%s%zu file%s in %s/: %zu written, %zu unchanged, %zu removed\n", run->shown ? "\n" : "", n, many,
               run->dir, s->written, s->unchanged, s->removed);
    } else {
        printf("%s%zu file%s in %s/\n", run->shown ? "\n" : "", n, many, run->dir);
    }
}

int sweep_set_writes(const sweep_set *s, const char *name) {
    for (size_t i = 0; i < s->n_steps; i++) {
        if (!s->step[i].removes && strcmp(s->step[i].name, name) == 0) return 1;
    }
    return 0;
}

int sweep_set_changed(const sweep_set *s) {
    return s && (s->written || s->removed);
}
