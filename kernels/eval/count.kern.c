/*
 * count.kern.c - how many cells fit which capacities. Brute: a row of cells against every limit, a register tile of
 * cells at a time. Analytic: lines of a monotone record; per context and limit the largest batch is (limit - k0) / k1,
 * guessed with the reciprocal and proven by the product with the guess, which is exact.
 */
#include <math.h>
#include <string.h>

#include "kernels/eval/isa.h"

/* ---- brute ---------------------------------------------------------------------------------------------------- */

/* Comparisons of 512 bits give masks, which take more steps to add up than vectors of 256 bits do. */
#ifdef __AVX2__
enum { WIDTH = 32 };
#else
enum { WIDTH = 16 };
#endif
typedef double cells __attribute__((vector_size(WIDTH), may_alias));
typedef int64_t counts __attribute__((vector_size(WIDTH), may_alias));

enum { VECTORS = 8, TILE = VECTORS * WIDTH / sizeof(double), LANES = 8, LIMITS = 64, VECTORS_MAX = KERN_LINES / LANES };

/** Eight vectors of cells stay in registers while all limits pass by. */
static void count_tile(const double *x, const double *limit, size_t m, kern_held *held) {
    const cells *t = (const cells *)x;
    const cells t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3], t4 = t[4], t5 = t[5], t6 = t[6], t7 = t[7];
    for (size_t k = 0; k < m; k++) {
        const cells at = limit[k] - (cells){0};
        counts some = (t0 <= at) + (t1 <= at) + (t2 <= at) + (t3 <= at);
        *(counts *)held[k].lane += some + ((t4 <= at) + (t5 <= at) + (t6 <= at) + (t7 <= at));
    }
}

void K(count_row)(const double *x, size_t n, const double *limit, size_t m, kern_held *held) {
    _Alignas(64) double rest[TILE];
    size_t j = 0;
    for (; j + TILE <= n; j += TILE)
        count_tile(x + j, limit, m, held);
    if (j == n) return;
    for (size_t i = 0; i < TILE; i++)
        rest[i] = j + i < n ? x[j + i] : NAN; /* no limit holds it */
    count_tile(rest, limit, m, held);
}

/* ---- analytic ------------------------------------------------------------------------------------------------- */

/** Lines with their shift, and what the smallest and the largest batch cost at each context. */
typedef struct block {
    const kern_lines *x;
    unsigned phase[KERN_PHASES_MAX], n_phases; /* those that can be the largest */
    _Alignas(64) double k0[KERN_PHASES_MAX][KERN_LINES];
    double over_k1[KERN_PHASES_MAX][KERN_LINES]; /* of those kept: 1 / k1, INFINITY where that is 0 */
    double low[KERN_LINES], high[KERN_LINES];
    double last; /* largest batch of the grid */
} block;

/** Phase p of the lines never costs more than q. Most that do show it at the first context. */
static int covered(const kern_lines *x, const block *at, unsigned p, unsigned q) {
    int over = (at->k0[p][0] > at->k0[q][0]) | (x->k1[p][0] > x->k1[q][0]);
    if (over) return 0;
    for (size_t i = 0; i < KERN_LINES; i++)
        over |= (at->k0[p][i] > at->k0[q][i]) | (x->k1[p][i] > x->k1[q][i]);
    return !over;
}

static void keep_phases(block *at) {
    const kern_lines *x = at->x;
    for (unsigned p = 0; p < x->n_phases; p++) {
        int needed = 1;
        for (unsigned k = 0; k < at->n_phases && needed; k++)
            needed = !covered(x, at, p, at->phase[k]);
        if (!needed) continue;
        unsigned kept = 0;
        for (unsigned k = 0; k < at->n_phases; k++) {
            if (!covered(x, at, at->phase[k], p)) at->phase[kept++] = at->phase[k];
        }
        at->phase[kept++] = p;
        at->n_phases = kept;
    }
}

