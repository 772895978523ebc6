/*
 * limits.h - how far inverse questions look: contexts and batches keep b x s below 2^40, where page counts are exact.
 */
#ifndef SWEEP_LIMITS_H
#define SWEEP_LIMITS_H

#include <math.h>

#include "sweep/resolve.h"

/** Longest context tried with b sequences [tokens]. */
static inline double sweep_context_limit(double b) {
    return fmin(SWEEP_CONTEXT_MAX, floor(0x1p40 / b));
}

/** Largest batch tried with s tokens each [sequences]. */
static inline double sweep_batch_limit(double s) {
    return fmin(SWEEP_BATCH_MAX, floor(0x1p40 / s));
}

#endif
