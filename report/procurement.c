/*
 * procurement.c - from facts and inputs to answers: GPUs, memory, money and the ceiling of decoding of every option,
 * then ranks and Pareto front among the options of a model. The workbook holds the same steps as formulas, in the same
 * order. NaN stands for what is not known and passes through arithmetic by itself; where it must not, fmin drops it.
 */
#include "report/procurement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const report_basis_name[REPORT_BASES] = {"cheapest", "purchase", "on-demand", "spot", "reserved"};
const char *const report_tariff_name[REPORT_TARIFFS] = {"on-demand", "spot", "reserved"};

/** A half cent goes up wherever it is worked out: too little to see, more than what the last bits differ by. */
static const double HALF_CENT_UP = 1e-8;

static const report_load *load_at(const report_procurement *p, const report_option *o) {
    for (size_t i = 0; i < p->n_contexts; i++) {
        if (p->context[i] >= p->inputs.context && p->context[i] <= p->inputs.context) return &o->load[i];
    }
    return NULL;
}

/** Boxes of `size` GPUs for `groups` tensor-parallel groups that each stay within one; NaN when none goes in. */
static double boxes(double groups, double size, double tp) {
    double each = floor(size / tp);
    return each >= 1 ? ceil(groups / each) : NAN;
}

static void answer_memory(const report_inputs *in, const report_option *o, const report_gpu *gpu, const report_load *l,
                          report_answer *a) {
    a->replicas = o->trains ? 1 : ceil(in->users / l->users);
    a->gpus = a->replicas * o->tp * o->pp;
    a->nodes = boxes(a->replicas * o->pp, gpu->node, o->tp);
    a->share = ceil(in->users / a->replicas);
    a->capacity = a->replicas * l->users;
    a->need = l->need + l->need_user * a->share;
    double other = l->need_2 + l->need_2_user * a->share;
    if (other > a->need) a->need = other;
    a->headroom = l->capacity - a->need;
    a->used = a->need / l->capacity;
}

static void answer_own(const report_inputs *in, const report_gpu *gpu, report_answer *a) {
    double price = gpu->price * (gpu->price_usd > 0 ? in->per_usd : 1);
    a->purchase = a->gpus * price * (1 - in->discount) + a->nodes * in->host;
    a->kilowatts = a->gpus * gpu->watts * in->pue / 1000;
    a->electricity = a->kilowatts * in->hours_per_day * REPORT_DAYS_A_MONTH * in->electricity;
    a->own_month = a->purchase / in->months + (isnan(in->electricity) ? 0 : a->electricity);
}

const report_offer *report_procurement_offer(const report_procurement *p, const report_option *o, double replicas,
                                             report_tariff t, double *count) {
    const report_offer *best = NULL;
    for (size_t i = 0; i < p->n_offers; i++) {
        const report_offer *f = &p->offer[i];
        double n = f->gpu == o->gpu ? boxes(replicas * o->pp, f->gpus, o->tp) : NAN;
        if (isnan(n * f->hour[t]) || (best && n * f->hour[t] >= *count * best->hour[t])) continue;
        best = f;
        *count = n;
    }
    return best;
}

/** Least hourly rate at which instances of the GPU hold all replicas. */
static double least_hour(const report_procurement *p, const report_option *o, double replicas, report_tariff t) {
    double count;
    const report_offer *f = report_procurement_offer(p, o, replicas, t, &count);
    return f ? count * f->hour[t] * p->inputs.per_usd : NAN;
}

static void answer_rent(const report_procurement *p, const report_option *o, report_answer *a) {
    double running = isnan(p->inputs.electricity) ? 0 : a->electricity;
    for (int t = 0; t < REPORT_TARIFFS; t++) {
        double hours = (t == REPORT_RESERVED ? 24 : p->inputs.hours_per_day) * REPORT_DAYS_A_MONTH;
        a->hour[t] = least_hour(p, o, a->replicas, (report_tariff)t);
        a->month[t] = a->hour[t] * hours;
        double months = a->purchase / (a->month[t] - running);
        a->break_even[t] = months > 0 && isfinite(months) ? months : NAN;
    }
}

static double cost_by(report_basis basis, const report_answer *a) {
    switch (basis) {
    case REPORT_BASIS_PURCHASE:
        return a->own_month;
    case REPORT_BASIS_ON_DEMAND:
        return a->month[REPORT_ON_DEMAND];
    case REPORT_BASIS_SPOT:
        return a->month[REPORT_SPOT];
    case REPORT_BASIS_RESERVED:
        return a->month[REPORT_RESERVED];
    default:
        return fmin(a->own_month, fmin(a->month[REPORT_ON_DEMAND], a->month[REPORT_RESERVED]));
    }
}

