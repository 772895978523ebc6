/*
 * answer.c - a scenario's memory and, with a GPU, what fits: lowered once, evaluated once, inverse questions by
 * bisection on the record.
 */
#include <math.h>

#include "sweep/limits.h"
#include "sweep/scenario.h"

static void answer_gpu(const sweep_scenario *sc, const kern_record *r, sweep_answer *out) {
    double fit = kern_capacity(&sc->k, sc->gpu, sc->gpus, KERN_USE_FIT);
    double serve = kern_capacity(&sc->k, sc->gpu, sc->gpus, KERN_USE_SERVE);
    int enough = sc->gpus >= kern_layout_gpus(&sc->k.layout);
    out->usable = fit;
    out->headroom = fit - out->charge;
    out->fits = enough && out->charge <= fit;
    out->min_gpus = kern_min_gpus(&sc->k, sc->gpu, sc->batch, sc->context, NULL);
    out->max_batch = enough ? kern_max_batch(r, sc->context, serve, sweep_batch_limit(sc->context)) : 0;
    out->max_context = enough ? kern_max_context(r, sc->batch, serve, sweep_context_limit(sc->batch)) : 0;
    out->kv_capacity = enough && out->serves ? kern_kv_capacity(r, sc->context, serve) : 0;
}

err sweep_scenario_answer(const sweep_scenario *sc, sweep_answer *out, char *why) {
    kern_record r;
    TRY(kern_lower(&sc->k, &(kern_bounds){sc->context, sc->batch}, &r, why, NULL, NULL));
    out->total = kern_eval_cell(&r, sc->batch, sc->context, out->component, &out->charge);
    if (!kern_total_range(&sc->k, out->component, &out->low, &out->high)) out->low = out->high = NAN;
    out->held = sc->gpu != NULL;
    out->serves = sc->k.mode->train == KERN_INFERENCE;
    out->layout = sc->k.layout;
    out->checkpointing = sc->k.mode->checkpointing;
    if (out->held) answer_gpu(sc, &r, out);
    return ERR_OK;
}
