/*
 * plan_layouts.h - `layout: [auto]` in a sweep: every combination takes the layout of least memory on `gpus` GPUs at
 * the largest context and batch of the sweep. Searched for when a combination is first looked at, then kept.
 */
#ifndef SWEEP_PLAN_LAYOUTS_H
#define SWEEP_PLAN_LAYOUTS_H

#include "sweep/config.h"
#include "sweep/plan.h"

enum { SWEEP_AUTO_COMBOS_MAX = 65536 };

/**
 * Makes room for the choices when the layout axis has `auto`. Refuses it without `gpus` and `gpu`, for GPUs whose nodes
 * differ in size, with published methods, for engines without layouts in the catalog, and for too many combinations.
 */
err sweep_plan_layouts_init(sweep_plan *p, arena *mem, const sweep_config *cfg, const sweep_spec *s, diags *faults);

/** Puts the choice of combination i into it: layout, and checkpointing of the mode. Safe in threads. */
void sweep_plan_layouts_take(const sweep_plan *p, uint64_t i, sweep_combo *out);

#endif
