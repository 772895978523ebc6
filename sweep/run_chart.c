/*
 * run_chart.c - `chart`: the kinds of charts as one table. A kind says which axis makes the lines and how a line is
 * computed; where lines cross is solved from the record, not read off the grid.
 */
#include <math.h>
#include <string.h>

#include "common/text.h"
#include "report/number.h"
#include "report/writers.h"
#include "sweep/measure.h"
#include "sweep/run.h"

enum { CHART_SERIES_MAX = 64 };

/** A chart being made. */
typedef struct drawing {
    sweep_run *run;
    const sweep_report *r;
    sweep_pick pick;
    report_series series[2 * CHART_SERIES_MAX];
    report_marker markers[CHART_SERIES_MAX];
    report_chart chart;
    size_t n_series, n_markers;
} drawing;

typedef struct chart_kind {
    const char *name;
    sweep_axis lines;  /* one line per value of this axis */
    sweep_axis unused; /* an axis that the chart solves for, so that its value means nothing; SWEEP_AXES: none */
    const char *title, *x_title, *y_title;
    const char *line_means, *level_means; /* legend where a chart has both */
    err (*line)(drawing *d, size_t at);
} chart_kind;

/** The point of line `at` at context i; 0 when a skip rule drops it. */
static int point_at(const drawing *d, sweep_axis lines, size_t at, size_t i, sweep_combo *combo, sweep_point *p) {
    sweep_spot cell = {{0}};
    cell.at[lines] = at;
    cell.at[SWEEP_CONTEXT] = i;
    if (!sweep_pick_combo(&d->pick, &cell, combo)) return 0;
    *p = (sweep_point){.sc = &combo->sc,
                       .context = sweep_pick_context(&d->pick, &cell),
                       .batch = sweep_pick_batch(&d->pick, &cell),
                       .gpu = sweep_pick_gpu(&d->pick, &cell),
                       .gpus = sweep_pick_gpus(&d->pick, &combo->sc)};
    return 1;
}

/** Adds a line of a measure over the contexts; points without a value, or of 0 on a logarithmic axis, are left out. */
static err add_line(drawing *d, sweep_axis lines, size_t at, sweep_measure m, double scale, const char *label) {
    size_t n = d->pick.n[SWEEP_CONTEXT], k = 0;
    double *x = arena_alloc(&d->run->ctx->mem, n, sizeof *x), *y = arena_alloc(&d->run->ctx->mem, n, sizeof *y);
    if (!x || !y) return sweep_run_no_memory(d->run);
    for (size_t i = 0; i < n; i++) {
        sweep_combo combo;
        sweep_point p;
        double value;
        char why[DIAG_TEXT];
        if (!point_at(d, lines, at, i, &combo, &p)) continue;
        if (sweep_measure_value(m, &p, 0, &value, why) != ERR_OK || value <= 0) continue;
        x[k] = p.context;
        y[k++] = value / scale;
    }
    if (k) d->series[d->n_series++] = (report_series){.label = label, .x = x, .y = y, .n = k};
    return ERR_OK;
}

/** KV cache of a model, its weights as a level line in the same colour, and the context where the two are equal. */
static err kv_line(drawing *d, size_t at) {
    arena *mem = &d->run->ctx->mem;
    double gb = report_unit_find("GB")->bytes, weights, cross;
    char why[DIAG_TEXT], tokens[REPORT_GROUPED];
    sweep_combo combo;
    sweep_point p;
    size_t before = d->n_series, n = d->pick.n[SWEEP_CONTEXT];
    if (!point_at(d, SWEEP_MODEL, at, 0, &combo, &p)) return ERR_OK;
    const char *label = combo.sc.model->display;
    TRY(add_line(d, SWEEP_MODEL, at, SWEEP_KV_CACHE, gb, label));
    if (d->n_series == before) return ERR_OK;
    if (sweep_measure_value(SWEEP_WEIGHTS_BYTES, &p, 0, &weights, why) != ERR_OK) return ERR_OK;
    const report_series *kv = &d->series[before];
    double *x = arena_alloc(mem, 2, sizeof *x), *y = arena_alloc(mem, 2, sizeof *y);
    if (!x || !y) return sweep_run_no_memory(d->run);
    x[0] = kv->x[0];
    x[1] = kv->x[kv->n - 1];
    y[0] = y[1] = weights / gb;
    d->series[d->n_series++] = (report_series){.label = label, .x = x, .y = y, .n = 2, .level_of = before + 1};
    if (sweep_measure_value(SWEEP_CROSSOVER_CONTEXT, &p, 0, &cross, why) != ERR_OK || cross <= 0) return ERR_OK;
    if (cross > d->pick.plan->context[d->pick.index[SWEEP_CONTEXT][n - 1]]) return ERR_OK;
    report_grouped_text(cross, tokens);
    const char *text = arena_printf(mem, "%s tokens", tokens);
    if (!text) return sweep_run_no_memory(d->run);
    d->markers[d->n_markers++] = (report_marker){.x = cross, .y = weights / gb, .label = text, .series = before};
    return ERR_OK;
}

