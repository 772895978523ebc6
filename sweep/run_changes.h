/*
 * run_changes.h - between the halves of a changes report: the comparison (run_changes.c) and the causes
 * (run_causes.c).
 */
#ifndef SWEEP_RUN_CHANGES_H
#define SWEEP_RUN_CHANGES_H

#include "sweep/diff.h"
#include "sweep/run_set.h"

/** Stages a copy of each catalog file read: what the next run names causes by. */
err sweep_causes_keep(sweep_run *run);

/** Adds what changed in catalogs and program to the differences, and names the cause of each. */
err sweep_causes_find(sweep_run *run, sweep_diff *d);

#endif
