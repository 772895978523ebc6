/*
 * chart_script.c - the gnuplot script of a chart. Every position is fixed here, so gnuplot decides nothing but how to
 * draw. All text goes in as single-quoted strings, where only the quote itself means something; control characters are
 * replaced, enhanced text is off.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "report/chart_internal.h"

static const char ink[] = "#222222", pale_ink[] = CHART_PALE_INK;

enum { SAMPLE_FROM = 16, SAMPLE_TO = 46, SAMPLE_TEXT = 54, TITLE_MIN = 11 };

enum { MEANING_STYLE = 1001, MEANING_INDENT = 8, MEANING_STEP = 22 };

double chart_screen_x(const chart_frame *f, double px) {
    return px / f->width;
}

double chart_screen_y(const chart_frame *f, double py) {
    return 1 - py / f->height;
}

void chart_put_plain(report_file *out, const char *text, size_t n) {
    for (size_t step; n > 0; text += step, n -= step) {
        int unsafe;
        step = text_step(text, &unsafe);
        if (step > n) step = n;
        if (unsafe || *text == '\t') {
            report_file_text(out, " ");
        } else {
            report_file_write(out, text, step);
        }
    }
}

/**
 * A gnuplot string: in single quotes nothing but the quote itself means something. It may be doubled there, but gnuplot
 * 5.4 loses its place when doubled quotes stand in a row or at the start: quotes come in double quotes, joined by dots.
 */
void chart_put_string(report_file *out, const char *text) {
    const char *joint = "";
    do {
        size_t plain = strcspn(text, "'"), quotes = strspn(text + plain, "'");
        if (plain || !quotes) {
            report_file_printf(out, "%s'", joint);
            chart_put_plain(out, text, plain);
            report_file_text(out, "'");
            joint = ".";
        }
        if (quotes) report_file_printf(out, "%s\"%.*s\"", joint, (int)quotes, text + plain);
        joint = ".";
        text += plain + quotes;
    } while (*text);
}

/** Text with its middle at (px, py); `how`: left, right, center and anything else that `set label` takes. */
void chart_put_text(report_file *out, const chart_frame *f, const char *text, double px, double py, double size,
                    const char *color, const char *how) {
    report_file_text(out, "set label ");
    chart_put_string(out, text);
    report_file_printf(out, " at screen %.5f,%.5f %s noenhanced font 'sans-serif,%.3g' textcolor rgb '%s' front\n",
                       chart_screen_x(f, px), chart_screen_y(f, py), how, size, color);
}

void chart_put_stroke(report_file *out, const chart_frame *f, double x0, double y0, double x1, double y1,
                      const char *style) {
    report_file_printf(out, "set arrow from screen %.5f,%.5f to screen %.5f,%.5f nohead %s front\n",
                       chart_screen_x(f, x0), chart_screen_y(f, y0), chart_screen_x(f, x1), chart_screen_y(f, y1),
                       style);
}

/** The size at which text is no wider than `room`. */
static double fitting_size(const char *text, double size, double room) {
    double width = chart_text_width(text, size);
    return width > room ? fmax(size * room / width, TITLE_MIN) : size;
}

void chart_put_head(report_file *out, const report_chart *c) {
    report_file_printf(out, "# %s.gp - draws %s.svg and %s.png from %s.dat, all beside this script.\n", c->name,
                       c->name, c->name, c->name);
    report_file_printf(out, "# Runs from any folder: gnuplot %s.gp\n\n", c->name);
    report_file_text(out, "name = ");
    chart_put_string(out, c->name);
    report_file_text(out, "\nhere = ARG0[1:strlen(ARG0) - strlen(name) - 3]\n"
                          "data = here . name . '.dat'\n"
                          "svg = ARGC > 0 ? ARG1 : here . name . '.svg'\n"
                          "png = ARGC > 1 ? ARG2 : here . name . '.png'\n\n"
                          "set encoding utf8\n"
                          "set label 1 ''\n"); /* the title, set for each picture */
}

void chart_put_axis(report_file *out, const char *axis, const chart_axis *a) {
    double hair = a->is_log ? 1e-9 : 0; /* gnuplot loses a tick right at the end of a logarithmic axis */
    report_file_printf(out, "set %srange [%.12g:%.12g]\n", axis, a->from * (1 - hair), a->to * (1 + hair));
    if (a->is_log) report_file_printf(out, "set logscale %s %d\n", axis, *axis == 'x' ? 2 : 10);
    report_file_printf(out, "set %stics nomirror out scale 0.6 textcolor rgb '%s' (", axis, pale_ink);
    for (size_t i = 0; i < a->n; i++)
        report_file_printf(out, "%s'%s' %.15g", i ? ", " : "", a->tick[i].text, a->tick[i].at);
    report_file_text(out, ")\n");
}