static void add_phase(block *at, unsigned p, double first) {
    const double *restrict k0 = at->k0[p], *restrict k1 = at->x->k1[p];
    for (size_t i = 0; i < KERN_LINES; i++)
        at->over_k1[p][i] = 1 / k1[i];
    for (size_t i = 0; i < KERN_LINES; i++) {
        double low = k0[i] + k1[i] * first, high = k0[i] + k1[i] * at->last;
        at->low[i] = low > at->low[i] ? low : at->low[i];
        at->high[i] = high > at->high[i] ? high : at->high[i];
    }
}

static void set_block(block *at, const kern_lines *x, const double *shift, const kern_grid *g) {
    at->x = x;
    at->n_phases = 0;
    at->last = g->b[g->n_b - 1];
    for (unsigned p = 0; p < x->n_phases; p++) {
        for (size_t i = 0; i < KERN_LINES; i++)
            at->k0[p][i] = x->k0[p][i] + shift[p];
    }
    keep_phases(at);
    for (size_t i = 0; i < KERN_LINES; i++)
        at->low[i] = at->high[i] = 0;
    for (unsigned k = 0; k < at->n_phases; k++)
        add_phase(at, at->phase[k], g->b[0]);
}

/**
 * Whole sequences that a phase leaves room for, at most `most`. The product with the reciprocal is as good as the
 * quotient to the last bits, so the nearest whole number is the answer or one more, which the product with it tells
 * exactly. Adding and taking away 2^52 rounds on any instruction set.
 */
static inline double lower_most(double limit, double k0, double k1, double over_k1, double most) {
    double room = limit - k0, guess = room * over_k1;
    guess = (guess < most ? guess : most) + 0x1p52 - 0x1p52;
    return guess * k1 > room ? guess - 1 : guess;
}

/** Batches from the one behind `before` up to `most` where there are no gaps, which needs no table. */
static inline double batches_between(double before, double most) {
    return (most > before ? most : before) - before;
}

static uint32_t look_up(const kern_grid *g, double most) {
    return g->batches_to[most > 0 ? (int32_t)most : 0];
}

/** Batches of each context that a limit holds, added up in lanes. */
typedef double lanes[LANES];

/** Adds what each of m limits holds at the vector of contexts from i on; the common case. */
static void add_one_phase(const block *at, double before, size_t i, const double *limit, size_t m, lanes *held) {
    unsigned p = at->phase[0];
    const double *k0 = &at->k0[p][i], *k1 = &at->x->k1[p][i], *over = &at->over_k1[p][i], last = at->last;
    for (size_t k = 0; k < m; k++) {
#pragma omp simd
        for (int j = 0; j < LANES; j++)
            held[k][j] += batches_between(before, lower_most(limit[k], k0[j], k1[j], over[j], last));
    }
}

static void lower_phase(const block *at, unsigned p, size_t i, const double *limit, size_t m, lanes *most) {
    const double *k0 = &at->k0[p][i], *k1 = &at->x->k1[p][i], *over = &at->over_k1[p][i];
    for (size_t k = 0; k < m; k++) {
#pragma omp simd
        for (int j = 0; j < LANES; j++)
            most[k][j] = lower_most(limit[k], k0[j], k1[j], over[j], most[k][j]);
    }
}

/** The same for any number of phases and any batches. */
static void add_phases(const block *at, const kern_grid *g, size_t i, const double *limit, size_t m, lanes *held) {
    _Alignas(64) lanes most[LIMITS];
    for (size_t k = 0; k < m; k++) {
        for (int j = 0; j < LANES; j++)
            most[k][j] = at->last;
    }
    for (unsigned k = 0; k < at->n_phases; k++)
        lower_phase(at, at->phase[k], i, limit, m, most);
    for (size_t k = 0; k < m && !g->no_gaps; k++) {
        for (int j = 0; j < LANES; j++)
            held[k][j] += look_up(g, most[k][j]);
    }
    for (size_t k = 0; k < m && g->no_gaps; k++) {
#pragma omp simd
        for (int j = 0; j < LANES; j++)
            held[k][j] += batches_between(g->b[0] - 1, most[k][j]);
    }
}