/** Users (sequences at once) that a GPU, or a node of the layout's size, serves at each context. */
static err users_line(drawing *d, size_t at) {
    sweep_combo combo;
    sweep_point p;
    if (!point_at(d, SWEEP_GPU, at, 0, &combo, &p)) return ERR_OK;
    const char *label = p.gpus > 1 ? arena_printf(&d->run->ctx->mem, "%dx %s", p.gpus, p.gpu->display) : p.gpu->display;
    if (!label) return sweep_run_no_memory(d->run);
    return add_line(d, SWEEP_GPU, at, SWEEP_MAX_BATCH, 1, label);
}

static const chart_kind kinds[] = {
    {"kv-vs-weights", SWEEP_MODEL, SWEEP_AXES, "KV cache against weights", "context (tokens)",
     "memory (GB, 10^9 bytes)", "KV cache", "weights", kv_line},
    {"users-vs-context", SWEEP_GPU, SWEEP_BATCH, "Users served against context", "context (tokens per user)",
     "users at once (largest batch that fits)", NULL, NULL, users_line},
};

static const char *kind_name(const void *unused, size_t i) {
    (void)unused;
    return i < sizeof kinds / sizeof *kinds ? kinds[i].name : NULL;
}

static err find_kind(const drawing *d, const chart_kind **out) {
    char near[DIAG_TEXT / 2];
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (text_same(kinds[i].name, d->r->target)) {
            *out = &kinds[i];
            return ERR_OK;
        }
    }
    text_suggest(d->r->target, kind_name, NULL, 2, near, sizeof near);
    return diag_add(&d->run->ctx->faults, ERR_NAME, d->run->cfg->path, d->r->line, d->r->column, "chart",
                    "no chart is called '%s'%s%s", d->r->target, *near ? "; " : "", near);
}

/** Small print: the values that every line shares. */
static const char *describe(const drawing *d, const chart_kind *kind) {
    const char *text = "";
    for (unsigned a = 0; a < SWEEP_AXES && text; a++) {
        if (a == kind->lines || a == kind->unused || d->pick.n[a] != 1) continue;
        text = arena_printf(&d->run->ctx->mem, "%s%s%s %s", text, *text ? ", " : "", sweep_axis_name[a],
                            sweep_pick_label(&d->pick, (sweep_axis)a, 0));
    }
    return text;
}

static err draw_lines(drawing *d, const chart_kind *kind) {
    size_t n = d->pick.n[kind->lines];
    if (n == 0 || n > CHART_SERIES_MAX) {
        return diag_add(&d->run->ctx->faults, ERR_RANGE, d->run->cfg->path, d->r->line, d->r->column, "chart",
                        "%zu values of '%s', a chart takes 1 to %d", n, sweep_axis_name[kind->lines], CHART_SERIES_MAX);
    }
    for (size_t i = 0; i < n; i++)
        TRY(kind->line(d, i));
    return ERR_OK;
}

static err write_chart(drawing *d, const chart_kind *kind) {
    int rendered = 0;
    const char *shared = describe(d, kind);
    if (!shared) return sweep_run_no_memory(d->run);
    d->chart = (report_chart){.name = d->r->name,
                              .title = d->r->title ? d->r->title : kind->title,
                              .subtitle = shared,
                              .x_title = kind->x_title,
                              .y_title = kind->y_title,
                              .x_log2 = 1,
                              .y_log10 = 1,
                              .series = d->series,
                              .n_series = d->n_series,
                              .markers = d->markers,
                              .line_means = kind->line_means,
                              .level_means = kind->level_means,
                              .n_markers = d->n_markers};
    const char **notes = arena_alloc(&d->run->ctx->mem, d->r->notes.n + 1, sizeof *notes);
    if (!notes) return sweep_run_no_memory(d->run);
    for (size_t i = 0; i < d->r->notes.n; i++)
        notes[i] = d->r->notes.item[i].text;
    d->chart.notes = notes;
    d->chart.n_notes = d->r->notes.n;
    d->chart.undrawn = d->run->real_dir != NULL;
    TRY(sweep_run_add_chart(d->run, &d->chart));
    TRY(report_chart_write(d->run->dir, &d->chart, &rendered, &d->run->ctx->faults));
    d->run->n_files += rendered ? 4 : 2;
    d->run->not_rendered += !rendered;
    return ERR_OK;
}

err sweep_run_chart(sweep_run *run, const sweep_report *r) {
    const chart_kind *kind = NULL;
    drawing *d = arena_alloc(&run->ctx->mem, 1, sizeof *d);
    if (!d) return sweep_run_no_memory(run);
    d->run = run;
    d->r = r;
    TRY(find_kind(d, &kind));
    const sweep_axis free[] = {kind->lines, SWEEP_CONTEXT};
    TRY(sweep_pick_build(&d->pick, &run->ctx->mem, &run->plans[r->i_sweep], run->cfg, r, &run->ctx->faults));
    TRY(sweep_pick_single(&d->pick, free, 2, run->cfg, r, &run->ctx->faults));
    TRY(draw_lines(d, kind));
    return write_chart(d, kind);
}
