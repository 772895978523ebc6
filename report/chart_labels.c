/*
 * chart_labels.c - where labels go, so that they neither collide nor hide what they name. Labels of lines stand in a
 * column right of the plot; labels of markers take the best of a fixed set of places around their point, a few rounds
 * until nothing moves. Deterministic: ties go to the first place in the list.
 */
#include <math.h>
#include <stdlib.h>

#include "report/chart_internal.h"

enum {
    LABEL_GAP = 21, /* between labels of lines, when there is room */
    DOT = 6,        /* radius kept free around a marker */
    RINGS = 9,
    RING_STEP = 9,
    DIRECTIONS = 12,
    ROUNDS = 4,
    SEGMENTS_MAX = 128 /* of a line, for collisions */
};

/** What a place costs for each thing it touches. */
static const double cost_label = 1000, cost_dot = 400, cost_line = 40, cost_outside = 1e6, cost_ring = 9;

/** Directions in order of preference: corners, sides, in between. */
static const double direction[DIRECTIONS][2] = {{1, 1},  {-1, -1}, {1, -1},  {-1, 1},    {1, 0},    {-1, 0},
                                                {0, -1}, {0, 1},   {0.4, 1}, {-0.4, -1}, {0.4, -1}, {-0.4, 1}};

typedef struct end_label {
    size_t series;
    double want, last_x, y;
} end_label;

/** From the top down; of lines that end at one height the longer one is above. */
static int compare_ends(const void *x, const void *y) {
    const end_label *a = x, *b = y;
    if (a->want < b->want || a->want > b->want) return a->want < b->want ? -1 : 1;
    if (a->last_x < b->last_x || a->last_x > b->last_x) return a->last_x > b->last_x ? -1 : 1;
    return a->series < b->series ? -1 : 1;
}

/** Least squares with a fixed smallest distance: isotonic regression of want - i * gap by pooling neighbours. */
static void push_apart(end_label *e, size_t n, double gap, double top, double bottom) {
    double sum[REPORT_SERIES_MAX];
    size_t count[REPORT_SERIES_MAX], blocks = 0, i = 0;
    for (size_t k = 0; k < n; k++) {
        sum[blocks] = e[k].want - gap * (double)k;
        count[blocks++] = 1;
        while (blocks > 1 &&
               sum[blocks - 2] / (double)count[blocks - 2] >= sum[blocks - 1] / (double)count[blocks - 1]) {
            sum[blocks - 2] += sum[blocks - 1];
            count[blocks - 2] += count[blocks - 1];
            blocks--;
        }
    }
    for (size_t b = 0; b < blocks; b++) {
        double y = fmin(fmax(sum[b] / (double)count[b], top), bottom - gap * (double)(n - 1));
        for (size_t k = 0; k < count[b]; k++, i++)
            e[i].y = y + gap * (double)i;
    }
}

void chart_place_ends(chart_frame *f, const report_chart *c) {
    end_label e[REPORT_SERIES_MAX];
    size_t n = 0, at;
    for (size_t i = 0; i < c->n_series; i++) {
        f->end_y[i] = NAN;
        if (c->series[i].level_of || !chart_last_point(c, &c->series[i], &at)) continue;
        e[n++] = (end_label){i, chart_py(f, c->series[i].y[at]), c->series[i].x[at], 0};
    }
    if (!n) return;
    qsort(e, n, sizeof *e, compare_ends);
    double gap = fmin(LABEL_GAP, (f->bottom - f->top) / (double)n);
    f->label_height = gap;
    push_apart(e, n, gap, f->top + gap / 2, f->bottom - gap / 2);
    for (size_t i = 0; i < n; i++)
        f->end_y[e[i].series] = e[i].y;
}

