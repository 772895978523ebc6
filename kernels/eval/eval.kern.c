/*
 * eval.kern.c - a row of cells: one record, one context, many batches. Compiled once per instruction set (KERN_ISA).
 * For a fixed context most terms fold into k0 + k1*b per component; what is left over ("wide" terms: capped, or
 * counting the tokens of all sequences together) is added term by term. With several phases the largest total wins, the
 * first on a tie, and the components are those of that phase. Needs: b and all output arrays 64-byte aligned, with room
 * for n rounded up to 8; they must not overlap.
 */
#include <string.h>

#include "kernels/eval/isa.h"
#include "kernels/eval/term.h"

/** A record at one context: k0 + k1*b per phase and component, and the terms that do not fold. */
typedef struct fold {
    double k0[KERN_PHASES_MAX][KERN_COMPONENTS], k1[KERN_PHASES_MAX][KERN_COMPONENTS];
    const kern_term *wide[KERN_TERMS_MAX];
    double fixed[KERN_TERMS_MAX];
    unsigned n_wide;
} fold;

static void fold_record(fold *f, const kern_record *r, double s) {
    memset(f->k0, 0, r->n_phases * sizeof f->k0[0]);
    memset(f->k1, 0, r->n_phases * sizeof f->k1[0]);
    f->n_wide = 0;
    for (unsigned i = 0; i < r->n_terms; i++) {
        const kern_term *t = &r->term[i];
        double fixed = kern_term_context(t, s);
        if (kern_term_wide(t)) {
            f->wide[f->n_wide] = t;
            f->fixed[f->n_wide++] = fixed;
        } else if (t->pb) {
            f->k1[t->phase][t->component] += fixed;
        } else {
            f->k0[t->phase][t->component] += fixed;
        }
    }
}

/** out[j] = component c of phase p for batches b[0..n). */
static void fold_component(const fold *f, unsigned p, unsigned c, double s, const double *restrict b, size_t n,
                           double *restrict out) {
    double k0 = f->k0[p][c], k1 = f->k1[p][c];
#pragma omp simd aligned(b, out : 64)
    for (size_t j = 0; j < n; j++)
        out[j] = k0 + k1 * b[j];
    for (unsigned i = 0; i < f->n_wide; i++) {
        if (f->wide[i]->phase != p || f->wide[i]->component != c) continue;
        const kern_term t = *f->wide[i];
        double fixed = f->fixed[i];
#pragma omp simd aligned(b, out : 64)
        for (size_t j = 0; j < n; j++)
            out[j] += kern_term_batch(&t, fixed, b[j], s);
    }
}

static void add_columns(const double *restrict x, size_t n, double *restrict sum) {
#pragma omp simd aligned(x, sum : 64)
    for (size_t j = 0; j < n; j++)
        sum[j] += x[j];
}

/** Keeps phase p where its total is larger than the largest so far. */
static void keep_larger(const double *restrict total, double p, size_t n, double *restrict best,
                        double *restrict phase) {
#pragma omp simd aligned(total, best, phase : 64)
    for (size_t j = 0; j < n; j++) {
        int larger = total[j] > best[j];
        phase[j] = larger ? p : phase[j];
        best[j] = larger ? total[j] : best[j];
    }
}

static void select_phase(const double *restrict x, const double *restrict phase, double p, size_t n,
                         double *restrict out) {
#pragma omp simd aligned(x, phase, out : 64)
    for (size_t j = 0; j < n; j++)
        out[j] = phase[j] == p ? x[j] : out[j];
}

/** Largest phase per cell into out->total and scratch[0] (its number); work space: charge and scratch[1]. */
static void find_phases(const fold *f, unsigned n_phases, double s, const double *b, size_t n, kern_row *out) {
    for (size_t j = 0; j < n; j++)
        out->total[j] = -1, out->scratch[0][j] = 0;
    for (unsigned p = 0; p < n_phases; p++) {
        memset(out->charge, 0, n * sizeof *out->charge);
        for (unsigned c = 0; c < KERN_COMPONENTS; c++) {
            fold_component(f, p, c, s, b, n, out->scratch[1]);
            add_columns(out->scratch[1], n, out->charge);
        }
        keep_larger(out->charge, p, n, out->total, out->scratch[0]);
    }
}

static void eval_phases(const fold *f, unsigned n_phases, double s, const double *b, size_t n, kern_row *out) {
    find_phases(f, n_phases, s, b, n, out);
    for (unsigned c = 0; c < KERN_COMPONENTS; c++) {
        for (unsigned p = 0; p < n_phases; p++) {
            fold_component(f, p, c, s, b, n, out->scratch[1]);
            select_phase(out->scratch[1], out->scratch[0], p, n, out->component[c]);
        }
    }
}

/** Component c of the only phase is 0 wherever the cell: every mode lacks some. */
static int fold_is_nothing(const fold *f, unsigned c) {
    return f->k0[0][c] == 0 && f->k1[0][c] == 0 && f->n_wide == 0;
}

static void eval_single(const fold *f, double s, const double *b, size_t n, kern_row *out) {
    memset(out->total, 0, n * sizeof *out->total);
    for (unsigned c = 0; c < KERN_COMPONENTS; c++) {
        if (fold_is_nothing(f, c)) {
            memset(out->component[c], 0, n * sizeof *out->component[c]);
            continue;
        }
        fold_component(f, 0, c, s, b, n, out->component[c]);
        add_columns(out->component[c], n, out->total);
    }
}

static void charge_cells(const kern_record *r, size_t n, kern_row *out) {
    if (!r->charged) {
        memcpy(out->charge, out->total, n * sizeof *out->charge);
        return;
    }
    memset(out->charge, 0, n * sizeof *out->charge);
    for (unsigned c = 0; c < KERN_COMPONENTS; c++) {
        const double *restrict x = out->component[c];
        double *restrict sum = out->charge;
        double share = r->charge[c];
#pragma omp simd aligned(x, sum : 64)
        for (size_t j = 0; j < n; j++)
            sum[j] += share * x[j];
    }
}

static void eval_row(const kern_record *r, double s, const double *b, size_t n, kern_row *out) {
    fold f;
    fold_record(&f, r, s);
    if (r->n_phases > 1) {
        eval_phases(&f, r->n_phases, s, b, n, out);
    } else {
        eval_single(&f, s, b, n, out);
    }
    charge_cells(r, n, out);
}

extern const kern_ops K(ops);
const kern_ops K(ops) = {K_NAME(KERN_ISA), eval_row,      K(count_row),   K(fold_lines),  K(eval_line),
                         K(count_lines),   K(rank_lines), K(count_ranks), K(reach_ranks), K(put_digits)};
