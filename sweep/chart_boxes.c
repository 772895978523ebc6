/*
 * chart_boxes.c - bars and stacks: a slot for each value of x, a panel for each value of the facets, in a slot a bar
 * for each value of the series or one bar made of the measures.
 */
#include <math.h>
#include <string.h>

#include "report/number.h"
#include "sweep/chart.h"
#include "sweep/facts.h"
#include "sweep/quality.h"

/** Okabe and Ito's palette, told apart with any colour vision. */
static const char *const palette[] = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                      "#d55e00", "#56b4e9", "#f0e442", "#8c8c8c"};

enum { COLORS = sizeof palette / sizeof *palette };

static const double GAP = 0.28, PANEL_GAP = 0.6; /* of a slot: beside bars, between panels */

/** Boxes being collected. */
typedef struct bars {
    sweep_drawing *d;
    report_boxes b;
    report_box *box;
    report_place *x, *panel;
    report_caption *caption;
    report_key *key;
    const sweep_quality *quality;
    size_t n_quality;
} bars;

static size_t count(const sweep_drawing *d, sweep_axis axis) {
    return axis == SWEEP_AXES ? 1 : d->pick.n[axis];
}

static const char *number(arena *mem, const sweep_report *r, double value) {
    char text[64];
    report_number_text(value, (int)r->decimals, text);
    return arena_text(mem, text, strlen(text));
}

/** The published loss of the format of a bar; its source becomes small print. */
static const char *loss_of(bars *k, const sweep_point *p) {
    arena *mem = &k->d->run->ctx->mem;
    if (!k->n_quality) return NULL;
    const sweep_quality *q =
        sweep_quality_find(&k->d->run->ctx->catalogs, k->quality, k->n_quality, p->sc->weights, p->sc->model->name);
    if (!q) return NULL;
    const kern_model *m = *q->model ? sweep_find_model(&k->d->run->ctx->catalogs, q->model) : NULL;
    const char *note =
        arena_printf(mem, "Loss against 16 bits%s%s: %s.", m ? ", " : "", m ? m->display : "", q->source);
    if (note) sweep_chart_note(k->d, note);
    return sweep_quality_text(mem, q, 1);
}

static err add_caption(bars *k, double x, double y, const sweep_point *p) {
    const sweep_chart *spec = k->d->spec;
    const char *below = spec->signs & SWEEP_SIGN_QUALITY ? loss_of(k, p) : NULL;
    const char *text = number(&k->d->run->ctx->mem, k->d->r, y);
    if (!text) return sweep_run_no_memory(k->d->run);
    if (spec->signs & (SWEEP_SIGN_VALUES | SWEEP_SIGN_QUALITY))
        k->caption[k->b.n_captions++] = (report_caption){x, y, text, below};
    return ERR_OK;
}

/** One bar from x0 to x1, its parts on top of each other. */
static err add_bar(bars *k, const sweep_spot *cell, size_t color, double x0, double x1) {
    const sweep_chart *spec = k->d->spec;
    sweep_combo combo;
    sweep_point p;
    double top = 0, value;
    int parts = 0;
    if (!sweep_chart_point(k->d, cell, &combo, &p)) return ERR_OK;
    for (size_t m = 0; m < spec->n_y; m++) {
        if (!sweep_chart_value(k->d, spec->y[m], &p, &value) || !(value > 0)) continue;
        size_t key = spec->mark == SWEEP_MARK_STACK ? m : color;
        k->box[k->b.n_boxes++] = (report_box){.x0 = x0, .x1 = x1, .y0 = top, .y1 = top + value, .key = key};
        top += value;
        parts++;
    }
    return parts ? add_caption(k, (x0 + x1) / 2, top, &p) : ERR_OK;
}

static err add_slot(bars *k, size_t panel, size_t at, double x) {
    const sweep_chart *spec = k->d->spec;
    size_t n = count(k->d, spec->series);
    double width = (1 - GAP) / (double)n;
    const char *label = sweep_chart_label(k->d, spec->x, at);
    k->x[k->b.n_x++] = (report_place){x + 0.5, label};
    for (size_t s = 0; s < n; s++) {
        sweep_spot cell = {{0}};
        cell.at[spec->x] = at;
        if (spec->series != SWEEP_AXES) cell.at[spec->series] = s;
        if (spec->facets != SWEEP_AXES) cell.at[spec->facets] = panel;
        double from = x + GAP / 2 + width * (double)s;
        TRY(add_bar(k, &cell, s, from, from + width));
    }
    return ERR_OK;
}

static void name_keys(bars *k) {
    const sweep_chart *spec = k->d->spec;
    size_t n = spec->mark == SWEEP_MARK_STACK ? spec->n_y : count(k->d, spec->series);
    for (size_t i = 0; i < n; i++) {
        const char *label = spec->mark == SWEEP_MARK_STACK ? sweep_chart_measure(spec->y[i])
                            : spec->series == SWEEP_AXES   ? NULL
                                                           : sweep_chart_label(k->d, spec->series, i);
        k->key[i] = (report_key){label, palette[i % COLORS]};
    }
    k->b.n_keys = n;
}

static err reserve(bars *k, size_t slots, size_t panels) {
    arena *mem = &k->d->run->ctx->mem;
    size_t n = slots * count(k->d, k->d->spec->series), boxes = n * k->d->spec->n_y;
    if (boxes > REPORT_BOXES_MAX) {
        return diag_add(&k->d->run->ctx->faults, ERR_LIMIT, k->d->run->cfg->path, k->d->r->line, k->d->r->column,
                        "chart", "%zu pieces, a chart takes at most %d", boxes, REPORT_BOXES_MAX);
    }
    k->box = arena_alloc(mem, boxes + 1, sizeof *k->box);
    k->x = arena_alloc(mem, slots + 1, sizeof *k->x);
    k->panel = arena_alloc(mem, panels + 1, sizeof *k->panel);
    k->caption = arena_alloc(mem, n + 1, sizeof *k->caption);
    k->key = arena_alloc(mem, CHART_SERIES_MAX, sizeof *k->key);
    return k->box && k->x && k->panel && k->caption && k->key ? ERR_OK : sweep_run_no_memory(k->d->run);
}

err sweep_chart_boxes(sweep_drawing *d) {
    bars *k = arena_alloc(&d->run->ctx->mem, 1, sizeof *k);
    size_t panels = count(d, d->spec->facets), slots = d->pick.n[d->spec->x];
    double x = PANEL_GAP / 2;
    if (!k) return sweep_run_no_memory(d->run);
    k->d = d;
    TRY(reserve(k, slots * panels, panels));
    if (d->spec->signs & SWEEP_SIGN_QUALITY) {
        const char *path = sweep_facts_path(d->run->ctx, "quality.csv");
        if (!path) return sweep_run_no_memory(d->run);
        TRY(sweep_quality_load(d->run->ctx, path, &k->quality, &k->n_quality));
    }
    name_keys(k);
    for (size_t p = 0; p < panels; p++) {
        if (d->spec->facets != SWEEP_AXES)
            k->panel[k->b.n_panels++] = (report_place){x + (double)slots / 2, sweep_chart_label(d, d->spec->facets, p)};
        for (size_t i = 0; i < slots; i++)
            TRY(add_slot(k, p, i, x + (double)i));
        x += (double)slots + PANEL_GAP;
    }
    k->b.width = x - PANEL_GAP / 2;
    k->b.box = k->box;
    k->b.x = k->x;
    k->b.panel = k->panel;
    k->b.caption = k->caption;
    k->b.key = k->key;
    d->chart.boxes = &k->b;
    return ERR_OK;
}
