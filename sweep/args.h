/*
 * args.h - AXIS=VALUE arguments of explain and fit.
 */
#ifndef SWEEP_ARGS_H
#define SWEEP_ARGS_H

#include "sweep/command.h"
#include "sweep/scenario.h"

/** Reads the arguments into a scenario; every fault is reported. `text` receives the texts (borrowed from argv). */
err sweep_args_scenario(sweep_ctx *ctx, const char *text[SC_COLUMNS], sweep_scenario *out);

/** One line that names the scenario: model, formats, context, ... into the arena; NULL when memory is gone. */
const char *sweep_args_describe(sweep_ctx *ctx, const sweep_scenario *sc);

#endif
