/*
 * args.h - AXIS=VALUE arguments of explain and fit.
 */
#ifndef SWEEP_ARGS_H
#define SWEEP_ARGS_H

#include "sweep/auto_layout.h"
#include "sweep/command.h"

/**
 * Reads the arguments into a scenario; every fault is reported. `text` receives the texts (borrowed from argv),
 * `layouts` the question when the layout is auto.
 */
err sweep_args_scenario(sweep_ctx *ctx, const char *text[SC_COLUMNS], sweep_scenario *out, sweep_auto *layouts);

/**
 * One line that names the scenario: model, formats, context, ... into the arena; NULL when memory is gone. `layout`:
 * what stands for its layout, NULL: the layout.
 */
const char *sweep_args_describe(sweep_ctx *ctx, const sweep_scenario *sc, const char *layout);

#endif
