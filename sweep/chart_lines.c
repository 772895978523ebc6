/*
 * chart_lines.c - lines along context or batch: one per value of the series and measure, levels beside them, GPUs'
 * capacities across. Where lines meet is solved from the record, not read off the grid.
 */
#include <string.h>

#include "report/number.h"
#include "sweep/axes.h"
#include "sweep/chart.h"

enum { LINES_MAX = 2 * CHART_SERIES_MAX, MARKS_MAX = 2 * CHART_SERIES_MAX };

/** Lines and markers being collected. */
typedef struct lines {
    sweep_drawing *d;
    report_series series[LINES_MAX];
    report_marker marker[MARKS_MAX];
    size_t n_series, n_markers;
    const char *beyond; /* models drawn beyond their context */
} lines;

static sweep_spot spot_of(const sweep_drawing *d, size_t series, size_t x) {
    sweep_spot cell = {{0}};
    if (d->spec->series != SWEEP_AXES) cell.at[d->spec->series] = series;
    cell.at[d->spec->x] = x;
    return cell;
}

static double x_of(const sweep_drawing *d, const sweep_point *p) {
    return d->spec->x == SWEEP_CONTEXT ? p->context : p->batch;
}

/** "8x H100 SXM5"; with several measures their names too. */
static const char *line_label(const lines *l, size_t at, size_t measure, const sweep_point *p) {
    const sweep_drawing *d = l->d;
    arena *mem = &d->run->ctx->mem;
    const char *shown = sweep_chart_measure(d->spec->y[measure]);
    if (d->spec->series == SWEEP_AXES) return shown;
    const char *label = sweep_chart_label(d, d->spec->series, at);
    if (d->spec->series == SWEEP_GPU && p->gpus > 1) label = arena_printf(mem, "%dx %s", p->gpus, label);
    return d->spec->n_y > 1 && label ? arena_printf(mem, "%s, %s", label, shown) : label;
}

/** Two points of a level from the first to the last x of a line. */
static err add_level(lines *l, size_t of, double level, const char *label, size_t level_of) {
    arena *mem = &l->d->run->ctx->mem;
    const report_series *s = &l->series[of];
    double *x = arena_alloc(mem, 2, sizeof *x), *y = arena_alloc(mem, 2, sizeof *y);
    if (!x || !y) return sweep_run_no_memory(l->d->run);
    x[0] = s->x[0];
    x[1] = s->x[s->n - 1];
    y[0] = y[1] = level;
    if (l->n_series < LINES_MAX) {
        l->series[l->n_series++] = (report_series){.label = label, .x = x, .y = y, .n = 2, .level_of = level_of};
    }
    return ERR_OK;
}

static err add_marker(lines *l, double tokens, double y, size_t series) {
    char count[REPORT_GROUPED];
    report_grouped_text(tokens, count);
    const char *text = arena_printf(&l->d->run->ctx->mem, "%s tokens", count);
    if (!text) return sweep_run_no_memory(l->d->run);
    if (l->n_markers < MARKS_MAX) {
        l->marker[l->n_markers++] = (report_marker){.x = tokens, .y = y, .label = text, .series = series};
    }
    return ERR_OK;
}

/** The level of a line, and where the line reaches it. */
static err add_levels(lines *l, size_t of, const sweep_point *p) {
    const sweep_chart *spec = l->d->spec;
    double level, cross;
    char why[DIAG_TEXT];
    if (spec->level == SWEEP_MEASURES || !sweep_chart_value(l->d, spec->level, p, &level)) return ERR_OK;
    const report_series *s = &l->series[of];
    TRY(add_level(l, of, level, s->label, of + 1));
    if (!(spec->signs & SWEEP_SIGN_CROSSOVER)) return ERR_OK;
    if (sweep_measure_value(SWEEP_CROSSOVER_CONTEXT, p, 0, &cross, why) != ERR_OK || cross <= 0) return ERR_OK;
    return cross > s->x[s->n - 1] ? ERR_OK : add_marker(l, cross, level, of);
}

/** Lines go on where the model's own context ends: told in the small print. */
static void note_beyond(lines *l, const kern_model *m) {
    char tokens[REPORT_GROUPED];
    report_grouped_text((double)m->max_context, tokens);
    const char *said =
        arena_printf(&l->d->run->ctx->mem, "%s%s %s", l->beyond ? l->beyond : "", l->beyond ? "," : "", m->display);
    if (said && !(l->beyond && strstr(l->beyond, m->display)))
        l->beyond = arena_printf(&l->d->run->ctx->mem, "%s %s", said, tokens);
}

