/*
 * scenario.h - one scenario from texts (a row of a list, AXIS=VALUE arguments): names resolved, knobs laid over the
 * rows of mode, engine and layout. And its answer: what `eval`, `explain` and `fit` print.
 */
#ifndef SWEEP_SCENARIO_H
#define SWEEP_SCENARIO_H

#include "kernels/lower/lower.h"
#include "kernels/reduce/capacity.h"
#include "sweep/resolve.h"

typedef enum sweep_column {
#define COLUMN(id, name, fallback, takes) id,
#include "sweep/columns.def"
#undef COLUMN
    SC_COLUMNS
} sweep_column;

typedef struct sweep_column_info {
    const char *name, *fallback, *takes;
} sweep_column_info;

extern const sweep_column_info sweep_columns[SC_COLUMNS];

/** Column by name, case ignored; SC_COLUMNS when there is none. sweep_column_next feeds text_suggest. */
sweep_column sweep_column_find(const char *name);
const char *sweep_column_next(const void *unused, size_t i);

/** A resolved scenario. `k.mode` and `k.engine` point into the struct when knobs changed them: do not copy it. */
typedef struct sweep_scenario {
    kern_scenario k;
    double context, batch;
    const kern_gpu *gpu;      /* NULL: none */
    int gpus;                 /* held against */
    const char *older_engine; /* engine as asked for when only an older version is known, else NULL */
    kern_mode mode;
    kern_engine engine;
} sweep_scenario;

/**
 * Builds a scenario; NULL or empty texts take the default of their column.
 * @param at  file and line of the texts; the diag's field names the column
 */
err sweep_scenario_build(const sweep_catalogs *c, const char *const text[SC_COLUMNS], const sweep_place *at,
                         sweep_scenario *out, diags *faults);

/** The engine's defaults on that GPU, where the texts give no knobs instead: `out` has its own engine afterwards. */
void sweep_scenario_on_gpu(const char *const text[SC_COLUMNS], const kern_gpu *gpu, sweep_scenario *out);

/** Everything `eval` prints about one scenario; the fields from usable on are set only with a GPU. */
typedef struct sweep_answer {
    double component[KERN_COMPONENTS], total, charge;
    double low, high; /* totals, by the spread of the engine's constants */
    double usable, headroom, min_gpus, max_batch, max_context, kv_capacity;
    int fits;
    int held, serves; /* against a GPU; no training, so that a cache has a capacity */
    kern_layout layout;
    uint8_t checkpointing;
} sweep_answer;

/** Evaluates. On failure `why` (DIAG_TEXT bytes) says what is impossible about the scenario. */
err sweep_scenario_answer(const sweep_scenario *sc, sweep_answer *out, char *why);

#endif
