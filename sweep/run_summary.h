/*
 * run_summary.h - what a run tells at its end: a line, the changes, or an object for programs.
 */
#ifndef SWEEP_RUN_SUMMARY_H
#define SWEEP_RUN_SUMMARY_H

#include "sweep/run_set.h"

/**
 * Prints the summary that the options ask for. `run` is NULL when the config could not be read; `first` is the number
 * of faults that were there before this config. With --quiet only json and changes are told, and only of a change or a
 * failure.
 */
err sweep_summary_print(sweep_ctx *ctx, const char *config, const sweep_run *run, int first, err outcome);

#endif
