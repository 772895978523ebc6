/*
 * lower.c - one combination to one cost record: method, stages, then component by component, then the proof that the
 * record stays exact. Terms are put here and nowhere else.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/err.h"
#include "kernels/eval/eval.h"
#include "kernels/lower/internal.h"

static const double EXACT_LIMIT = 0x1p53; /* [bytes] whole numbers below are exact in a double */

err kern_refuse(kern_lowering *l, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(l->why, DIAG_TEXT, fmt, ap);
    va_end(ap);
    l->failed = ERR_SCENARIO;
    return ERR_SCENARIO;
}

static int same_basis(const kern_term *x, const kern_term *y) {
    return x->component == y->component && x->phase == y->phase && x->pb == y->pb && x->ps == y->ps && x->pt == y->pt &&
           x->cap_s == y->cap_s && x->page_s == y->page_s && x->cap_t == y->cap_t && x->cap_tb == y->cap_tb &&
           x->page_t == y->page_t && isinf(x->cap_bytes) && isinf(y->cap_bytes);
}

/** Adds the coefficient to an equal basis. Returns 0 when there is none. */
static int merge_term(kern_record *r, const kern_term *term) {
    for (unsigned i = 0; i < r->n_terms; i++) {
        if (!same_basis(&r->term[i], term)) continue;
        r->term[i].coef += term->coef;
        return 1;
    }
    return 0;
}

__attribute__((format(printf, 3, 0))) static void trace_term(const kern_lowering *l, const kern_term *term,
                                                             const char *fmt, va_list ap) {
    char numbers[512];
    vsnprintf(numbers, sizeof numbers, fmt, ap);
    l->trace(l->trace_ctx, term, numbers);
}

void kern_term_put(kern_lowering *l, kern_component c, unsigned phase, kern_formula_id f, kern_term term,
                   const char *fmt, ...) {
    if (l->failed) return;
    if (!(term.coef >= 0) || term.coef >= EXACT_LIMIT) {
        kern_refuse(l, "%s: %.17g bytes are outside 0..2^53", kern_formulas[f].name, term.coef);
        l->failed = ERR_RANGE;
        return;
    }
    if (term.coef == 0) return;
    term.coef = ceil(term.coef);
    term.component = (uint8_t)c;
    term.phase = (uint8_t)phase;
    term.formula = (uint16_t)f;
    if (l->trace) {
        va_list ap;
        va_start(ap, fmt);
        trace_term(l, &term, fmt, ap);
        va_end(ap);
    } else if (merge_term(l->r, &term)) {
        return;
    }
    if (l->r->n_terms == KERN_TERMS_MAX) {
        kern_refuse(l, "the combination needs more than %d terms", KERN_TERMS_MAX);
        return;
    }
    l->r->term[l->r->n_terms++] = term;
}

double kern_exact(kern_lowering *l, const char *what, double x) {
    if (x < EXACT_LIMIT || l->failed) return x;
    kern_refuse(l, "%s: %.3g is beyond 2^53, where whole numbers stop being exact", what, x);
    l->failed = ERR_RANGE;
    return x;
}

double kern_share_up(double whole, int64_t part, int64_t all) {
    if (whole * (double)part < EXACT_LIMIT) return ceil(whole * (double)part / (double)all);
    if (!(whole < 0x1p63)) return whole; /* no term takes it */
    __int128 share = ((__int128)whole * part + all - 1) / all;
    return (double)share;
}

double kern_group_once(kern_lowering *l, uint32_t g, double (*bytes)(const kern_scenario *, const kern_group *)) {
    uint64_t bit = (uint64_t)1 << g;
    if (!(l->group_known & bit)) l->group_bytes[g] = bytes(l->sc, &l->sc->model->groups[g]);
    l->group_known |= bit;
    return l->group_bytes[g];
}

kern_weights_use kern_mode_weights(const kern_mode *mode) {
    if (mode->train == KERN_INFERENCE) return KERN_WEIGHTS_RUN;
    return mode->train == KERN_FULL ? KERN_WEIGHTS_OWN : KERN_WEIGHTS_FROZEN;
}

