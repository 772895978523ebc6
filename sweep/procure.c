/*
 * procure.c - a question to its report: prices, options, answers, best first; and what stands below the tables.
 */
#include "sweep/procure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

err sweep_procure_no_memory(const sweep_procure *q) {
    return diag_add(q->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

/** An option with its answer, while they are put in order. */
typedef struct entry {
    const report_option *o;
    const report_answer *a;
    const report_gpu *gpu;
    size_t at;
} entry;

static int rising(double x, double y) {
    if (isnan(x) || isnan(y)) return isnan(x) - isnan(y); /* unknown ones last */
    return (x > y) - (x < y);
}

/** Rank, GPUs, headroom, then names: a total order. */
static int compare_entries(const void *x, const void *y) {
    const entry *a = x, *b = y;
    int order = rising(a->a->rank, b->a->rank);
    if (!order) order = rising(a->a->gpus, b->a->gpus);
    if (!order) order = rising(-a->a->headroom, -b->a->headroom);
    if (!order) order = strcmp(a->o->model, b->o->model);
    if (!order) order = strcmp(a->gpu->name, b->gpu->name);
    if (!order) order = strcmp(a->o->weights, b->o->weights);
    if (!order) order = strcmp(a->o->kv, b->o->kv);
    if (!order) order = strcmp(a->o->layout, b->o->layout);
    return order ? order : (a->at > b->at) - (a->at < b->at);
}

err sweep_procure_order(const report_procurement *p, report_answer *answer, size_t *order) {
    entry *e = calloc(p->n_options + 1, sizeof *e);
    if (!e) return ERR_MEMORY;
    err failed = report_procurement_answer(p, answer);
    for (size_t i = 0; i < p->n_options; i++)
        e[i] = (entry){&p->option[i], &answer[i], &p->gpu[p->option[i].gpu], i};
    qsort(e, p->n_options, sizeof *e, compare_entries);
    for (size_t i = 0; i < p->n_options; i++)
        order[i] = e[i].at;
    free(e);
    return failed;
}

static report_inputs inputs_of(const sweep_procure *q) {
    const sweep_buying *b = &q->buying;
    return (report_inputs){.users = (double)b->users[0],
                           .context = q->shown_context,
                           .months = b->months,
                           .hours_per_day = b->hours_per_day,
                           .electricity = b->electricity,
                           .pue = b->pue,
                           .discount = b->discount,
                           .host = b->host,
                           .per_usd = b->per_usd,
                           .currency = b->currency,
                           .basis = (report_basis)b->basis,
                           .min_tokens = b->min_tokens};
}

/** Options and their answers, best first. */
static err put_in_order(sweep_procure *q) {
    report_procurement *p = &q->report;
    size_t n = p->n_options;
    report_answer *found = arena_alloc(q->mem, n + 1, sizeof *found),
                  *answer = arena_alloc(q->mem, n + 1, sizeof *answer);
    report_option *option = arena_alloc(q->mem, n + 1, sizeof *option);
    size_t *order = arena_alloc(q->mem, n + 1, sizeof *order);
    if (!found || !answer || !option || !order) return sweep_procure_no_memory(q);
    if (sweep_procure_order(p, found, order) != ERR_OK) return sweep_procure_no_memory(q);
    for (size_t i = 0; i < n; i++) {
        option[i] = p->option[order[i]];
        answer[i] = found[order[i]];
    }
    p->option = option;
    p->answer = answer;
    return ERR_OK;
}

/** What can be asked: the exact method, without data-parallel ranks in a replica that serves. */
static err check(const sweep_procure *q) {
    for (size_t i = 0; i < q->n_works; i++) {
        if (q->work[i].combo.sc.method->exact) continue;
        return diag_add(q->faults, ERR_RANGE, q->file, q->line, q->column, "method",
                        "'%.60s' is a published method, which has no replicas; expected exact",
                        q->work[i].combo.sc.method->name);
    }
    for (size_t i = 0; i < q->n_works; i++) {
        const kern_layout *l = &q->work[i].combo.sc.layout;
        if (!q->work[i].given || (l->tp >= 1 && l->dp == 1 && l->cp == 1 && l->ep <= l->tp)) continue;
        return diag_add(q->faults, ERR_RANGE, q->file, q->line, q->column, "layout",
                        "a replica is tp x pp GPUs, with experts over tp; without layouts those that make sense are "
                        "looked at");
    }
    if (q->n_works <= SWEEP_PAIRS_MAX / (q->n_gpus + 1)) return ERR_OK;
    return diag_add(q->faults, ERR_LIMIT, q->file, q->line, q->column, "procurement",
                    "%zu models in their formats on %zu GPUs, expected at most %d together", q->n_works, q->n_gpus,
                    SWEEP_PAIRS_MAX);
}

err sweep_procure_make(sweep_procure *q) {
    report_procurement *p = &q->report;
    TRY(check(q));
    p->inputs = inputs_of(q);
    p->context = q->context;
    p->n_contexts = q->n_contexts;
    TRY(sweep_procure_prices(q));
    TRY(sweep_procure_options(q));
    return put_in_order(q);
}