static void put_frame(report_file *out, const chart_frame *f) {
    report_file_printf(out, "set lmargin at screen %.5f\nset rmargin at screen %.5f\n", chart_screen_x(f, f->left),
                       chart_screen_x(f, f->right));
    report_file_printf(out, "set tmargin at screen %.5f\nset bmargin at screen %.5f\n", chart_screen_y(f, f->top),
                       chart_screen_y(f, f->bottom));
    chart_put_axis(out, "x", &f->x);
    chart_put_axis(out, "y", &f->y);
    report_file_text(out, "set border 3 linecolor rgb '#888888'\n"
                          "set grid xtics ytics back linetype 1 linewidth 0.8 linecolor rgb '#e2e2e2'\n"
                          "unset key\n"
                          "set style textbox opaque noborder fillcolor rgb '#ffffff' margins 0.4,0.3\n\n");
}

void chart_put_titles(report_file *out, const report_chart *c, const chart_frame *f, char **lines, size_t n_lines) {
    double room = f->width - 2 * 24, middle = (f->top + f->bottom) / 2;
    if (c->subtitle && *c->subtitle) {
        chart_put_text(out, f, c->subtitle, 24, 62, fitting_size(c->subtitle, CHART_SUBTITLE, room), pale_ink, "left");
    }
    chart_put_text(out, f, c->x_title, (f->left + f->right) / 2, f->bottom + f->axis_room - 24, CHART_TEXT, ink,
                   "center");
    chart_put_text(out, f, c->y_title, 22, middle, CHART_TEXT, ink, "center rotate by 90");
    for (size_t i = 0; i < n_lines; i++)
        chart_put_text(out, f, lines[i], 24, f->bottom + f->axis_room + 10 + 18 * (double)i, CHART_SMALL, pale_ink,
                       "left");
}

/** The line reaches the right edge: its label gets a leader. */
static int ends_at_edge(const report_chart *c, const chart_frame *f, const report_series *s, double *py) {
    size_t at;
    if (!chart_last_point(c, s, &at)) return 0;
    *py = chart_py(f, s->y[at]);
    return chart_px(f, s->x[at]) > f->right - 3;
}

/** Label of a line, right of the plot: leader, a piece of the line with its symbol, the name. */
static void put_end(report_file *out, const report_chart *c, const chart_frame *f, size_t i) {
    char style[64];
    double y = f->end_y[i], from = f->right + SAMPLE_FROM, to = f->right + SAMPLE_TO, end;
    double size = fmin(CHART_TEXT, 0.8 * f->label_height);
    if (!c->series[i].points && ends_at_edge(c, f, &c->series[i], &end)) {
        snprintf(style, sizeof style, "linewidth 0.8 linecolor rgb '%s'", chart_style_ink(c, i));
        chart_put_stroke(out, f, f->right + 3, end, from, y, style);
    }
    snprintf(style, sizeof style, "linestyle %zu", i + 1);
    if (!c->series[i].points) chart_put_stroke(out, f, from, y, to, y, style);
    report_file_printf(out, "set label '' at screen %.5f,%.5f point linestyle %zu front\n",
                       chart_screen_x(f, (from + to) / 2), chart_screen_y(f, y), i + 1);
    chart_put_text(out, f, c->series[i].label, f->right + SAMPLE_TEXT, y, size, chart_style_ink(c, i), "left");
}

/** What lines or levels are, below the labels; `number` of a line style of its own. */
static void put_meaning(report_file *out, const chart_frame *f, const char *text, int number, const char *dash) {
    char style[32];
    double x = f->right + MEANING_INDENT, y = f->bottom + MEANING_STEP * (number - MEANING_STYLE + 1);
    if (!text) return;
    report_file_printf(out, "set style line %d linewidth 1.8 linecolor rgb '%s' dashtype %s\n", number, pale_ink, dash);
    snprintf(style, sizeof style, "linestyle %d", number);
    chart_put_stroke(out, f, x + SAMPLE_FROM, y, x + SAMPLE_TO, y, style);
    chart_put_text(out, f, text, x + SAMPLE_TEXT, y, CHART_SMALL, pale_ink, "left");
}

static void put_marker(report_file *out, const report_chart *c, const chart_frame *f, size_t i) {
    const report_marker *m = &c->markers[i];
    const chart_box *b = &f->marker[i];
    double px = chart_px(f, m->x), py = chart_py(f, m->y);
    char style[80];
    if (b->far) {
        snprintf(style, sizeof style, "linewidth 0.8 linecolor rgb '%s'", chart_style_ink(c, m->series));
        chart_put_stroke(out, f, px, py, fmin(fmax(px, b->x), b->x + b->w), fmin(fmax(py, b->y), b->y + b->h), style);
    }
    chart_put_text(out, f, m->label, b->x + 2, b->y + b->h / 2, CHART_SMALL, chart_style_ink(c, m->series),
                   "left boxed");
}

