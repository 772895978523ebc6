/*
 * chart.h - a chart of the config on its way to the report: what its values are and what they are called. One file per
 * way of drawing fills in series or boxes.
 */
#ifndef SWEEP_CHART_H
#define SWEEP_CHART_H

#include "report/writers.h"
#include "sweep/measure.h"
#include "sweep/run.h"

enum { CHART_SERIES_MAX = 64, CHART_NOTES_MAX = 80, CHART_POINTS_MAX = 1000000 };

/** A chart being made. */
typedef struct sweep_drawing {
    sweep_run *run;
    const sweep_report *r;
    const sweep_chart *spec;
    sweep_pick pick;
    double unit_bytes; /* of memory */
    report_chart chart;
    const char *notes[CHART_NOTES_MAX];
    size_t n_notes;
} sweep_drawing;

/** The point of a cell; 0 when a skip rule drops it. */
int sweep_chart_point(const sweep_drawing *d, const sweep_spot *cell, sweep_combo *combo, sweep_point *p);

/** A measure of a point in the unit of the chart; 0 when there is no number. */
int sweep_chart_value(const sweep_drawing *d, sweep_measure m, const sweep_point *p, double *out);

/** What a value of an axis is called: by its label of the config, models and GPUs as people read them. */
const char *sweep_chart_label(const sweep_drawing *d, sweep_axis axis, size_t at);

/** "KV cache", "largest batch". */
const char *sweep_chart_measure(sweep_measure m);

/** Small print, once. */
void sweep_chart_note(sweep_drawing *d, const char *note);

/** Fill d->chart. */
err sweep_chart_lines(sweep_drawing *d);
err sweep_chart_boxes(sweep_drawing *d);
err sweep_chart_heat(sweep_drawing *d);

#endif
