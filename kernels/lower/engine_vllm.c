/*
 * engine_vllm.c - what vLLM's V1 engine allocates: KV in pages per layer kind, all kinds padded to groups of equally
 * many layers (vllm/v1/core/kv_cache_utils.py), an activation peak that start-up profiles with the largest batch of
 * tokens and of sequences whatever is asked later, and memory outside PyTorch. Numbers are columns of engines.csv; the
 * pages of each kind follow vllm/v1/kv_cache_interface.py.
 */
#include "kernels/lower/internal.h"

/** Layer kinds with pages of their own. */
typedef enum page_kind { PAGES_FULL, PAGES_SLIDING, PAGES_CHUNKED, PAGES_STATE, PAGE_KINDS } page_kind;

static int has_state(const kern_part *p) {
    return p->state_elems || p->conv_elems;
}

static page_kind kind_of(const kern_engine *e, const kern_part *p) {
    if (has_state(p)) return PAGES_STATE;
    if (e->swa_full) return PAGES_FULL;
    if (p->window) return PAGES_SLIDING;
    return p->chunk ? PAGES_CHUNKED : PAGES_FULL;
}

/** Layers of each kind on a stage. */
static void count_kinds(const kern_scenario *sc, const kern_stage *st, int64_t n[PAGE_KINDS]) {
    const kern_model *m = sc->model;
    for (int k = 0; k < PAGE_KINDS; k++)
        n[k] = 0;
    for (uint32_t g = 0; g < m->n_groups; g++) {
        for (uint32_t i = 0; i < m->groups[g].n_parts && m->groups[g].kind == KERN_GROUP_MAIN; i++) {
            const kern_part *p = &m->groups[g].parts[i];
            if (p->owns_cache || has_state(p)) n[kind_of(sc->engine, p)] += st->layers[g];
        }
    }
}

/**
 * Layers of a kind once it is padded to whole groups. Groups have as many layers as the rarest kind, or as the
 * commonest where that pads less than a quarter.
 */
static double padded_layers(const int64_t n[PAGE_KINDS], page_kind kind) {
    int64_t least = 0, most = 0;
    for (int k = 0; k < PAGE_KINDS; k++) {
        if (n[k] && (!least || n[k] < least)) least = n[k];
        if (n[k] > most) most = n[k];
    }
    int64_t size = 4 * most < 5 * least ? most : least;
    int64_t groups = size ? (n[kind] + size - 1) / size : 0;
    return (double)(groups * size);
}

/** Bytes of one token's K and V (or latent) vectors of a layer on this rank. */
static double token_bytes(const kern_scenario *sc, const kern_part *p) {
    if (p->kind == KERN_PART_MLA) {
        return kern_vector_bytes(sc->k, 1, (double)(p->kv_lora + p->rope_dim)) +
               kern_vector_bytes(sc->k, 1, (double)p->indexer_dim);
    }
    if (p->kind == KERN_PART_DSV4) return kern_vector_bytes(sc->k, 1, (double)p->k_dim);
    double heads = ceil((double)p->kv_heads / sc->layout.tp);
    return kern_vector_bytes(sc->k, heads, (double)p->k_dim) + kern_vector_bytes(sc->v, heads, (double)p->v_dim) +
           kern_vector_bytes(sc->k, 1, (double)p->indexer_dim);
}

/** Tokens that a kind keeps beyond which pages are reused; 0: all, as the V0 engine does. */
static double kept_tokens(const kern_engine *e, const kern_part *p) {
    if (e->swa_full) return 0;
    if (p->window) return (double)(p->window - 1 + e->max_batched_tokens);
    return p->chunk ? (double)(p->chunk + e->max_batched_tokens) : 0;
}

static void put_pages(kern_lowering *l, const kern_part *p, double layers, unsigned phase) {
    const kern_engine *e = l->sc->engine;
    double page = (double)e->page_tokens, bytes = token_bytes(l->sc, p) * page * layers, kept = kept_tokens(e, p);
    kern_formula_id f = !kept ? KF_KV_PAGES : p->window ? KF_KV_PAGES_SLIDING : KF_KV_PAGES_CHUNKED;
    kern_term t = TERM_PER_TOKEN(bytes);
    t.page_s = page * l->sc->layout.cp;
    if (kept > 0) t.cap_s = kept;
    kern_term_put(l, KERN_KV_CACHE, phase, f, t,
                  "%.4g padded layers x %.0f tokens a page x %.0f bytes, %.0f tokens kept (0: all)", layers, page,
                  token_bytes(l->sc, p), kept);
    if (!p->window || !kept) return;
    kern_term_put(l, KERN_KV_CACHE, phase, f, TERM_PER_SEQ(bytes),
                  "one page more, for a window that starts inside one");
}

