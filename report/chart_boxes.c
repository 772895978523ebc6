/*
 * chart_boxes.c - charts of rectangles: bars, stacked bars, cells of a heat map. Reads boxes in values, lays out canvas
 * and axes, writes the data file (a block per colour) and the gnuplot script.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/chart_internal.h"
#include "report/number.h"

enum {
    WIDTH = 1200,
    LEFT = 96,
    TOP = 62,
    SUBTITLE_ROOM = 26,
    PANEL_ROOM = 30,
    BARS_HEIGHT = 520,
    ROW_HEIGHT = 40,
    HEAT_MIN = 240,
    HEAT_MAX = 620,
    AXIS_ROOM = 60, /* title of the x axis, without its texts */
    NOTE_ROOM = 18,
    MARGIN = 14,
    LEGEND_MIN = 40,
    LEGEND_MAX = 300,
    SAMPLE = 16, /* side of a coloured square */
    LEGEND_STEP = 26,
    TURN = 35 /* degrees, of texts that do not fit side by side */
};

static double widest(const report_place *p, size_t n, double size) {
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, chart_text_width(p[i].text, size));
    return most;
}

static double legend_width(const report_boxes *b) {
    double most = LEGEND_MIN;
    for (size_t i = 0; i < b->n_keys; i++) {
        if (b->key[i].label)
            most = fmax(most, 24 + SAMPLE + 8 + chart_text_width(b->key[i].label, CHART_TEXT) + MARGIN);
    }
    return fmin(most, LEGEND_MAX);
}

/** Texts of the x axis are turned when the widest does not fit its slot. */
static int turned(const chart_frame *f, const report_boxes *b) {
    double slot = (f->right - f->left) / b->width;
    return widest(b->x, b->n_x, CHART_TEXT) > slot - 6;
}

/** How far numbers reach: from 0, or from the smallest piece on a logarithmic axis. */
static int find_range(chart_frame *f, const report_chart *c) {
    const report_boxes *b = c->boxes;
    f->y.from = c->y_log10 ? INFINITY : 0;
    f->y.to = c->y_log10 ? 0 : -INFINITY;
    for (size_t i = 0; i < b->n_boxes; i++) {
        if (c->y_log10 && b->box[i].y1 > 0) f->y.from = fmin(f->y.from, b->box[i].y1);
        f->y.to = fmax(f->y.to, b->box[i].y1);
    }
    if (!(f->y.to > f->y.from)) f->y.to = f->y.from * 2;
    if (!(f->y.to > 0) || !isfinite(f->y.to)) return 0;
    if (c->y_log10) {
        f->y.from = pow(10, floor(log10(f->y.from) - 0.05));
        f->y.to *= 2;
    } else {
        f->y.to *= b->n_captions ? 1.12 : 1.05;
    }
    return 1;
}

int chart_boxes_frame(chart_frame *f, const report_chart *c, size_t note_lines) {
    const report_boxes *b = c->boxes;
    *f =
        (chart_frame){.width = WIDTH, .x = {.to = b->width}, .y = {.to = b->height, .is_log = b->n_y ? 0 : c->y_log10}};
    if (!b->n_boxes || !(b->width > 0) || (b->n_y ? !(b->height > 0) : !find_range(f, c))) return 0;
    if (!b->n_y) (c->y_log10 ? chart_ticks_log10 : chart_ticks_linear)(&f->y);
    double labels = b->n_y ? widest(b->y, b->n_y, CHART_TEXT) + 52 : LEFT;
    double height = b->n_y ? fmin(fmax(ROW_HEIGHT * b->height, HEAT_MIN), HEAT_MAX) : BARS_HEIGHT;
    f->left = fmin(fmax(labels, LEFT), WIDTH / 3.0);
    f->right = WIDTH - legend_width(b);
    f->top = TOP + (c->subtitle && *c->subtitle ? SUBTITLE_ROOM : 0) + (b->n_panels ? PANEL_ROOM : 0);
    f->bottom = f->top + height;
    double texts = turned(f, b) ? widest(b->x, b->n_x, CHART_TEXT) * sin(TURN * 3.14159265358979 / 180) + 16 : 24;
    f->axis_room = AXIS_ROOM + texts - 10;
    f->height = f->bottom + f->axis_room + NOTE_ROOM * (double)note_lines + MARGIN;
    return 1;
}

