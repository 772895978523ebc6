/*
 * lines.kern.c - a record to lines over a block of contexts, and lines to a row of totals. Terms without windows and
 * pages add up to one polynomial in the context; the others are evaluated context by context. Sums of whole numbers
 * below 2^53 are exact in any order, so a line is the same bits as the record.
 */
#include <math.h>
#include <string.h>

#include "kernels/eval/isa.h"
#include "kernels/eval/term.h"

enum { POWERS = 3 };

/** Coefficients of 1, s, s^2 for each phase (only the record's are set): what is fixed, what each sequence adds. */
typedef struct polynomials {
    double of[KERN_PHASES_MAX][2][POWERS];
} polynomials;

static int is_power(const kern_term *t) {
    return t->ps == 0 || (t->page_s == 1 && isinf(t->cap_s));
}

static void add_windowed(const kern_term *t, const double *restrict s, double *restrict k) {
    for (size_t i = 0; i < KERN_LINES; i++)
        k[i] += kern_term_context(t, s[i]);
}

static void add_powers(const double p[POWERS], const double *restrict s, double *restrict k) {
    for (size_t i = 0; i < KERN_LINES; i++)
        k[i] = p[0] + p[1] * s[i] + p[2] * s[i] * s[i];
}

void K(fold_lines)(const kern_record *r, const kern_grid *g, size_t first, kern_lines *out) {
    polynomials p;
    double s[KERN_LINES];
    size_t n = g->n_s - first < KERN_LINES ? g->n_s - first : KERN_LINES;
    memset(&p, 0, r->n_phases * sizeof p.of[0]);
    out->first = first;
    out->n = n;
    out->n_phases = r->n_phases;
    memcpy(s, &g->s[first], n * sizeof *s);
    for (size_t i = n; i < KERN_LINES; i++)
        s[i] = s[n - 1];
    for (unsigned i = 0; i < r->n_terms; i++) {
        const kern_term *t = &r->term[i];
        if (is_power(t)) p.of[t->phase][t->pb][t->ps] += t->coef;
    }
    for (unsigned f = 0; f < r->n_phases; f++) {
        add_powers(p.of[f][0], s, out->k0[f]);
        add_powers(p.of[f][1], s, out->k1[f]);
    }
    for (unsigned i = 0; i < r->n_terms; i++) {
        const kern_term *t = &r->term[i];
        if (!is_power(t)) add_windowed(t, s, t->pb ? out->k1[t->phase] : out->k0[t->phase]);
    }
    for (unsigned f = 0; f < r->n_phases; f++) {
        for (size_t i = n; i < KERN_LINES; i++)
            out->k0[f][i] = INFINITY;
    }
}

void K(eval_line)(const kern_lines *x, size_t i, const double *restrict b, size_t n, double *restrict out) {
    double k0 = x->k0[0][i], k1 = x->k1[0][i];
#pragma omp simd aligned(b, out : 64)
    for (size_t j = 0; j < n; j++)
        out[j] = k0 + k1 * b[j];
    for (unsigned f = 1; f < x->n_phases; f++) {
        k0 = x->k0[f][i], k1 = x->k1[f][i];
#pragma omp simd aligned(b, out : 64)
        for (size_t j = 0; j < n; j++) {
            double total = k0 + k1 * b[j];
            out[j] = total > out[j] ? total : out[j];
        }
    }
}
