/*
 * reduce_family.h - the combinations of one method, engine and model while a thread adds them up (reduce_groups.c
 * walks, reduce_formats.c counts what many weight formats share, reduce_add.c adds).
 */
#ifndef SWEEP_REDUCE_FAMILY_H
#define SWEEP_REDUCE_FAMILY_H

#include "sweep/reduce_groups.h"

/** Axes that tell families apart, and those inside one. */
enum { SWEEP_OUTER = 3, SWEEP_INNER = 4 };
extern const sweep_axis sweep_outer[SWEEP_OUTER], sweep_inner[SWEEP_INNER];

/** A weight format for the layout and the kind of mode at hand. */
typedef struct sweep_priced {
    const kern_format *format; /* NULL: not priced yet */
    unsigned n_phases;
    double shift[KERN_PHASES_MAX]; /* [bytes] per phase */
    size_t alike;                  /* the first format with the same steps from phase to phase */
    size_t members;                /* of the first: how many are alike, those with the same bytes once */
    double lowest;                 /* of the first: least shift of any of them in phase 0 */
    uint64_t times;                /* formats with these bytes, 0: counted with one before */
    uint8_t refused, exact;        /* no such combination; the record at hand stays below 2^53 with it */
} sweep_priced;

/** The least shift that a group's combinations have had with the cells as they were ranked last. */
typedef struct sweep_reached {
    uint64_t ranked; /* number of the ranking, from 1 on */
    double shift;    /* [bytes] */
} sweep_reached;

typedef struct sweep_family {
    sweep_groups *to;
    const sweep_reduce *j;
    sweep_reducer r;
    size_t at[SWEEP_CATEGORIES]; /* positions in the pick */
    kern_record record;
    kern_lines lines;
    kern_ranks ranks;
    uint64_t ranked;                    /* rankings made */
    sweep_reached *reached;             /* (n) */
    sweep_priced *priced;               /* (weights) */
    size_t n, stride[SWEEP_CATEGORIES]; /* groups of the family, numbered densely */
    size_t *group;                      /* (n) which of all groups it is, without the family's part */
    /* Sums since the last flush, capacities being the same: */
    sweep_tally *of; /* (n) */
    kern_fit *held;  /* (n, GPUs) per distinct capacity */
    uint64_t *full;  /* (n) combinations in `held` */
} sweep_family;

/** NULL when memory is gone. */
sweep_family *sweep_family_new(sweep_groups *to);
void sweep_family_free(sweep_family *f);

/** Combinations of one group that share an answer. */
typedef struct sweep_share {
    size_t group;
    uint64_t times;
} sweep_share;

/**
 * Calls add for every group with combinations that share the answer of the one at hand: where the mode does not look
 * at the weight or the K/V format, those are all of them.
 */
void sweep_family_share(sweep_family *f, kern_weights_use use, void (*add)(sweep_family *, sweep_share, const void *),
                        const void *answer);

/** That there is the combination at hand, and whether it is refused, in every group that shares it. */
void sweep_family_add(sweep_family *f, kern_weights_use use, int refused);

/** Moves the sums to all groups', before the capacities change and at the end. */
void sweep_family_flush(sweep_family *f);

/** Adds one combination's row of counts to its group, past the sums. */
void sweep_family_add_counted(sweep_family *f, const sweep_tally *of, const sweep_counted *counted);

/** Prices all weight formats for the layout and mode at hand; those priced before stay. */
void sweep_formats_price(sweep_family *f, kern_weights_use use);

/** Counts the record at hand (lines) with all weight formats, or by itself where the mode has weights of its own. */
void sweep_formats_count(sweep_family *f, kern_weights_use use);

#endif
