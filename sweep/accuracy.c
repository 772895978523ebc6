/*
 * accuracy.c - errors per dataset and term. Percentiles are those of the sorted absolute errors at rank ceil(p*n):
 * every figure printed is one that a row really has. Refused rows are counted, not hidden.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "sweep/accuracy.h"
#include "sweep/output.h"

static err evaluate(arena *mem, const sweep_catalogs *c, const char *path, sweep_measured *row) {
    diags local = {.n = 0};
    err e = sweep_cell_evaluate(c, path, &row->cell, &local);
    const char *reserved = row->cell.text[CELL_RESERVED];
    int bad_band = *reserved && !(text_real(reserved, &row->reserved) && row->reserved >= row->cell.published);
    if (bad_band) row->reserved = 0;
    if (e == ERR_OK && row->cell.published > 0 && !bad_band) {
        row->error = row->cell.value / row->cell.published - 1;
        return ERR_OK;
    }
    const char *why = local.n    ? local.item[0].text
                      : bad_band ? "reserved: expected a number, not below the measured figure"
                                 : "the measured figure is not positive";
    row->why = arena_text(mem, why, strlen(why));
    return row->why ? ERR_OK : ERR_MEMORY;
}

err sweep_accuracy_load(arena *mem, const sweep_catalogs *c, char *const *paths, size_t n_paths, sweep_measured **rows,
                        size_t *n, diags *faults) {
    size_t cap = 0;
    *rows = NULL;
    *n = 0;
    for (size_t i = 0; i < n_paths; i++) {
        sweep_cell *cells;
        size_t more;
        TRY(sweep_cells_read(mem, paths[i], &cells, &more, faults));
        *rows = arena_grow(mem, *rows, *n, &cap, *n + more, sizeof **rows);
        for (size_t k = 0; *rows && k < more; k++) {
            (*rows)[*n] = (sweep_measured){.cell = cells[k]};
            if (evaluate(mem, c, paths[i], &(*rows)[(*n)++]) != ERR_OK) *rows = NULL;
        }
        if (!*rows) return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    }
    return ERR_OK;
}

static int same_group(const sweep_measured *a, const sweep_measured *b) {
    return strcmp(a->cell.text[CELL_DOCUMENT], b->cell.text[CELL_DOCUMENT]) == 0 &&
           strcmp(a->cell.text[CELL_QUANTITY], b->cell.text[CELL_QUANTITY]) == 0;
}

static int compare_doubles(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** Value at rank ceil(p*n) of n sorted ones. */
static double percentile(const double *sorted, size_t n, double p) {
    size_t rank = (size_t)ceil(p * (double)n);
    return sorted[rank ? rank - 1 : 0];
}

enum { A_DATASET, A_TERM, A_ROWS, A_REFUSED, A_MEDIAN, A_P90, A_WORST, A_BIAS, A_WORST_ID, A_PLAIN };
enum { B_ROWS = A_PLAIN, B_MEDIAN, B_P90, B_PLACE, A_COLUMNS }; /* the band from allocated to reserved */

/** 0: our value is what was allocated, 100 %: what was reserved. */
static double place(const sweep_measured *row) {
    double width = row->reserved - row->cell.published;
    return width > 0 ? (row->cell.value - row->cell.published) / width : 0;
}

/** The band columns of a group; work is space of 2 n doubles. */
static void summarise_band(const report_table *t, size_t at, const sweep_measured *rows, size_t n, size_t first,
                           double *work) {
    size_t k = 0;
    double *over = work, *places = work + n;
    for (size_t i = first; i < n; i++) {
        if (!same_group(&rows[i], &rows[first]) || rows[i].why || rows[i].reserved <= 0) continue;
        over[k] = rows[i].reserved / rows[i].cell.published - 1;
        places[k++] = place(&rows[i]);
    }
    if (!k) return;
    qsort(over, k, sizeof *over, compare_doubles);
    qsort(places, k, sizeof *places, compare_doubles);
    sweep_cell_number(t, at, B_ROWS, (double)k);
    sweep_cell_number(t, at, B_MEDIAN, 100 * percentile(over, k, 0.5));
    sweep_cell_number(t, at, B_P90, 100 * percentile(over, k, 0.9));
    sweep_cell_number(t, at, B_PLACE, 100 * percentile(places, k, 0.5));
}

static int any_reserved(const sweep_measured *rows, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (rows[i].reserved > 0) return 1;
    }
    return 0;
}

