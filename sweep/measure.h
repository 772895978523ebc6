/*
 * measure.h - one number about one scenario: what the cells of tables and the points of charts show.
 */
#ifndef SWEEP_MEASURE_H
#define SWEEP_MEASURE_H

#include "kernels/lower/lower.h"
#include "kernels/reduce/capacity.h"
#include "sweep/config.h"

/** The cell a measure looks at. `gpu` NULL: none. */
typedef struct sweep_point {
    const kern_scenario *sc;
    double context, batch;
    const kern_gpu *gpu;
    int gpus;
} sweep_point;

/**
 * Computes a measure: bytes for memory, whole numbers for counts. `document`: bytes as the method's document adds them
 * (GiB counted as GB where it does so). Returns ERR_OK; else *why (DIAG_TEXT bytes) says why there is no number.
 */
err sweep_measure_value(sweep_measure m, const sweep_point *p, int document, double *out, char *why);

/** What a measure is counted in. */
typedef enum sweep_measured { SWEEP_OF_NUMBER, SWEEP_OF_BYTES, SWEEP_OF_USD } sweep_measured;
sweep_measured sweep_measure_kind(sweep_measure m);

/** True when the measure is an amount of memory, so that units apply. */
int sweep_measure_is_memory(sweep_measure m);

#endif
