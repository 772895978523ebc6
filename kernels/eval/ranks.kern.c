/*
 * ranks.kern.c - the cells of lines in buckets by size, so that how many are at most a limit is one look-up and a few
 * comparisons. Worth it when many limits ask: the same lines with hundreds of weight formats. Buckets are ranges of the
 * leading bits of a cell's distance from the smallest, as many per power of two; what a look-up does not tell, exact
 * comparisons inside the bucket do.
 */
#include <math.h>
#include <string.h>

#include "kernels/eval/isa.h"

enum { LIMITS = 64, MANTISSA = 52, BUCKET_BITS = 8 }; /* 2^8 buckets per power of two, the lowest of them shared */

/** Ascending with x >= 0. */
static int64_t key_of(double x) {
    int64_t bits;
    x += 1;
    memcpy(&bits, &x, sizeof bits);
    return bits >> (MANTISSA - BUCKET_BITS);
}

static size_t bucket_of(const kern_ranks *r, double x) {
    int64_t k = key_of(x - r->least) - r->first_key;
    return k > 0 ? (size_t)k : 0;
}

/** The first n cells of a context into raw. Returns how many are at most `most`: the first ones. */
static size_t eval_context(kern_ranks *r, const kern_lines *x, size_t i, const double *shift, const kern_grid *g,
                           size_t n, double most) {
    const double *restrict b = g->b;
    double *restrict out = r->raw + i * g->n_b, k0 = x->k0[0][i] + shift[0], k1 = x->k1[0][i];
    for (size_t j = 0; j < n; j++)
        out[j] = k0 + k1 * b[j];
    for (unsigned p = 1; p < x->n_phases; p++) {
        k0 = x->k0[p][i] + shift[p];
        k1 = x->k1[p][i];
        for (size_t j = 0; j < n; j++) {
            double cell = k0 + k1 * b[j];
            out[j] = cell > out[j] ? cell : out[j];
        }
    }
    while (n && out[n - 1] > most)
        n--;
    return n;
}

/** Counting sort by bucket; the order inside one does not matter. kept[i]: cells of context i that take part. */
static void sort_cells(kern_ranks *r, const size_t kept[KERN_LINES], size_t n_b) {
    uint16_t sum = 0, *end = r->start + 1; /* of bucket k: first how many, then the next free place, last its end */
    memset(r->start, 0, sizeof r->start);
    for (size_t i = 0; i < r->n_s; i++) {
        for (size_t j = i * n_b; j < i * n_b + kept[i]; j++)
            r->bucket[j] = (uint16_t)bucket_of(r, r->raw[j]);
        for (size_t j = i * n_b; j < i * n_b + kept[i]; j++)
            end[r->bucket[j]]++;
    }
    for (size_t k = 0; k < KERN_BUCKETS; k++) {
        uint16_t n = end[k];
        end[k] = sum;
        sum = (uint16_t)(sum + n);
    }
    for (size_t i = 0; i < r->n_s; i++) {
        for (size_t j = i * n_b; j < i * n_b + kept[i]; j++)
            r->cell[end[r->bucket[j]]++] = r->raw[j];
    }
}

/** The cell of the last context and batch. */
static double top_of(const kern_lines *x, const double *shift, double b) {
    double top = -INFINITY;
    for (unsigned p = 0; p < x->n_phases; p++) {
        double cell = x->k0[p][x->n - 1] + shift[p] + x->k1[p][x->n - 1] * b;
        top = cell > top ? cell : top;
    }
    return top;
}

void K(rank_lines)(const kern_lines *x, const double *shift, const kern_grid *g, double most, kern_ranks *r) {
    size_t kept[KERN_LINES], n = g->n_b; /* never more than at the context before */
    r->n = 0;
    r->first = x->first;
    r->n_s = 0;
    r->most = -INFINITY;
    for (size_t i = 0; i < x->n && (n = eval_context(r, x, i, shift, g, n, most)) > 0; i++) {
        double last = r->raw[i * g->n_b + n - 1];
        kept[i] = n;
        r->n += n;
        r->n_s++;
        r->most = last > r->most ? last : r->most;
    }
    r->least = r->raw[0];
    r->top = top_of(x, shift, g->b[g->n_b - 1]);
    if (!r->n) return;
    for (size_t i = 0; i < KERN_RANKS_AHEAD; i++)
        r->cell[r->n + i] = INFINITY;
    r->first_key = key_of(r->most - r->least) - (KERN_BUCKETS - 1);
    sort_cells(r, kept, g->n_b);
}

/**
 * Cells that are at most x of this bucket, and not more than all. Cells behind the bucket are more than x, so the first
 * few are compared wherever it ends: most buckets hold none or one, which no processor foresees.
 */
static uint32_t count_cells(const kern_ranks *r, uint32_t bucket, double x) {
    uint32_t from = r->start[bucket], end = r->start[bucket + 1], n = from;
    const double *cell = r->cell + from;
    n += (uint32_t)((cell[0] <= x) + (cell[1] <= x) + (cell[2] <= x) + (cell[3] <= x));
    for (uint32_t i = from + KERN_RANKS_AHEAD; i < end; i++)
        n += r->cell[i] <= x;
    return n;
}

/** What limits leave for a cell before its shift, and the buckets of that. */
static void find_rooms(const kern_ranks *r, double shift, const double *limit, size_t m, double *restrict room,
                       uint32_t *restrict bucket) {
    for (size_t k = 0; k < m; k++) {
        room[k] = floor(limit[k]) - shift;
        bucket[k] = (uint32_t)bucket_of(r, room[k]);
    }
}

/** Up to LIMITS of them, ascending: some hold no cell, some a part, some all. */
static void count_limits(const kern_ranks *r, double shift, uint64_t times, const double *limit, size_t m,
                         kern_fit *fit) {
    double room[LIMITS];
    uint32_t bucket[LIMITS];
    size_t k = 0;
    find_rooms(r, shift, limit, m, room, bucket);
    while (k < m && room[k] < r->least)
        k++;
    for (; k < m && room[k] < r->most; k++)
        fit[k].cells += times * count_cells(r, bucket[k], room[k]);
    for (; k < m; k++)
        fit[k].cells += times * r->n;
}

void K(count_ranks)(const kern_ranks *r, double shift, uint64_t times, const double *limit, size_t m, kern_fit *fit,
                    kern_extent *extent) {
    if (r->least + shift < extent->least) extent->least = r->least + shift;
    if (r->top + shift > extent->most) extent->most = r->top + shift;
    for (size_t k = 0; k < m; k += LIMITS)
        count_limits(r, shift, times, limit + k, m - k < LIMITS ? m - k : LIMITS, fit + k);
}

void K(reach_ranks)(const kern_ranks *r, double shift, const kern_grid *g, const double *limit, size_t m,
                    kern_fit *fit) {
    size_t batches = g->n_b, contexts = r->n_s; /* that the limit holds with the smallest of the other */
    for (size_t k = m; k-- > 0;) {
        double room = floor(limit[k]) - shift;
        if (room < r->least || !r->n) return;
        while (r->raw[batches - 1] > room)
            batches--;
        while (r->raw[(contexts - 1) * g->n_b] > room)
            contexts--;
        if (batches > fit[k].batches) fit[k].batches = (uint32_t)batches;
        if (r->first + contexts > fit[k].contexts) fit[k].contexts = (uint32_t)(r->first + contexts);
    }
}
