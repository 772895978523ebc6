/*
 * fit_procure.c - one scenario of `fit` as a question of procurement, and its table. Files for programs have all
 * options, the others the best layout of each GPU.
 */
#include "sweep/fit_procure.h"

#include <math.h>
#include <string.h>

#include "report/number.h"
#include "sweep/output.h"
#include "sweep/procure_table.h"

static err no_option(const sweep_procure *q) {
    const sweep_refusal *best = NULL;
    double gb = report_unit_find("GB")->bytes;
    for (size_t i = 0; i < q->n_refusals; i++) {
        const sweep_refusal *r = &q->refusal[i];
        if (!best || (isnan(best->need) && !isnan(r->need)) || r->need / r->capacity < best->need / best->capacity)
            best = r;
    }
    if (!best || isnan(best->need)) {
        return diag_add(q->faults, ERR_SCENARIO, NULL, 0, 0, "fit", "no replica of up to %lld GPUs: %s",
                        (long long)q->buying.max_gpus, best ? best->why : "no layout was tried");
    }
    return diag_add(q->faults, ERR_SCENARIO, NULL, 0, 0, "fit",
                    "no replica of up to %lld GPUs holds it: the best, %s on %s, needs %.1f GB per GPU of %.1f",
                    (long long)q->buying.max_gpus, best->layout, q->gpu[best->gpu]->name, best->need / gb,
                    best->capacity / gb);
}

static err print(sweep_ctx *ctx, const sweep_procure *q) {
    static const sweep_procure_view views[] = {[SWEEP_FORMAT_TEXT] = SWEEP_VIEW_TERMINAL,
                                               [SWEEP_FORMAT_CSV] = SWEEP_VIEW_DATA,
                                               [SWEEP_FORMAT_JSON] = SWEEP_VIEW_DATA,
                                               [SWEEP_FORMAT_MD] = SWEEP_VIEW_PEOPLE};
    const char *notes[SWEEP_PROCURE_NOTES];
    sweep_procure_view view = views[ctx->options->format];
    report_table *t = sweep_procure_table(q, view);
    size_t n = sweep_procure_notes(q, view, notes);
    const char *title = sweep_procure_workload(q, q->work->combo.sc.model, (double)q->buying.users[0]);
    if (!t || !n || !title) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    t->name = "fit";
    t->title = title;
    t->notes = notes;
    t->n_notes = n;
    t->n_groups = 0;
    return sweep_output_table(ctx, t);
}

err sweep_fit_procure(sweep_ctx *ctx, const char *const text[SC_COLUMNS], const sweep_scenario *sc,
                      const sweep_buying *b) {
    const char *kv = strncmp(sc->k.k->name, "kv-", 3) == 0 ? sc->k.k->name + 3 : sc->k.k->name;
    const sweep_work work = {.combo.sc = sc->k,
                             .weights = sc->k.weights->name,
                             .kv = text[SC_KV] ? text[SC_KV] : kv,
                             .given = sc->k.mode->train == KERN_INFERENCE && kern_layout_gpus(&sc->k.layout) > 1};
    size_t i_context = 0;
    sweep_procure q = {.mem = &ctx->mem,
                       .faults = &ctx->faults,
                       .catalogs = &ctx->catalogs,
                       .work = &work,
                       .n_works = 1,
                       .gpu = sc->gpu ? &sc->gpu : ctx->catalogs.gpus.rows,
                       .n_gpus = sc->gpu ? 1 : ctx->catalogs.gpus.n,
                       .context = &sc->context,
                       .i_context = &i_context,
                       .n_contexts = 1,
                       .batch = sc->batch,
                       .text = text,
                       .buying = *b,
                       .shown_context = sc->context};
    if (ctx->options->top) q.buying.top = ctx->options->top;
    TRY(sweep_procure_make(&q));
    return q.report.n_options ? print(ctx, &q) : no_option(&q);
}