/** Every byte of weights and cache that a step touches is read once; stages take turns with 1/pp of the sequences. */
static void answer_tokens(const report_inputs *in, const report_option *o, const report_gpu *gpu, const report_load *l,
                          report_answer *a) {
    double experts = o->experts * (1 - pow(1 - o->expert_share, a->share / o->pp));
    double bytes = o->read + experts + (l->cache + l->cache_user * a->share) / o->pp;
    a->tokens_user = gpu->bandwidth / bytes;
    a->tokens = a->tokens_user * in->users;
}

static void answer_nothing(report_answer *a) {
    *a = (report_answer){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, .cost = NAN, .rank = NAN};
    a->cost_user = a->tokens_user = a->tokens = NAN;
    for (int t = 0; t < REPORT_TARIFFS; t++)
        a->hour[t] = a->month[t] = a->break_even[t] = NAN;
}

static void answer_option(const report_procurement *p, const report_option *o, report_answer *a) {
    const report_load *l = load_at(p, o);
    const report_gpu *gpu = &p->gpu[o->gpu];
    answer_nothing(a);
    if (!l || !(l->users >= 1)) return;
    answer_memory(&p->inputs, o, gpu, l, a);
    answer_own(&p->inputs, gpu, a);
    answer_rent(p, o, a);
    a->cost = round((cost_by(p->inputs.basis, a) + HALF_CENT_UP) * 100) / 100;
    if (o->trains) return;
    a->cost_user = a->cost / p->inputs.users;
    answer_tokens(&p->inputs, o, gpu, l, a);
}

/* ---- ranks and Pareto front ---- */

typedef struct contender {
    const char *model;
    report_answer *a;
} contender;

static int rising(double x, double y) {
    if (isnan(x) || isnan(y)) return isnan(x) - isnan(y); /* unknown ones last */
    return (x > y) - (x < y);
}

/** By model, cost, then the better in capacity and headroom: nobody is as good as one before him and better in one. */
static int compare_contenders(const void *x, const void *y) {
    const contender *c = x, *d = y;
    int order = strcmp(c->model, d->model);
    if (!order) order = rising(c->a->cost, d->a->cost);
    if (!order) order = rising(-c->a->capacity, -d->a->capacity);
    return order ? order : rising(-c->a->headroom, -d->a->headroom);
}

static int is_better(const report_answer *x, const report_answer *y) {
    return x->cost <= y->cost && x->capacity >= y->capacity && x->headroom >= y->headroom &&
           (x->cost < y->cost || x->capacity > y->capacity || x->headroom > y->headroom);
}

/** Whoever is beaten is beaten by one of the front, so only these are looked at. */
static void mark_front(contender *c, size_t n, report_answer **front) {
    size_t n_front = 0;
    for (size_t i = 0; i < n; i++) {
        report_answer *a = c[i].a;
        a->pareto = !isnan(a->cost) && !isnan(a->capacity) && !isnan(a->headroom);
        for (size_t k = 0; k < n_front && a->pareto; k++)
            a->pareto = !is_better(front[k], a);
        if (a->pareto) front[n_front++] = a;
    }
}

static void rank_model(contender *c, size_t n) {
    for (size_t i = 0; i < n && !isnan(c[i].a->cost); i++) {
        int tied = i > 0 && c[i].a->cost <= c[i - 1].a->cost;
        c[i].a->rank = tied ? c[i - 1].a->rank : (double)(i + 1);
    }
}

err report_procurement_answer(const report_procurement *p, report_answer *answer) {
    contender *c = calloc(p->n_options + 1, sizeof *c);
    report_answer **front = calloc(p->n_options + 1, sizeof(report_answer *));
    size_t from = 0;
    for (size_t i = 0; i < p->n_options; i++) {
        answer_option(p, &p->option[i], &answer[i]);
        if (c) c[i] = (contender){p->option[i].model, &answer[i]};
    }
    if (c && front) qsort(c, p->n_options, sizeof *c, compare_contenders);
    for (size_t i = 1; c && front && i <= p->n_options; i++) {
        if (i < p->n_options && strcmp(c[i].model, c[from].model) == 0) continue;
        mark_front(c + from, i - from, front);
        rank_model(c + from, i - from);
        from = i;
    }
    err e = c && front ? ERR_OK : ERR_MEMORY;
    free(c);
    free(front);
    return e;
}
