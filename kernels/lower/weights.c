/*
 * weights.c - bytes of the weights one GPU holds: tensor by tensor in the format that the class, the role and the block
 * size give it, sharded, rounded up to whole bytes per tensor.
 */
#include "kernels/lower/internal.h"
#include "kernels/lower/tensors.h"

/** elements * bits / 8, rounded up. Eight elements are whole bytes: the product of all may pass 2^53. */
static double naive_bytes(double elements, double bits) {
    double eights = floor(elements / 8), rest = (elements - 8 * eights) * bits / 8;
    return ceil(eights * bits + (bits == floor(bits) ? ceil(rest) : rest));
}

double kern_tensor_bytes(const kern_format *f, double rows, double cols) {
    double blocks;
    if (f->kind == KERN_FORMAT_NAIVE) return naive_bytes(rows * cols, f->bits);
    if (f->tile) {
        double side = sqrt((double)f->block);
        double tiles = ceil(rows / side) * ceil(cols / side);
        return ceil(rows * cols + tiles * (f->block_bytes - (double)f->block)) + f->tensor_bytes;
    }
    blocks = rows * ceil(cols / (double)f->block);
    return ceil(blocks * f->block_bytes + rows * f->row_bytes + cols * f->col_bytes + f->tensor_bytes);
}

/** Bytes of the tensors of one layer, or of the globals: `at` says where mix rules find it. */
static double layer_bytes(const kern_scenario *sc, const kern_tensor *tensors, uint32_t n_tensors,
                          const kern_place *at) {
    double bytes = 0;
    for (uint32_t k = 0; k < n_tensors; k++) {
        const kern_tensor t = kern_stored_tensor(sc->weights, &tensors[k]);
        kern_local local = kern_shard_tensor(&t, &sc->layout);
        const kern_format *f = kern_placed_format(sc->weights, sc->model, &t, at);
        bytes += local.count * kern_tensor_bytes(f, local.rows, local.cols);
    }
    return bytes;
}

/** Bytes of a tensor in the types it had so far: rules alternate between two or three. */
typedef struct priced {
    const kern_format *type[3];
    double bytes[3];
    unsigned n;
} priced;

static double price(const kern_scenario *sc, const kern_tensor *t, const kern_format *type, priced *known) {
    for (unsigned i = 0; i < known->n; i++) {
        if (known->type[i] == type) return known->bytes[i];
    }
    kern_local local = kern_shard_tensor(t, &sc->layout);
    double bytes = local.count * kern_tensor_bytes(type, local.rows, local.cols);
    if (known->n < 3) {
        known->type[known->n] = type;
        known->bytes[known->n++] = bytes;
    }
    return bytes;
}

/** Bytes of a tensor in a mix at a place. */
static double mixed_tensor(const kern_scenario *sc, const kern_tensor *t, const kern_place *at, priced *known) {
    return price(sc, t, kern_placed_format(sc->weights, sc->model, t, at), known);
}

/** Tensors whose type is the same in every layer count once, times the layers; the others are looked up layer by layer.
 */
static double mixed_bytes(const kern_scenario *sc, const kern_group *g) {
    kern_tensor varying[KERN_TENSORS_MAX];
    priced known[KERN_TENSORS_MAX];
    const kern_place first = kern_layer_place(sc->model, g, 0);
    uint32_t n = 0;
    double bytes = 0;
    for (uint32_t k = 0; k < g->n_tensors; k++) {
        const kern_tensor t = kern_stored_tensor(sc->weights, &g->tensors[k]);
        if (kern_mix_varies(sc->weights, sc->model, &t)) {
            known[n].n = 0;
            varying[n++] = t;
        } else {
            bytes += (double)g->layers * mixed_tensor(sc, &t, &first, &(priced){.n = 0});
        }
    }
    for (int64_t i = 0; n && i < g->layers; i++) {
        const kern_place at = kern_layer_place(sc->model, g, i);
        for (uint32_t k = 0; k < n; k++)
            bytes += mixed_tensor(sc, &varying[k], &at, &known[k]);
    }
    return bytes;
}

