/*
 * run_chart.c - `chart`: values along an axis, drawn as the config's grammar says. Here: what is shared by all ways of
 * drawing, the points, names, headings and small print.
 */
#include <string.h>

#include "common/text.h"
#include "report/number.h"
#include "sweep/chart.h"

/** What a measure is called, and its axis unless it is an amount of memory. */
static const struct {
    const char *name, *axis;
} measures[SWEEP_MEASURES] = {
    [SWEEP_TOTAL] = {"total memory", NULL},
    [SWEEP_TOTAL_LOW] = {"total, low", NULL},
    [SWEEP_TOTAL_HIGH] = {"total, high", NULL},
    [SWEEP_WEIGHTS_BYTES] = {"weights", NULL},
    [SWEEP_KV_CACHE] = {"KV cache", NULL},
    [SWEEP_ACTIVATIONS] = {"activations", NULL},
    [SWEEP_GRADIENTS] = {"gradients", NULL},
    [SWEEP_OPTIMIZER] = {"optimizer states", NULL},
    [SWEEP_OVERHEAD] = {"overhead", NULL},
    [SWEEP_MODEL_STATES] = {"model states", NULL},
    [SWEEP_KV_PER_TOKEN] = {"KV cache of a token", NULL},
    [SWEEP_MAX_BATCH] = {"users at once", "users at once (largest batch that fits)"},
    [SWEEP_MAX_CONTEXT] = {"longest context", "longest context that fits (tokens)"},
    [SWEEP_MIN_GPUS] = {"GPUs needed", "fewest GPUs that hold it"},
    [SWEEP_CROSSOVER_CONTEXT] = {"crossover", "context at which the KV cache is as large as the weights (tokens)"},
    [SWEEP_HEADROOM] = {"headroom", NULL},
    [SWEEP_COST_PER_USER] = {"cost per user", "cost per user (USD a month, cheapest listed price per hour, GPUs full)"},
};

const char *sweep_chart_measure(sweep_measure m) {
    return measures[m].name;
}

int sweep_chart_point(const sweep_drawing *d, const sweep_spot *cell, sweep_combo *combo, sweep_point *p) {
    if (!sweep_pick_combo(&d->pick, cell, combo)) return 0;
    *p = (sweep_point){.sc = &combo->sc,
                       .context = sweep_pick_context(&d->pick, cell),
                       .batch = sweep_pick_batch(&d->pick, cell),
                       .gpu = sweep_pick_gpu(&d->pick, cell),
                       .gpus = sweep_pick_gpus(&d->pick, &combo->sc)};
    return 1;
}

int sweep_chart_value(const sweep_drawing *d, sweep_measure m, const sweep_point *p, double *out) {
    char why[DIAG_TEXT];
    if (sweep_measure_value(m, p, 0, out, why) != ERR_OK) return 0;
    if (sweep_measure_is_memory(m)) *out /= d->unit_bytes;
    return 1;
}

const char *sweep_chart_label(const sweep_drawing *d, sweep_axis axis, size_t at) {
    const char *label = sweep_pick_label(&d->pick, axis, at);
    for (size_t i = 0; i < d->r->n_labels; i++) {
        if (text_same(d->r->labels[i].value.text, label)) return d->r->labels[i].shown;
    }
    if (axis == SWEEP_MODEL) return d->pick.plan->value[axis][d->pick.index[axis][at]].row.model->display;
    return axis == SWEEP_GPU ? d->pick.plan->gpu[d->pick.index[axis][at]]->display : label;
}

void sweep_chart_note(sweep_drawing *d, const char *note) {
    for (size_t i = 0; i < d->n_notes; i++) {
        if (strcmp(d->notes[i], note) == 0) return;
    }
    if (d->n_notes < CHART_NOTES_MAX) d->notes[d->n_notes++] = note;
}

static int is_free(const sweep_chart *c, sweep_axis axis) {
    return axis == c->x || axis == c->series || axis == c->facets;
}

/** An axis whose value means nothing, because no measure of the chart looks at it. */
static int is_unused(const sweep_report *r, sweep_axis axis) {
    if (r->min_gpu.n && axis != SWEEP_GPU) return 0;
    for (size_t i = 0; i < r->chart.n_y; i++) {
        const sweep_measure_info *m = &sweep_measures[r->chart.y[i]];
        if (axis == SWEEP_CONTEXT ? m->uses_context
            : axis == SWEEP_BATCH ? m->uses_batch
                                  : axis != SWEEP_GPU || m->uses_gpu)
            return 0;
    }
    return 1;
}

/** Small print under the title: the values that everything drawn shares, but those that nothing looks at. */
static const char *describe(const sweep_drawing *d) {
    const char *text = "";
    for (unsigned a = 0; a < SWEEP_AXES && text; a++) {
        if (is_free(d->spec, (sweep_axis)a) || d->pick.n[a] != 1) continue;
        if (a >= SWEEP_CATEGORIES && is_unused(d->r, (sweep_axis)a)) continue;
        text = arena_printf(&d->run->ctx->mem, "%s%s%s %s", text, *text ? ", " : "", sweep_axis_name[a],
                            sweep_pick_label(&d->pick, (sweep_axis)a, 0));
    }
    return text;
}

