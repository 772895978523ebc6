/*
 * auto_layout.h - `layout=auto`: a scenario whose layout is searched for among all that its model and engine allow on
 * its GPUs (docs/layouts.md). Degrees, ZeRO stage and checkpointing that are given as knobs are kept.
 */
#ifndef SWEEP_AUTO_LAYOUT_H
#define SWEEP_AUTO_LAYOUT_H

#include "kernels/reduce/layouts.h"
#include "sweep/scenario.h"

/** What the best layout is best in; on a tie the most headroom. */
typedef enum sweep_objective { SWEEP_BEST_HEADROOM, SWEEP_BEST_GPUS, SWEEP_BEST_COST } sweep_objective;

typedef struct sweep_auto {
    int asked; /* the layout is auto */
    sweep_objective objective;
    int gpus;               /* all of them (headroom), or at most */
    kern_layout_question q; /* without a GPU */
} sweep_auto;

/** True when a layout's text asks for a search. */
int sweep_auto_is(const char *text);

/**
 * sweep_scenario_build for rows whose layout may be `auto`: the scenario is then one of layout tp1 with the knobs laid
 * over it, and *a the question. Refuses `auto` without gpus= or with a published method, and global_batch without it.
 */
err sweep_auto_build(const sweep_catalogs *c, const char *const text[SC_COLUMNS], const sweep_place *at,
                     sweep_scenario *out, sweep_auto *a, diags *faults);

/** GPUs of a node, at least one. */
int sweep_auto_node(const kern_gpu *gpu);

/**
 * The best layouts on a GPU, best first: of all GPUs, or of the fewest that hold the scenario; when none do, those of
 * all GPUs with the least that is missing.
 * @return number found, 0: no layout is allowed, *why (DIAG_TEXT bytes) says so
 */
size_t sweep_auto_search(const sweep_auto *a, const kern_gpu *gpu, kern_layout_choice *best, size_t cap, int *gpus,
                         kern_layout_counts *counts, char *why);

/** Says that no layout is allowed; `reason` is why one is not, or empty when no degrees multiply to that many. */
void sweep_auto_none(int gpus, const char *reason, char *why);

/** Puts a choice into the scenario. */
void sweep_auto_take(sweep_scenario *sc, const kern_layout_choice *c, int gpus);

/** Searches with one thread and takes the best. On failure `why` (DIAG_TEXT bytes) says what is missing. */
err sweep_auto_choose(const sweep_auto *a, sweep_scenario *sc, char *why);

extern const char *const sweep_checkpointing_name[]; /* none selective full */

#endif
