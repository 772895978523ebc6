/*
 * record.c - names of the components, the table of formulas (formulas.def), what records can be told about.
 */
#include "kernels/record.h"

#include <math.h>

const char *const kern_component_name[KERN_COMPONENTS] = {"weights",   "kv_cache",  "activations",
                                                          "gradients", "optimizer", "overhead"};

const kern_formula kern_formulas[] = {
#define FORMULA(id, name, text, source) [id] = {name, text, source},
#include "kernels/lower/formulas.def"
#undef FORMULA
};

const unsigned kern_formulas_n = KF_COUNT;

int kern_record_lines(const kern_record *r) {
    for (unsigned i = 0; i < r->n_terms; i++) {
        if (r->term[i].pt || r->term[i].cap_bytes < INFINITY) return 0;
    }
    return !r->charged;
}