static void put_labels(report_file *out, const report_chart *c, const chart_frame *f) {
    for (size_t i = 0; i < c->n_series; i++)
        chart_style_write(out, c, f, i);
    for (size_t i = 0; i < c->n_series; i++) {
        if (!isnan(f->end_y[i])) put_end(out, c, f, i);
    }
    put_meaning(out, f, c->line_means, MEANING_STYLE, "solid");
    put_meaning(out, f, c->level_means, MEANING_STYLE + 1, "(9,6)");
    for (size_t i = 0; i < c->n_markers; i++) {
        if (f->marker[i].w > 0) put_marker(out, c, f, i);
    }
}

/** One pass over the blocks of the data file: levels first, so that they lie below the lines. Returns the blocks. */
static size_t put_lines(report_file *out, const report_chart *c, int levels, int *n) {
    size_t block = 0, last;
    for (size_t i = 0; i < c->n_series; i++) {
        if (!chart_last_point(c, &c->series[i], &last)) continue;
        if ((c->series[i].level_of != 0) == levels) {
            report_file_printf(out, "%sdata index %zu using 1:2 with %s linestyle %zu", (*n)++ ? ", \\\n     " : "",
                               block,
                               levels                ? "lines"
                               : c->series[i].points ? "points"
                                                     : "linespoints",
                               i + 1);
        }
        block++;
    }
    return block;
}

static void put_plot(report_file *out, const report_chart *c) {
    static const char *const ring[] = {"pointtype 7 linecolor rgb '#ffffff'",
                                       "pointtype 6 linewidth 1.8 linecolor rgb '#222222'"};
    int n = 0;
    report_file_text(out, "\nplot ");
    put_lines(out, c, 1, &n);
    size_t blocks = put_lines(out, c, 0, &n);
    for (size_t i = 0; i < sizeof ring / sizeof *ring && c->n_markers; i++)
        report_file_printf(out, ", \\\n     data index %zu using 1:2 with points pointsize ring %s", blocks, ring[i]);
    report_file_text(out, "\n");
}

/** The title as label 1: bold where the terminal can. */
static void put_title(report_file *out, const report_chart *c, const chart_frame *f, const char *weight) {
    report_file_text(out, "set label 1 ");
    chart_put_string(out, c->title);
    report_file_printf(out, " at screen %.5f,%.5f left noenhanced font 'sans-serif%s,%.3g' textcolor rgb '%s' front\n",
                       chart_screen_x(f, 24), chart_screen_y(f, 32), weight,
                       fitting_size(c->title, CHART_TITLE, f->width - 2 * 24), ink);
}

static void put_svg(report_file *out, const report_chart *c, const chart_frame *f, chart_plotter plot) {
    report_file_text(out, "\n");
    put_title(out, c, f, "");
    report_file_printf(out,
                       "set terminal svg size %.0f,%.0f fixed noenhanced font 'sans-serif,%d' background '#ffffff'\n"
                       "set pointsize 0.7\nring = 0.9\nset output svg\n",
                       f->width, f->height, CHART_TEXT);
    plot(out, c);
    report_file_text(out, "unset output\n\n");
}

/** Without Cairo the plain terminal draws it. The font scale makes points of 1/72 inch pixels. */
static void put_png(report_file *out, const report_chart *c, const chart_frame *f) {
    put_title(out, c, f, ":Bold");
    report_file_printf(out,
                       "if (strstrt(GPVAL_TERMINALS, ' pngcairo ') > 0) {\n"
                       "    set terminal pngcairo size %.0f,%.0f noenhanced font 'sans-serif,%d' fontscale 0.75 "
                       "background '#ffffff'\n"
                       "} else {\n"
                       "    set terminal png size %.0f,%.0f truecolor noenhanced background '#ffffff'\n"
                       "}\n"
                       "set pointsize 0.9\nring = 1.3\nset output png\nreplot\nunset output\n",
                       f->width, f->height, CHART_TEXT, f->width, f->height);
}

void chart_put_pictures(report_file *out, const report_chart *c, const chart_frame *f, chart_plotter plot) {
    put_svg(out, c, f, plot);
    put_png(out, c, f);
}

void chart_script_write(report_file *out, const report_chart *c, const chart_frame *f, char **lines, size_t n_lines) {
    chart_put_head(out, c);
    put_frame(out, f);
    chart_put_titles(out, c, f, lines, n_lines);
    put_labels(out, c, f);
    chart_put_pictures(out, c, f, put_plot);
}
