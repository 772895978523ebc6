/*
 * plan.h - one sweep with every name resolved and every axis expanded. Combinations are decoded from an index
 * (mixed radix, axes in the fixed order below, last one fastest), so a plan of any size needs no memory for them.
 */
#ifndef SWEEP_PLAN_H
#define SWEEP_PLAN_H

#include "sweep/catalog.h"

/** Categorical axes in the order of nesting, outermost first; then context, batch and gpu inside. */
typedef enum sweep_axis {
    SWEEP_METHOD,
    SWEEP_ENGINE,
    SWEEP_MODE,
    SWEEP_MODEL,
    SWEEP_WEIGHTS,
    SWEEP_KV,
    SWEEP_LAYOUT,
    SWEEP_CATEGORIES, /* the axes above make combinations */
    SWEEP_CONTEXT = SWEEP_CATEGORIES,
    SWEEP_BATCH,
    SWEEP_GPU,
    SWEEP_AXES
} sweep_axis;

extern const char *const sweep_axis_name[SWEEP_AXES]; /* method engine mode model weights kv layout context batch gpu */

/** One value of a categorical axis: its label as written in results and the row behind it. */
typedef struct sweep_value {
    const char *label;
    union {
        const kern_model *model;
        const kern_format *format;
        struct {
            const kern_format *k, *v;
        } kv;
        const kern_mode *mode;
        const kern_engine *engine;
        const kern_method *method;
        const kern_gpu *gpu; /* while GPU selections are expanded; a plan keeps plan->gpu */
        kern_layout layout;
    } row;
} sweep_value;

typedef struct sweep_skip sweep_skip; /* compiled skip rules */

typedef struct sweep_plan {
    const sweep_catalogs *catalogs;
    const sweep_value *value[SWEEP_CATEGORIES];
    size_t n[SWEEP_AXES];
    double *context, *batch; /* ascending, distinct, 64-byte aligned, padded to a multiple of 8 */
    const char *const *context_label, *const *batch_label; /* 8k, 128k, ... as one would write them */
    const kern_gpu *const *gpu;
    int gpus; /* GPUs held against, 0: what the layout needs */
    const sweep_skip *skip;
    struct sweep_plan_layouts *layouts; /* chosen for combinations of layout auto, NULL: there are none */
    uint64_t n_combos;                  /* product of the categorical axes, skipped ones included */
} sweep_plan;

/** Index on each categorical axis. */
typedef struct sweep_combo {
    kern_scenario sc;
    uint32_t at[SWEEP_CATEGORIES];
} sweep_combo;

struct sweep_config;

enum {
    SWEEP_VALUES_MAX = 4096,   /* distinct values of a categorical axis or GPUs */
    SWEEP_NUMBERS_MAX = 65536, /* distinct values of context or batch */
    SWEEP_LISTED_MAX = 100000  /* values of one axis as written, before equal ones are merged */
};

/**
 * Resolves sweep `i_sweep` of a config against the catalogs: expands axes, fills in defaults, compiles skip rules,
 * checks the reports that show this sweep (plan_check.c). All of it lives in `mem`; catalogs are borrowed.
 * @return ERR_OK or the code of the first fault, then *p is untouched. ERR_LIMIT: over 2^40 combinations, 2^53 cells or
 * 2^40 tokens at the largest context and batch.
 */
err sweep_plan_build(sweep_plan *p, arena *mem, const sweep_catalogs *c, const struct sweep_config *cfg, size_t i_sweep,
                     diags *faults);

/** Index of a value on its axis, by label, alias or any spelling of a number; -1 when the plan does not have it. */
int sweep_plan_find(const sweep_plan *p, sweep_axis axis, const char *text);

/** Label of value i of any axis. */
const char *sweep_plan_label(const sweep_plan *p, sweep_axis axis, size_t i);

/** Decodes combination i. Returns 0 when a skip rule drops all of it (rules that name no context, batch or gpu). */
int sweep_plan_combo(const sweep_plan *p, uint64_t i, sweep_combo *out);

/** True when a skip rule drops this cell (rules that name context, batch or gpu). gpu is an index or -1. */
int sweep_plan_skips(const sweep_plan *p, const sweep_combo *c, size_t i_context, size_t i_batch, long i_gpu);

/** Whether any rule needs sweep_plan_skips at all: 0 keeps the hot path free of it. */
int sweep_plan_skips_cells(const sweep_plan *p);

#endif
