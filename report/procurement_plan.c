/*
 * procurement_plan.c - what the workbook's formulas work out beside the answers: models, the cheapest offer of every
 * option, what its cost is paid as, its place in its model, the best option of every GPU. Reads the report, allocates
 * in the book's arena.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/procurement_book.h"

const char *deal_gpu_name(const deal_book *d, size_t gpu) {
    const report_gpu *g = &d->p->gpu[gpu];
    return g->display && *g->display ? g->display : g->name;
}

double deal_price(const deal_book *d, size_t gpu) {
    const report_gpu *g = &d->p->gpu[gpu];
    return g->price * (g->price_usd > 0 ? d->p->inputs.per_usd : 1);
}

const report_load *deal_load(const deal_book *d, size_t option) {
    const report_load *l = d->context ? &d->p->option[option].load[d->context - 1] : NULL;
    return l && l->users >= 1 ? l : NULL;
}

static size_t context_of(const report_procurement *p) {
    for (size_t i = 0; i < p->n_contexts; i++) {
        if (p->context[i] >= p->inputs.context && p->context[i] <= p->inputs.context) return i + 1;
    }
    return 0;
}

/** The number of a model; new ones are added at the end. */
static size_t number_model(deal_book *d, const char *name) {
    for (size_t i = 0; i < d->n_models; i++) {
        if (strcmp(d->model[i].name, name) == 0) return i + 1;
    }
    d->model[d->n_models] = (deal_model){name, DEAL_NONE, 0, 0};
    return ++d->n_models;
}

static void find_offer(deal_book *d, size_t option, report_tariff t) {
    double count;
    deal *one = &d->deal[option];
    const report_offer *f =
        report_procurement_offer(d->p, &d->p->option[option], d->p->answer[option].replicas, t, &count);
    if (!f) return;
    one->least[t] = count * f->hour[t];
    one->offer[t] = DEAL_OWN_OFFERS + (size_t)(f - d->p->offer) + 1;
    one->seller[t] = arena_printf(&d->mem, "%s %s", f->provider ? f->provider : "", f->instance ? f->instance : "");
}

/** What the cost is the rounded value of, and how it is paid. */
static void find_way(const deal_book *d, const report_answer *a, deal *one) {
    const double ways[REPORT_BASES] = {[REPORT_BASIS_PURCHASE] = a->own_month,
                                       [REPORT_BASIS_ON_DEMAND] = a->month[REPORT_ON_DEMAND],
                                       [REPORT_BASIS_SPOT] = a->month[REPORT_SPOT],
                                       [REPORT_BASIS_RESERVED] = a->month[REPORT_RESERVED]};
    static const report_basis in_order[] = {REPORT_BASIS_PURCHASE, REPORT_BASIS_ON_DEMAND, REPORT_BASIS_RESERVED};
    report_basis way = d->p->inputs.basis;
    one->sum = way == REPORT_BASIS_CHEAPEST ? NAN : ways[way];
    for (size_t k = 0; d->p->inputs.basis == REPORT_BASIS_CHEAPEST && k < 3; k++) {
        if (isnan(ways[in_order[k]]) || one->sum <= ways[in_order[k]]) continue;
        way = in_order[k];
        one->sum = ways[way];
    }
    one->way = isnan(one->sum) ? "" : report_basis_name[way];
}

typedef struct place {
    double cost, gpus, spare;
    size_t model, option;
} place;

static int rising(double x, double y) {
    return (x > y) - (x < y);
}

/** By model, cost, fewest GPUs, most headroom, number: no two in one place. */
static int compare_places(const void *x, const void *y) {
    const place *a = x, *b = y;
    int order = rising((double)a->model, (double)b->model);
    if (!order) order = rising(a->cost, b->cost);
    if (!order) order = rising(a->gpus, b->gpus);
    if (!order) order = rising(-a->spare, -b->spare);
    return order ? order : rising((double)a->option, (double)b->option);
}

