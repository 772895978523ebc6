/*
 * ranks.kern.c - the cells of lines in buckets by size, so that how many are at most a limit is one look-up and a few
 * comparisons. Worth it when many limits ask: the same lines with hundreds of weight formats. Buckets are ranges of the
 * leading bits of a cell's distance from the smallest, as many per power of two; what a look-up does not tell, exact
 * comparisons inside the bucket do.
 */
#include <math.h>
#include <string.h>

#include "kernels/eval/isa.h"

enum { MANTISSA = 52, BUCKET_BITS = 8 }; /* 2^8 buckets per power of two, the lowest of them shared */

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

/** One context's cells into raw. Returns how many are at most `most`: the first ones. */
static size_t eval_context(kern_ranks *r, const kern_lines *x, size_t i, const double *shift, const double *restrict b,
                           size_t n_b, double most) {
    double *restrict out = r->raw + i * n_b, k0 = x->k0[0][i] + shift[0], k1 = x->k1[0][i];
    size_t n = n_b;
    for (size_t j = 0; j < n_b; j++)
        out[j] = k0 + k1 * b[j];
    for (unsigned p = 1; p < x->n_phases; p++) {
        k0 = x->k0[p][i] + shift[p];
        k1 = x->k1[p][i];
        for (size_t j = 0; j < n_b; j++) {
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
    uint32_t sum = 0, *end = r->start + 1; /* of bucket k: first how many, then the next free place, last its end */
    memset(r->start, 0, sizeof r->start);
    for (size_t i = 0; i < r->n_s; i++) {
        for (size_t j = i * n_b; j < i * n_b + kept[i]; j++) {
            r->bucket[j] = (uint16_t)bucket_of(r, r->raw[j]);
            end[r->bucket[j]]++;
        }
    }
    for (size_t k = 0; k < KERN_BUCKETS; k++) {
        uint32_t n = end[k];
        end[k] = sum;
        sum += n;
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
    size_t kept[KERN_LINES];
    r->n = 0;
    r->first = x->first;
    r->n_s = 0;
    r->most = -INFINITY;
    for (size_t i = 0; i < x->n && (kept[i] = eval_context(r, x, i, shift, g->b, g->n_b, most)) > 0; i++) {
        double last = r->raw[i * g->n_b + kept[i] - 1];
        r->n += kept[i];
        r->n_s++;
        r->most = last > r->most ? last : r->most;
    }
    r->least = r->raw[0];
    r->top = top_of(x, shift, g->b[g->n_b - 1]);
    if (!r->n) return;
    r->first_key = key_of(r->most - r->least) - (KERN_BUCKETS - 1);
    sort_cells(r, kept, g->n_b);
}

/** Cells that are at most x, which is in [least, most). Cells behind the bucket are more than x. */
static uint32_t count_cells(const kern_ranks *r, double x) {
    size_t bucket = bucket_of(r, x);
    uint32_t n = r->start[bucket], end = r->start[bucket + 1];
    for (uint32_t i = n; i < end; i++)
        n += r->cell[i] <= x;
    return n;
}

void K(count_ranks)(const kern_ranks *r, double shift, const kern_grid *g, uint64_t times, const double *limit,
                    size_t m, kern_fit *fit, kern_extent *extent) {
    size_t batches = g->n_b, contexts = r->n_s; /* that the limit holds with the smallest of the other */
    if (r->least + shift < extent->least) extent->least = r->least + shift;
    if (r->top + shift > extent->most) extent->most = r->top + shift;
    for (size_t k = m; k-- > 0;) {
        double room = floor(limit[k]) - shift;
        if (room < r->least || !r->n) return; /* limits are ascending */
        fit[k].cells += times * (room < r->most ? count_cells(r, room) : r->n);
        while (r->raw[batches - 1] > room)
            batches--;
        while (r->raw[(contexts - 1) * g->n_b] > room)
            contexts--;
        if (batches > fit[k].batches) fit[k].batches = (uint32_t)batches;
        if (r->first + contexts > fit[k].contexts) fit[k].contexts = (uint32_t)(r->first + contexts);
    }
}
