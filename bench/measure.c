/*
 * measure.c - the rounds of a case: ours, twin, floor and two threads take turns, so that whatever disturbs the machine
 * disturbs all of them; ratios are taken round by round, and their median counts.
 */
#include <stdlib.h>
#include <time.h>

#include "bench/bench.h"

enum { OURS, PLAIN, FLOOR, TWO, ONE_FREE, TWO_FREE, KINDS };

static const double round_seconds = 0.02;
static volatile double kept;

double bench_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void bench_keep(double x) {
    kept = kept + x;
}

static double seconds_of(void (*call)(void), int times) {
    double start = bench_now();
    for (int i = 0; i < times; i++)
        call();
    return (bench_now() - start) / times;
}

/** Calls that take about as long as a round should. */
static int calls_in_a_round(void (*call)(void)) {
    double one = seconds_of(call, 1);
    return one > round_seconds ? 1 : (int)(round_seconds / (one > 1e-7 ? one : 1e-7)) + 1;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(const double x[BENCH_ROUNDS]) {
    double sorted[BENCH_ROUNDS];
    for (int r = 0; r < BENCH_ROUNDS; r++)
        sorted[r] = x[r];
    qsort(sorted, BENCH_ROUNDS, sizeof *sorted, ascending);
    return sorted[BENCH_ROUNDS / 2];
}

/** Median of a[r] / b[r]. */
static double ratio(const double a[BENCH_ROUNDS], const double b[BENCH_ROUNDS]) {
    double x[BENCH_ROUNDS];
    for (int r = 0; r < BENCH_ROUNDS; r++)
        x[r] = a[r] / b[r];
    return median(x);
}

bench_outcome bench_measure(const bench_case *c) {
    void (*const call[KINDS])(void) = {
        c->ours, c->plain, c->floor, c->two, c->two ? bench_calibrate_one : NULL, c->two ? bench_calibrate_two : NULL};
    double t[KINDS][BENCH_ROUNDS] = {{0}}, gain[BENCH_ROUNDS], free_gain[BENCH_ROUNDS];
    int times[KINDS];
    for (int k = 0; k < KINDS; k++)
        times[k] = call[k] ? calls_in_a_round(call[k]) : 0;
    for (int r = 0; r < BENCH_ROUNDS; r++) {
        for (int k = 0; k < KINDS; k++)
            t[k][r] = call[k] ? seconds_of(call[k], times[k]) : 1;
        gain[r] = t[OURS][r] / t[TWO][r];
        free_gain[r] = 2 * t[ONE_FREE][r] / t[TWO_FREE][r];
    }
    return (bench_outcome){.ns = 1e9 * median(t[OURS]) / c->units,
                           .times_plain = c->plain ? ratio(t[PLAIN], t[OURS]) : 0,
                           .share_of_floor = c->floor ? ratio(t[FLOOR], t[OURS]) : 0,
                           .gain = c->two ? median(gain) : 0,
                           .share_of_gain = c->two ? ratio(gain, free_gain) : 0};
}
