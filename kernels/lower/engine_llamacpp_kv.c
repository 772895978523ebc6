/*
 * engine_llamacpp_kv.c - the KV cache and recurrent state of llama.cpp, to the byte: a K and a V tensor per layer and
 * stream, cells in whole pages, latent attention with K only, state always fp32. Quantized rows run over all heads.
 */
#include "kernels/lower/engine_llamacpp.h"

/** Bytes of one cell's row of `elements`. */
static double row_bytes(const kern_format *f, double elements) {
    if (f->kind == KERN_FORMAT_NAIVE) return elements * f->bits / 8;
    return ceil(elements / (double)f->block) * f->block_bytes;
}

/** One cache tensor in each of `layers` layers. A page of rows is a multiple of the alignment, so that tails add up. */
static void put_tensor(kern_lowering *l, unsigned phase, kern_formula_id f, const kern_format *type, double elements,
                       int64_t window, int64_t layers) {
    if (elements <= 0) return;
    double tail = ceil(llamacpp_tail_bytes(type, elements) / LLAMACPP_ALIGN) * LLAMACPP_ALIGN;
    kern_term_put(l, KERN_KV_CACHE, phase, f,
                  llamacpp_cells(l->sc->engine, row_bytes(type, elements) * (double)layers, window),
                  "%lld layers x %.0f elements in %s x pages of %lld cells, window %lld (0: none)", (long long)layers,
                  elements, type->name, (long long)l->sc->engine->page_tokens, (long long)window);
    kern_term_put(l, KERN_KV_CACHE, phase, f, TERM_CONST(tail * (double)layers), "%lld layers x %.0f bytes of padding",
                  (long long)layers, tail);
}

/** Without flash attention V is kept transposed, and as wide in every layer as in the widest. */
static double value_elements(const kern_scenario *sc, const kern_part *own) {
    double widest = (double)(own->kv_heads * own->v_dim);
    if (sc->engine->flash_attn) return widest;
    for (uint32_t g = 0; g < sc->model->n_groups; g++) {
        for (uint32_t p = 0; p < sc->model->groups[g].n_parts; p++) {
            const kern_part *x = &sc->model->groups[g].parts[p];
            if (x->kind == KERN_PART_ATTN) widest = fmax(widest, (double)(x->kv_heads * x->v_dim));
        }
    }
    return widest;
}

static void put_attention(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase) {
    int64_t window = llamacpp_window(l->sc, p);
    kern_formula_id f = window ? KF_LLAMACPP_KV_WINDOW : KF_LLAMACPP_KV;
    put_tensor(l, phase, f, l->sc->k, (double)(p->kv_heads * p->k_dim), window, layers);
    put_tensor(l, phase, f, l->sc->v, value_elements(l->sc, p), window, layers);
}

/** K and V are one compressed vector, older versions expand it; indexer keys have a cache of their own. */
static void put_latent(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase) {
    if (l->sc->engine->kv_expanded) {
        double heads = (double)p->q_heads;
        put_tensor(l, phase, KF_LLAMACPP_KV, l->sc->k, heads * (double)(p->nope_dim + p->rope_dim), 0, layers);
        put_tensor(l, phase, KF_LLAMACPP_KV, l->sc->v, heads * (double)p->v_dim, 0, layers);
        return;
    }
    put_tensor(l, phase, KF_LLAMACPP_KV_LATENT, l->sc->k, (double)(p->kv_lora + p->rope_dim), 0, layers);
    put_tensor(l, phase, KF_LLAMACPP_KV_LATENT, l->sc->k, (double)p->indexer_dim, 0, layers);
}

static double aligned(double bytes) {
    return ceil(bytes / LLAMACPP_ALIGN) * LLAMACPP_ALIGN;
}

static void put_state(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase) {
    double bytes = aligned((double)p->state_elems * 4) + aligned((double)p->conv_elems * 4);
    kern_term_put(l, KERN_KV_CACHE, phase, KF_LLAMACPP_STATE, TERM_PER_SEQ(bytes * (double)layers),
                  "%lld layers x (%lld state + %lld convolution elements) in fp32", (long long)layers,
                  (long long)p->state_elems, (long long)p->conv_elems);
}

static void put_part(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase) {
    if (p->state_elems || p->conv_elems) put_state(l, p, layers, phase);
    if (!p->owns_cache) return;
    if (p->kind == KERN_PART_MLA)
        put_latent(l, p, layers, phase);
    else
        put_attention(l, p, layers, phase);
}

/** MTP layers that the file keeps get a cache, used or not; they lie on the last device. */
void llamacpp_kv_cache(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_model *m = l->sc->model;
    for (uint32_t g = 0; g < m->n_groups; g++) {
        int64_t layers = st->layers[g];
        if (m->groups[g].kind == KERN_GROUP_MTP) layers = m->gguf_mtp && st->last ? m->groups[g].layers : 0;
        for (uint32_t p = 0; layers && p < m->groups[g].n_parts; p++)
            put_part(l, &m->groups[g].parts[p], layers, phase);
    }
}
