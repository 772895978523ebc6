/*
 * capacity.h - the bytes a scenario is held against on a GPU, and how many GPUs it takes.
 * Exact method: a record is what one GPU of the layout holds, against that GPU's usable bytes times the engine's share.
 * Engines with rows in reserves.csv: the share is that of weights and cache in what start-up left free; forward passes
 * and graphs use the rest.
 * Published methods: a record is the whole model, against the marketed GB of all GPUs together times the method's
 * share.
 */
#ifndef KERNELS_REDUCE_CAPACITY_H
#define KERNELS_REDUCE_CAPACITY_H

#include "kernels/reduce/reduce.h"

/** What a capacity is used for: published methods leave different shares free. */
typedef enum kern_use { KERN_USE_FIT, KERN_USE_SERVE } kern_use;

/** GPUs one replica of the layout occupies: tp x pp x cp x dp (expert parallelism reuses them). */
int kern_layout_gpus(const kern_layout *l);

/** Capacity [bytes] of `gpus` GPUs for the scenario. */
double kern_capacity(const kern_scenario *sc, const kern_gpu *gpu, int gpus, kern_use use);

/** False when that many GPUs together hold 2^53 bytes or more, where whole bytes stop being exact. */
int kern_capacity_exact(const kern_scenario *sc, const kern_gpu *gpu, int gpus);

/**
 * Fewest GPUs of one kind that hold the scenario at (b, s), 0 when none of the layouts tried does.
 * Exact: the given layout if it fits in fewer, else tp = 1, 2, 4 ... up to the node (as far as the heads allow), then
 * pp = 2, 3, 4 ... nodes, with the other degrees as given; *layout receives the one found (may be NULL).
 * Published: ceil(total / capacity of one).
 */
int kern_min_gpus(const kern_scenario *sc, const kern_gpu *gpu, double b, double s, kern_layout *layout);

/**
 * Low and high total [bytes] around what a scenario's components add up to: activations and overhead times the engine's
 * spread_low and spread_high (p10 and p90 of measured over predicted, engines.csv), the device's context times
 * context_low and context_high where the engine has them; to whole bytes. Returns 0 and leaves both alone when nobody
 * has measured the engine's spread.
 */
int kern_total_range(const kern_scenario *sc, const double component[KERN_COMPONENTS], double *low, double *high);

#endif
