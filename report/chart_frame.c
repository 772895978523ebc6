/*
 * chart_frame.c - the canvas of a chart: how far the axes reach, where the plot area lies, values to pixels. All of it
 * is computed here and not left to gnuplot, so that labels can be placed and the script is the same on every machine.
 */
#include <math.h>

#include "report/cell.h"
#include "report/chart_internal.h"

enum {
    WIDTH = 1200,
    PLOT_HEIGHT = 560,
    LEFT = 96,
    TOP = 62,
    SUBTITLE_ROOM = 26,
    AXIS_ROOM = 74, /* numbers and title of the x axis */
    NOTE_ROOM = 18,
    MARGIN = 14,
    LABEL_SIDE_MIN = 90, /* right of the plot: sample, label */
    LABEL_SIDE_MAX = 360,
    SAMPLE_ROOM = 58
};

double chart_text_width(const char *text, double size) {
    return 0.62 * size * (double)report_text_width(text);
}

int chart_drawable(const report_chart *c, double x, double y) {
    return isfinite(x) && isfinite(y) && (!(c->x_log2 || c->x_log10) || x > 0) && (!c->y_log10 || y > 0);
}

int chart_last_point(const report_chart *c, const report_series *s, size_t *at) {
    for (size_t k = s->n; k-- > 0;) {
        *at = k;
        if (chart_drawable(c, s->x[k], s->y[k])) return 1;
    }
    return 0;
}

static void reach(chart_axis *a, double value) {
    if (!(value >= a->from)) a->from = value;
    if (!(value <= a->to)) a->to = value;
}

static void find_ranges(chart_frame *f, const report_chart *c) {
    f->x.from = f->x.to = f->y.from = f->y.to = NAN;
    for (size_t i = 0; i < c->n_series; i++) {
        for (size_t k = 0; k < c->series[i].n; k++) {
            if (!chart_drawable(c, c->series[i].x[k], c->series[i].y[k])) continue;
            reach(&f->x, c->series[i].x[k]);
            reach(&f->y, c->series[i].y[k]);
        }
    }
}

/** Room above and below the lines; a range of one value is opened to both sides. */
static void widen(chart_axis *a, double share) {
    if (a->is_log) {
        double room = pow(a->to / a->from, share);
        if (a->to / a->from < 1.001) room = 2;
        a->from /= room;
        a->to *= room;
    } else {
        double room = (a->to - a->from) * share;
        if (room <= 0) room = fabs(a->to) > 0 ? fabs(a->to) / 2 : 1;
        a->from = a->from >= 0 && a->from - room < 0 ? 0 : a->from - room;
        a->to += room;
    }
}

static double label_side(const report_chart *c) {
    double side = LABEL_SIDE_MIN;
    for (size_t i = 0; i < c->n_series; i++) {
        if (c->series[i].level_of) continue;
        side = fmax(side, SAMPLE_ROOM + MARGIN + chart_text_width(c->series[i].label, CHART_TEXT));
    }
    return fmin(side, LABEL_SIDE_MAX);
}

int chart_frame_init(chart_frame *f, const report_chart *c, size_t note_lines) {
    *f = (chart_frame){.width = WIDTH};
    f->x.is_log = c->x_log2 || c->x_log10;
    f->y.is_log = c->y_log10;
    find_ranges(f, c);
    if (isnan(f->x.from)) return 0;
    widen(&f->x, f->x.to > f->x.from ? 0 : 1);
    widen(&f->y, 0.04);
    (c->x_log2 ? chart_ticks_log2 : c->x_log10 ? chart_ticks_log10 : chart_ticks_linear)(&f->x);
    (c->y_log10 ? chart_ticks_log10 : chart_ticks_linear)(&f->y);
    f->left = LEFT;
    f->right = WIDTH - label_side(c);
    f->top = TOP + (c->subtitle && *c->subtitle ? SUBTITLE_ROOM : 0);
    f->bottom = f->top + PLOT_HEIGHT;
    f->axis_room = AXIS_ROOM;
    f->height = f->bottom + AXIS_ROOM + NOTE_ROOM * (double)note_lines + MARGIN;
    return 1;
}

static double share_of(const chart_axis *a, double value) {
    if (a->is_log) return log(value / a->from) / log(a->to / a->from);
    return (value - a->from) / (a->to - a->from);
}

double chart_px(const chart_frame *f, double x) {
    return f->left + (f->right - f->left) * share_of(&f->x, x);
}

double chart_py(const chart_frame *f, double y) {
    return f->bottom - (f->bottom - f->top) * share_of(&f->y, y);
}
