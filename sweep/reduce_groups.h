/*
 * reduce_groups.h - a grid added up over combinations: what `reduce` with `by` writes, and how it is counted.
 */
#ifndef SWEEP_REDUCE_GROUPS_H
#define SWEEP_REDUCE_GROUPS_H

#include "sweep/reduce.h"

/** Rows of a report with `by`: groups x GPUs. */
enum { SWEEP_GROUP_ROWS = 1 << 20 };

/** One group: all of its combinations. */
typedef struct sweep_tally {
    uint64_t combinations, refused;
    kern_extent extent; /* total [bytes], KERN_EXTENT_NONE: all are refused */
} sweep_tally;

/** All groups; the place of a group is the sum of stride x position in the pick over all axes. */
typedef struct sweep_groups {
    const sweep_reduce *j;
    size_t stride[SWEEP_CATEGORIES]; /* 0: added up */
    size_t n;
    sweep_tally *of;        /* (n) */
    sweep_counted *counted; /* (n, GPUs) */
} sweep_groups;

/** Counts this rank's share of the combinations into zeroed groups, with all threads. ERR_INTERRUPTED after Ctrl-C. */
err sweep_groups_count(sweep_run *run, sweep_groups *to);

/** Together: adds up what the ranks have counted; all of them get it. */
err sweep_groups_merge(sweep_run *run, sweep_groups *g);

#endif
