/*
 * kv_cache.c - the K/V cache and recurrent state one GPU holds, layer part by layer part, for engine `none`: exactly
 * the tokens asked for, sliding layers no more than their window.
 */
#include <stdio.h>

#include "kernels/lower/internal.h"

/** Bytes of one token's vector: `heads` heads of `dim` elements, blocks running over all of them together. */
double kern_vector_bytes(const kern_format *f, double heads, double dim) {
    if (f->kind == KERN_FORMAT_NAIVE) return ceil(heads * dim * f->bits / 8);
    return ceil(ceil(heads * dim / (double)f->block) * f->block_bytes + heads * f->row_bytes);
}

/** Tokens term of a layer part: at most `cap` of them (0: all), shared out over context-parallel ranks. */
static kern_term tokens_term(double bytes, int64_t cap, int cp) {
    kern_term t = TERM_PER_TOKEN(bytes);
    if (cap) t.cap_s = (double)cap;
    t.page_s = cp;
    return t;
}

static void put_attention(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase) {
    const kern_scenario *sc = l->sc;
    double heads = ceil((double)p->kv_heads / sc->layout.tp);
    double bytes =
        kern_vector_bytes(sc->k, heads, (double)p->k_dim) + kern_vector_bytes(sc->v, heads, (double)p->v_dim);
    kern_formula_id f = p->window ? KF_KV_WINDOW : p->chunk ? KF_KV_CHUNK : KF_KV_ATTENTION;
    int64_t cap = p->window ? p->window : p->chunk;
    char tokens[48] = "all tokens";
    if (cap && l->trace) snprintf(tokens, sizeof tokens, "at most %lld tokens", (long long)cap);
    kern_term_put(l, KERN_KV_CACHE, phase, f, tokens_term(bytes * (double)layers, cap, sc->layout.cp),
                  "%lld layers x %.0f heads x (%lld in %s + %lld in %s), %s", (long long)layers, heads,
                  (long long)p->k_dim, sc->k->name, (long long)p->v_dim, sc->v->name, tokens);
}

static void put_indexer(kern_lowering *l, const kern_part *p, int64_t layers, double ratio, unsigned phase) {
    if (!p->indexer_dim) return;
    kern_term t =
        tokens_term(kern_vector_bytes(l->sc->k, 1, (double)p->indexer_dim) * (double)layers, 0, l->sc->layout.cp);
    t.page_s *= ratio;
    kern_term_put(l, KERN_KV_CACHE, phase, KF_KV_INDEXER, t, "%lld layers x %lld elements in %s, one in %.0f tokens",
                  (long long)layers, (long long)p->indexer_dim, l->sc->k->name, ratio);
}

static void put_mla(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase) {
    double bytes = kern_vector_bytes(l->sc->k, 1, (double)(p->kv_lora + p->rope_dim));
    kern_term_put(l, KERN_KV_CACHE, phase, KF_KV_MLA, tokens_term(bytes * (double)layers, 0, l->sc->layout.cp),
                  "%lld layers x (%lld + %lld) elements in %s", (long long)layers, (long long)p->kv_lora,
                  (long long)p->rope_dim, l->sc->k->name);
    put_indexer(l, p, layers, 1, phase);
}

/** DeepSeek-V4: K is V; a short window in full and one compressed entry per `ratio` tokens. */
static void put_dsv4(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase) {
    double bytes = kern_vector_bytes(l->sc->k, 1, (double)p->k_dim) * (double)layers;
    kern_term_put(l, KERN_KV_CACHE, phase, KF_KV_WINDOW, tokens_term(bytes, p->window, l->sc->layout.cp),
                  "%lld layers x %lld elements in %s, at most %lld tokens", (long long)layers, (long long)p->k_dim,
                  l->sc->k->name, (long long)p->window);
    if (!p->ratio) return;
    kern_term t = tokens_term(bytes, 0, l->sc->layout.cp);
    t.page_s *= (double)p->ratio;
    kern_term_put(l, KERN_KV_CACHE, phase, KF_KV_COMPRESSED, t, "%lld layers x %lld elements in %s, one in %lld tokens",
                  (long long)layers, (long long)p->k_dim, l->sc->k->name, (long long)p->ratio);
    put_indexer(l, p, layers, (double)p->ratio, phase);
}

/** Recurrent state in fp32, convolution state in the 16-bit activation type; heads are split over tp. */
static double state_share(const kern_scenario *sc, const kern_part *p) {
    double heads = p->state_heads ? (double)p->state_heads : 1;
    return p->state_heads ? ceil(heads / sc->layout.tp) / heads : 1;
}

double kern_state_bytes(const kern_scenario *sc, const kern_part *p) {
    double share = state_share(sc, p);
    return ceil((double)p->state_elems * share) * 4 + ceil((double)p->conv_elems * share) * 2;
}

void kern_lower_state(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase) {
    kern_term_put(l, KERN_KV_CACHE, phase, KF_KV_STATE, TERM_PER_SEQ(kern_state_bytes(l->sc, p) * (double)layers),
                  "%lld layers x (%lld state + %lld convolution elements) x %.4g of the heads", (long long)layers,
                  (long long)p->state_elems, (long long)p->conv_elems, state_share(l->sc, p));
}

void kern_lower_kv_part(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase) {
    if (p->state_elems || p->conv_elems) kern_lower_state(l, p, layers, phase);
    if (!p->owns_cache) return;
    switch ((kern_part_kind)p->kind) {
    case KERN_PART_ATTN:
    case KERN_PART_CACHE:
        put_attention(l, p, layers, phase);
        put_indexer(l, p, layers, 1, phase);
        break;
    case KERN_PART_MLA:
        put_mla(l, p, layers, phase);
        break;
    case KERN_PART_DSV4:
        put_dsv4(l, p, layers, phase);
        break;
    default:
        break;
    }
}

void kern_lower_kv_cache(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_model *m = l->sc->model;
    for (uint32_t g = 0; g < m->n_groups; g++) {
        if (st->layers[g] == 0 || m->groups[g].kind != KERN_GROUP_MAIN) continue;
        for (uint32_t p = 0; p < m->groups[g].n_parts; p++)
            kern_lower_kv_part(l, &m->groups[g].parts[p], st->layers[g], phase);
    }
}