/** Batches at the first context, where a limit holds most. */
static uint32_t first_batches(const block *at, const kern_grid *g, double limit) {
    double most = at->last;
    for (unsigned k = 0; k < at->n_phases; k++) {
        unsigned p = at->phase[k];
        most = lower_most(limit, at->k0[p][0], at->x->k1[p][0], at->over_k1[p][0], most);
    }
    return look_up(g, most);
}

/** Vectors of contexts, and the first limits that hold some and all cells of each. */
typedef struct spans {
    size_t some[VECTORS_MAX + 1], all[VECTORS_MAX + 1];
} spans;

/** Lanes whose sum are the cells of vectors that a limit holds in part, for m limits. */
static void count_parts(const block *at, const kern_grid *g, const double *limit, size_t m, spans *span, lanes *held) {
    size_t n = at->x->n, some = 0, all = 0, v = 0;
    for (size_t i = 0; i < n; i += LANES, v++) {
        size_t last = n - i < LANES ? n - 1 : i + LANES - 1;
        while (some < m && at->low[i] > limit[some])
            some++;
        all = all > some ? all : some; /* a limit that holds no cell does not hold all */
        while (all < m && at->high[last] > limit[all])
            all++;
        span->some[v] = some;
        span->all[v] = all;
        if (at->n_phases == 1 && g->no_gaps) {
            add_one_phase(at, g->b[0] - 1, i, limit + some, all - some, held + some);
        } else {
            add_phases(at, g, i, limit + some, all - some, held + some);
        }
    }
    span->some[v] = span->all[v] = m;
}

/** Contexts of a vector that a limit holds: found without branches, which nobody could predict. */
static size_t held_of(const double *low, double limit) {
    size_t n = 0;
    for (size_t half = LANES / 2; half; half /= 2)
        n += half * (low[n + half - 1] <= limit);
    return n + (low[n] <= limit);
}

static size_t least(size_t x, size_t y) {
    return x < y ? x : y;
}

static void raise_count(uint32_t *x, size_t to) {
    if (to > *x) *x = (uint32_t)to;
}

/** A whole number is at most a limit when it is at most the whole number below. */
static void count_limits(const block *at, const kern_grid *g, uint64_t times, const double *limit, size_t m,
                         kern_fit *fit) {
    _Alignas(64) lanes held[LIMITS];
    double whole[LIMITS];
    spans span;
    size_t n = at->x->n, some = 0, all = 0; /* contexts; vectors that the limit holds some and all of */
    memset(held, 0, m * sizeof *held);
    for (size_t k = 0; k < m; k++)
        whole[k] = floor(limit[k]);
    count_parts(at, g, whole, m, &span, held);
    for (size_t k = span.some[0]; k < m; k++) {
        double sum = 0;
        while (span.some[some] <= k)
            some++;
        while (span.all[all] <= k)
            all++;
        for (int j = 0; j < LANES; j++)
            sum += held[k][j];
        size_t last = (some - 1) * LANES, contexts = last + held_of(&at->low[last], whole[k]);
        fit[k].cells += times * ((uint64_t)sum + least(all * LANES, n) * g->n_b);
        raise_count(&fit[k].batches, at->high[0] <= whole[k] ? g->n_b : first_batches(at, g, whole[k]));
        raise_count(&fit[k].contexts, at->x->first + least(contexts, n));
    }
}

void K(count_lines)(const kern_lines *x, const double *shift, const kern_grid *g, uint64_t times, const double *limit,
                    size_t m, kern_fit *fit, kern_extent *extent) {
    block at;
    set_block(&at, x, shift, g);
    if (at.low[0] < extent->least) extent->least = at.low[0];
    if (at.high[x->n - 1] > extent->most) extent->most = at.high[x->n - 1];
    for (size_t k = 0; k < m; k += LIMITS)
        count_limits(&at, g, times, limit + k, m - k < LIMITS ? m - k : LIMITS, fit + k);
}
