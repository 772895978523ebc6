/*
 * measure.c - measures through one table: each row says how a lowered and evaluated scenario becomes a number.
 */
#include <math.h>
#include <stdio.h>

#include "report/procurement.h"
#include "sweep/measure.h"
#include "sweep/limits.h"

/** A lowered and evaluated point. */
typedef struct evaluated {
    const sweep_point *p;
    const kern_record *r;
    double component[KERN_COMPONENTS], total, charge;
    int document;
} evaluated;

static double weigh(const evaluated *e, unsigned c) {
    return e->document ? e->component[c] * e->r->charge[c] : e->component[c];
}

static double total(const evaluated *e) {
    return e->document ? e->charge : e->total;
}
static double total_low(const evaluated *e) {
    double low, high;
    return kern_total_range(e->p->sc, e->component, &low, &high) ? low : NAN;
}
static double total_high(const evaluated *e) {
    double low, high;
    return kern_total_range(e->p->sc, e->component, &low, &high) ? high : NAN;
}
static double weights(const evaluated *e) {
    return weigh(e, KERN_WEIGHTS);
}
static double kv_cache(const evaluated *e) {
    return weigh(e, KERN_KV_CACHE);
}
static double activations(const evaluated *e) {
    return weigh(e, KERN_ACTIVATIONS);
}
static double gradients(const evaluated *e) {
    return weigh(e, KERN_GRADIENTS);
}
static double optimizer(const evaluated *e) {
    return weigh(e, KERN_OPTIMIZER);
}
static double overhead(const evaluated *e) {
    return weigh(e, KERN_OVERHEAD);
}
static double model_states(const evaluated *e) {
    return weights(e) + gradients(e) + optimizer(e);
}

/** Growth of the cache from context to context + 1 of one sequence: the cost of the next token. */
static double kv_per_token(const evaluated *e) {
    double now[KERN_COMPONENTS], next[KERN_COMPONENTS];
    kern_eval_cell(e->r, 1, e->p->context, now, NULL);
    kern_eval_cell(e->r, 1, e->p->context + 1, next, NULL);
    return next[KERN_KV_CACHE] - now[KERN_KV_CACHE];
}

static double crossover(const evaluated *e) {
    double limit = sweep_context_limit(e->p->batch);
    return kern_crossover(e->r, e->p->batch, KERN_KV_CACHE, KERN_WEIGHTS, limit);
}

static double capacity(const evaluated *e, kern_use use) {
    return kern_capacity(e->p->sc, e->p->gpu, e->p->gpus, use);
}

static double headroom(const evaluated *e) {
    return capacity(e, KERN_USE_FIT) - e->charge;
}

static double max_batch(const evaluated *e) {
    double limit = sweep_batch_limit(e->p->context);
    return kern_max_batch(e->r, e->p->context, capacity(e, KERN_USE_SERVE), limit);
}

static double max_context(const evaluated *e) {
    double limit = sweep_context_limit(e->p->batch);
    return kern_max_context(e->r, e->p->batch, capacity(e, KERN_USE_SERVE), limit);
}

static double min_gpus(const evaluated *e) {
    return kern_min_gpus(e->p->sc, e->p->gpu, e->p->batch, e->p->context, NULL);
}

/** A month of GPUs that are full. */
static double cost_per_user(const evaluated *e) {
    double users = max_batch(e), hour = e->p->gpus * e->p->gpu->usd_hour;
    return users > 0 && hour > 0 ? hour * 24 * REPORT_DAYS_A_MONTH / users : NAN;
}

static void no_range(const sweep_point *p, char *why) {
    snprintf(why, DIAG_TEXT, "the spread of engine %s is not measured", p->sc->engine->name);
}

static void no_cost(const sweep_point *p, char *why) {
    snprintf(why, DIAG_TEXT, p->gpu->usd_hour > 0 ? "not even one sequence fits" : "no price per hour of %s is listed",
             p->gpu->name);
}

static const struct measure_row {
    double (*value)(const evaluated *e);
    sweep_measured kind;
    void (*none)(const sweep_point *p, char *why); /* says why the value is NAN; NULL: it never is */
} rows[SWEEP_MEASURES] = {
    [SWEEP_TOTAL] = {total, SWEEP_OF_BYTES, NULL},
    [SWEEP_TOTAL_LOW] = {total_low, SWEEP_OF_BYTES, no_range},
    [SWEEP_TOTAL_HIGH] = {total_high, SWEEP_OF_BYTES, no_range},
    [SWEEP_WEIGHTS_BYTES] = {weights, SWEEP_OF_BYTES, NULL},
    [SWEEP_KV_CACHE] = {kv_cache, SWEEP_OF_BYTES, NULL},
    [SWEEP_ACTIVATIONS] = {activations, SWEEP_OF_BYTES, NULL},
    [SWEEP_GRADIENTS] = {gradients, SWEEP_OF_BYTES, NULL},
    [SWEEP_OPTIMIZER] = {optimizer, SWEEP_OF_BYTES, NULL},
    [SWEEP_OVERHEAD] = {overhead, SWEEP_OF_BYTES, NULL},
    [SWEEP_MODEL_STATES] = {model_states, SWEEP_OF_BYTES, NULL},
    [SWEEP_KV_PER_TOKEN] = {kv_per_token, SWEEP_OF_BYTES, NULL},
    [SWEEP_MAX_BATCH] = {max_batch, SWEEP_OF_NUMBER, NULL},
    [SWEEP_MAX_CONTEXT] = {max_context, SWEEP_OF_NUMBER, NULL},
    [SWEEP_MIN_GPUS] = {min_gpus, SWEEP_OF_NUMBER, NULL},
    [SWEEP_CROSSOVER_CONTEXT] = {crossover, SWEEP_OF_NUMBER, NULL},
    [SWEEP_HEADROOM] = {headroom, SWEEP_OF_BYTES, NULL},
    [SWEEP_COST_PER_USER] = {cost_per_user, SWEEP_OF_USD, no_cost},
};

sweep_measured sweep_measure_kind(sweep_measure m) {
    return rows[m].kind;
}

int sweep_measure_is_memory(sweep_measure m) {
    return rows[m].kind == SWEEP_OF_BYTES;
}

err sweep_measure_value(sweep_measure m, const sweep_point *p, int document, double *out, char *why) {
    kern_record r;
    evaluated e = {.p = p, .r = &r, .document = document};
    if (sweep_measures[m].uses_gpu && !p->gpu) {
        snprintf(why, DIAG_TEXT, "%s needs a GPU", sweep_measures[m].name);
        return ERR_MISSING;
    }
    TRY(kern_lower(p->sc, &(kern_bounds){p->context, p->batch}, &r, why, NULL, NULL));
    e.total = kern_eval_cell(&r, p->batch, p->context, e.component, &e.charge);
    *out = rows[m].value(&e);
    if (!isnan(*out) || !rows[m].none) return ERR_OK;
    rows[m].none(p, why);
    return ERR_MISSING;
}
