/*
 * record.c - names of the components and the table of formulas, from formulas.def.
 */
#include "kernels/record.h"

const char *const kern_component_name[KERN_COMPONENTS] = {"weights",   "kv_cache",  "activations",
                                                          "gradients", "optimizer", "overhead"};

const kern_formula kern_formulas[] = {
#define FORMULA(id, name, text, source) [id] = {name, text, source},
#include "kernels/lower/formulas.def"
#undef FORMULA
};

const unsigned kern_formulas_n = KF_COUNT;
