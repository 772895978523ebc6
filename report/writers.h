/*
 * writers.h - the table of writers. Each turns finished tables, charts or workbooks into files; a new one is one file
 * and one row in writers.c.
 */
#ifndef REPORT_WRITERS_H
#define REPORT_WRITERS_H

#include "report/file.h"
#include "report/table.h"

typedef struct report_writer {
    const char *name;   /* md, csv: the word in `to:` */
    const char *suffix; /* ".md" */
    err (*write)(report_file *f, const report_table *t);
    err (*insert)(report_file *f, const report_table *t); /* into a page that has its own headings; NULL: cannot be */
    const char *open, *close;                             /* around a comment of one line */
    const char *also[2];                                  /* other suffixes that pages of this kind have, or NULL */
} report_writer;

/** The writer whose pages have the suffix of this path and can take tables in; NULL when there is none. */
const report_writer *report_writer_of_page(const char *path);

/** Writer by the word in `to:`; NULL when unknown. xlsx is not here: a workbook holds several tables. */
const report_writer *report_writer_find(const char *name);
const char *report_writer_name(const void *unused, size_t i);

/** A line of a chart; x and y are borrowed, n points each, x ascending. What a logarithmic axis cannot show is left
 * out. */
typedef struct report_series {
    const char *label;
    const double *x, *y;
    size_t n;
    int points;      /* single points: no line joins them, x in any order */
    size_t level_of; /* 0: a line of its own; i + 1: a level of series i, dashed in its colour, without a label */
} report_series;

/** A marked and labelled point; labels are placed so that they do not collide. */
typedef struct report_marker {
    double x, y;
    const char *label;
    size_t series; /* whose colour it takes */
} report_marker;

/** A text at a place of an axis. */
typedef struct report_place {
    double at;
    const char *text;
} report_place;

/** A rectangle of a chart, in values of its axes; `key` decides its colour. */
typedef struct report_box {
    double x0, x1, y0, y1;
    size_t key;
    const char *label; /* inside, NULL: none */
} report_box;

/** What a colour means. */
typedef struct report_key {
    const char *label, *color; /* "#rrggbb"; label NULL: not in the legend */
} report_key;

/** A text over a point of a chart: one or two lines. */
typedef struct report_caption {
    double x, y;
    const char *text, *below; /* below: smaller, under the first; NULL: none */
} report_caption;

/** Bars, stacks and cells. x runs from 0 to `width`; y too, to `height`, when it has places, else it is numbers. */
typedef struct report_boxes {
    double width, height;
    const report_place *x, *y, *panel; /* panel: headings, `at` their middle */
    size_t n_x, n_y, n_panels;
    const report_box *box;
    size_t n_boxes;
    const report_key *key;
    size_t n_keys;
    const report_caption *caption;
    size_t n_captions;
} report_boxes;

enum { REPORT_BOXES_MAX = 4096, REPORT_KEYS_MAX = 64 };

typedef struct report_chart {
    const char *name, *title, *subtitle; /* subtitle: method, precision, ... may be NULL */
    const char *x_title, *y_title;       /* with units */
    int x_log2, x_log10, y_log10;        /* x_log2: ticks at powers of two, labelled 2K 4K ... */
    const report_series *series;
    size_t n_series;
    const report_marker *markers;
    size_t n_markers;
    const char *const *notes; /* small print below */
    size_t n_notes;
    const char *line_means, *level_means; /* legend for lines and levels where a chart has both; may be NULL */
    int undrawn;                          /* only script and data: no pictures */
    const report_boxes *boxes;            /* instead of series and markers; NULL: lines */
} report_chart;

enum { REPORT_SERIES_MAX = 256, REPORT_MARKERS_MAX = 256 };

/**
 * Writes <dir>/<name>.gp and .dat; when gnuplot is found (PATH, or $GNUPLOT) renders .svg and .png through argv (no
 * shell). The script runs by itself from any folder. A missing gnuplot is not an error: *rendered says what happened.
 * ERR_RANGE: nothing to draw, or a name that is no file name. ERR_LIMIT: more series or markers than above.
 * ERR_PROGRAM: gnuplot failed or took over a minute; script and data are written all the same.
 */
err report_chart_write(const char *dir, const report_chart *c, int *rendered, diags *faults);

/** Whether gnuplot, or what $GNUPLOT names, can be run; 0, or errno when that cannot be found out. */
int report_gnuplot_found(int *found);

/** A workbook: one sheet per table in order, frozen header, autofilter, widths, number formats, colours for marks. */
err report_workbook_write(const char *path, const char *title, const report_table *const *tables, size_t n,
                          diags *faults);

/**
 * Who ends the process when memory is refused while a workbook of any kind is written, which libxlsxwriter does not
 * survive: called by the thread that writes, with the file's name, from inside the library, does not return. NULL:
 * nobody.
 */
void report_workbook_no_memory(void (*end)(const char *file));

/** A table or a chart of a page. */
typedef struct report_item {
    const report_table *table;              /* NULL: a chart */
    const char *name, *title, *svg, *words; /* chart: anchor, heading, its picture, what a filter looks at beside it */
} report_item;

/** One page that needs no other file: all tables, charts drawn inside, contents, a filter. */
err report_page_write(const char *path, const char *title, const report_item *items, size_t n, diags *faults);

#endif
