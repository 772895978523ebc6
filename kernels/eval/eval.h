/*
 * eval.h - SIMD evaluation of records over batches, one context at a time. One source (eval.kern.c), compiled per
 * instruction set; the table in use is chosen once, before threads start.
 */
#ifndef KERNELS_EVAL_EVAL_H
#define KERNELS_EVAL_EVAL_H

#include "common/err.h"
#include "kernels/eval/lines.h"
#include "kernels/record.h"

/**
 * Output columns for one row (one context, n batches). Arrays are 64-byte aligned and hold kern_row_capacity(n)
 * doubles. `charge` is what counts against a capacity; it equals total unless the record is `charged`.
 */
typedef struct kern_row {
    double *component[KERN_COMPONENTS]; /* [bytes] */
    double *total;                      /* [bytes] */
    double *charge;                     /* [bytes] */
    double *scratch[2];                 /* work space, same size */
} kern_row;

/** Doubles an output array needs for n batches: n rounded up to a multiple of 8. */
#define kern_row_capacity(n) (((n) + 7u) & ~(size_t)7u)

/** Lays the arrays of a row out in memory, 64-byte aligned: KERN_ROW_ARRAYS of `column` doubles, a multiple of 8. */
enum { KERN_ROW_ARRAYS = KERN_COMPONENTS + 4 };
void kern_row_place(kern_row *row, double *memory, size_t column);

/**
 * Whole numbers as text: 16 digits each, zeros in front included, eight characters a word. One more than there are, so
 * that 16 bytes can be read from any digit on.
 */
enum { KERN_DIGITS = 16, KERN_DIGITS_ROWS = 64 };
typedef struct kern_digits {
    uint64_t half[KERN_DIGITS_ROWS + 1][2];
} kern_digits;

typedef struct kern_ops {
    const char *name; /* base, avx2, avx512 */
    /** Evaluates record r at context s for batches b[0..n): fills out. b (n) [sequences], 64-byte aligned, padded. */
    void (*eval_row)(const kern_record *r, double s, const double *b, size_t n, kern_row *out);
    /** Adds how many of x[0..n) are <= each of m limits, as -1 each: held (m). x as a column of kern_row. */
    void (*count_row)(const double *x, size_t n, const double *limit, size_t m, kern_held *held);
    /** The record (kern_record_lines) at up to KERN_LINES contexts of the grid from `first` on. */
    void (*fold_lines)(const kern_record *r, const kern_grid *g, size_t first, kern_lines *out);
    /** out[j] = largest phase for batches b[0..n) at context i of the lines; out and b as columns of kern_row. */
    void (*eval_line)(const kern_lines *x, size_t i, const double *b, size_t n, double *out);
    /**
     * Adds to fit (m), each cell `times`, what limit[0..m), ascending, hold of the lines with every phase shift[phase]
     * bytes higher, and to *extent what they cost. Needs grid->batches_to; blocks of one record come in ascending order
     * of contexts.
     */
    void (*count_lines)(const kern_lines *x, const double *shift, const kern_grid *g, uint64_t times,
                        const double *limit, size_t m, kern_fit *fit, kern_extent *extent);
    /**
     * Ranks the cells of lines with every phase shift[phase] bytes higher, as far as they are at most `most` bytes, of
     * at most KERN_RANKS_BATCHES batches.
     */
    void (*rank_lines)(const kern_lines *x, const double *shift, const kern_grid *g, double most, kern_ranks *r);
    /** As count_lines, for ranked cells that are all `shift` bytes higher; but for the largest batch and context. */
    void (*count_ranks)(const kern_ranks *r, double shift, uint64_t times, const double *limit, size_t m, kern_fit *fit,
                        kern_extent *extent);
    /** Those two, which no larger shift moves: one call with the least of them is enough. */
    void (*reach_ranks)(const kern_ranks *r, double shift, const kern_grid *g, const double *limit, size_t m,
                        kern_fit *fit);
    /** The digits of v[0..n), whole numbers 0..2^53 - 1; n up to KERN_DIGITS_ROWS. */
    void (*put_digits)(const double *v, size_t n, kern_digits *out);
} kern_ops;

/** Table in use; the best one this machine runs unless kern_ops_choose said otherwise. */
const kern_ops *kern_ops_get(void);

/** Forces a table by name ("auto" for the best). ERR_NAME unknown, ERR_RANGE not runnable here; *why gets the reason.
 */
err kern_ops_choose(const char *name, char *why, size_t why_bytes);

/** Names of all tables built in, in order, NULL at the end; *runs says whether this machine can run it. */
const char *kern_ops_name(unsigned i, int *runs);

/** One cell with the plain scalar loop: component[6], returns total; charge may be NULL. Same bits as eval_row. */
double kern_eval_cell(const kern_record *r, double b, double s, double component[KERN_COMPONENTS], double *charge);

/** What one cell counts against a capacity [bytes]: the charge of kern_eval_cell, without its components. */
double kern_eval_charge(const kern_record *r, double b, double s);

/** The same of a record in two halves with the same phases (kern_lower_half). */
double kern_eval_halves(const kern_record *x, const kern_record *y, double b, double s);

/** The same cell in whole numbers (__int128): the oracle of tests and of the 2^53 proof. Needs whole coefficients. */
__int128 kern_eval_oracle(const kern_record *r, int64_t b, int64_t s, __int128 component[KERN_COMPONENTS]);

#endif
