/*
 * gnuplot.c - a chart as script, data and, when gnuplot is there, pictures. Reads a finished chart; writes
 * <dir>/<name>.{gp,dat,svg,png}, each whole or not at all.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/chart_internal.h"
#include "report/number.h"

enum { NOTE_WIDTH = 185, NAME_MAX_BYTES = 200, PICTURE_TAIL = 32 };

static const char *const suffixes[] = {".gp", ".dat", ".svg", ".png"};

enum { SCRIPT, DATA, SVG, PNG, FILES };

/** A chart being written. */
typedef struct drawing {
    const report_chart *chart;
    char *path[FILES];
    char *line[CHART_NOTE_LINES]; /* notes, wrapped */
    size_t n_lines;
    chart_frame frame;
} drawing;

static err no_memory(diags *faults) {
    return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

static int name_is_file_name(const char *name) {
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) {
        if (name[i] == '/' || (unsigned char)name[i] < ' ' || name[i] == 0x7f) return 0;
    }
    return n > 0 && n <= NAME_MAX_BYTES && name[0] != '.' && name[0] != '-';
}

static err check(const report_chart *c, diags *faults) {
    if (!name_is_file_name(c->name)) {
        return diag_add(faults, ERR_RANGE, NULL, 0, 0, "chart", "'%.80s' cannot be the name of a file", c->name);
    }
    if (c->boxes && (c->boxes->n_boxes > REPORT_BOXES_MAX || c->boxes->n_keys > REPORT_KEYS_MAX)) {
        return diag_add(faults, ERR_LIMIT, NULL, 0, 0, "chart", "%s: %zu boxes in %zu colours, at most %d and %d",
                        c->name, c->boxes->n_boxes, c->boxes->n_keys, REPORT_BOXES_MAX, REPORT_KEYS_MAX);
    }
    if (c->n_series > REPORT_SERIES_MAX || c->n_markers > REPORT_MARKERS_MAX) {
        return diag_add(faults, ERR_LIMIT, NULL, 0, 0, "chart", "%s: %zu lines and %zu markers, at most %d and %d",
                        c->name, c->n_series, c->n_markers, REPORT_SERIES_MAX, REPORT_MARKERS_MAX);
    }
    return ERR_OK;
}

/** Length of the next line of a note: up to a blank at or before NOTE_WIDTH. */
static size_t line_length(const char *text) {
    size_t n = strcspn(text, "\n"), cut;
    if (n <= NOTE_WIDTH) return n;
    for (cut = NOTE_WIDTH; cut > NOTE_WIDTH / 2 && text[cut] != ' '; cut--)
        ;
    if (text[cut] == ' ') return cut;
    for (cut = NOTE_WIDTH; cut > 1 && ((unsigned char)text[cut] & 0xc0) == 0x80; cut--)
        ;
    return cut;
}

static err wrap_notes(drawing *d, diags *faults) {
    for (size_t i = 0; i < d->chart->n_notes; i++) {
        const char *text = d->chart->notes[i];
        while (*text && d->n_lines < CHART_NOTE_LINES) {
            size_t n = line_length(text);
            d->line[d->n_lines] = strndup(text, n);
            if (!d->line[d->n_lines++]) return no_memory(faults);
            text += n;
            text += strspn(text, " \n");
        }
    }
    return ERR_OK;
}

/** A comment: the label without line breaks. */
static void put_comment(report_file *out, const char *text) {
    report_file_text(out, "# ");
    chart_put_plain(out, text, strlen(text));
    report_file_text(out, "\n");
}

static void put_point(report_file *out, double x, double y) {
    char text[2][32];
    report_double_text(x, text[0]);
    report_double_text(y, text[1]);
    report_file_printf(out, "%s %s\n", text[0], text[1]);
}

