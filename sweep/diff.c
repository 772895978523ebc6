/*
 * diff.c - the list of differences, and folders: every file that either has, CSV files cell by cell, others by bytes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/digest.h"
#include "common/text.h"
#include "sweep/diff.h"
#include "sweep/folder.h"
#include "sweep/output.h"

enum { FILES_MAX = 100000 };

void sweep_diff_init(sweep_diff *d, arena *mem) {
    memset(d, 0, sizeof *d);
    d->mem = mem;
    d->most = SWEEP_DIFF_ENTRIES;
}

int sweep_diff_lists(const sweep_diff *d, sweep_diff_kind kind, const char *file) {
    int same = d->file && strcmp(d->file, file) == 0;
    return d->n < SWEEP_DIFF_ENTRIES && (!same || d->of_kind[kind] < d->most);
}

int sweep_diff_add(sweep_diff *d, const sweep_difference *x) {
    if (x->input) d->inputs++;
    if (!x->input) d->count[x->kind] += x->rows ? x->rows : 1;
    if (!sweep_diff_lists(d, x->kind, x->file)) {
        d->unlisted++;
        return 1;
    }
    if (!d->file || strcmp(d->file, x->file) != 0) memset(d->of_kind, 0, sizeof d->of_kind);
    d->file = x->file;
    d->of_kind[x->kind]++;
    sweep_difference *items = arena_grow(d->mem, d->item, d->n, &d->cap, d->n + 1, sizeof *items);
    if (!items) return 0;
    d->item = items;
    d->item[d->n] = *x;
    d->item[d->n].at = d->n;
    d->n++;
    return 1;
}

uint64_t sweep_diff_total(const sweep_diff *d) {
    uint64_t n = 0;
    for (int i = 0; i < SWEEP_DIFF_KINDS; i++)
        n += d->count[i];
    return n;
}

int sweep_diff_is_csv(const char *name) {
    static const char *const suffix[] = {".csv", ".csv.gz", ".csv.zst"};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof suffix / sizeof *suffix; i++) {
        size_t m = strlen(suffix[i]);
        if (n >= m && strcmp(name + n - m, suffix[i]) == 0) return 1;
    }
    return 0;
}

static err no_memory(diags *faults) {
    return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

err sweep_diff_bytes(sweep_diff *d, const char *name, const char *old_path, const char *new_path, diags *faults) {
    char hex[2][DIGEST_HEX];
    const char *path[2] = {old_path, new_path};
    for (int i = 0; i < 2; i++) {
        int why = digest_file(path[i], hex[i], NULL, NULL);
        if (why) return diag_input(faults, ERR_READ, path[i], NULL, "cannot be read: ", why);
    }
    if (strcmp(hex[0], hex[1]) == 0) return ERR_OK;
    return sweep_diff_add(d, &(sweep_difference){.kind = SWEEP_DIFF_FILE, .file = name}) ? ERR_OK : no_memory(faults);
}

/** Names of a folder's files, in order. */
typedef struct names {
    arena *mem;
    const char **name;
    size_t n, cap;
} names;

