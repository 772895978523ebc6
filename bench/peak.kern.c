/*
 * peak.kern.c - multiply-adds in registers, as many as the machine can do: nothing is loaded or stored. Compiled once
 * per instruction set, with contraction allowed, so that each step is one instruction where there is one.
 */
#include "bench/peak.h"

#define K_JOIN(name, isa)   bench_##name##_##isa
#define K_EXPAND(name, isa) K_JOIN(name, isa)
#define K(name)             K_EXPAND(name, KERN_ISA)

#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64 };
#elif defined(__AVX__)
enum { VECTOR_BYTES = 32 };
#else
enum { VECTOR_BYTES = 16 };
#endif

/* Enough independent sums to hide the latency, few enough for 16 registers. */
enum { SUMS = 12 };

typedef double vector __attribute__((vector_size(VECTOR_BYTES)));

double K(peak)(long steps, double *sum) {
    vector x[SUMS], a = (vector){0} + 0.999, b = (vector){0} + 1e-3;
    for (int k = 0; k < SUMS; k++)
        x[k] = (vector){0} + *sum + k;
    for (long i = 0; i < steps; i++) {
#pragma GCC unroll 12
        for (int k = 0; k < SUMS; k++)
            x[k] = x[k] * a + b;
    }
    for (int k = 0; k < SUMS; k++)
        *sum += x[k][0];
    return 2.0 * SUMS * (VECTOR_BYTES / sizeof(double));
}