/** Fills a row of the summary from the group that starts at `first`; sizes is work space of n doubles. */
static void summarise(const report_table *t, size_t at, const sweep_measured *rows, size_t n, size_t first,
                      double *sizes) {
    size_t k = 0, refused = 0, worst = first;
    double sum = 0;
    for (size_t i = first; i < n; i++) {
        if (!same_group(&rows[i], &rows[first])) continue;
        if (rows[i].why) {
            refused++;
            continue;
        }
        sizes[k++] = fabs(rows[i].error);
        sum += rows[i].error;
        if (rows[worst].why || fabs(rows[i].error) > fabs(rows[worst].error)) worst = i;
    }
    sweep_cell_text(t, at, A_DATASET, rows[first].cell.text[CELL_DOCUMENT]);
    sweep_cell_text(t, at, A_TERM, rows[first].cell.text[CELL_QUANTITY]);
    sweep_cell_number(t, at, A_ROWS, (double)k);
    sweep_cell_number(t, at, A_REFUSED, (double)refused);
    if (!k) return;
    qsort(sizes, k, sizeof *sizes, compare_doubles);
    sweep_cell_number(t, at, A_MEDIAN, 100 * percentile(sizes, k, 0.5));
    sweep_cell_number(t, at, A_P90, 100 * percentile(sizes, k, 0.9));
    sweep_cell_number(t, at, A_WORST, 100 * sizes[k - 1]);
    sweep_cell_number(t, at, A_BIAS, 100 * sum / (double)k);
    sweep_cell_text(t, at, A_WORST_ID, rows[worst].cell.text[CELL_ID]);
}

static int starts_group(const sweep_measured *rows, size_t i) {
    for (size_t k = 0; k < i; k++) {
        if (same_group(&rows[k], &rows[i])) return 0;
    }
    return 1;
}

report_table *sweep_accuracy_summary(arena *mem, const sweep_measured *rows, size_t n) {
    static const report_column columns[A_COLUMNS] = {
        {"dataset", "", 0, 1},
        {"term", "", 0, 1},
        {"rows", "", 0, 0},
        {"refused", "", 0, 0},
        {"median", "%", 3, 0},
        {"p90", "%", 2, 0},
        {"worst", "%", 1, 0},
        {"bias", "%", 2, 0},
        {"worst_row", "", 0, 1},
        {"reserved_rows", "", 0, 0},
        {"reserved_median", "%", 2, 0},
        {"reserved_p90", "%", 2, 0},
        {"ours_at", "%", 0, 0},
    };
    static const char *const notes[] = {
        "Errors are ours over measured, minus 1; median, p90 and worst of their absolute values, bias their mean.",
        "Refused: rows whose scenario the model does not answer; their reasons stand in the list of rows.",
        "Reserved: how far what the allocator took from the GPU stands over what it handed out, where a row states "
        "both; "
        "ours_at: where our value lies between the two, 0 % is allocated, 100 % is reserved, the median row."};
    int band = any_reserved(rows, n);
    double *sizes = arena_alloc(mem, 2 * n + 1, sizeof *sizes);
    report_table *t = sweep_table_new(mem, columns, band ? A_COLUMNS : A_PLAIN, n);
    size_t at = 0;
    if (!t || !sizes) return NULL;
    for (size_t i = 0; i < n; i++) {
        if (!starts_group(rows, i)) continue;
        if (band) summarise_band(t, at, rows, n, i, sizes);
        summarise(t, at++, rows, n, i, sizes);
    }
    t->n_rows = at;
    t->name = "accuracy";
    t->title = "Error against measurements";
    t->notes = notes;
    t->n_notes = sizeof notes / sizeof *notes - !band;
    return t;
}

enum {
    R_ID,
    R_DATASET,
    R_TERM,
    R_MODEL,
    R_MEASURED,
    R_OURS,
    R_UNIT,
    R_ERROR,
    R_STATUS,
    R_SOURCE,
    R_RESERVED,
    R_COLUMNS
};

report_table *sweep_accuracy_rows(arena *mem, const sweep_measured *rows, size_t n) {
    static const report_column columns[R_COLUMNS] = {
        {"id", "", 0, 1},       {"dataset", "", 0, 1}, {"term", "", 0, 1},     {"model", "", 0, 1},
        {"measured", "", 3, 0}, {"ours", "", 3, 0},    {"unit", "", 0, 1},     {"error", "%", 2, 0},
        {"status", "", 0, 1},   {"source", "", 0, 1},  {"reserved", "", 3, 0},
    };
    report_table *t = sweep_table_new(mem, columns, R_COLUMNS, n);
    if (!t) return NULL;
    for (size_t i = 0; i < n; i++) {
        const sweep_cell *c = &rows[i].cell;
        sweep_cell_text(t, i, R_ID, c->text[CELL_ID]);
        sweep_cell_text(t, i, R_DATASET, c->text[CELL_DOCUMENT]);
        sweep_cell_text(t, i, R_TERM, c->text[CELL_QUANTITY]);
        sweep_cell_text(t, i, R_MODEL, c->scenario[SC_MODEL]);
        sweep_cell_number(t, i, R_MEASURED, c->published);
        sweep_cell_text(t, i, R_UNIT, c->text[CELL_UNIT]);
        if (rows[i].reserved > 0) sweep_cell_number(t, i, R_RESERVED, rows[i].reserved);
        sweep_cell_text(t, i, R_STATUS, rows[i].why ? rows[i].why : "ok");
        sweep_cell_text(t, i, R_SOURCE, c->text[CELL_SOURCE]);
        if (rows[i].why) continue;
        sweep_cell_number(t, i, R_OURS, c->value);
        sweep_cell_number(t, i, R_ERROR, 100 * rows[i].error);
    }
    t->name = "accuracy-rows";
    t->title = "Measurements";
    return t;
}