/** Keys of the ranked options, the best of each model and GPU. */
static err find_places(deal_book *d) {
    size_t n = 0, in_model = 0;
    place *at = arena_alloc(&d->mem, d->p->n_options + 1, sizeof *at);
    if (!at) return ERR_MEMORY;
    for (size_t i = 0; i < d->p->n_options; i++) {
        const report_answer *a = &d->p->answer[i];
        if (!d->deal[i].ok) continue;
        at[n++] = (place){a->cost, a->gpus, isnan(a->headroom) ? -1e15 : a->headroom, d->deal[i].model, i};
    }
    qsort(at, n, sizeof *at, compare_places);
    for (size_t k = 0; k < n; k++) {
        in_model = k > 0 && at[k].model == at[k - 1].model ? in_model + 1 : 1;
        deal *one = &d->deal[at[k].option];
        double *gpu = &d->gpu_key[d->p->option[at[k].option].gpu];
        one->key = (double)at[k].model * DEAL_KEY + (double)in_model;
        if (in_model == 1) d->model[at[k].model - 1].best = at[k].option + 1;
        if (at[k].model == 1) *gpu = fmin(*gpu, one->key);
    }
    return ERR_OK;
}

static int compare_keys(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

size_t deal_with_key(const deal_book *d, double key) {
    for (size_t i = 0; i < d->p->n_options; i++) {
        if (d->deal[i].key >= key && d->deal[i].key <= key) return i + 1;
    }
    return DEAL_NONE;
}

/** "8 x H100, fp8" */
static const char *label_of(deal_book *d, size_t option) {
    const report_option *o = &d->p->option[option];
    return arena_printf(&d->mem, "%.0f × %s, %s", d->p->answer[option].gpus, deal_gpu_name(d, o->gpu), o->weights);
}

static err find_top(deal_book *d) {
    size_t n = d->p->n_gpus;
    double *keys = arena_alloc(&d->mem, n + 1, sizeof *keys);
    if (!keys) return ERR_MEMORY;
    memcpy(keys, d->gpu_key, n * sizeof *keys);
    qsort(keys, n, sizeof *keys, compare_keys);
    for (size_t k = 0; k < DEAL_TOP; k++) {
        d->top[k] = k < n ? keys[k] : DEAL_FAR;
        size_t row = d->top[k] < DEAL_FAR ? deal_with_key(d, d->top[k]) : DEAL_NONE;
        d->label[k] = row ? label_of(d, row - 1) : "";
        if (!d->label[k]) return ERR_MEMORY;
    }
    return ERR_OK;
}

static err plan_option(deal_book *d, size_t i) {
    deal *one = &d->deal[i];
    one->model = number_model(d, d->p->option[i].model);
    d->model[one->model - 1].n_options++;
    d->model[one->model - 1].n_fit += deal_load(d, i) != NULL;
    for (int t = 0; t < REPORT_TARIFFS; t++) {
        one->least[t] = DEAL_FAR;
        one->seller[t] = "";
        if (deal_load(d, i)) find_offer(d, i, (report_tariff)t);
        if (!one->seller[t]) return ERR_MEMORY;
    }
    find_way(d, &d->p->answer[i], one);
    one->ok = !isnan(d->p->answer[i].cost) && !(d->p->answer[i].tokens_user < d->p->inputs.min_tokens);
    return ERR_OK;
}

err deal_plan(deal_book *d) {
    size_t n = d->p->n_options;
    d->deal = arena_alloc(&d->mem, n + 1, sizeof *d->deal);
    d->model = arena_alloc(&d->mem, n + 1, sizeof *d->model);
    d->gpu_key = arena_alloc(&d->mem, d->p->n_gpus + 1, sizeof *d->gpu_key);
    if (!d->deal || !d->model || !d->gpu_key) return ERR_MEMORY;
    d->context = context_of(d->p);
    for (size_t g = 0; g < d->p->n_gpus; g++)
        d->gpu_key[g] = DEAL_FAR;
    for (size_t i = 0; i < n; i++)
        TRY(plan_option(d, i));
    TRY(find_places(d));
    return find_top(d);
}
