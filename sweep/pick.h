/*
 * pick.h - the part of a plan that a report looks at: `where` of the report laid over the axes of its sweep.
 */
#ifndef SWEEP_PICK_H
#define SWEEP_PICK_H

#include "sweep/config.h"
#include "sweep/plan.h"

/** Picked indexes of every axis, in plan order; n[SWEEP_GPU] may be 0 (no GPU axis). */
typedef struct sweep_pick {
    const sweep_plan *plan;
    const uint32_t *index[SWEEP_AXES];
    size_t n[SWEEP_AXES];
} sweep_pick;

/** Builds the pick of a report. A value of `where` that the sweep does not have is a fault with its place. */
err sweep_pick_build(sweep_pick *k, arena *mem, const sweep_plan *p, const sweep_config *cfg, const sweep_report *r,
                     diags *faults);

/** Refuses axes other than the `n_free` given ones that still have several values. */
err sweep_pick_single(const sweep_pick *k, const sweep_axis *free, size_t n_free, const sweep_config *cfg,
                      const sweep_report *r, diags *faults);

/** A cell of the plan: positions in the pick. */
typedef struct sweep_spot {
    size_t at[SWEEP_AXES];
} sweep_spot;

/** Combination of a cell; 0 when a skip rule drops the cell. The GPU may be absent. */
int sweep_pick_combo(const sweep_pick *k, const sweep_spot *cell, sweep_combo *out);

/** Combination at these positions; 0 when a skip rule drops all of it. *out is complete either way. */
int sweep_pick_combination(const sweep_pick *k, const size_t at[SWEEP_CATEGORIES], sweep_combo *out);

double sweep_pick_context(const sweep_pick *k, const sweep_spot *cell);
double sweep_pick_batch(const sweep_pick *k, const sweep_spot *cell);
const kern_gpu *sweep_pick_gpu(const sweep_pick *k, const sweep_spot *cell); /* NULL: none */

/** Name of a value of an axis as results write it. */
const char *sweep_pick_label(const sweep_pick *k, sweep_axis axis, size_t at);

/** GPUs a scenario is held against: the sweep's `gpus`, else what its layout needs. */
int sweep_pick_gpus(const sweep_pick *k, const kern_scenario *sc);

#endif
