/*
 * procure_chart.h - the chart of a procurement: what a user costs at each context, by GPU.
 */
#ifndef SWEEP_PROCURE_CHART_H
#define SWEEP_PROCURE_CHART_H

#include "sweep/procure.h"
#include "sweep/run.h"

/** Writes <name>-cost with a line for the cheapest GPUs of each model; nothing with a single context or when training.
 */
err sweep_procure_draw(sweep_run *run, const sweep_report *r, const sweep_procure *q);

#endif
