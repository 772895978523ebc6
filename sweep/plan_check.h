/*
 * plan_check.h - holds the reports of a config against the plan of the sweep they show.
 */
#ifndef SWEEP_PLAN_CHECK_H
#define SWEEP_PLAN_CHECK_H

#include "sweep/config.h"

/**
 * Every value of `where`, `labels` and `min_gpu_for` is on its axis, `min_gpu` selects GPUs, a table has one value left
 * on every axis that it neither shows nor ignores, and GPUs where its value needs them.
 * @return ERR_OK or the code of the first fault
 */
err sweep_plan_check(const sweep_plan *p, arena *mem, const sweep_config *cfg, size_t i_sweep, diags *faults);

#endif
