/*
 * axes.h - the items of one axis -> its values: names, globs (`qwen3-*`), tags (`@moe`), K:V pairs, layouts, numbers
 * and ranges (`1k..1m x2`, `2k..32k +2k`). Equal values are merged, the first place is kept; numbers are sorted.
 */
#ifndef SWEEP_AXES_H
#define SWEEP_AXES_H

#include "sweep/config.h"
#include "sweep/resolve.h"

/**
 * Expands the items of a categorical axis or of a GPU selection, what a glob or tag finds by name (text_order).
 * @param file  for the places of faults, borrowed
 * @return ERR_OK; the code of the first item that matches nothing or cannot be read, *out and *n untouched
 */
err sweep_axis_values(arena *mem, const sweep_catalogs *c, sweep_axis axis, const sweep_items *items, const char *file,
                      const sweep_value **out, size_t *n, diags *faults);

/** Rows of a GPU selection, for the gpu axis and `min_gpu`. */
err sweep_axis_gpus(arena *mem, const sweep_catalogs *c, const sweep_items *items, const char *file,
                    const kern_gpu *const **out, size_t *n, diags *faults);

/**
 * Expands context or batch.
 * @param out     ascending, distinct, 64-byte aligned, padded to a multiple of 8 with the last value
 * @param labels  contexts as `8k` and `1m` where they are whole ones, batches and others in digits
 */
err sweep_axis_numbers(arena *mem, sweep_axis axis, const sweep_items *items, const char *file, double **out,
                       const char *const **labels, size_t *n, diags *faults);

/** Matches a glob or a tag: any of the names of the row, or the label. */
int sweep_value_matches(sweep_axis axis, const sweep_value *v, const char *pattern);

/** Has wildcards, or is a tag. */
int sweep_is_pattern(const char *text);

/** ERR_NAME with suggestions when no row of the axis has this tag, ERR_SYNTAX when the axis has no tags. */
err sweep_tag_check(const sweep_catalogs *c, sweep_axis axis, const char *tag, const sweep_place *at, diags *faults);

#endif