/** Boxes of a colour: middle, then both ends, as `boxxyerror` takes them. */
static void put_box(report_file *out, const report_box *b, double floor_y) {
    const double y0 = fmax(b->y0, floor_y);
    const double value[] = {(b->x0 + b->x1) / 2, (y0 + b->y1) / 2, b->x0, b->x1, y0, b->y1};
    for (size_t i = 0; i < sizeof value / sizeof *value; i++) {
        char text[32];
        report_double_text(value[i], text);
        report_file_printf(out, "%s%s", i ? " " : "", text);
    }
    report_file_text(out, "\n");
}

static int used(const report_boxes *b, size_t key) {
    for (size_t i = 0; i < b->n_boxes; i++) {
        if (b->box[i].key == key) return 1;
    }
    return 0;
}

void chart_boxes_data(report_file *out, const report_chart *c, const chart_frame *f) {
    const report_boxes *b = c->boxes;
    size_t blocks = 0;
    for (size_t k = 0; k < b->n_keys; k++) {
        if (!used(b, k)) continue;
        report_file_text(out, blocks++ ? "\n\n# " : "# ");
        const char *name = b->key[k].label ? b->key[k].label : b->key[k].color;
        chart_put_plain(out, name, strlen(name));
        report_file_text(out, "\n");
        for (size_t i = 0; i < b->n_boxes; i++) {
            if (b->box[i].key == k) put_box(out, &b->box[i], f->y.from);
        }
    }
}

static void put_x_texts(report_file *out, const chart_frame *f, const report_boxes *b) {
    int turn = turned(f, b);
    char how[40];
    snprintf(how, sizeof how, turn ? "right rotate by %d" : "center", TURN);
    for (size_t i = 0; i < b->n_x; i++)
        chart_put_text(out, f, b->x[i].text, chart_px(f, b->x[i].at), f->bottom + (turn ? 12 : 18), CHART_TEXT,
                       CHART_PALE_INK, how);
}

static void put_frame(report_file *out, const report_chart *c, const chart_frame *f) {
    const report_boxes *b = c->boxes;
    report_file_printf(out, "set lmargin at screen %.5f\nset rmargin at screen %.5f\n", chart_screen_x(f, f->left),
                       chart_screen_x(f, f->right));
    report_file_printf(out, "set tmargin at screen %.5f\nset bmargin at screen %.5f\n", chart_screen_y(f, f->top),
                       chart_screen_y(f, f->bottom));
    report_file_printf(out, "set xrange [0:%.12g]\nunset xtics\n", b->width);
    if (b->n_y) {
        report_file_printf(out, "set yrange [0:%.12g]\nunset ytics\nset border 0\n", b->height);
    } else {
        chart_put_axis(out, "y", &f->y);
        report_file_text(out, "set border 3 linecolor rgb '#888888'\n"
                              "set grid ytics back linetype 1 linewidth 0.8 linecolor rgb '#e2e2e2'\n");
    }
    report_file_text(out, "unset key\nset style fill solid 1.0\n"
                          "set style textbox opaque noborder fillcolor rgb '#ffffff' margins 0.3,0.1\n\n");
    put_x_texts(out, f, b);
    for (size_t i = 0; i < b->n_y; i++)
        chart_put_text(out, f, b->y[i].text, f->left - 8, chart_py(f, b->y[i].at), CHART_TEXT, CHART_PALE_INK, "right");
}

static void put_panels(report_file *out, const chart_frame *f, const report_boxes *b) {
    for (size_t i = 0; i < b->n_panels; i++) {
        chart_put_text(out, f, b->panel[i].text, chart_px(f, b->panel[i].at), f->top - 16, CHART_TEXT, "#222222",
                       "center");
        if (!i) continue;
        double x = chart_px(f, (b->panel[i - 1].at + b->panel[i].at) / 2);
        chart_put_stroke(out, f, x, f->top - 26, x, f->bottom, "linewidth 0.8 linecolor rgb '#c8c8c8'");
    }
}

