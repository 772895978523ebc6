/*
 * engine_sglang.c - what SGLang allocates: pools of KV slots for all sequences together. Layers with a sliding window
 * have a pool of their own that holds a fixed share of the tokens of the full layers, recurrent layers one that takes a
 * fixed proportion of the bytes; whichever pool runs full first decides, so each is a moment of its own. Forward passes
 * and CUDA graphs live outside of the share that weights and pools get (capacity.c). Numbers are columns of
 * engines.csv.
 */
#include "kernels/lower/internal.h"

/** What the layers of a stage take: per token in full and in sliding layers, per sequence in states. */
typedef struct pools {
    double full, sliding, state; /* [bytes] */
    int64_t window;              /* largest, [tokens] */
} pools;

typedef enum pool_kind { POOL_FULL, POOL_SLIDING } pool_kind;

/** FP8 keys of a sparse-attention indexer with a 32-bit scale for 128 of them. */
static double indexer_bytes(const kern_part *p) {
    return (double)p->indexer_dim + ceil((double)p->indexer_dim / 128) * 4;
}

/** Bytes of one token in one layer; latent attention is not split over tp. */
static double token_bytes(const kern_scenario *sc, const kern_part *p) {
    if (p->kind == KERN_PART_MLA)
        return kern_vector_bytes(sc->k, 1, (double)(p->kv_lora + p->rope_dim)) + indexer_bytes(p);
    double heads = ceil((double)p->kv_heads / sc->layout.tp);
    return kern_vector_bytes(sc->k, heads, (double)p->k_dim) + kern_vector_bytes(sc->v, heads, (double)p->v_dim) +
           indexer_bytes(p);
}

static int64_t window_of(const kern_scenario *sc, const kern_part *p) {
    if (sc->engine->swa_full) return 0;
    return p->window ? p->window : p->chunk;
}

/** Pools go by the number of layers: those that share another layer's cache have slots as well. */
static int is_pooled(const kern_part *p) {
    return (p->kind == KERN_PART_ATTN || p->kind == KERN_PART_MLA || p->kind == KERN_PART_CACHE) && !p->cross;
}

static void add_part(const kern_scenario *sc, const kern_part *p, double layers, pools *sum) {
    int64_t window = window_of(sc, p);
    if (p->state_elems || p->conv_elems) sum->state += kern_state_bytes(sc, p) * layers;
    if (!is_pooled(p)) return;
    *(window ? &sum->sliding : &sum->full) += token_bytes(sc, p) * layers;
    if (window > sum->window) sum->window = window;
}

static pools sum_pools(const kern_scenario *sc, const kern_stage *st) {
    pools sum = {0, 0, 0, 0};
    for (uint32_t g = 0; g < sc->model->n_groups; g++) {
        const kern_group *group = &sc->model->groups[g];
        for (uint32_t i = 0; i < group->n_parts && group->kind == KERN_GROUP_MAIN; i++)
            add_part(sc, &group->parts[i], (double)st->layers[g], &sum);
    }
    return sum;
}

/** Two moments where two pools are in proportion: the full layers' is full, or the other one. */
static unsigned sglang_moments(kern_lowering *l, const kern_stage *st) {
    pools p = sum_pools(l->sc, st);
    const kern_engine *e = l->sc->engine;
    return p.full > 0 && ((p.sliding > 0 && e->swa_ratio > 0) || (p.state > 0 && e->state_ratio > 0)) ? 2 : 1;
}

/**
 * Slots of one kind of layers. When the sliding pool decides (moment 1), the full one has as many tokens as belong to
 * it: 1 / swa_ratio. Without full layers the sliding pool stands alone.
 */
static void put_slots(kern_lowering *l, const pools *p, pool_kind kind, unsigned phase) {
    const kern_engine *e = l->sc->engine;
    int paired = p->full > 0 && p->sliding > 0 && e->swa_ratio > 0, by_window = kind == POOL_SLIDING && !paired;
    double bytes = kind == POOL_SLIDING ? p->sliding : p->full, scale = 1;
    if (paired && l->moment == 0 && kind == POOL_SLIDING) scale = e->swa_ratio;
    if (paired && l->moment == 1) by_window = 1, scale = kind == POOL_SLIDING ? 1 : 1 / e->swa_ratio;
    kern_term t = TERM_PER_TOKEN(bytes * scale * (double)e->page_tokens);
    t.page_s = (double)e->page_tokens * l->sc->layout.cp;
    if (by_window) t.cap_s = (double)(p->window + e->page_tokens);
    kern_term_put(l, KERN_KV_CACHE, phase, kind == POOL_SLIDING ? KF_KV_POOL_SLIDING : KF_KV_POOL, t,
                  "%.0f bytes a token in all layers of the pool x %.4g, pages of %lld; window %lld", bytes, scale,
                  (long long)e->page_tokens, (long long)p->window);
}

