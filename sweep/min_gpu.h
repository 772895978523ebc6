/*
 * min_gpu.h - the "minimum GPU" of a table row: of the GPUs and counts offered, the fewest that hold the scenario, and
 * of those the one with the least memory.
 */
#ifndef SWEEP_MIN_GPU_H
#define SWEEP_MIN_GPU_H

#include "sweep/measure.h"
#include "sweep/run.h"

typedef struct sweep_min_gpu {
    arena *mem;
    const kern_gpu *const *gpu;
    size_t n_gpus;
    const int64_t *counts; /* ascending; n_counts 0: any */
    size_t n_counts;
} sweep_min_gpu;

/** Expands the report's `min_gpu` list (names, globs, tags). */
err sweep_min_gpu_init(sweep_min_gpu *s, sweep_run *run, const sweep_report *r);

/** How many of which GPU; 0 when none of those offered holds it. */
int64_t sweep_min_gpu_find(const sweep_min_gpu *s, const sweep_point *p, const kern_gpu **out);

/** "H100 80GB" or "4x B200 (720 GB)"; "none offered holds it"; arena text, NULL when memory is gone. */
const char *sweep_min_gpu_text(const sweep_min_gpu *s, const sweep_point *p);

#endif
