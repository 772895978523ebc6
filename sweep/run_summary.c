/*
 * run_summary.c - the end of a run on standard output. The object for programs is one line for each config, the same
 * bytes for the same run: no times, no threads. Keys: docs/nightly.md.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/stop.h"
#include "report/terminal.h"
#include "sweep/json_memory.h"
#include "sweep/run_summary.h"

static err no_memory(sweep_ctx *ctx) {
    return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

static json_t *files_json(const sweep_set *s) {
    json_t *all = json_array();
    for (size_t i = 0; i < s->now.n_reports; i++) {
        for (size_t k = 0; k < s->now.report[i].n; k++) {
            const sweep_made_file *f = &s->now.report[i].file[k];
            size_t n = strlen(f->name);
            json_t *one =
                json_pack("{s:s, s:s, s:s, s:I}", "name", f->name, "report", s->now.report[i].what, "state",
                          sweep_set_writes(s, f->name) ? "written" : "unchanged", "bytes", (json_int_t)f->bytes);
            if (n > 4 && strcmp(f->name + n - 4, ".csv") == 0)
                json_object_set_new(one, "rows", json_integer((json_int_t)(f->lines ? f->lines - 1 : 0)));
            json_array_append_new(all, one);
        }
    }
    for (size_t i = 0; i < s->n_steps; i++) {
        if (s->step[i].removes)
            json_array_append_new(all, json_pack("{s:s, s:s}", "name", s->step[i].name, "state", "removed"));
    }
    return all;
}

static json_t *changes_json(const sweep_diff *d) {
    static const char *const name[SWEEP_DIFF_KINDS] = {"minimum_gpu",  "cells",         "rows_added",
                                                       "rows_removed", "columns_added", "columns_removed",
                                                       "files_added",  "files_removed", "files_without_cells"};
    json_t *all = json_object();
    for (int i = 0; i < SWEEP_DIFF_KINDS; i++)
        json_object_set_new(all, name[i], json_integer((json_int_t)d->count[i]));
    return all;
}

/** Messages as they are printed on standard error, without the line end. */
static json_t *faults_json(const diags *faults, int first) {
    json_t *all = json_array();
    for (int i = first; i < faults->n; i++) {
        diags one = {.n = 1};
        char *text = NULL;
        size_t n = 0;
        FILE *to = open_memstream(&text, &n);
        if (!to) {
            json_decref(all);
            return NULL;
        }
        one.item[0] = faults->item[i];
        diags_print(to, &one);
        fclose(to);
        json_array_append_new(all, json_stringn(text, n && text[n - 1] == '\n' ? n - 1 : n));
        free(text);
    }
    return all;
}

static err print_json(sweep_ctx *ctx, const char *config, const sweep_run *run, int first, err outcome) {
    const sweep_set *s = run ? run->set : NULL;
    const char *status = outcome != ERR_OK ? "failed" : sweep_set_changed(s) ? "changed" : "unchanged";
    json_t *root = json_pack("{s:s, s:s, s:i}", "config", config, "status", status, "exit",
                             stop_exit_status(err_exit_status(outcome)));
    if (s) json_object_set_new(root, "folder", json_string(s->folder.dir));
    if (s && outcome == ERR_OK) {
        json_object_update_new(root, json_pack("{s:I, s:I, s:I, s:o}", "written", (json_int_t)s->written, "unchanged",
                                               (json_int_t)s->unchanged, "removed", (json_int_t)s->removed, "files",
                                               files_json(s)));
        if (sweep_changes_wanted(run)) json_object_set_new(root, "changes", changes_json(&s->changes));
    }
    int bad = json_object_set_new(root, "faults", faults_json(&ctx->faults, first));
    char *text = sweep_json_text(root, JSON_COMPACT);
    if (!text || bad) {
        free(text);
        return no_memory(ctx);
    }
    printf("%s\n", text);
    free(text);
    return ERR_OK;
}

static err print_changes(sweep_ctx *ctx, const sweep_run *run) {
    sweep_diff d = run->set->changes;
    if (sweep_diff_total(&d) == 0) return ERR_OK;
    const report_table *t = sweep_diff_table(&d, run->cfg->title);
    return t ? report_terminal_write(stdout, t, 0) : no_memory(ctx);
}

static void print_text(const sweep_run *run) {
    if (run->shown) report_terminal_write(stdout, run->shown, 0);
    sweep_set_tell(run);
    if (run->not_rendered) {
        printf("%d charts were not drawn: gnuplot is not installed; their scripts are written\n", run->not_rendered);
    }
}

err sweep_summary_print(sweep_ctx *ctx, const char *config, const sweep_run *run, int first, err outcome) {
    const sweep_options *o = ctx->options;
    const sweep_set *s = run ? run->set : NULL;
    if (o->summary == SWEEP_SUMMARY_JSON) {
        if (o->quiet && outcome == ERR_OK && !sweep_set_changed(s)) return ERR_OK;
        return print_json(ctx, config, run, first, outcome);
    }
    if (outcome == ERR_OK && run && run->real_dir && !o->quiet) printf("%s/ is up to date\n", run->real_dir);
    if (outcome != ERR_OK || !s) return ERR_OK;
    if (o->summary == SWEEP_SUMMARY_CHANGES) return print_changes(ctx, run);
    if (!o->quiet) print_text(run);
    return ERR_OK;
}