/** The legend, last key on top: as the parts of a stack lie. */
static void put_legend(report_file *out, const chart_frame *f, const report_boxes *b) {
    double y = f->top + 10;
    for (size_t k = b->n_keys; k-- > 0;) {
        if (!b->key[k].label || !used(b, k)) continue;
        double x = f->right + 24, half = SAMPLE / 2.0;
        report_file_printf(
            out,
            "set object rectangle from screen %.5f,%.5f to screen %.5f,%.5f fillcolor rgb '%s' fillstyle "
            "solid 1.0 border linecolor rgb '#ffffff' front\n",
            chart_screen_x(f, x), chart_screen_y(f, y + half), chart_screen_x(f, x + SAMPLE),
            chart_screen_y(f, y - half), b->key[k].color);
        chart_put_text(out, f, b->key[k].label, x + SAMPLE + 8, y, CHART_TEXT, "#222222", "left");
        y += LEGEND_STEP;
    }
}

/** Text on a colour, `#rrggbb`: dark on light ones. */
static const char *ink_on(const char *color) {
    unsigned long rgb = strtoul(color + 1, NULL, 16), r = rgb >> 16, g = rgb >> 8 & 0xff, b = rgb & 0xff;
    return 0.299 * (double)r + 0.587 * (double)g + 0.114 * (double)b > 140 ? "#222222" : "#ffffff";
}

/** Size at which a text is no wider than its box; 0 when it would be too small to read. */
static double size_in(const char *text, double room) {
    double width = chart_text_width(text, CHART_SMALL), size = width > room ? CHART_SMALL * room / width : CHART_SMALL;
    return size >= 7 ? size : 0;
}

static void put_box_labels(report_file *out, const chart_frame *f, const report_boxes *b) {
    for (size_t i = 0; i < b->n_boxes; i++) {
        const report_box *x = &b->box[i];
        double low = chart_py(f, fmax(x->y0, f->y.from)), high = chart_py(f, x->y1);
        double size = x->label ? size_in(x->label, chart_px(f, x->x1) - chart_px(f, x->x0) - 4) : 0;
        if (size <= 0 || low - high < size + 3) continue;
        chart_put_text(out, f, x->label, chart_px(f, (x->x0 + x->x1) / 2), (low + high) / 2, size,
                       ink_on(b->key[x->key].color), "center");
    }
    for (size_t i = 0; i < b->n_captions; i++) {
        const report_caption *t = &b->caption[i];
        double x = chart_px(f, t->x), y = chart_py(f, t->y) - 10;
        double below = t->below ? fmax(size_in(t->below, (f->right - f->left) / b->width), 7) : 0;
        if (t->below) chart_put_text(out, f, t->below, x, y, fmin(below, CHART_SMALL - 1), "#8a1c14", "center boxed");
        chart_put_text(out, f, t->text, x, y - (t->below ? 16 : 0), CHART_SMALL, "#222222", "center boxed");
    }
}

static void put_plot(report_file *out, const report_chart *c) {
    const report_boxes *b = c->boxes;
    size_t block = 0;
    report_file_text(out, "\nplot ");
    for (size_t k = 0; k < b->n_keys; k++) {
        if (!used(b, k)) continue;
        report_file_printf(
            out,
            "%sdata index %zu using 1:2:3:4:5:6 with boxxyerror fillcolor rgb '%s' linecolor rgb '#ffffff' "
            "linewidth 0.8",
            block ? ", \\\n     " : "", block, b->key[k].color);
        block++;
    }
    report_file_text(out, "\n");
}

void chart_boxes_script(report_file *out, const report_chart *c, const chart_frame *f, char **lines, size_t n_lines) {
    chart_put_head(out, c);
    put_frame(out, c, f);
    put_panels(out, f, c->boxes);
    chart_put_titles(out, c, f, lines, n_lines);
    put_legend(out, f, c->boxes);
    put_box_labels(out, f, c->boxes);
    chart_put_pictures(out, c, f, put_plot);
}