static int boxes_touch(const chart_box *a, const chart_box *b) {
    return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

/** Clips the segment to one side of the box: 0 when nothing is left. */
static int clip(double d, double q, double *t0, double *t1) {
    if (d < 0) {
        *t0 = fmax(*t0, q / d);
    } else if (d > 0) {
        *t1 = fmin(*t1, q / d);
    } else if (q < 0) {
        return 0;
    }
    return *t0 <= *t1;
}

static int segment_touches(const chart_box *b, double x0, double y0, double x1, double y1) {
    double t0 = 0, t1 = 1, dx = x1 - x0, dy = y1 - y0;
    return clip(-dx, x0 - b->x, &t0, &t1) && clip(dx, b->x + b->w - x0, &t0, &t1) && clip(-dy, y0 - b->y, &t0, &t1) &&
           clip(dy, b->y + b->h - y0, &t0, &t1);
}

static int line_touches(const chart_frame *f, const report_chart *c, const report_series *s, const chart_box *b) {
    size_t step = s->n / SEGMENTS_MAX + 1, last = 0;
    int have = 0;
    for (size_t i = 0; i < s->n + step - 1; i += step) {
        size_t k = i < s->n ? i : s->n - 1; /* the last point always counts */
        if (!chart_drawable(c, s->x[k], s->y[k])) continue;
        if (have && segment_touches(b, chart_px(f, s->x[last]), chart_py(f, s->y[last]), chart_px(f, s->x[k]),
                                    chart_py(f, s->y[k]))) {
            return 1;
        }
        last = k;
        have = 1;
    }
    return 0;
}

static double cost_of(const chart_frame *f, const report_chart *c, size_t marker, const chart_box *b) {
    double cost = 0;
    if (b->x < f->left + 2 || b->x + b->w > f->right - 2 || b->y < f->top + 2 || b->y + b->h > f->bottom - 2) {
        cost += cost_outside;
    }
    for (size_t i = 0; i < c->n_markers; i++) {
        double px = chart_px(f, c->markers[i].x), py = chart_py(f, c->markers[i].y);
        const chart_box dot = {px - DOT, py - DOT, 2 * DOT, 2 * DOT, 0};
        cost += boxes_touch(b, &dot) ? cost_dot : 0;
        cost += i != marker && f->marker[i].w > 0 && boxes_touch(b, &f->marker[i]) ? cost_label : 0;
    }
    for (size_t i = 0; i < c->n_series; i++)
        cost += line_touches(f, c, &c->series[i], b) ? cost_line : 0;
    return cost;
}

/** The place in direction d on a ring: the box touches the ring with the side that faces the point. */
static chart_box place_at(const chart_frame *f, const report_marker *m, unsigned ring, unsigned d) {
    chart_box b = {0, 0, chart_text_width(m->label, CHART_SMALL) + 4, CHART_SMALL + 5, ring > 1};
    double away = DOT + 2 + RING_STEP * ring, dx = direction[d][0], dy = direction[d][1];
    double reach = dx != 0 && dy != 0 ? 0.75 * away : away;
    b.x = chart_px(f, m->x) + dx * reach + (dx - 1) / 2 * b.w;
    b.y = chart_py(f, m->y) + dy * reach + (dy - 1) / 2 * b.h;
    return b;
}

static int place_marker(chart_frame *f, const report_chart *c, size_t i) {
    chart_box best = {0};
    double least = INFINITY;
    for (unsigned ring = 0; ring < RINGS; ring++) {
        for (unsigned d = 0; d < DIRECTIONS; d++) {
            chart_box b = place_at(f, &c->markers[i], ring, d);
            double cost = cost_of(f, c, i, &b) + cost_ring * ring;
            if (cost >= least) continue;
            least = cost;
            best = b;
        }
    }
    int moved =
        best.x < f->marker[i].x || best.x > f->marker[i].x || best.y < f->marker[i].y || best.y > f->marker[i].y;
    f->marker[i] = best;
    return moved;
}

void chart_place_markers(chart_frame *f, const report_chart *c) {
    int moved = 1;
    for (int round = 0; round < ROUNDS && moved; round++) {
        moved = 0;
        for (size_t i = 0; i < c->n_markers; i++) {
            if (chart_drawable(c, c->markers[i].x, c->markers[i].y)) moved |= place_marker(f, c, i);
        }
    }
}
