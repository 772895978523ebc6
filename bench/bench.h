/*
 * bench.h - a measurement: our function, a plain twin that does the same, and a floor that any way of doing it pays.
 * All three run alternately in one process; what counts are their ratios. A result that differs from its twin's is
 * never timed.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "sweep/catalog.h"

typedef struct bench_case {
    const char *name, *unit; /* what is done, and one of what */
    double units;            /* done by one call of any of the three */
    void (*ours)(void);
    void (*plain)(void); /* NULL: none */
    void (*floor)(void); /* NULL: none */
    const char *plain_means, *floor_means;
    int (*agree)(void); /* 1: ours and plain give the same bits */
} bench_case;

enum { BENCH_CASES_MAX = 16 };

/** Everything that the cases of a file need: shipped catalogs and the seconds a clock has counted. */
typedef struct bench_set {
    const sweep_catalogs *catalogs;
    bench_case item[BENCH_CASES_MAX];
    size_t n;
} bench_set;

/** Adds the cases of a file. 0 when they cannot be set up. */
int bench_add_kernels(bench_set *set);
int bench_add_count(bench_set *set);
int bench_add_layouts(bench_set *set);
int bench_add_lowering(bench_set *set);
int bench_add_rows(bench_set *set);

/** Seconds of a steady clock. */
double bench_now(void);

/** Keeps a value alive that nothing else reads. */
void bench_keep(double x);

#endif
