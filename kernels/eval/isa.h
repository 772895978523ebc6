/*
 * isa.h - names of what is compiled once per instruction set: K(eval_row) is kern_eval_row_avx2 and so on. Only for
 * *.kern.c.
 */
#ifndef KERNELS_EVAL_ISA_H
#define KERNELS_EVAL_ISA_H

#include "kernels/eval/eval.h"

#define K_JOIN(name, isa)   kern_##name##_##isa
#define K_EXPAND(name, isa) K_JOIN(name, isa)
#define K(name)             K_EXPAND(name, KERN_ISA)
#define K_TEXT(isa)         #isa
#define K_NAME(isa)         K_TEXT(isa)

/* lines.kern.c */
void K(fold_lines)(const kern_record *r, const kern_grid *g, size_t first, kern_lines *out);
void K(eval_line)(const kern_lines *x, size_t i, const double *b, size_t n, double *out);

/* count.kern.c */
void K(count_row)(const double *x, size_t n, const double *limit, size_t m, kern_held *held);
void K(count_lines)(const kern_lines *x, const double *shift, const kern_grid *g, uint64_t times, const double *limit,
                    size_t m, kern_fit *fit, kern_extent *extent);

/* ranks.kern.c */
void K(rank_lines)(const kern_lines *x, const double *shift, const kern_grid *g, double most, kern_ranks *r);
void K(count_ranks)(const kern_ranks *r, double shift, uint64_t times, const double *limit, size_t m, kern_fit *fit,
                    kern_extent *extent);
void K(reach_ranks)(const kern_ranks *r, double shift, const kern_grid *g, const double *limit, size_t m,
                    kern_fit *fit);

/* digits.kern.c */
void K(put_digits)(const double *v, size_t n, kern_digits *out);

#endif