/** States beside a KV pool that is full, or a full pool of states with the KV pool beside it. */
static void put_states(kern_lowering *l, const pools *p, unsigned phase) {
    const kern_engine *e = l->sc->engine;
    double slots = e->state_slots > 0 ? (double)e->state_slots : 1, held = p->state * slots;
    if (p->full > 0 && e->state_ratio > 0 && l->moment == 0) {
        kern_term t = TERM_PER_TOKEN(p->full * e->state_ratio * (double)e->page_tokens);
        t.page_s = (double)e->page_tokens * l->sc->layout.cp;
        kern_term_put(l, KERN_KV_CACHE, phase, KF_KV_POOL_SPLIT, t, "%.4g x %.0f bytes a token", e->state_ratio,
                      p->full);
        return;
    }
    kern_term_put(l, KERN_KV_CACHE, phase, KF_KV_POOL_STATE, TERM_PER_SEQ(held),
                  "%.0f bytes in all layers x %.0f slots", p->state, slots);
    if (p->full <= 0 || e->state_ratio <= 0) return;
    kern_term_put(l, KERN_KV_CACHE, phase, KF_KV_POOL_SPLIT, TERM_PER_SEQ(held / e->state_ratio), "%.0f bytes / %.4g",
                  held, e->state_ratio);
}

/** Caches that no pool rule covers are taken as they are: compressed ones. */
static void put_others(kern_lowering *l, const kern_stage *st, unsigned phase) {
    for (uint32_t g = 0; g < l->sc->model->n_groups; g++) {
        const kern_group *group = &l->sc->model->groups[g];
        for (uint32_t i = 0; i < group->n_parts && group->kind == KERN_GROUP_MAIN; i++) {
            if (group->parts[i].kind == KERN_PART_DSV4) kern_lower_kv_part(l, &group->parts[i], st->layers[g], phase);
        }
    }
}

static void sglang_kv_cache(kern_lowering *l, const kern_stage *st, unsigned phase) {
    pools p = sum_pools(l->sc, st);
    int states_decide = p.state > 0 && p.full > 0 && l->sc->engine->state_ratio > 0 && l->moment == 1;
    if (!states_decide) {
        put_slots(l, &p, POOL_FULL, phase);
        put_slots(l, &p, POOL_SLIDING, phase);
    }
    if (p.state > 0) put_states(l, &p, phase);
    put_others(l, st, phase);
}

/** Reserved alike on every stage, whether it has the head or not. */
static void sglang_activations(kern_lowering *l, const kern_stage *st, unsigned phase) {
    kern_stage with_head = *st;
    with_head.last = 1;
    kern_lower_warm_up(l, &with_head, phase);
}

static void put_standing(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_engine *e = l->sc->engine;
    kern_lower_overhead(l, st, phase);
    if (l->sc->layout.tp > 1) {
        kern_term_put(l, KERN_OVERHEAD, phase, KF_OVERHEAD_COMMUNICATION, TERM_CONST(e->tp_bytes), "%s@%s, tp%d",
                      e->name, e->version, l->sc->layout.tp);
    }
    if (!e->cuda_graphs) return;
    kern_term_put(l, KERN_OVERHEAD, phase, KF_OVERHEAD_GRAPHS,
                  TERM_CONST(e->graph_bytes + (l->sc->layout.tp > 1 ? e->graph_tp_bytes : 0)), "%s@%s", e->name,
                  e->version);
}

/** What loading takes beside the tensors counts as weights do: the split is made by what is free afterwards. */
static void sglang_overhead(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_engine *e = l->sc->engine;
    put_standing(l, st, phase);
    kern_term_put(l, KERN_OVERHEAD, phase, KF_OVERHEAD_LOADING, TERM_CONST(e->load_bytes), "%s@%s", e->name,
                  e->version);
}

double kern_standing_bytes(const kern_scenario *sc) {
    kern_record r = {.n_terms = 0};
    char why[DIAG_TEXT];
    kern_lowering l = {.sc = sc, .r = &r, .why = why};
    const kern_stage st = {.last = 1};
    double sum = 0;
    sglang_activations(&l, &st, 0);
    put_standing(&l, &st, 0);
    for (unsigned i = 0; i < r.n_terms; i++)
        sum += r.term[i].coef;
    return sum;
}

const kern_rules kern_rules_sglang = {
    .weights = kern_lower_weights,
    .kv_cache = sglang_kv_cache,
    .activations = sglang_activations,
    .overhead = sglang_overhead,
    .moments = sglang_moments,
};
