/*
 * skip.h - skip rules: `weights=nvfp4 & gpu!=@blackwell`. A rule is terms joined by '&'; a term is AXIS=PATTERN,
 * AXIS!=PATTERN, or AXIS with > >= < <= and a number for context and batch; a pattern is a name, glob or tag, or
 * several with '|'. Compiled once to one bit set per axis, so that asking is a few bit tests.
 */
#ifndef SWEEP_SKIP_H
#define SWEEP_SKIP_H

#include "sweep/config.h"

enum { SWEEP_SKIP_TERMS = 16, SWEEP_SKIP_ALTERNATIVES = 64 };

/**
 * Compiles rules against the values of a plan whose axes are expanded. Names must be in the catalogs, not in the sweep:
 * a rule that matches nothing here is fine.
 * @param out  lives in mem; NULL when there are no rules
 */
err sweep_skip_compile(const sweep_skip **out, arena *mem, const sweep_plan *p, const sweep_items *rules,
                       const char *file, diags *faults);

/** Some rule without context, batch and gpu drops the combination at these indices. skip NULL: 0. */
int sweep_skip_combo(const sweep_skip *skip, const uint32_t at[SWEEP_CATEGORIES]);

/** Some rule with context, batch or gpu drops the cell. i_gpu -1: rules that name gpu do not apply. */
int sweep_skip_cell(const sweep_skip *skip, const uint32_t at[SWEEP_CATEGORIES], size_t i_context, size_t i_batch,
                    long i_gpu);

/** Whether there are rules for sweep_skip_cell. */
int sweep_skip_has_cells(const sweep_skip *skip);

/** Whether some of them name a context or a batch, not a GPU only. */
int sweep_skip_has_grid(const sweep_skip *skip);

#endif
