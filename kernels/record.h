/*
 * record.h - the cost record: what lowering writes and the kernels evaluate, for any method, engine and mode.
 *
 * A record is a list of terms. A term costs, for b sequences of s tokens,
 *
 *     min( coef * b^pb * gs^ps * gt^pt , cap_bytes )      [bytes]
 *     gs = ceil( min(s, cap_s) / page_s )                 [pages of the context]
 *     gt = ceil( min(b*s, cap_t + cap_tb*b) / page_t )    [pages of all tokens together]
 *
 * and belongs to one component and one phase. The memory is that of the phase with the largest total (first one on a
 * tie); phases are the moments of a training step and the stages of a pipeline. Coefficients are whole bytes, not
 * negative, so a record never falls with b or s, and every intermediate stays below 2^53: sums are exact in any order.
 */
#ifndef KERNELS_RECORD_H
#define KERNELS_RECORD_H

#include <stddef.h>

#include "common/err.h"
#include "kernels/types.h"

typedef enum kern_component {
    KERN_WEIGHTS,
    KERN_KV_CACHE,
    KERN_ACTIVATIONS,
    KERN_GRADIENTS,
    KERN_OPTIMIZER,
    KERN_OVERHEAD,
    KERN_COMPONENTS
} kern_component;

extern const char *const kern_component_name[KERN_COMPONENTS]; /* weights kv_cache activations ... */

enum { KERN_TERMS_MAX = 192, KERN_PHASES_MAX = 16 };

typedef struct kern_term {
    double coef; /* [bytes] per unit of the basis */
    double cap_s, page_s;
    double cap_t, cap_tb, page_t;
    double cap_bytes;
    uint8_t pb, ps, pt; /* exponents: pb 0..1, ps 0..2, pt 0..1 */
    uint8_t component, phase;
    uint16_t formula; /* row of kern_formula[]: name, text, source */
} kern_term;

typedef struct kern_record {
    uint32_t n_terms, n_phases;
    /* What one byte of a component counts against a capacity: 1, but 1e9/2^30 where a document adds GiB to GB. */
    double charge[KERN_COMPONENTS];
    uint8_t charged;  /* some charge differs from 1 */
    uint8_t monotone; /* proven: no cell's charge is more than that of a larger batch or context */
    kern_term term[KERN_TERMS_MAX];
} kern_record;

/** Bytes up to the last term: what is kept of a record. */
static inline size_t kern_record_bytes(const kern_record *r) {
    return offsetof(kern_record, term) + r->n_terms * sizeof r->term[0];
}

/** True when the record is a line over the batch at every context, phase by phase (kernels/eval/lines.h). */
int kern_record_lines(const kern_record *r);

/** A row of the formula table: what a term is, for explain, docs/formulas.md and the notes sheet. */
typedef struct kern_formula {
    const char *name;   /* weights.linear, kv.attention, ... */
    const char *text;   /* readable formula */
    const char *source; /* document, section or source file */
} kern_formula;

extern const kern_formula kern_formulas[];
extern const unsigned kern_formulas_n;

/* Term ids KF_... come from the same table. */
typedef enum kern_formula_id {
#define FORMULA(id, name, text, source) id,
#include "kernels/lower/formulas.def"
#undef FORMULA
    KF_COUNT
} kern_formula_id;

#endif