static const char *axis_title(sweep_axis axis) {
    return axis == SWEEP_CONTEXT   ? "context (tokens)"
           : axis == SWEEP_BATCH   ? "batch (sequences at once)"
           : axis == SWEEP_WEIGHTS ? "weight format"
                                   : sweep_axis_name[axis];
}

static const char *x_title(const sweep_chart *c) {
    if (c->x == SWEEP_CONTEXT && (c->y[0] == SWEEP_MAX_BATCH || c->y[0] == SWEEP_COST_PER_USER))
        return "context (tokens per user)";
    return axis_title(c->x);
}

/** "memory (GB, 10^9 bytes)" */
static const char *y_title(const sweep_drawing *d) {
    if (d->spec->mark == SWEEP_MARK_HEAT) return axis_title(d->spec->series);
    if (measures[d->spec->y[0]].axis) return measures[d->spec->y[0]].axis;
    const char *unit = strcmp(d->r->unit, "document") == 0 ? "GB" : d->r->unit;
    const char *means = strchr(report_unit_find(unit)->meaning, '=');
    return arena_printf(&d->run->ctx->mem, "memory (%s%s%s)", unit, means ? "," : "", means ? means + 1 : "");
}

/** Axes with one value left, but those that are drawn along or that nothing looks at. */
static err check_axes(sweep_drawing *d) {
    sweep_axis free[SWEEP_AXES];
    double points = (double)(d->spec->n_y ? d->spec->n_y : 1);
    size_t n = 0;
    for (unsigned a = 0; a < SWEEP_AXES; a++) {
        if (is_free(d->spec, (sweep_axis)a) || (a >= SWEEP_CATEGORIES && is_unused(d->r, (sweep_axis)a)))
            free[n++] = (sweep_axis)a;
    }
    TRY(sweep_pick_single(&d->pick, free, n, d->run->cfg, d->r, &d->run->ctx->faults));
    for (unsigned a = 0; a < SWEEP_AXES; a++) {
        if (!is_free(d->spec, (sweep_axis)a)) continue;
        size_t most = a == d->spec->x ? SWEEP_NUMBERS_MAX : CHART_SERIES_MAX;
        points *= (double)d->pick.n[a];
        if (d->pick.n[a] >= 1 && d->pick.n[a] <= most) continue;
        return diag_add(&d->run->ctx->faults, ERR_RANGE, d->run->cfg->path, d->r->line, d->r->column, "chart",
                        "%zu values of '%s', a chart takes 1 to %zu", d->pick.n[a], sweep_axis_name[a], most);
    }
    if (points <= CHART_POINTS_MAX) return ERR_OK;
    return diag_add(&d->run->ctx->faults, ERR_LIMIT, d->run->cfg->path, d->r->line, d->r->column, "chart",
                    "%.0f points, a chart takes at most %d; give the ranges larger steps", points, CHART_POINTS_MAX);
}

static err write_chart(sweep_drawing *d) {
    int rendered = 0;
    report_chart *c = &d->chart;
    c->name = d->r->name;
    c->title = d->r->title ? d->r->title : d->r->name;
    c->subtitle = describe(d);
    c->x_title = x_title(d->spec);
    c->y_title = y_title(d);
    c->x_log2 = d->spec->scale_x == SWEEP_SCALE_LOG2;
    c->x_log10 = d->spec->scale_x == SWEEP_SCALE_LOG10;
    c->y_log10 = d->spec->scale_y == SWEEP_SCALE_LOG10;
    for (size_t i = 0; i < d->r->notes.n; i++)
        sweep_chart_note(d, d->r->notes.item[i].text);
    c->notes = d->notes;
    c->n_notes = d->n_notes;
    c->undrawn = d->run->real_dir != NULL;
    if (!c->subtitle || !c->y_title) return sweep_run_no_memory(d->run);
    TRY(sweep_run_add_chart(d->run, c));
    TRY(report_chart_write(d->run->dir, c, &rendered, &d->run->ctx->faults));
    d->run->n_files += rendered ? 4 : 2;
    d->run->not_rendered += !rendered;
    return ERR_OK;
}

err sweep_run_chart(sweep_run *run, const sweep_report *r) {
    static err (*const draw[])(sweep_drawing *) = {[SWEEP_MARK_LINES] = sweep_chart_lines,
                                                   [SWEEP_MARK_BARS] = sweep_chart_boxes,
                                                   [SWEEP_MARK_STACK] = sweep_chart_boxes,
                                                   [SWEEP_MARK_HEAT] = sweep_chart_heat};
    sweep_drawing *d = arena_alloc(&run->ctx->mem, 1, sizeof *d);
    if (!d) return sweep_run_no_memory(run);
    d->run = run;
    d->r = r;
    d->spec = &r->chart;
    d->unit_bytes = report_unit_find(strcmp(r->unit, "document") == 0 ? "GB" : r->unit)->bytes;
    TRY(sweep_pick_build(&d->pick, &run->ctx->mem, &run->plans[r->i_sweep], run->cfg, r, &run->ctx->faults));
    TRY(check_axes(d));
    TRY(draw[d->spec->mark](d));
    return write_chart(d);
}
