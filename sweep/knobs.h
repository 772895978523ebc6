/*
 * knobs.h - columns that override what layout, mode and engine say.
 */
#ifndef SWEEP_KNOBS_H
#define SWEEP_KNOBS_H

#include "sweep/scenario.h"

/** Applies the knobs given; k.mode and k.engine then point at the scenario's own copies. */
err sweep_knobs_apply(const sweep_catalogs *c, const char *const text[SC_COLUMNS], const sweep_place *at,
                      sweep_scenario *out, diags *faults);

#endif
