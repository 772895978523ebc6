/*
 * ladder.c - layouts in growing order: data-parallel ranks double when they shard (ZeRO), else tensor parallelism
 * doubles within the node, then pipeline stages are added over nodes. Published methods need no layouts: they divide.
 */
#include <math.h>
#include <stdint.h>

#include "kernels/reduce/ladder.h"

enum { NODES_MAX = 64, RANKS_MAX = 4096 };

void kern_ladder_init(kern_ladder *l, const kern_scenario *sc, int node, const kern_bounds *bounds, kern_rung *rung,
                      size_t cap) {
    *l = (kern_ladder){.sc = *sc, .bounds = *bounds, .node = node > 0 ? node : 1, .rung = rung, .cap = cap};
    for (size_t i = 0; i < cap; i++)
        rung[i].number = SIZE_MAX;
}

int kern_ladder_layout(const kern_ladder *l, size_t number, kern_layout *out) {
    int doublings = 0;
    *out = l->sc.layout;
    if (!l->sc.method->exact) return number == 0;
    if (out->zero) {
        if (number > 30 || 1 << number > RANKS_MAX) return 0;
        out->dp = 1 << number;
        return 1;
    }
    while (2 << doublings <= l->node)
        doublings++;
    size_t within = number < (size_t)doublings ? number : (size_t)doublings;
    out->tp = 1 << within;
    out->pp = (int)(number - within) + 1;
    return number - within < NODES_MAX;
}

double kern_states_bytes(const kern_scenario *sc, const kern_record *r, double b, double s) {
    double component[KERN_COMPONENTS];
    if (!sc->method->exact || sc->layout.stage != KERN_STAGE_FULLEST || r->charged) return 0;
    kern_eval_cell(r, b, s, component, NULL);
    double cache = sc->engine->page_tokens > 1 ? 0 : component[KERN_KV_CACHE];
    return component[KERN_WEIGHTS] + cache + component[KERN_GRADIENTS] + component[KERN_OPTIMIZER];
}

/** Lowers rung `number` into *out, whatever is kept; 0 when the ladder is shorter. */
static int lower_rung(const kern_ladder *l, size_t number, kern_rung *out) {
    char why[DIAG_TEXT];
    if (!kern_ladder_layout(l, number, &out->layout)) return 0;
    kern_scenario at = l->sc;
    at.layout = out->layout;
    out->number = number;
    out->gpus = kern_layout_gpus(&out->layout);
    out->allowed = kern_lower(&at, &l->bounds, &out->record, why, NULL, NULL) == ERR_OK;
    return 1;
}

/** The rung in its slot, lowered. NULL at the end of the ladder. */
static const kern_rung *rung_at(kern_ladder *l, size_t number) {
    kern_rung *r = &l->rung[number < l->cap ? number : l->cap - 1];
    return r->number == number || lower_rung(l, number, r) ? r : NULL;
}

int kern_gpus_together(const kern_scenario *sc, const kern_gpu *gpu, double charge) {
    return (int)fmin(ceil(charge / kern_capacity(sc, gpu, 1, KERN_USE_FIT)), RANKS_MAX);
}

int kern_ladder_climb(kern_ladder *l, const kern_gpu *gpu, double b, double s, size_t *from, kern_layout *layout) {
    const kern_rung *r;
    for (; (r = rung_at(l, *from)) != NULL; ++*from) {
        if (!r->allowed) continue;
        double charge = kern_eval_charge(&r->record, b, s);
        if (!l->sc.method->exact) return kern_gpus_together(&l->sc, gpu, charge);
        if (charge > kern_capacity(&l->sc, gpu, r->gpus, KERN_USE_FIT)) continue;
        if (layout) *layout = r->layout;
        return r->gpus;
    }
    return 0;
}
