/*
 * run_check.h - `run --check`: what a run would write, held against what is there. Nothing there changes.
 */
#ifndef SWEEP_RUN_CHECK_H
#define SWEEP_RUN_CHECK_H

#include "sweep/run.h"

/** Sends the run's files to a new folder of their own. */
err sweep_check_begin(sweep_run *run);

/** Compares, prints what differs and removes the folder. ERR_DIFFERS: something does. `e`: how the run went. */
err sweep_check_end(sweep_run *run, err e);

#endif
