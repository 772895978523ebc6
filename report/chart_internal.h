/*
 * chart_internal.h - a chart on its way to gnuplot: the frame (what is where on the canvas, in pixels from the top
 * left), where labels go, the script, the run of the program.
 */
#ifndef REPORT_CHART_INTERNAL_H
#define REPORT_CHART_INTERNAL_H

#include "report/writers.h"

enum { CHART_TICKS_MAX = 24, CHART_TICK_TEXT = 32, CHART_NOTE_LINES = 24 };

typedef struct chart_tick {
    double at;
    char text[CHART_TICK_TEXT]; /* empty: a small tick without a number */
} chart_tick;

typedef struct chart_axis {
    double from, to; /* in values */
    int is_log;
    chart_tick tick[CHART_TICKS_MAX];
    size_t n;
} chart_axis;

/** Text in place. */
typedef struct chart_box {
    double x, y, w, h; /* top left corner and size */
    int far;           /* not beside its point: needs a leader */
} chart_box;

typedef struct chart_frame {
    double width, height;            /* of the canvas */
    double left, right, top, bottom; /* edges of the plot area */
    double axis_room;                /* below the plot: numbers and title of the x axis */
    chart_axis x, y;
    double label_height;             /* of a label at the end of a line */
    double end_y[REPORT_SERIES_MAX]; /* where the label of a line goes; NAN: none */
    chart_box marker[REPORT_MARKERS_MAX];
} chart_frame;

/** Sizes of text in pixels. */
enum { CHART_TITLE = 22, CHART_SUBTITLE = 14, CHART_TEXT = 14, CHART_SMALL = 12 };

/** Width that `text` takes at a font size, estimated on the safe side. */
double chart_text_width(const char *text, double size);

/** True when a point can be drawn on the axes of the chart. */
int chart_drawable(const report_chart *c, double x, double y);

/** The last point of a line that can be drawn; 0 when there is none: the line has no block in the data file. */
int chart_last_point(const report_chart *c, const report_series *s, size_t *at);

/** Lays out canvas, axes and ticks; note_lines: lines of small print. Returns 0 when nothing can be drawn. */
int chart_frame_init(chart_frame *f, const report_chart *c, size_t note_lines);

double chart_px(const chart_frame *f, double x);
double chart_py(const chart_frame *f, double y);

/** Labels at the ends of lines, pushed apart as little as possible (least squares), inside the plot's height. */
void chart_place_ends(chart_frame *f, const report_chart *c);

/** Labels of markers, away from each other, from markers and, as far as possible, from lines. */
void chart_place_markers(chart_frame *f, const report_chart *c);

/** Ticks of an axis over [from, to]. */
void chart_ticks_log2(chart_axis *a);
void chart_ticks_log10(chart_axis *a);
void chart_ticks_linear(chart_axis *a);

/** Writes line style i + 1 for series i: levels take the colour of the line they belong to. */
void chart_style_write(report_file *out, const report_chart *c, const chart_frame *f, size_t i);

/** Colour of text about a series: a darker shade of the line's. */
const char *chart_style_ink(const report_chart *c, size_t series);

/** Writes the script. `lines` are the wrapped notes. */
void chart_script_write(report_file *out, const report_chart *c, const chart_frame *f, char **lines, size_t n_lines);

/** Pieces of a script, for charts of other kinds. Places in pixels of the canvas. */
typedef void (*chart_plotter)(report_file *out, const report_chart *c);
void chart_put_string(report_file *out, const char *text);

/** n bytes of text without line breaks, controls or anything else that is no text: blanks stand in their place. */
void chart_put_plain(report_file *out, const char *text, size_t n);
void chart_put_head(report_file *out, const report_chart *c);
void chart_put_titles(report_file *out, const report_chart *c, const chart_frame *f, char **lines, size_t n_lines);
void chart_put_axis(report_file *out, const char *axis, const chart_axis *a);
void chart_put_text(report_file *out, const chart_frame *f, const char *text, double px, double py, double size,
                    const char *color, const char *how);
void chart_put_stroke(report_file *out, const chart_frame *f, double x0, double y0, double x1, double y1,
                      const char *style);
void chart_put_pictures(report_file *out, const report_chart *c, const chart_frame *f, chart_plotter plot);
double chart_screen_x(const chart_frame *f, double px);
double chart_screen_y(const chart_frame *f, double py);

#define CHART_PALE_INK "#555555"

/** The same steps for bars, stacks and cells. */
int chart_boxes_frame(chart_frame *f, const report_chart *c, size_t note_lines);
void chart_boxes_data(report_file *out, const report_chart *c, const chart_frame *f);
void chart_boxes_script(report_file *out, const report_chart *c, const chart_frame *f, char **lines, size_t n_lines);

/**
 * Runs gnuplot on a script with the files to draw to. ERR_OK with *found 0 when there is no such program.
 * Environment: LC_ALL=C and what finding programs and fonts needs; no start-up files are read; at most a minute.
 */
err chart_gnuplot_run(const char *script, const char *svg, const char *png, int *found, diags *faults);

#endif
