/*
 * term.h - the value of one term for one cell, in the order of operations every kernel keeps: first what depends on the
 * context alone, then the batch, then the cap. All factors are whole numbers and every product stays below 2^53, so the
 * order matters for speed only.
 */
#ifndef KERNELS_EVAL_TERM_H
#define KERNELS_EVAL_TERM_H

#include <math.h>

#include "kernels/record.h"

static inline double kern_least(double x, double y) {
    return x < y ? x : y;
}

/** Terms that are more than k0 + k1*b: they look at b*s or are capped. */
static inline int kern_term_wide(const kern_term *t) {
    return t->pt != 0 || t->cap_bytes < INFINITY;
}

/** coef * gs^ps: the factor of a term that is fixed for a row of one context. */
static inline double kern_term_context(const kern_term *t, double s) {
    if (t->ps == 0) return t->coef;
    double pages = ceil(kern_least(s, t->cap_s) / t->page_s);
    return t->ps == 1 ? t->coef * pages : t->coef * pages * pages;
}

/** The rest of a term: `fixed` from kern_term_context. */
static inline double kern_term_batch(const kern_term *t, double fixed, double b, double s) {
    double value = t->pb ? fixed * b : fixed;
    if (t->pt) value *= ceil(kern_least(b * s, t->cap_t + t->cap_tb * b) / t->page_t);
    return kern_least(value, t->cap_bytes);
}

#endif
