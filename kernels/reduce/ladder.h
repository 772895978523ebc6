/*
 * ladder.h - layouts of a scenario in growing order, to find the fewest GPUs that hold it. Lowered records are kept in
 * storage of the caller's and shared by all GPUs with the same node size; a rung that fell out of it is lowered again.
 * Climbing only goes up: asked about batches and contexts that do not fall, no rung needs a second look.
 */
#ifndef KERNELS_REDUCE_LADDER_H
#define KERNELS_REDUCE_LADDER_H

#include "kernels/lower/lower.h"
#include "kernels/reduce/capacity.h"

/** One layout and its record. */
typedef struct kern_rung {
    size_t number; /* which rung this is, SIZE_MAX: none yet */
    kern_layout layout;
    int gpus;    /* of the layout */
    int allowed; /* the model allows the layout */
    kern_record record;
} kern_rung;

typedef struct kern_ladder {
    kern_scenario sc;
    kern_bounds bounds; /* largest context and batch that will be asked for */
    int node;           /* GPUs of a node */
    kern_rung *rung;    /* (cap) */
    size_t cap;         /* 0: only layouts are asked for */
} kern_ladder;

/** Starts a ladder for GPUs with `node` of them in a node; rungs are the caller's, overwritten. */
void kern_ladder_init(kern_ladder *l, const kern_scenario *sc, int node, const kern_bounds *bounds, kern_rung *rung,
                      size_t cap);

/** Layout of rung `number`; 0 when the ladder is shorter. */
int kern_ladder_layout(const kern_ladder *l, size_t number, kern_layout *out);

/**
 * Weights, cache, gradients and optimizer states of a record [bytes]. The stages of a pipeline hold them together, each
 * part on one stage at least, so the fullest of `pp` stages holds no less than a pp-th: a rung that cannot need not be
 * lowered. A cache in pages is left out: how layers share pages depends on which of them lie on a stage. 0 where
 * nothing follows: published methods, a layout that asks for one stage. Test: test_min_gpu.c.
 */
double kern_states_bytes(const kern_scenario *sc, const kern_record *r, double b, double s);

/**
 * First rung from number *from on that holds (b, s) on a GPU; *from moves there.
 * @return GPUs of its layout, 0 when no rung is left; *layout (may be NULL) receives the layout
 */
int kern_ladder_climb(kern_ladder *l, const kern_gpu *gpu, double b, double s, size_t *from, kern_layout *layout);

/** Published records are the whole model: GPUs that together hold `charge` bytes. */
int kern_gpus_together(const kern_scenario *sc, const kern_gpu *gpu, double charge);

#endif
