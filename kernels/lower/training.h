/*
 * training.h - what the training files share: the moments of a step whose largest is the peak, one pipeline stage of
 * one step being lowered, and the sums that more than one moment needs. Private to kernels/lower/. Prose:
 * docs/training.md.
 */
#ifndef KERNELS_LOWER_TRAINING_H
#define KERNELS_LOWER_TRAINING_H

#include "kernels/lower/internal.h"

/** Moments of a step. Backward runs from the last layer to the first: FIRST and LAST are the ends of it. */
typedef enum kern_moment {
    KERN_MOMENT_STEP,  /* optimizer step: all states, all gradients, no activations */
    KERN_MOMENT_LOSS,  /* end of the forward pass: everything saved, logits */
    KERN_MOMENT_FIRST, /* backward of the last layer: everything saved, its temporaries, hardly any gradients */
    KERN_MOMENT_LAST,  /* backward of the first layer: its temporaries, all gradients */
    KERN_MOMENTS
} kern_moment;

enum { KERN_TRAIN_STAGES = 3, KERN_TRAIN_BYTES = 2 }; /* stages looked at; bytes of the type that is computed in */

/** Trainable parameters on one rank before ZeRO, kept apart where optimizers treat them differently. */
typedef struct kern_trained {
    double matrix, vector, rows_cols; /* [parameters], [parameters], [rows + columns of matrices] */
} kern_trained;

/** Activations per token of one layer or of a stage, [bytes]; `scores` per token and token of context. */
typedef struct kern_saved {
    double tokens, scores;
} kern_saved;

typedef struct kern_training {
    kern_lowering *l;
    const kern_trainer *by;
    const kern_stage *stage;
    kern_moment moment;
    unsigned phase;
    double in_flight,
        at_work; /* micro-batches whose activations the stage holds; the part of one in its backward pass */
} kern_training;

/* model_states.c */
void kern_train_states(const kern_training *t);
double kern_train_layer_params(const kern_scenario *sc, const kern_group *g);
/**
 * Ranks over which ZeRO splits what it shards: all replicas, and under hybrid sharding those of a node, the largest
 * number of them that divides the replicas. Source: Zhao et al. 2023, PyTorch FSDP, section 3.2 (hybrid sharding).
 */
double kern_train_shards(const kern_scenario *sc);

int kern_train_sharded(const kern_scenario *sc);

/* train_gather.c */
void kern_train_frozen(const kern_training *t);
void kern_train_gathered(const kern_training *t);
double kern_train_head_params(const kern_scenario *sc, const kern_stage *st);
/** Bytes of a frozen head that is a matrix like those of the layers, and those it is dequantized into; 0: none. */
double kern_train_own_head(const kern_training *t, double *wide);
double kern_train_largest_layer(const kern_training *t);

/* train_activations.c */
kern_saved kern_train_saved(const kern_training *t, const kern_group *g, kern_checkpointing ckpt);
void kern_train_activations(const kern_training *t);
double kern_train_whole_share(const kern_scenario *sc, const kern_trainer *by);

/* train_backward.c */
void kern_train_backward(const kern_training *t);
void kern_train_dequantized(const kern_training *t); /* what of it depends on the format of frozen weights */

/* train_pipeline.c */
void kern_train_schedule(kern_training *t);
void kern_train_pipeline(const kern_training *t);

/* train_loss.c */
void kern_train_loss(const kern_training *t);

/* train_overhead.c */
void kern_train_overhead(const kern_training *t);

/** Per token of every sequence on this rank: context parallelism shares the tokens out. */
kern_term kern_train_per_token(const kern_scenario *sc, double bytes);
kern_term kern_train_per_score(const kern_scenario *sc, double bytes);

#endif
