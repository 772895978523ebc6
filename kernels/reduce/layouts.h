/*
 * layouts.h - all layouts of a number of GPUs, each lowered and held against a GPU once, the best kept. What is looked
 * at: docs/layouts.md. They are walked, not stored; the answer does not depend on the number of threads.
 */
#ifndef KERNELS_REDUCE_LAYOUTS_H
#define KERNELS_REDUCE_LAYOUTS_H

#include "kernels/lower/lower.h"
#include "kernels/reduce/capacity.h"

/** What a question gives: only this value is looked at, whether the engine names it or not. */
typedef enum kern_given {
    KERN_GIVEN_TP = 1 << 0,
    KERN_GIVEN_PP = 1 << 1,
    KERN_GIVEN_CP = 1 << 2,
    KERN_GIVEN_DP = 1 << 3,
    KERN_GIVEN_EP = 1 << 4,
    KERN_GIVEN_ZERO = 1 << 5,
    KERN_GIVEN_SP = 1 << 6,
    KERN_GIVEN_CHECKPOINTING = 1 << 7
} kern_given;

typedef struct kern_layout_question {
    kern_scenario sc;     /* exact method; its layout holds what is given, and etp, vpp, micro_batches, stage for all */
    unsigned given;       /* kern_given bits */
    const kern_gpu *gpu;  /* NULL: least bytes, nothing fits */
    int node;             /* GPUs of a node, in which tensor parallelism stays */
    double context;       /* [tokens] */
    double batch;         /* [sequences] micro-batch when training */
    int64_t global_batch; /* [sequences] of a training step, 0: any */
    double limit;         /* [bytes] layouts that cannot take less are passed over, 0: none */
    int threads;          /* 0: as many as OpenMP gives */
} kern_layout_question;

/** A layout that was lowered, with the step it is for. */
typedef struct kern_layout_choice {
    kern_layout layout;
    uint8_t checkpointing; /* kern_checkpointing; the mode's own for inference */
    double charge;         /* [bytes] that count against the capacity */
    double capacity;       /* [bytes] */
} kern_layout_choice;

typedef struct kern_layout_counts {
    uint64_t looked;  /* layouts walked */
    uint64_t passed;  /* of these: over the limit without being lowered */
    uint64_t refused; /* that the model or the engine's rules do not allow */
    uint64_t fit;
} kern_layout_counts;

enum { KERN_CHOICES_MAX = 64 };

/**
 * The layouts of exactly `gpus` GPUs with the most headroom, best first; on a tie the smaller pp, tp, cp, ep, ZeRO
 * stage, checkpointing, in this order.
 *
 * @param best    out (cap), cap up to KERN_CHOICES_MAX
 * @param counts  added to
 * @param why     DIAG_TEXT bytes: when nothing is found, why the first layout was refused, or empty: there is none
 * @return number found
 */
size_t kern_layouts_best(const kern_layout_question *q, int gpus, kern_layout_choice *best, size_t cap,
                         kern_layout_counts *counts, char *why);

/**
 * True when a search for the fewest GPUs tries this number: what divides a node, whole nodes (beyond 64 of them 32
 * steps to a doubling), and `most` itself.
 */
int kern_layouts_tries(int gpus, int node, int most);

#endif
