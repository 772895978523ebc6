/*
 * procure_chart.h - the chart of a procurement: what a user costs at each context, by GPU.
 */
#ifndef SWEEP_PROCURE_CHART_H
#define SWEEP_PROCURE_CHART_H

#include "sweep/procure.h"
#include "sweep/run.h"

/**
 * Writes <name>-cost, with several models <name>-cost-<model> for the first 16: a line for each of the best placed
 * GPUs. Nothing with a single context or when training.
 */
err sweep_procure_draw(sweep_run *run, const sweep_procure *q);

#endif
