/*
 * facts.h - files of facts beside the catalogs that reports show but no scenario needs: published quality, advice,
 * image models.
 */
#ifndef SWEEP_FACTS_H
#define SWEEP_FACTS_H

#include "sweep/command.h"

#include <stddef.h>

/** Path of such a file beside the shipped catalogs; NULL when memory is gone. */
const char *sweep_facts_path(sweep_ctx *ctx, const char *name);

/** Name of the i-th such file; NULL at the end. */
const char *sweep_facts_name(size_t i);

/** Checks a file whose name is that of one of them; *known 0: it is not. The catalogs must be loaded. */
err sweep_facts_check(sweep_ctx *ctx, const char *path, int *known);

/** Checks those of a folder that are there. */
err sweep_facts_check_in(sweep_ctx *ctx, const char *dir);

/** One each. */
err sweep_quality_check(sweep_ctx *ctx, const char *path);
err sweep_cases_check(sweep_ctx *ctx, const char *path);
err sweep_images_check(sweep_ctx *ctx, const char *path);

#endif
