/*
 * scenario_fixture.h - for tests of what is computed: a scenario from one line of AXIS=VALUE words over the shipped
 * catalogs, its components, and single terms by the name of their formula.
 */
#ifndef TESTS_UNIT_SCENARIO_FIXTURE_H
#define TESTS_UNIT_SCENARIO_FIXTURE_H

#include "kernels/eval/eval.h"
#include "sweep/scenario.h"
#include "tests/unit/plan_fixture.h"
#include "tests/unit/tt.h"

/** Builds a scenario; `words` are split at blanks. The texts stay in a static buffer until the next call. */
static inline err scenario_build(const char *words, sweep_scenario *out, diags *faults) {
    static char copy[1024];
    const char *text[SC_COLUMNS] = {NULL};
    const sweep_place at = {.file = "test", .line = 1};
    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        char *eq = strchr(word, '=');
        if (!eq) return ERR_USAGE;
        *eq = 0;
        sweep_column c = sweep_column_find(word);
        if (c == SC_COLUMNS) return ERR_KEY;
        text[c] = eq + 1;
    }
    return sweep_scenario_build(fixture_catalogs(), text, &at, out, faults);
}

/** Builds and answers; what goes wrong is printed. */
static inline int scenario_answer(const char *words, sweep_answer *out) {
    static sweep_scenario sc;
    diags faults = {.n = 0};
    char why[DIAG_TEXT] = "";
    err e = scenario_build(words, &sc, &faults);
    if (e == ERR_OK) e = sweep_scenario_answer(&sc, out, why);
    if (e != ERR_OK) printf("\n%s: %s\n", words, faults.n ? faults.item[0].text : why);
    return e == ERR_OK;
}

/** Bytes of a component; -1 when the scenario cannot be evaluated. */
static inline double scenario_bytes(const char *words, kern_component c) {
    sweep_answer a;
    return scenario_answer(words, &a) ? a.component[c] : -1;
}

typedef struct scenario_sum {
    const char *name;
    double phase[KERN_PHASES_MAX];
} scenario_sum;

static inline void scenario_add(void *ctx, const kern_term *term, const char *numbers) {
    scenario_sum *sum = ctx;
    (void)numbers;
    if (strcmp(kern_formulas[term->formula].name, sum->name) == 0) sum->phase[term->phase] += term->coef;
}

/** Sum of the coefficients of all terms with this formula in the phase that has most of it; -1: cannot be lowered. */
static inline double scenario_term(const char *words, const char *formula) {
    static sweep_scenario sc;
    static kern_record r;
    diags faults = {.n = 0};
    char why[DIAG_TEXT];
    scenario_sum sum = {.name = formula};
    double most = 0;
    if (scenario_build(words, &sc, &faults) != ERR_OK) return -1;
    if (kern_lower(&sc.k, &(kern_bounds){sc.context, sc.batch}, &r, why, scenario_add, &sum) != ERR_OK) return -1;
    for (unsigned p = 0; p < r.n_phases; p++)
        most = fmax(most, sum.phase[p]);
    return most;
}

#endif
