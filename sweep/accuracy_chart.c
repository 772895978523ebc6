/*
 * accuracy_chart.c - charts of measurements: one per term, a point for every row, predicted over measured against what
 * was measured. A level shows where a prediction is exact; the worst row of every dataset is named when it is off by
 * more than a tenth. Rows without an answer are counted in the small print.
 */
#include <math.h>
#include <string.h>

#include "report/number.h"
#include "report/writers.h"
#include "sweep/accuracy.h"

static const double named_from = 0.1; /* relative error */

/** A chart of one term being made. */
typedef struct plot {
    arena *mem;
    const sweep_measured *rows;
    size_t n;
    const char *term;
    report_series series[REPORT_SERIES_MAX];
    report_marker marker[REPORT_MARKERS_MAX];
    size_t n_series, n_markers, refused;
    double x_from, x_to;
} plot;

static int is_text(const sweep_measured *row, sweep_cell_field field, const char *text) {
    return strcmp(row->cell.text[field], text) == 0;
}

/** Measured amount: GB for memory, else as it stands (tokens). */
static double measured(const sweep_measured *row) {
    const report_unit *unit = report_unit_find(row->cell.text[CELL_UNIT]);
    return unit && unit->bytes > 0 ? row->cell.published * unit->bytes / report_unit_find("GB")->bytes
                                   : row->cell.published;
}

static int in_plot(const plot *p, const sweep_measured *row, const char *dataset) {
    return is_text(row, CELL_QUANTITY, p->term) && is_text(row, CELL_DOCUMENT, dataset);
}

static void name_worst(plot *p, const sweep_measured *worst) {
    if (!worst || fabs(worst->error) <= named_from || p->n_markers == REPORT_MARKERS_MAX) return;
    p->marker[p->n_markers++] = (report_marker){
        .x = measured(worst), .y = 1 + worst->error, .label = worst->cell.text[CELL_ID], .series = p->n_series};
}

/** Points of one dataset. */
static err add_dataset(plot *p, const char *dataset) {
    double *x = arena_alloc(p->mem, p->n, sizeof *x), *y = arena_alloc(p->mem, p->n, sizeof *y);
    const sweep_measured *worst = NULL;
    size_t k = 0;
    if (!x || !y) return ERR_MEMORY;
    for (size_t i = 0; i < p->n; i++) {
        const sweep_measured *row = &p->rows[i];
        if (!in_plot(p, row, dataset)) continue;
        p->refused += row->why != NULL;
        if (row->why) continue;
        x[k] = measured(row);
        y[k] = 1 + row->error;
        if (!worst || fabs(row->error) > fabs(worst->error)) worst = row;
        if (!(x[k] >= p->x_from)) p->x_from = x[k];
        if (!(x[k] <= p->x_to)) p->x_to = x[k];
        k++;
    }
    if (!k || p->n_series == REPORT_SERIES_MAX) return ERR_OK;
    name_worst(p, worst);
    p->series[p->n_series++] = (report_series){.label = dataset, .x = x, .y = y, .n = k, .points = 1};
    return ERR_OK;
}

static err add_datasets(plot *p) {
    for (size_t i = 0; i < p->n; i++) {
        const char *dataset = p->rows[i].cell.text[CELL_DOCUMENT];
        size_t first = 0;
        if (!is_text(&p->rows[i], CELL_QUANTITY, p->term)) continue;
        while (!in_plot(p, &p->rows[first], dataset))
            first++;
        if (first == i) TRY(add_dataset(p, dataset));
    }
    return ERR_OK;
}

/** Draws the chart of the term, when any of its rows has an answer. */
static err draw_term(plot *p, const char *dir, int *rendered, diags *faults) {
    double x[2], y[2] = {1, 1};
    p->series[p->n_series++] = (report_series){.label = "exact", .x = x, .y = y, .n = 2}; /* below the points */
    TRY(add_datasets(p));
    if (p->n_series == 1) return ERR_OK;
    x[0] = p->x_from;
    x[1] = p->x_to;
    const int memory = strcmp(p->term, "kv_capacity_tokens") != 0;
    const char *name = arena_printf(p->mem, "accuracy-%s", p->term),
               *title = arena_printf(p->mem, "Predicted over measured: %s", p->term),
               *refused = arena_printf(p->mem,
                                       "Named: the worst row of a dataset when it is off by more than %.0f %%. "
                                       "Rows that the model does not answer, not shown: %zu.",
                                       100 * named_from, p->refused);
    if (!name || !title || !refused) return ERR_MEMORY;
    report_chart chart = {.name = name,
                          .title = title,
                          .x_title = memory ? "measured (GB, 10^9 bytes)" : "measured (tokens)",
                          .y_title = "predicted over measured (1: exact)",
                          .x_log10 = 1,
                          .series = p->series,
                          .n_series = p->n_series,
                          .markers = p->marker,
                          .n_markers = p->n_markers,
                          .notes = &refused,
                          .n_notes = 1};
    return report_chart_write(dir, &chart, rendered, faults);
}

err sweep_accuracy_charts(arena *mem, const char *dir, const sweep_measured *rows, size_t n, int *rendered,
                          diags *faults) {
    *rendered = 1;
    for (size_t i = 0; i < n; i++) {
        size_t first = 0;
        int drawn = 1;
        while (!is_text(&rows[first], CELL_QUANTITY, rows[i].cell.text[CELL_QUANTITY]))
            first++;
        if (first != i) continue;
        plot *p = arena_alloc(mem, 1, sizeof *p);
        if (!p) return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
        *p = (plot){
            .mem = mem, .rows = rows, .n = n, .term = rows[i].cell.text[CELL_QUANTITY], .x_from = NAN, .x_to = NAN};
        err e = draw_term(p, dir, &drawn, faults);
        if (e == ERR_MEMORY) return diag_add(faults, e, NULL, 0, 0, NULL, "%s", err_text(e));
        if (e != ERR_OK) return e;
        *rendered &= drawn;
    }
    return ERR_OK;
}
