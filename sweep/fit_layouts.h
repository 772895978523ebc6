/*
 * fit_layouts.h - `fit ... layout=auto`: a table of the best layouts.
 */
#ifndef SWEEP_FIT_LAYOUTS_H
#define SWEEP_FIT_LAYOUTS_H

#include "sweep/auto_layout.h"
#include "sweep/command.h"

/**
 * With a GPU its best layouts, else the best layout of every GPU that holds the scenario. The notes below the table say
 * how many layouts were looked at.
 */
err sweep_fit_layouts(sweep_ctx *ctx, const sweep_scenario *sc, sweep_auto *layouts);

/** Price of one [USD]: street, else list; 0: not known. */
double sweep_fit_price(const kern_gpu *g);

#endif