/** A recurrent state takes one page per sequence and layer; heads are split over tp. */
static void put_state(kern_lowering *l, const kern_part *p, double layers, unsigned phase) {
    double bytes = kern_state_bytes(l->sc, p);
    kern_term_put(l, KERN_KV_CACHE, phase, KF_KV_STATE, TERM_PER_SEQ(bytes * layers),
                  "%.4g padded layers x %.0f bytes of state and convolution on this rank", layers, bytes);
}

static void vllm_kv_cache(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_model *m = l->sc->model;
    int64_t n[PAGE_KINDS];
    count_kinds(l->sc, st, n);
    for (uint32_t g = 0; g < m->n_groups; g++) {
        if (!st->layers[g] || m->groups[g].kind != KERN_GROUP_MAIN) continue;
        for (uint32_t i = 0; i < m->groups[g].n_parts; i++) {
            const kern_part *p = &m->groups[g].parts[i];
            page_kind kind = kind_of(l->sc->engine, p);
            double layers = n[kind] ? (double)st->layers[g] * padded_layers(n, kind) / (double)n[kind] : 0;
            if (has_state(p)) put_state(l, p, layers, phase);
            if (p->owns_cache) put_pages(l, p, layers, phase);
        }
    }
}

/** Widest intermediate results of one token's pass through a layer: a feed-forward, or the copies for its experts. */
static double widest_bytes(const kern_scenario *sc) {
    double widest = 0, h = (double)sc->model->hidden;
    for (uint32_t g = 0; g < sc->model->n_groups; g++) {
        for (uint32_t i = 0; i < sc->model->groups[g].n_parts; i++) {
            const kern_part *p = &sc->model->groups[g].parts[i];
            double inner = (double)p->inner / sc->layout.tp, bytes = 0;
            if (p->kind == KERN_PART_MLP) bytes = (p->gated ? 6 : 4) * inner;
            if (p->kind == KERN_PART_MOE) bytes = (double)p->top_k * ((p->gated ? 6 : 4) * inner + 2 * h);
            widest = bytes > widest ? bytes : widest;
        }
    }
    return widest + 8 * h;
}

static int has_kind(const kern_model *m, kern_part_kind kind) {
    for (uint32_t g = 0; g < m->n_groups; g++) {
        for (uint32_t i = 0; i < m->groups[g].n_parts; i++) {
            if (m->groups[g].parts[i].kind == kind) return 1;
        }
    }
    return 0;
}

/** The larger of the forward pass and, where the head is, the sampler's warm-up; both run at start-up. */
void kern_lower_warm_up(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_engine *e = l->sc->engine;
    const kern_model *m = l->sc->model;
    double tokens = (double)e->max_batched_tokens, forward = tokens * widest_bytes(l->sc);
    double sampler = st->last ? e->sampler_bytes * (double)m->vocab * (double)e->max_seqs : 0;
    double extra = has_kind(m, KERN_PART_MOE) * e->moe_bytes + has_kind(m, KERN_PART_MLA) * e->mla_bytes;
    sampler += e->forward_bytes * (double)m->hidden * tokens;
    kern_term_put(l, KERN_ACTIVATIONS, phase, sampler > forward ? KF_ACT_SAMPLER : KF_ACT_FORWARD,
                  TERM_CONST((sampler > forward ? sampler : forward) + extra),
                  "%lld vocabulary entries x %lld sequences x %g; %.0f tokens x %.0f bytes; %.0f for experts and "
                  "latent attention",
                  (long long)m->vocab, (long long)e->max_seqs, e->sampler_bytes, tokens, widest_bytes(l->sc), extra);
}

static void vllm_overhead(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_engine *e = l->sc->engine;
    double graphs =
        e->graphs_charged && e->cuda_graphs ? e->graph_bytes + (l->sc->layout.tp > 1 ? e->graph_tp_bytes : 0) : 0;
    kern_lower_overhead(l, st, phase);
    if (l->sc->layout.tp > 1) {
        kern_term_put(l, KERN_OVERHEAD, phase, KF_OVERHEAD_COMMUNICATION, TERM_CONST(e->tp_bytes), "%s@%s, tp%d",
                      e->name, e->version, l->sc->layout.tp);
    }
    kern_term_put(l, KERN_OVERHEAD, phase, KF_OVERHEAD_GRAPHS, TERM_CONST(graphs), "%s@%s", e->name, e->version);
}

const kern_rules kern_rules_vllm = {
    .weights = kern_lower_weights,
    .kv_cache = vllm_kv_cache,
    .activations = kern_lower_warm_up,
    .overhead = vllm_overhead,
};
