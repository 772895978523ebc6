/*
 * answers_halves.c - records joined from halves: what looks at the weight format and what does not (kern_lower_half).
 * Each is lowered once for all scenarios that share it, so that of a list drawn from many models and formats most
 * combinations, and most layouts tried for the fewest GPUs, cost a copy.
 */
#include <string.h>

#include "sweep/answers_internal.h"

/** The bytes of a scenario that say what it is: all but those that fill it up. */
enum { SCENARIO = offsetof(kern_scenario, layout) + sizeof(kern_layout) };
_Static_assert(sizeof(kern_layout) == 13 * sizeof(int), "nothing fills a layout up");
_Static_assert(KERN_DEGREE_MAX < 1 << ANSWERS_DOUBLINGS, "any degree is so many doublings of one");

static const kern_bounds least = {1, 1};

/**
 * What is remembered of half a scenario: `bytes` that are found again, zeroed at first, for all scenarios that differ
 * only in what the half does not look at. Modes that train keep no cache, those that train everything have weights of
 * their own. NULL when memory is gone.
 */
static void *remember(sweep_answers *m, char about, const kern_scenario *sc, kern_half half, size_t bytes) {
    char key[2 + SCENARIO] = {about, (char)half};
    kern_weights_use use = kern_mode_weights(sc->mode);
    kern_scenario own = *sc;
    if (half == KERN_HALF_WEIGHTS || use != KERN_WEIGHTS_RUN) own.k = own.v = NULL;
    if (half == KERN_HALF_REST || use == KERN_WEIGHTS_OWN) own.weights = NULL;
    memcpy(key + 2, &own, SCENARIO);
    void *known = sweep_memo_find(&m->memo, key, sizeof key);
    return known ? known : sweep_memo_add(&m->memo, key, sizeof key, bytes);
}

static const kern_record *keep(sweep_answers *m, const kern_record *r) {
    kern_record *kept = sweep_memo_take(&m->memo, kern_record_bytes(r));
    return kept ? memcpy(kept, r, kern_record_bytes(r)) : NULL;
}

/** Half a scenario in a layout, lowered where *r is NULL; without phases where it is refused. NULL: no memory left. */
static const kern_record *half_of(sweep_answers *m, const kern_scenario *sc, const kern_layout *at, kern_half half,
                                  const kern_record **r) {
    char why[DIAG_TEXT];
    if (!r || *r) return r ? *r : NULL;
    kern_scenario there = *sc;
    there.layout = *at;
    if (kern_lower_half(&there, &least, half, &m->record, why) != ERR_OK) m->record.n_phases = m->record.n_terms = 0;
    return *r = keep(m, &m->record);
}

/** Whether halves add up to the record: neither is refused, and it does not have too many terms. */
static int adds_up(const answers_halves *of) {
    return of->weights && of->rest && of->rest->n_phases && of->weights->n_phases == of->rest->n_phases &&
           of->weights->n_terms + of->rest->n_terms <= KERN_TERMS_MAX;
}

const kern_record *answers_join(sweep_answers *m, const answers_halves *of) {
    kern_record *r = &m->joined;
    if (!of->weights) return of->rest;
    memcpy(r, of->rest, kern_record_bytes(of->rest));
    memcpy(r->term + r->n_terms, of->weights->term, of->weights->n_terms * sizeof r->term[0]);
    r->n_terms += of->weights->n_terms;
    return r;
}

double answers_charge(const answers_halves *of, double b, double s) {
    return of->weights ? kern_eval_halves(of->weights, of->rest, b, s) : kern_eval_charge(of->rest, b, s);
}

static int lower_by_halves(sweep_answers *m, answers_known *k) {
    const kern_record **weights = remember(m, ANSWERS_HALF, &k->k, KERN_HALF_WEIGHTS, sizeof *weights);
    const kern_record **rest = remember(m, ANSWERS_HALF, &k->k, KERN_HALF_REST, sizeof *rest);
    k->of.weights = half_of(m, &k->k, &k->k.layout, KERN_HALF_WEIGHTS, weights);
    k->of.rest = half_of(m, &k->k, &k->k.layout, KERN_HALF_REST, rest);
    return adds_up(&k->of) && answers_charge(&k->of, least.b_max, least.s_max) < 0x1p53;
}

static void find_layouts(sweep_answers *m, answers_known *k) {
    kern_ladder l;
    kern_scenario first = k->k;
    kern_ladder_init(&l, &k->k, 1, &least, NULL, 0);
    kern_ladder_layout(&l, 0, &first.layout);
    k->weights_of = remember(m, ANSWERS_LAYOUTS, &first, KERN_HALF_WEIGHTS, sizeof *k->weights_of);
    k->rest_of = remember(m, ANSWERS_LAYOUTS, &first, KERN_HALF_REST, sizeof *k->rest_of);
}

err answers_lower(sweep_answers *m, answers_known *k, char *why) {
    find_layouts(m, k);
    if (k->k.method->exact && lower_by_halves(m, k)) return ERR_OK;
    k->of.weights = NULL;
    TRY(kern_lower(&k->k, &least, &m->record, why, NULL, NULL)); /* in words, where it is refused */
    k->of.rest = keep(m, &m->record);
    return ERR_OK;
}

/** Where half a rung is; NULL when memory is gone. */
static const kern_record **rung_at(sweep_answers *m, answers_layouts *of, const kern_layout *at) {
    int doublings = __builtin_ctz((unsigned)(at->zero ? at->dp : at->tp));
    if (!of || at->zero || at->pp == 1) return of ? &of->one[doublings] : NULL;
    const kern_record ***stages = &of->stages[doublings];
    if (at->pp > ANSWERS_STAGES) return NULL;
    if (!*stages) *stages = sweep_memo_take(&m->memo, ANSWERS_STAGES * sizeof **stages);
    return *stages ? &(*stages)[at->pp - 1] : NULL;
}

answers_halves answers_rung(sweep_answers *m, const answers_known *k, const kern_layout *at) {
    char why[DIAG_TEXT];
    const kern_record *weights = half_of(m, &k->k, at, KERN_HALF_WEIGHTS, rung_at(m, k->weights_of, at));
    const kern_record *rest = half_of(m, &k->k, at, KERN_HALF_REST, rung_at(m, k->rest_of, at));
    const answers_halves of = {weights, rest};
    if (!weights || !rest) return (answers_halves){NULL, NULL};
    if (adds_up(&of)) return of;
    if (!weights->n_phases || !rest->n_phases) return (answers_halves){NULL, rest->n_phases ? weights : rest};
    kern_scenario there = k->k; /* too long in halves, which may have terms in common */
    there.layout = *at;
    if (kern_lower(&there, &least, &m->record, why, NULL, NULL) != ERR_OK) m->record.n_phases = 0;
    return (answers_halves){NULL, &m->record};
}
