/*
 * count.c - walks a grid block by block of contexts and lets the kernels count. Source of the analytic way: a record
 * that never falls with the batch fits up to one batch, and one that never falls with the context up to one context.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/reduce/count.h"

enum { ALIGN = 64 };

struct kern_counter {
    kern_lines lines;
    kern_row row;    /* of all batches */
    kern_held *held; /* (capacities) */
    double *memory;  /* of the row */
};

/** Aligned room; its size is made a multiple of the alignment, as C11 asks for. */
static void *room(size_t bytes) {
    return aligned_alloc(ALIGN, (bytes + ALIGN - 1) / ALIGN * ALIGN);
}

kern_counter *kern_counter_new(size_t n_b, size_t n) {
    size_t column = kern_row_capacity(n_b);
    kern_counter *c = room(sizeof *c);
    double *at = room(KERN_ROW_ARRAYS * column * sizeof *at);
    kern_held *held = room((n ? n : 1) * sizeof *held);
    if (!c || !at || !held) {
        free(c);
        free(at);
        free(held);
        return NULL;
    }
    c->memory = at;
    c->held = held;
    kern_row_place(&c->row, at, column);
    return c;
}

void kern_counter_free(kern_counter *c) {
    if (!c) return;
    free(c->memory);
    free(c->held);
    free(c);
}

void kern_grid_complete(kern_grid *g, uint32_t *table) {
    double last = g->b[g->n_b - 1];
    uint32_t n = 0;
    for (uint32_t k = 0; table && k <= (uint32_t)last; k++) {
        if (g->b[n] <= k) n++; /* distinct and ascending: at most one more, and the last at the end */
        table[k] = n;
    }
    g->batches_to = table;
    g->no_gaps = last - g->b[0] == (double)(g->n_b - 1);
}

kern_way kern_count_way(const kern_record *r, const kern_grid *g) {
    return r->monotone && g->batches_to && kern_record_lines(r) ? KERN_WAY_ANALYTIC : KERN_WAY_BRUTE;
}

/** Charges of one context in c->row.charge, as lines where the record has them. */
static void eval_charges(kern_counter *c, const kern_record *r, int lines, const kern_grid *g, size_t i) {
    if (lines) {
        kern_ops_get()->eval_line(&c->lines, i % KERN_LINES, g->b, g->n_b, c->row.charge);
    } else {
        kern_ops_get()->eval_row(r, g->s[i], g->b, g->n_b, &c->row);
    }
}

static void raise_count(uint32_t *x, size_t to) {
    if (to > *x) *x = (uint32_t)to;
}

/** Row i of any record: each cell by itself. */
static void add_row(const double *charge, const kern_grid *g, size_t i, const double *capacity, size_t n, kern_fit *fit,
                    kern_extent *extent) {
    for (size_t j = 0; j < g->n_b; j++) {
        extent->least = fmin(extent->least, charge[j]);
        extent->most = fmax(extent->most, charge[j]);
        for (size_t k = n; k > 0 && charge[j] <= capacity[k - 1]; k--) {
            raise_count(&fit[k - 1].batches, j + 1);
            raise_count(&fit[k - 1].contexts, i + 1);
        }
    }
}

/** The first row of a monotone record tells the batches that a capacity holds. */
static void add_first_row(const double *charge, const kern_grid *g, const double *capacity, size_t n, kern_fit *fit,
                          kern_extent *extent) {
    size_t j = 0;
    extent->least = charge[0];
    for (size_t k = 0; k < n; k++) {
        while (j < g->n_b && charge[j] <= capacity[k])
            j++;
        fit[k].batches = (uint32_t)j;
    }
}

/** Capacities that held the rows before i but not this one: they hold i contexts. Returns the first that holds it. */
static size_t close_contexts(const double *charge, size_t i, const double *capacity, size_t open, size_t n,
                             kern_fit *fit) {
    for (; open < n && !(charge[0] <= capacity[open]); open++)
        fit[open].contexts = (uint32_t)i;
    return open;
}

static uint64_t cells_of(const kern_held *held) {
    int64_t sum = 0;
    for (int i = 0; i < KERN_HELD_LANES; i++)
        sum -= held->lane[i];
    return (uint64_t)sum;
}

static void count_brute(kern_counter *c, const kern_record *r, const kern_grid *g, const double *capacity, size_t n,
                        kern_fit *fit, kern_extent *extent) {
    int lines = kern_record_lines(r);
    const double *charge = c->row.charge;
    size_t open = 0; /* first capacity that holds the smallest batch so far */
    memset(c->held, 0, n * sizeof *c->held);
    for (size_t i = 0; i < g->n_s; i++) {
        if (lines && i % KERN_LINES == 0) kern_ops_get()->fold_lines(r, g, i, &c->lines);
        eval_charges(c, r, lines, g, i);
        kern_ops_get()->count_row(charge, g->n_b, capacity, n, c->held);
        if (!r->monotone) {
            add_row(charge, g, i, capacity, n, fit, extent);
            continue;
        }
        if (i == 0) add_first_row(charge, g, capacity, n, fit, extent);
        open = close_contexts(charge, i, capacity, open, n, fit);
    }
    if (r->monotone) {
        extent->most = charge[g->n_b - 1];
        close_contexts(&(double){NAN}, g->n_s, capacity, open, n, fit);
    }
    for (size_t k = 0; k < n; k++)
        fit[k].cells = cells_of(&c->held[k]);
}

static void count_analytic(kern_counter *c, const kern_record *r, const kern_grid *g, const double *capacity, size_t n,
                           kern_fit *fit, kern_extent *extent) {
    static const double none[KERN_PHASES_MAX];
    for (size_t i = 0; i < g->n_s; i += KERN_LINES) {
        kern_ops_get()->fold_lines(r, g, i, &c->lines);
        kern_ops_get()->count_lines(&c->lines, none, g, 1, capacity, n, fit, extent);
    }
}

void kern_count(kern_counter *c, const kern_record *r, const kern_grid *g, kern_way way, const double *capacity,
                size_t n, kern_fit *fit, kern_extent *extent) {
    memset(fit, 0, n * sizeof *fit);
    *extent = KERN_EXTENT_NONE;
    (way == KERN_WAY_ANALYTIC ? count_analytic : count_brute)(c, r, g, capacity, n, fit, extent);
}
