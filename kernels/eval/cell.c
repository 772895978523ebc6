/*
 * cell.c - one cell at a time: the plain scalar loop that inverse questions use, and the same sum in whole numbers
 * (__int128), which proves the 2^53 bound and is the oracle of the kernel tests.
 */
#include <string.h>

#include "kernels/eval/eval.h"
#include "kernels/eval/term.h"

void kern_row_place(kern_row *row, double *memory, size_t column) {
    for (unsigned c = 0; c < KERN_COMPONENTS; c++, memory += column)
        row->component[c] = memory;
    row->total = memory;
    row->charge = memory + column;
    row->scratch[0] = memory + 2 * column;
    row->scratch[1] = memory + 3 * column;
}

/** Whole numbers: exact in any order, and three chains are shorter than one. */
static double total_of(const double x[KERN_COMPONENTS]) {
    _Static_assert(KERN_COMPONENTS == 6, "all are added");
    return (x[0] + x[1]) + (x[2] + x[3]) + (x[4] + x[5]);
}

static double charge_of(const kern_record *r, const double x[KERN_COMPONENTS]) {
    double charge = 0;
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        charge += r->charge[c] * x[c];
    return charge;
}

double kern_eval_cell(const kern_record *r, double b, double s, double component[KERN_COMPONENTS], double *charge) {
    double sum[KERN_PHASES_MAX][KERN_COMPONENTS];
    memset(sum, 0, r->n_phases * sizeof sum[0]);
    for (unsigned i = 0; i < r->n_terms; i++) {
        const kern_term *t = &r->term[i];
        sum[t->phase][t->component] += kern_term_batch(t, kern_term_context(t, s), b, s);
    }
    double best = -1;
    unsigned phase = 0;
    for (unsigned p = 0; p < r->n_phases; p++) {
        double total = total_of(sum[p]);
        if (total > best) best = total, phase = p;
    }
    if (component) memcpy(component, sum[phase], sizeof sum[phase]);
    if (charge) *charge = r->charged ? charge_of(r, sum[phase]) : best;
    return best;
}

static void add_terms(const kern_record *r, double b, double s, double total[KERN_PHASES_MAX]) {
    for (unsigned i = 0; i < r->n_terms; i++) {
        const kern_term *t = &r->term[i];
        total[t->phase] += kern_term_batch(t, kern_term_context(t, s), b, s);
    }
}

static double largest(const double *total, unsigned n) {
    double most = total[0];
    for (unsigned p = 1; p < n; p++)
        most = total[p] > most ? total[p] : most;
    return most;
}

double kern_eval_charge(const kern_record *r, double b, double s) {
    double charge, total[KERN_PHASES_MAX];
    if (r->charged) {
        kern_eval_cell(r, b, s, NULL, &charge);
        return charge;
    }
    memset(total, 0, r->n_phases * sizeof total[0]);
    add_terms(r, b, s, total);
    return largest(total, r->n_phases);
}

double kern_eval_halves(const kern_record *x, const kern_record *y, double b, double s) {
    double total[KERN_PHASES_MAX];
    memset(total, 0, x->n_phases * sizeof total[0]);
    add_terms(x, b, s, total);
    add_terms(y, b, s, total);
    return largest(total, x->n_phases);
}

static __int128 ceil_div(__int128 x, __int128 y) {
    return (x + y - 1) / y;
}

static __int128 least(__int128 x, double cap) {
    return cap < 0x1p120 && (__int128)cap < x ? (__int128)cap : x;
}

static __int128 term_value(const kern_term *t, int64_t b, int64_t s) {
    __int128 value = (__int128)t->coef;
    __int128 pages = ceil_div(least(s, t->cap_s), (__int128)t->page_s);
    for (unsigned i = 0; i < t->ps; i++)
        value *= pages;
    if (t->pb) value *= b;
    if (t->pt) value *= ceil_div(least((__int128)b * s, t->cap_t + t->cap_tb * (double)b), (__int128)t->page_t);
    return least(value, t->cap_bytes);
}

__int128 kern_eval_oracle(const kern_record *r, int64_t b, int64_t s, __int128 component[KERN_COMPONENTS]) {
    __int128 sum[KERN_PHASES_MAX][KERN_COMPONENTS] = {{0}};
    for (unsigned i = 0; i < r->n_terms; i++)
        sum[r->term[i].phase][r->term[i].component] += term_value(&r->term[i], b, s);
    __int128 best = -1;
    unsigned phase = 0;
    for (unsigned p = 0; p < r->n_phases; p++) {
        __int128 total = 0;
        for (unsigned c = 0; c < KERN_COMPONENTS; c++)
            total += sum[p][c];
        if (total > best) best = total, phase = p;
    }
    for (unsigned c = 0; component && c < KERN_COMPONENTS; c++)
        component[c] = sum[phase][c];
    return best;
}
