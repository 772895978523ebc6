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

enum { VECTORS = 8, TILE = VECTORS * WIDTH / sizeof(double), LANES = 8 };

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

static uint32_t look_up(const kern_grid *g, double most) {
    return g->batches_to[most > 0 ? (int32_t)most : 0];
}

/**
 * Lowers most[i] to the whole sequences that a phase leaves room for, at contexts [from, to), whole vectors. The
 * product with the reciprocal is as good as the quotient to the last bits, so the nearest whole number is the answer or
 * one more, which the product with it tells exactly. Adding and taking away 2^52 rounds on any instruction set.
 */
static void lower_most(const block *at, unsigned p, double limit, size_t from, size_t to, double *restrict most) {
    for (; from < to; from += LANES) {
        const double *k0 = &at->k0[p][from], *k1 = &at->x->k1[p][from], *over = &at->over_k1[p][from];
        double *now = &most[from];
#pragma omp simd
        for (int j = 0; j < LANES; j++) {
            double room = limit - k0[j], guess = room * over[j];
            guess = (guess < now[j] ? guess : now[j]) + 0x1p52 - 0x1p52;
            now[j] = guess * k1[j] > room ? guess - 1 : guess;
        }
    }
}

static void find_most(const block *at, double limit, size_t from, size_t to, double *restrict most) {
    for (size_t i = from; i < to; i++)
        most[i] = at->last;
    for (unsigned k = 0; k < at->n_phases; k++)
        lower_most(at, at->phase[k], limit, from, to, most);
}

/** Batches without gaps need no table: those up to `most` are as many more than the one before the first. */
static uint64_t sum_run(const double *restrict most, double before, size_t from, size_t to) {
    double sum = 0;
#pragma omp simd reduction(+ : sum) aligned(most : 64)
    for (size_t i = from; i < to; i++)
        sum += most[i] > before ? most[i] : before;
    return (uint64_t)(sum - before * (double)(to - from));
}

static uint64_t sum_table(const double *restrict most, const kern_grid *g, size_t from, size_t to) {
    uint64_t sum = 0;
    for (; from < to; from++)
        sum += look_up(g, most[from]);
    return sum;
}

/**
 * Cells of the contexts [from, to), where the limit holds some batches but not all. Whole vectors are counted:
 * contexts before `from` hold all batches, those from `to` on none.
 */
static uint64_t count_some(const block *at, const kern_grid *g, double limit, size_t from, size_t to) {
    _Alignas(64) double most[KERN_LINES];
    size_t start = from & ~(size_t)(LANES - 1), end = (to + LANES - 1) & ~(size_t)(LANES - 1);
    find_most(at, limit, start, end, most);
    uint64_t sum = g->no_gaps ? sum_run(most, g->b[0] - 1, start, end) : sum_table(most, g, start, end);
    return sum - (from - start) * g->n_b;
}

/** Batches at the first context, where a limit holds most. */
static uint32_t first_batches(const block *at, const kern_grid *g, double limit) {
    double most[LANES];
    find_most(at, limit, 0, LANES, most);
    return look_up(g, most[0]);
}

static void raise_count(uint32_t *x, size_t to) {
    if (to > *x) *x = (uint32_t)to;
}

void K(count_lines)(const kern_lines *x, const double *shift, const kern_grid *g, uint64_t times, const double *limit,
                    size_t m, kern_fit *fit, kern_extent *extent) {
    block at;
    size_t all = 0, some = 0; /* contexts that the limit holds wholly, and at all */
    set_block(&at, x, shift, g);
    if (at.low[0] < extent->least) extent->least = at.low[0];
    if (at.high[x->n - 1] > extent->most) extent->most = at.high[x->n - 1];
    for (size_t k = 0; k < m; k++) {
        double whole = floor(limit[k]); /* a whole number is at most a limit when it is at most that */
        while (some < x->n && at.low[some] <= whole)
            some++;
        while (all < x->n && at.high[all] <= whole)
            all++;
        if (!some) continue;
        fit[k].cells += times * all * g->n_b;
        if (all < some) fit[k].cells += times * count_some(&at, g, whole, all, some);
        raise_count(&fit[k].batches, all ? g->n_b : first_batches(&at, g, whole));
        raise_count(&fit[k].contexts, x->first + some);
    }
}