/** One moment of one stage into the next phase. */
static void lower_moment(kern_lowering *l, const kern_rules *rules, const kern_stage *st) {
    unsigned phase = l->r->n_phases++;
    if (l->half & KERN_HALF_WEIGHTS) rules->weights(l, st, phase);
    if (!(l->half & KERN_HALF_REST)) return;
    rules->kv_cache(l, st, phase);
    rules->activations(l, st, phase);
    rules->overhead(l, st, phase);
}

static err lower_inference(kern_lowering *l) {
    const kern_rules *rules = kern_rules_of(l->sc->engine);
    kern_stage stage[KERN_PHASES_MAX];
    unsigned n = (rules->head_layer ? kern_stages_with_head : kern_stages)(l->sc->model, l->sc->layout.pp, stage);
    l->r->n_phases = 0;
    for (unsigned p = 0; p < n && !l->failed; p++) {
        unsigned moments = rules->moments ? rules->moments(l, &stage[p]) : 1;
        if (l->r->n_phases + moments > KERN_PHASES_MAX)
            return kern_refuse(l, "the stages of pp%d differ in more ways than a record holds", l->sc->layout.pp);
        for (l->moment = 0; l->moment < moments; l->moment++)
            lower_moment(l, rules, &stage[p]);
    }
    return l->failed;
}

static err lower_exact(kern_lowering *l) {
    int looks = l->half & KERN_HALF_WEIGHTS && kern_mode_weights(l->sc->mode) != KERN_WEIGHTS_OWN;
    if (looks && l->sc->weights->kind == KERN_FORMAT_SCHEME) {
        return kern_refuse(l, "%s has no fixed size: its bits are chosen at conversion", l->sc->weights->name);
    }
    TRY(kern_lower_check_layout(l));
    return l->sc->mode->train == KERN_INFERENCE ? lower_inference(l) : kern_lower_training(l);
}

/** Every intermediate of a monotone record is at most its total at the far corner. */
static err prove_exact(kern_lowering *l, const kern_bounds *bounds) {
    if (bounds->s_max * bounds->b_max > 0x1p40) {
        kern_refuse(l, "%.0f tokens x %.0f sequences are more than 2^40 tokens", bounds->s_max, bounds->b_max);
        return ERR_RANGE;
    }
    /* Factors and sums only grow: a total below 2^53 has no rounded intermediate. */
    double charge;
    if (kern_eval_cell(l->r, bounds->b_max, bounds->s_max, NULL, &charge) < EXACT_LIMIT) {
        if (charge < EXACT_LIMIT) return ERR_OK;
        kern_refuse(l, "by the units of method %s this counts as %.3g bytes, beyond 2^53", l->sc->method->name, charge);
        return ERR_RANGE;
    }
    __int128 total = kern_eval_oracle(l->r, (int64_t)bounds->b_max, (int64_t)bounds->s_max, NULL);
    kern_refuse(l, "%.3g bytes at %.0f tokens x %.0f sequences are beyond 2^53, where sums stop being exact",
                (double)total, bounds->s_max, bounds->b_max);
    return ERR_RANGE;
}

static err lower(kern_lowering *l, const kern_bounds *bounds) {
    kern_record *r = l->r;
    r->n_terms = 0;
    r->n_phases = 1;
    r->charged = 0;
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        r->charge[c] = 1;
    TRY(l->sc->method->exact ? lower_exact(l) : kern_lower_published(l));
    if (l->failed) return l->failed;
    r->monotone = !r->charged || r->n_phases == 1; /* kern_term_put takes no negative coefficient */
    return prove_exact(l, bounds);
}

err kern_lower(const kern_scenario *sc, const kern_bounds *bounds, kern_record *r, char *why, kern_trace trace,
               void *trace_ctx) {
    kern_lowering l = {.sc = sc, .r = r, .why = why, .trace = trace, .trace_ctx = trace_ctx, .half = KERN_WHOLE};
    return lower(&l, bounds);
}

err kern_lower_half(const kern_scenario *sc, const kern_bounds *bounds, kern_half half, kern_record *r, char *why) {
    kern_lowering l = {.sc = sc, .r = r, .why = why, .half = half};
    return lower(&l, bounds);
}
