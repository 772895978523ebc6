/*
 * peak.h - the calibration loop, one copy per instruction set.
 */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

/** Runs `steps` steps, adds something that depends on them to *sum. Returns the floating-point operations of a step. */
double bench_peak_base(long steps, double *sum);
double bench_peak_avx2(long steps, double *sum);
double bench_peak_avx512(long steps, double *sum);

#endif
