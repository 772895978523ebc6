/*
 * polynomials.c - records to polynomials. Phases that another one is never below are left out.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/peers/polynomials.h"
#include "kernels/eval/eval.h"
#include "kernels/reduce/capacity.h"

/** Coefficient of a term's polynomial that it adds to; -1: a term of another form. */
static int power_of(const kern_term *t) {
    int plain = t->pt == 0 && isinf(t->cap_s) && isinf(t->cap_bytes) && t->page_s == 1;
    if (!plain || (!t->pb && t->ps)) return -1;
    return t->pb + t->ps;
}

static int never_below(const peers_polynomial *a, const peers_polynomial *b) {
    for (int i = 0; i < PEERS_POWERS; i++) {
        if (a->c[i] < b->c[i]) return 0;
    }
    return 1;
}

/** Keeps the phases that can be the largest; 0 when there are too many. */
static int keep_phases(peers_combo *x, const peers_polynomial *phase, peers_polynomial component[][KERN_COMPONENTS],
                       unsigned n) {
    x->n_phases = 0;
    for (unsigned i = 0; i < n; i++) {
        int needed = 1;
        for (unsigned j = 0; j < n; j++) {
            if (i != j && never_below(&phase[j], &phase[i]) && (j < i || !never_below(&phase[i], &phase[j])))
                needed = 0;
        }
        if (needed && x->n_phases == PEERS_PHASES) return 0;
        if (!needed) continue;
        memcpy(x->component[x->n_phases], component[i], sizeof component[i]);
        x->phase[x->n_phases++] = phase[i];
    }
    return 1;
}

static int split(peers_combo *x, const kern_record *r) {
    peers_polynomial phase[KERN_PHASES_MAX], component[KERN_PHASES_MAX][KERN_COMPONENTS];
    memset(phase, 0, sizeof phase);
    memset(component, 0, sizeof component);
    for (unsigned i = 0; i < r->n_terms; i++) {
        const kern_term *t = &r->term[i];
        int power = power_of(t);
        if (power < 0) return 0;
        phase[t->phase].c[power] += t->coef;
        component[t->phase][t->component].c[power] += t->coef;
    }
    return !r->charged && keep_phases(x, phase, component, r->n_phases);
}

static double largest_phase(const peers_combo *x, double b, double s) {
    double best = 0;
    for (unsigned p = 0; p < x->n_phases; p++)
        best = fmax(best, peers_value(&x->phase[p], b, s));
    return best;
}

/** Whether the polynomials give what the record gives, cell by cell; components where there is one phase. */
static int equal_everywhere(const bench_grid *g, const peers_combo *x, const kern_record *r) {
    double component[KERN_COMPONENTS];
    for (size_t i = 0; i < g->plan.n[SWEEP_CONTEXT]; i++) {
        for (size_t j = 0; j < g->plan.n[SWEEP_BATCH]; j++) {
            double s = g->plan.context[i], b = g->plan.batch[j];
            if (kern_eval_cell(r, b, s, component, NULL) != largest_phase(x, b, s)) return 0;
            for (unsigned k = 0; k < KERN_COMPONENTS && r->n_phases == 1; k++) {
                if (component[k] != peers_value(&x->component[0][k], b, s)) return 0;
            }
        }
    }
    return 1;
}

static int set_combo(const bench_grid *g, size_t i, peers_combo *x, kern_record *r) {
    char why[DIAG_TEXT];
    if (sweep_plan_combo(&g->plan, i, &x->at) && kern_lower(&x->at.sc, &g->bounds, r, why, NULL, NULL) == ERR_OK &&
        split(x, r) && equal_everywhere(g, x, r))
        return 1;
    fprintf(stderr, "combination %zu (%s) is no maximum of polynomials\n", i, x->at.sc.model->name);
    return 0;
}

peers_combo *peers_combos(const bench_grid *g, size_t *n) {
    static kern_record r;
    peers_combo *all = calloc(g->plan.n_combos, sizeof *all);
    char *records = calloc(g->plan.n_combos, sizeof r), *end = records;
    for (*n = 0; all && records && *n < g->plan.n_combos; ++*n) {
        if (!set_combo(g, *n, &all[*n], &r)) exit(1);
        all[*n].record = memcpy(end, &r, kern_record_bytes(&r));
        end += kern_record_bytes(&r);
    }
    return records ? all : NULL;
}

double peers_capacity(const bench_grid *g, size_t i) {
    sweep_combo c;
    sweep_plan_combo(&g->plan, 0, &c);
    return kern_capacity(&c.sc, g->plan.gpu[i], 1, KERN_USE_FIT);
}

static void put_polynomial(FILE *out, const peers_polynomial *p) {
    for (int i = 0; i < PEERS_POWERS; i++)
        fprintf(out, ",%.0f", p->c[i]);
}

static void put_combos(const bench_grid *g, const peers_combo *combo, size_t n, FILE *out) {
    static const sweep_axis axes[] = {SWEEP_MODEL,  SWEEP_WEIGHTS, SWEEP_KV,    SWEEP_MODE,
                                      SWEEP_LAYOUT, SWEEP_ENGINE,  SWEEP_METHOD};
    fprintf(out, "model,weights,kv,mode,layout,engine,method,phases");
    for (unsigned p = 0; p < PEERS_PHASES; p++)
        fprintf(out, ",p%u_0,p%u_1,p%u_2,p%u_3", p, p, p, p);
    for (unsigned k = 0; k < PEERS_PHASES * KERN_COMPONENTS; k++)
        fprintf(out, ",k%u_0,k%u_1,k%u_2,k%u_3", k, k, k, k);
    fputc('\n', out);
    for (size_t i = 0; i < n; i++) {
        for (size_t a = 0; a < sizeof axes / sizeof *axes; a++)
            fprintf(out, "%s,", g->plan.value[axes[a]][combo[i].at.at[axes[a]]].label);
        fprintf(out, "%u", combo[i].n_phases);
        for (unsigned p = 0; p < PEERS_PHASES; p++)
            put_polynomial(out, &combo[i].phase[p]);
        for (unsigned k = 0; k < PEERS_PHASES * KERN_COMPONENTS; k++)
            put_polynomial(out, &combo[i].component[k / KERN_COMPONENTS][k % KERN_COMPONENTS]);
        fputc('\n', out);
    }
}

static FILE *open_in(const char *folder, const char *name) {
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/%s", folder, name);
    return n > 0 && (size_t)n < sizeof path ? fopen(path, "w") : NULL;
}

static int put_numbers(const char *folder, const char *name, const char *head, const double *x, size_t n) {
    FILE *out = open_in(folder, name);
    if (!out) return 0;
    fprintf(out, "%s\n", head);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%.0f\n", x[i]);
    return fclose(out) == 0;
}

int peers_export(const bench_grid *g, const peers_combo *combo, size_t n, const char *folder) {
    FILE *out = open_in(folder, "combos.csv");
    if (!out) return 0;
    put_combos(g, combo, n, out);
    int ok = fclose(out) == 0;
    ok &= put_numbers(folder, "contexts.csv", "s", g->plan.context, g->plan.n[SWEEP_CONTEXT]);
    ok &= put_numbers(folder, "batches.csv", "b", g->plan.batch, g->plan.n[SWEEP_BATCH]);
    out = open_in(folder, "gpus.csv");
    if (!out) return 0;
    fprintf(out, "gpu,capacity\n");
    for (size_t i = 0; i < g->plan.n[SWEEP_GPU]; i++)
        fprintf(out, "%s,%.0f\n", g->plan.gpu[i]->name, peers_capacity(g, i));
    return (fclose(out) == 0) & ok;
}