/** One block per line that can be drawn, in order, then one of markers. */
static void put_data(report_file *out, const report_chart *c) {
    size_t blocks = 0, last;
    for (size_t i = 0; i < c->n_series; i++) {
        const report_series *s = &c->series[i];
        if (!chart_last_point(c, s, &last)) continue;
        report_file_text(out, blocks++ ? "\n\n" : "");
        put_comment(out, s->label);
        for (size_t k = 0; k <= last; k++) {
            if (chart_drawable(c, s->x[k], s->y[k])) put_point(out, s->x[k], s->y[k]);
        }
    }
    if (c->n_markers) report_file_text(out, "\n\n# markers\n");
    for (size_t i = 0; i < c->n_markers; i++) {
        if (!chart_drawable(c, c->markers[i].x, c->markers[i].y)) continue;
        put_comment(out, c->markers[i].label);
        put_point(out, c->markers[i].x, c->markers[i].y);
    }
}

static err write_text(drawing *d, int which, diags *faults) {
    report_file *out;
    TRY(report_file_open(&out, d->path[which], faults));
    if (which == DATA) {
        d->chart->boxes ? chart_boxes_data(out, d->chart, &d->frame) : put_data(out, d->chart);
    } else {
        (d->chart->boxes ? chart_boxes_script : chart_script_write)(out, d->chart, &d->frame, d->line, d->n_lines);
    }
    return report_file_commit(out, faults);
}

/** The picture ends as its kind does: gnuplot does not notice a full disk. */
static int is_whole(const char *path, const char *ending) {
    char last[PICTURE_TAIL];
    FILE *f = fopen(path, "rb");
    size_t n = f && fseek(f, -(long)sizeof last, SEEK_END) == 0 ? fread(last, 1, sizeof last, f) : 0;
    if (f && !n && fseek(f, 0, SEEK_SET) == 0) n = fread(last, 1, sizeof last, f); /* shorter than that */
    if (f) fclose(f);
    return memmem(last, n, ending, strlen(ending)) != NULL;
}

/** Draws to temporary names; both pictures are replaced or none. */
static err render(drawing *d, int *rendered, diags *faults) {
    report_file *svg = NULL, *png = NULL;
    const char *to_svg, *to_png;
    int found = 0;
    TRY(report_file_reserve(&svg, d->path[SVG], &to_svg, faults));
    err e = report_file_reserve(&png, d->path[PNG], &to_png, faults);
    if (e == ERR_OK) e = chart_gnuplot_run(d->path[SCRIPT], to_svg, to_png, &found, faults);
    if (e == ERR_OK && found && (!is_whole(to_svg, "</svg>") || !is_whole(to_png, "IEND"))) {
        e = diag_add(faults, ERR_PROGRAM, NULL, 0, 0, NULL, "gnuplot: left no whole picture of %.200s",
                     d->path[SCRIPT]);
    }
    if (e != ERR_OK || !found) {
        report_file_abort(svg);
        report_file_abort(png);
        return e;
    }
    e = report_file_commit(svg, faults);
    err second = report_file_commit(png, faults);
    *rendered = e == ERR_OK && second == ERR_OK;
    return e != ERR_OK ? e : second;
}

static err draw(drawing *d, const char *dir, int *rendered, diags *faults) {
    for (int i = 0; i < FILES; i++) {
        if (asprintf(&d->path[i], "%s/%s%s", dir, d->chart->name, suffixes[i]) >= 0) continue;
        d->path[i] = NULL;
        return no_memory(faults);
    }
    TRY(wrap_notes(d, faults));
    if (!(d->chart->boxes ? chart_boxes_frame : chart_frame_init)(&d->frame, d->chart, d->n_lines)) {
        return diag_add(faults, ERR_RANGE, NULL, 0, 0, "chart", "%s: no point can be drawn", d->chart->name);
    }
    if (!d->chart->boxes) {
        chart_place_ends(&d->frame, d->chart);
        chart_place_markers(&d->frame, d->chart);
    }
    TRY(write_text(d, DATA, faults));
    TRY(write_text(d, SCRIPT, faults));
    if (d->chart->undrawn) return ERR_OK;
    return render(d, rendered, faults);
}

err report_chart_write(const char *dir, const report_chart *c, int *rendered, diags *faults) {
    *rendered = 0;
    TRY(check(c, faults));
    drawing *d = calloc(1, sizeof *d);
    if (!d) return no_memory(faults);
    d->chart = c;
    err e = draw(d, dir, rendered, faults);
    for (int i = 0; i < FILES; i++)
        free(d->path[i]);
    for (size_t i = 0; i < d->n_lines; i++)
        free(d->line[i]);
    free(d);
    return e;
}
