/*
 * capacity.c - bytes a scenario is held against, and the fewest GPUs of a kind that hold it.
 */
#include <math.h>

#include "kernels/reduce/ladder.h"

int kern_layout_gpus(const kern_layout *l) {
    int ranks = l->tp * l->dp;
    if (l->ep > ranks) ranks = l->ep; /* ep alone: attention is data-parallel over the expert ranks */
    return ranks * l->pp * l->cp;
}

/** The row for a GPU of `memory` bytes; the last one when none applies. */
static const kern_reserve *reserve_of(const kern_engine *e, int tp, double memory) {
    uint32_t i = 0;
    for (; i + 1 < e->n_reserves; i++) {
        const kern_reserve *r = &e->reserves[i];
        if ((r->gpu_below <= 0 || memory < r->gpu_below) && (!r->tp_below || tp < r->tp_below)) break;
    }
    return &e->reserves[i];
}

/** Tokens or sequences as asked, or as the row has them while the engine is at its default. */
static double asked_or(int64_t asked, int64_t fallback, int64_t row) {
    return (double)(asked != fallback || !row ? asked : row);
}

/** Share of weights and cache: as asked, as the row has it, or what the reserve leaves, to three decimals. */
static double static_share(const kern_scenario *sc, const kern_gpu *gpu) {
    const kern_engine *e = sc->engine;
    double memory = gpu->reported_bytes > 0 ? gpu->reported_bytes : gpu->usable_bytes;
    const kern_reserve *r = reserve_of(e, sc->layout.tp, memory);
    if (e->memory_utilization > 0) return e->memory_utilization;
    if (r->share > 0) return r->share;
    double bytes = r->fixed_bytes + r->rank_bytes * sc->layout.tp * sc->layout.pp +
                   r->token_bytes * asked_or(e->max_batched_tokens, e->default_tokens, r->tokens) +
                   r->seq_bytes * asked_or(e->max_seqs, e->default_seqs, r->seqs);
    return fmax(round((1 - fmax(bytes, r->least_bytes) / memory) * 1000) / 1000, 0);
}

/** The static part of what start-up leaves free, with what stands beside it; no more than there is. */
static double split_capacity(const kern_scenario *sc, const kern_gpu *gpu) {
    const kern_engine *e = sc->engine;
    double free = gpu->usable_bytes - e->context_bytes - (sc->layout.tp > 1 ? e->tp_bytes : 0);
    return fmin(floor(fmax(free, 0) * static_share(sc, gpu)) + kern_standing_bytes(sc), gpu->usable_bytes);
}

double kern_capacity(const kern_scenario *sc, const kern_gpu *gpu, int gpus, kern_use use) {
    const kern_method *m = sc->method;
    if (m->exact && sc->engine->n_reserves && sc->mode->train == KERN_INFERENCE) return split_capacity(sc, gpu);
    if (m->exact) return floor(gpu->usable_bytes * sc->engine->memory_utilization);
    return gpu->marketed_gb * 1e9 * gpus * (use == KERN_USE_FIT ? m->fit_share : m->serve_share);
}

int kern_capacity_exact(const kern_scenario *sc, const kern_gpu *gpu, int gpus) {
    return kern_capacity(sc, gpu, gpus, KERN_USE_FIT) < 0x1p53 && kern_capacity(sc, gpu, gpus, KERN_USE_SERVE) < 0x1p53;
}

int kern_min_gpus(const kern_scenario *sc, const kern_gpu *gpu, double b, double s, kern_layout *layout) {
    kern_ladder l;
    kern_rung rung;
    size_t from = 0;
    kern_ladder_init(&l, sc, gpu->max_per_node, &(kern_bounds){s, b}, &rung, 1);
    if (layout) *layout = sc->layout;
    return kern_ladder_climb(&l, gpu, b, s, &from, layout);
}
