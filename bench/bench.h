/*
 * bench.h - a measurement: our function, a plain twin that does the same, and a floor that any way of doing it pays.
 * All of them run alternately in one process; what counts are their ratios. A result that differs from its twin's is
 * never timed. A case with neither twin nor floor is a limit of the machine or has no second way.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include "sweep/catalog.h"

typedef struct bench_case {
    const char *name, *unit; /* what is done, and one of what */
    double units;            /* done by one call of any of them */
    void (*ours)(void);
    void (*two)(void);   /* ours with two threads, NULL: not measured */
    void (*plain)(void); /* NULL: none */
    void (*floor)(void); /* NULL: none */
    const char *plain_means, *floor_means;
    int (*agree)(void); /* 1: ours (with one thread and two) and plain give the same bits */
} bench_case;

enum { BENCH_CASES_MAX = 32 };

/** Everything that the cases of a file need, and the cases. */
typedef struct bench_set {
    const sweep_catalogs *catalogs;
    const char *program; /* path of vramsweep */
    const char *scratch; /* folder for files that are measured */
    bench_case item[BENCH_CASES_MAX];
    size_t n;
} bench_set;

/** Adds the cases of a file. 0 when they cannot be set up. */
int bench_add_machine(bench_set *set);
int bench_add_kernels(bench_set *set);
int bench_add_count(bench_set *set);
int bench_add_layouts(bench_set *set);
int bench_add_lowering(bench_set *set);
int bench_add_rows(bench_set *set);
int bench_add_run(bench_set *set);
int bench_add_eval(bench_set *set);

/** What the rounds of a case gave; 0 where there is no twin, floor or second thread. */
typedef struct bench_outcome {
    double ns; /* of one unit */
    double times_plain, share_of_floor;
    double gain;          /* two threads over one */
    double share_of_gain; /* the same over what bench_calibrate gained in the same rounds */
} bench_outcome;

enum { BENCH_ROUNDS = 9 };

/** Medians of alternating rounds. */
bench_outcome bench_measure(const bench_case *c);

/** Multiplies and adds in registers only, as much on each of 1 or 2 threads: what a second thread can gain at best. */
void bench_calibrate_one(void);
void bench_calibrate_two(void);

/**
 * Writes `bytes` of text to a new file in pieces of 1 MiB, and removes it. With `ahead` blocks are asked for first: the
 * floor of every file; else as most programs write.
 */
void bench_write_raw(const char *path, size_t bytes, int ahead);

/** Writes a list of n scenarios that change in every column, a quarter of them without a GPU. 0 on failure. */
int bench_write_scenarios(const char *path, int n);

/** Seconds of a steady clock. */
double bench_now(void);

/** Keeps a value alive that nothing else reads. */
void bench_keep(double x);

#endif