double kern_group_bytes(const kern_scenario *sc, const kern_group *g) {
    const kern_place first = {0, 1, 0, 1};
    if (sc->weights->kind == KERN_FORMAT_MIX) return mixed_bytes(sc, g);
    return (double)g->layers * layer_bytes(sc, g->tensors, g->n_tensors, &first);
}

static void put_layers(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_model *m = l->sc->model;
    for (uint32_t g = 0; g < m->n_groups; g++) {
        if (st->layers[g] == 0) continue;
        double all = kern_group_once(l, g, kern_group_bytes);
        double bytes = kern_share_up(all, st->layers[g], m->groups[g].layers);
        kern_term_put(l, KERN_WEIGHTS, phase, KF_WEIGHTS_LAYERS, TERM_CONST(bytes),
                      "%lld of %lld layers of group %u in %s, tp%d ep%d", (long long)st->layers[g],
                      (long long)m->groups[g].layers, g + 1, l->sc->weights->name, l->sc->layout.tp, l->sc->layout.ep);
    }
}

/**
 * The embedding lies on the first stage, a tied one also on the last, which needs it as head; the rest on the last.
 * Vision towers are on the first, but no part of a GGUF file: they are a file of their own.
 */
static int on_stage(const kern_scenario *sc, const kern_tensor *t, const kern_stage *st) {
    const kern_model *m = sc->model;
    if (t->cls == KERN_CLASS_EMBED) return st->first || (m->tied && st->last);
    if (t->cls == KERN_CLASS_VISION) return st->first && sc->weights->kind != KERN_FORMAT_MIX;
    return st->last;
}

static kern_formula_id global_formula(const kern_tensor *t) {
    if (t->cls == KERN_CLASS_EMBED) return KF_WEIGHTS_EMBED;
    return t->cls == KERN_CLASS_HEAD ? KF_WEIGHTS_HEAD : KF_WEIGHTS_GLOBAL;
}

static void put_globals(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_model *m = l->sc->model;
    for (uint32_t k = 0; k < m->n_globals; k++) {
        const kern_tensor *t = &m->globals[k];
        if (!on_stage(l->sc, t, st)) continue;
        kern_local local = kern_shard_tensor(t, &l->sc->layout);
        const kern_format *f = kern_tensor_format(l->sc->weights, m, t, t->cols, 0, m->layers);
        double bytes = local.count * kern_tensor_bytes(f, local.rows, local.cols);
        kern_term_put(l, KERN_WEIGHTS, phase, global_formula(t), TERM_CONST(bytes), "%.0f x %.0f in %s", local.rows,
                      local.cols, f->name);
    }
}

void kern_lower_weights(kern_lowering *l, const kern_stage *st, unsigned phase) {
    put_layers(l, st, phase);
    put_globals(l, st, phase);
}

/** Bytes of a list of tensors on one device, without sharding. */
static double whole_bytes(const kern_model *m, const kern_format *f, const kern_tensor *t, uint32_t n,
                          int with_vision) {
    const kern_layout one = {1, 1, 1, 1, 1, 0, 0, 0, 0};
    const kern_scenario sc = {.model = m, .weights = f, .layout = one};
    const kern_place first = {0, m->layers, 0, m->layers};
    double bytes = 0;
    for (uint32_t k = 0; k < n; k++) {
        if (with_vision || t[k].cls != KERN_CLASS_VISION) bytes += layer_bytes(&sc, &t[k], 1, &first);
    }
    return bytes;
}

double kern_model_bytes(const kern_model *m, const kern_format *f, int with_mtp, int with_vision) {
    const kern_layout one = {1, 1, 1, 1, 1, 0, 0, 0, 0};
    const kern_scenario sc = {.model = m, .weights = f, .layout = one};
    double bytes = whole_bytes(m, f, m->globals, m->n_globals, with_vision);
    for (uint32_t g = 0; g < m->n_groups; g++) {
        if (with_mtp || m->groups[g].kind != KERN_GROUP_MTP) bytes += kern_group_bytes(&sc, &m->groups[g]);
    }
    return bytes;
}