static int add_name(void *ctx, const char *name) {
    names *x = ctx;
    if (x->n == FILES_MAX) return EFBIG;
    const char **all = arena_grow(x->mem, x->name, x->n, &x->cap, x->n + 1, sizeof *all);
    if (!all) return ENOMEM;
    x->name = all;
    x->name[x->n] = arena_text(x->mem, name, strlen(name));
    return x->name[x->n++] ? 0 : ENOMEM;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static err list_names(sweep_diff *d, const char *dir, names *out, diags *faults) {
    *out = (names){.mem = d->mem};
    int why = sweep_folder_walk(dir, 0, add_name, out);
    if (why) return diag_input(faults, ERR_READ, dir, NULL, "cannot be read: ", why);
    if (out->n) qsort(out->name, out->n, sizeof *out->name, compare_names);
    return ERR_OK;
}

static err one_sided(sweep_diff *d, sweep_diff_kind kind, const char *name, diags *faults) {
    return sweep_diff_add(d, &(sweep_difference){.kind = kind, .file = name}) ? ERR_OK : no_memory(faults);
}

static err compare_file(sweep_diff *d, const char *old_dir, const char *new_dir, const char *name, diags *faults) {
    const char *before = arena_printf(d->mem, "%s/%s", old_dir, name);
    const char *after = arena_printf(d->mem, "%s/%s", new_dir, name);
    if (!before || !after) return no_memory(faults);
    return sweep_diff_is_csv(name) ? sweep_diff_csv(d, name, before, after, faults)
                                   : sweep_diff_bytes(d, name, before, after, faults);
}

err sweep_diff_folders(sweep_diff *d, const char *old_dir, const char *new_dir, diags *faults) {
    names before, after;
    TRY(sweep_folder_settle(d->mem, old_dir, faults));
    TRY(sweep_folder_settle(d->mem, new_dir, faults));
    TRY(list_names(d, old_dir, &before, faults));
    TRY(list_names(d, new_dir, &after, faults));
    for (size_t i = 0, k = 0; i < before.n || k < after.n;) {
        int order = i == before.n ? 1 : k == after.n ? -1 : strcmp(before.name[i], after.name[k]);
        if (order < 0) {
            TRY(one_sided(d, SWEEP_DIFF_FILE_REMOVED, before.name[i++], faults));
        } else if (order > 0) {
            TRY(one_sided(d, SWEEP_DIFF_FILE_ADDED, after.name[k++], faults));
        } else {
            TRY(compare_file(d, old_dir, new_dir, before.name[i++], faults));
            k++;
        }
    }
    return ERR_OK;
}

static int compare_differences(const void *a, const void *b) {
    const sweep_difference *x = a, *y = b;
    if (x->input != y->input) return x->input - y->input;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

enum { D_CHANGE, D_FILE, D_ROW, D_COLUMN, D_OLD, D_NEW, D_PERCENT, D_CAUSE, D_COLUMNS };

static void fill_row(const sweep_diff *d, const report_table *t, size_t i) {
    static const char *const change[SWEEP_DIFF_KINDS] = {
        "minimum GPU",    "cell",       "row added",    "row removed", "column added",
        "column removed", "file added", "file removed", "file",
    };
    const sweep_difference *x = &d->item[i];
    double before, after;
    sweep_cell_text(t, i, D_CHANGE, x->input ? arena_printf(d->mem, "input %s", change[x->kind]) : change[x->kind]);
    sweep_cell_text(t, i, D_FILE, x->file);
    sweep_cell_text(t, i, D_ROW, x->row);
    sweep_cell_text(t, i, D_COLUMN, x->column);
    sweep_cell_text(t, i, D_OLD, x->old_text);
    sweep_cell_text(t, i, D_NEW, x->new_text);
    if (x->rows > 1) {
        const char *rows = arena_printf(d->mem, "%llu rows", (unsigned long long)x->rows);
        sweep_cell_text(t, i, x->kind == SWEEP_DIFF_ROW_ADDED ? D_NEW : D_OLD, rows);
    }
    if (x->old_text && x->new_text && text_real(x->old_text, &before) && text_real(x->new_text, &after) && before != 0)
        sweep_cell_number(t, i, D_PERCENT, 100 * (after - before) / (before < 0 ? -before : before));
    if (d->with_cause) sweep_cell_text(t, i, D_CAUSE, x->cause);
}

/** "3 cells, 1 row added": what there is, also of what is not listed. */
static const char *count_text(const sweep_diff *d) {
    static const char *const one[SWEEP_DIFF_KINDS] = {"minimum-GPU cell", "cell",         "row added",
                                                      "row removed",      "column added", "column removed",
                                                      "file added",       "file removed", "file without cells"};
    static const char *const many[SWEEP_DIFF_KINDS] = {"minimum-GPU cells", "cells",         "rows added",
                                                       "rows removed",      "columns added", "columns removed",
                                                       "files added",       "files removed", "files without cells"};
    const char *text = "";
    for (int i = 0; i < SWEEP_DIFF_KINDS && text; i++) {
        if (!d->count[i]) continue;
        text = arena_printf(d->mem, "%s%s%llu %s", text, *text ? ", " : "", (unsigned long long)d->count[i],
                            d->count[i] == 1 ? one[i] : many[i]);
    }
    if (text && !*text) return "no difference";
    return text && d->unlisted
               ? arena_printf(d->mem, "%s; %llu of them are not listed", text, (unsigned long long)d->unlisted)
               : text;
}

const report_table *sweep_diff_table(sweep_diff *d, const char *title) {
    static const report_column columns[D_COLUMNS] = {{"change", "", 0, 1},  {"file", "", 0, 1}, {"row", "", 0, 1},
                                                     {"column", "", 0, 1},  {"old", "", 0, 1},  {"new", "", 0, 1},
                                                     {"percent", "", 2, 0}, {"cause", "", 0, 1}};
    if (d->n) qsort(d->item, d->n, sizeof *d->item, compare_differences);
    report_table *t = sweep_table_new(d->mem, columns, d->with_cause ? D_COLUMNS : D_CAUSE, d->n);
    const char **notes = arena_alloc(d->mem, 1, sizeof *notes);
    if (!t || !notes) return NULL;
    for (size_t i = 0; i < d->n; i++)
        fill_row(d, t, i);
    notes[0] = count_text(d);
    t->name = "changes";
    t->title = title;
    t->notes = notes;
    t->n_notes = notes[0] ? 1 : 0;
    return t;
}
