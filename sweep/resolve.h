/*
 * resolve.h - one name or number of an axis -> the catalog row or value behind it, with a diag that says where the name
 * stands and which right names are near. Shared by configs, `eval`, `explain` and `fit`. Allocates nothing.
 */
#ifndef SWEEP_RESOLVE_H
#define SWEEP_RESOLVE_H

#include "sweep/plan.h"

/** Where a text stands: file borrowed, line and column 1-based or 0, field = key or column, may be NULL. */
typedef struct sweep_place {
    const char *file;
    int line, column;
    const char *field;
} sweep_place;

enum { SWEEP_NAME_MAX = 200, SWEEP_CONTEXT_MAX = 1 << 30, SWEEP_BATCH_MAX = 1 << 24 };

/** Axis by its name, case ignored; SWEEP_AXES when there is none. */
sweep_axis sweep_axis_find(const char *name);

/** The i-th axis name for text_suggest; NULL at the end. */
const char *sweep_axis_next(const void *unused, size_t i);

/**
 * Resolves one value of a categorical axis or a GPU.
 *
 * @param axis    SWEEP_METHOD .. SWEEP_LAYOUT, SWEEP_GPU
 * @param text    name, alias, Hugging Face id, `name@version`, `K:V`, layout; borrowed as out->label
 * @param out     untouched on failure
 * @param at      place for the diag; NULL: no diag is written
 * @return ERR_OK, ERR_NAME unknown, ERR_SYNTAX a layout or K:V that cannot be read
 */
err sweep_resolve_value(const sweep_catalogs *c, sweep_axis axis, const char *text, sweep_value *out,
                        const sweep_place *at, diags *faults);

/** The same for a GPU. */
err sweep_resolve_gpu(const sweep_catalogs *c, const char *text, const kern_gpu **out, const sweep_place *at,
                      diags *faults);

/** Number of the context axis [tokens] or batch axis [sequences]: 8k = 8192. ERR_SYNTAX, ERR_RANGE. */
err sweep_resolve_number(sweep_axis axis, const char *text, double *out, const sweep_place *at, diags *faults);

/** True when an engine named with a version got the row of an older one (`vllm@0.18.5` -> 0.18.0). */
int sweep_engine_is_older(const sweep_value *v);

/** Any version of an engine called `name`. */
int sweep_engine_is(const sweep_value *v, const char *name);

/** Both stand for the same row, pair of rows or layout, whatever their labels say. */
int sweep_value_same(sweep_axis axis, const sweep_value *a, const sweep_value *b);

#endif
