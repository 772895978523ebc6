/*
 * quality.h - what a weight format costs in quality, as somebody published it (quality.csv).
 */
#ifndef SWEEP_QUALITY_H
#define SWEEP_QUALITY_H

#include "sweep/command.h"

/** One published figure. */
typedef struct sweep_quality {
    const char *document, *model,
        *format;                /* format: a name of formats.csv; model: of models.csv, or empty: none named */
    const char *metric, *unit;  /* perplexity in %, mmlu in points */
    double value;               /* of the metric itself, 0: not given */
    double loss_low, loss_high; /* against 16 bits; equal when one figure is given */
    const char *source;
} sweep_quality;

/** All rows of a quality.csv; formats and models must be in the catalogs. */
err sweep_quality_load(sweep_ctx *ctx, const char *path, const sweep_quality **rows, size_t *n);

/** The figure for a format: of this model if there is one, else the first of the file; NULL when nobody gave any. */
const sweep_quality *sweep_quality_find(const sweep_catalogs *c, const sweep_quality *rows, size_t n,
                                        const kern_format *f, const char *model);

/** "+1.2% ppl", "-0.9 points MMLU"; brief: without the metric where it is neither. */
const char *sweep_quality_text(arena *mem, const sweep_quality *q, int brief);

#endif
