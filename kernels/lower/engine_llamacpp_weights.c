/*
 * engine_llamacpp_weights.c - the weights that llama.cpp puts on a CUDA device: every tensor but the token embedding,
 * which stays on the host; a tied one is loaded twice, as it is the output matrix as well. Vectors, routers and the
 * small tensors of recurrent mixers are fp32 in every file. MTP layers are not loaded, vision towers are another file.
 */
#include "kernels/lower/engine_llamacpp.h"

/** Experts of a layer are one tensor in the file: rows run through all of them. */
static double tensor_bytes(const kern_scenario *sc, const kern_tensor *t, const kern_place *at) {
    const kern_tensor stored = kern_stored_tensor(sc->weights, t);
    double rows = (double)stored.rows * (double)stored.count, cols = (double)stored.cols;
    if (t->cols == 1 || t->cls == KERN_CLASS_ROUTER || t->cls == KERN_CLASS_STATE)
        return ceil(rows * cols * 4 / LLAMACPP_ALIGN) * LLAMACPP_ALIGN;
    return llamacpp_tensor_bytes(kern_placed_format(sc->weights, sc->model, &stored, at), rows, cols);
}

static double layer_bytes(const kern_scenario *sc, const kern_group *g, int64_t layer) {
    const kern_place at = kern_layer_place(sc->model, g, layer);
    double bytes = 0;
    for (uint32_t t = 0; t < g->n_tensors; t++)
        bytes += tensor_bytes(sc, &g->tensors[t], &at);
    return bytes;
}

static double group_bytes(const kern_scenario *sc, const kern_group *g) {
    if (sc->weights->kind != KERN_FORMAT_MIX) return (double)g->layers * layer_bytes(sc, g, 0);
    double bytes = 0;
    for (int64_t i = 0; i < g->layers; i++)
        bytes += layer_bytes(sc, g, i);
    return bytes;
}

static void put_layers(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_model *m = l->sc->model;
    for (uint32_t g = 0; g < m->n_groups; g++) {
        if (st->layers[g] == 0) continue;
        double bytes = kern_share_up(group_bytes(l->sc, &m->groups[g]), st->layers[g], m->groups[g].layers);
        kern_term_put(l, KERN_WEIGHTS, phase, KF_LLAMACPP_WEIGHTS, TERM_CONST(bytes),
                      "%lld of %lld layers of group %u in %s", (long long)st->layers[g], (long long)m->groups[g].layers,
                      g + 1, l->sc->weights->name);
    }
}

/** Tables that are looked up stay on the host, per-layer embeddings too; positions are computed with. */
static int on_device(const kern_model *m, const kern_tensor *t, const kern_stage *st) {
    if (t->cls == KERN_CLASS_VISION) return 0;
    if (t->role == KERN_ROLE_EMBED) return t == m->globals && m->tied && st->last;
    return t->cls == KERN_CLASS_EMBED ? st->first : st->last;
}

void llamacpp_weights(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_model *m = l->sc->model;
    const kern_place at = {0, m->layers, 0, m->layers};
    double output = 0, rest = 0;
    put_layers(l, st, phase);
    for (uint32_t k = 0; k < m->n_globals; k++) {
        const kern_tensor *t = &m->globals[k];
        if (!on_device(m, t, st)) continue;
        *(t->cls == KERN_CLASS_EMBED || t->cls == KERN_CLASS_HEAD ? &output : &rest) += tensor_bytes(l->sc, t, &at);
    }
    kern_term_put(l, KERN_WEIGHTS, phase, KF_LLAMACPP_OUTPUT, TERM_CONST(output), "%lld x %lld in %s%s",
                  (long long)m->vocab, (long long)m->hidden, l->sc->weights->name, m->tied ? ", tied" : "");
    kern_term_put(l, KERN_WEIGHTS, phase, KF_LLAMACPP_OTHER, TERM_CONST(rest), "final norm and what else is global");
}