/** One line; points without a value, or of 0 on a logarithmic axis, are left out. */
static err add_line(lines *l, size_t at, size_t measure) {
    sweep_drawing *d = l->d;
    size_t n = d->pick.n[d->spec->x], k = 0, of = l->n_series;
    double *x = arena_alloc(&d->run->ctx->mem, n, sizeof *x), *y = arena_alloc(&d->run->ctx->mem, n, sizeof *y);
    sweep_combo combo;
    sweep_point p, first = {0};
    const kern_model *beyond = NULL;
    if (!x || !y) return sweep_run_no_memory(d->run);
    for (size_t i = 0; i < n; i++) {
        sweep_spot cell = spot_of(d, at, i);
        if (!sweep_chart_point(d, &cell, &combo, &p)) continue;
        if (!sweep_chart_value(d, d->spec->y[measure], &p, &y[k])) continue;
        if (y[k] <= 0 && d->spec->scale_y == SWEEP_SCALE_LOG10) continue;
        if (!k) first = p;
        if (p.sc->model->max_context && p.context > (double)p.sc->model->max_context) beyond = p.sc->model;
        x[k++] = x_of(d, &p);
    }
    if (beyond) note_beyond(l, beyond);
    if (!k || l->n_series == LINES_MAX) return ERR_OK;
    first.sc = &combo.sc; /* the categories of all points of a line are the same */
    const char *label = line_label(l, at, measure, &first);
    if (!label) return sweep_run_no_memory(d->run);
    l->series[l->n_series++] = (report_series){.label = label, .x = x, .y = y, .n = k};
    return measure == 0 ? add_levels(l, of, &first) : ERR_OK;
}

/** Usable memory of a GPU across the chart, and how far each line goes below it. */
static err add_capacity(lines *l, const kern_gpu *gpu, size_t n_lines) {
    sweep_drawing *d = l->d;
    arena *mem = &d->run->ctx->mem;
    double level = 0;
    for (size_t i = 0; i < n_lines; i++) {
        sweep_spot cell = spot_of(d, d->spec->series == SWEEP_AXES ? 0 : i, 0);
        sweep_combo combo;
        sweep_point p;
        double most;
        char why[DIAG_TEXT];
        if (!sweep_chart_point(d, &cell, &combo, &p)) continue;
        p.gpu = gpu;
        level = kern_capacity(p.sc, gpu, p.gpus, KERN_USE_FIT) / d->unit_bytes;
        if (sweep_measure_value(SWEEP_MAX_CONTEXT, &p, 0, &most, why) != ERR_OK) continue;
        if (most < l->series[i].x[0] || most > l->series[i].x[l->series[i].n - 1]) continue;
        TRY(add_marker(l, most, level, i));
    }
    const char *label = arena_printf(mem, "%s, usable", gpu->display);
    if (!label) return sweep_run_no_memory(d->run);
    return level > 0 ? add_level(l, 0, level, label, 0) : ERR_OK;
}

static err add_capacities(lines *l, size_t n_lines) {
    sweep_drawing *d = l->d;
    const kern_gpu *const *gpu;
    size_t n;
    if (!(d->spec->signs & SWEEP_SIGN_CAPACITY) || !l->n_series) return ERR_OK;
    TRY(sweep_axis_gpus(&d->run->ctx->mem, &d->run->ctx->catalogs, &d->r->min_gpu, d->run->cfg->path, &gpu, &n,
                        &d->run->ctx->faults));
    for (size_t i = 0; i < n; i++)
        TRY(add_capacity(l, gpu[i], n_lines));
    return ERR_OK;
}

err sweep_chart_lines(sweep_drawing *d) {
    lines *l = arena_alloc(&d->run->ctx->mem, 1, sizeof *l);
    size_t n = d->spec->series == SWEEP_AXES ? 1 : d->pick.n[d->spec->series];
    if (!l) return sweep_run_no_memory(d->run);
    l->d = d;
    for (size_t i = 0; i < n; i++) {
        for (size_t m = 0; m < d->spec->n_y; m++)
            TRY(add_line(l, i, m));
    }
    if (d->spec->n_y == 1 && d->spec->level == SWEEP_MEASURES && l->n_series == n) TRY(add_capacities(l, n));
    if (l->beyond) {
        const char *note = arena_printf(&d->run->ctx->mem,
                                        "Lines go beyond the context that models were made for:%s tokens.", l->beyond);
        if (note) sweep_chart_note(d, note);
    }
    d->chart.series = l->series;
    d->chart.n_series = l->n_series;
    d->chart.markers = l->marker;
    d->chart.n_markers = l->n_markers;
    if (d->spec->level != SWEEP_MEASURES) {
        d->chart.line_means = sweep_chart_measure(d->spec->y[0]);
        d->chart.level_means = sweep_chart_measure(d->spec->level);
    }
    return ERR_OK;
}
