/*
 * train_gather.c - weights that are not the trainer's states: the frozen base, what ZeRO-3 and FSDP gather for the
 * moment (the root unit with embedding and head, and the layers at work), 16-bit copies of wider weights, and the
 * unsharded gradients that go with them. Zhao et al. 2023, PyTorch FSDP, section 3; Rajbhandari et al. 2020, ZeRO,
 * section 5.3.
 */
#include "kernels/lower/training.h"

static int trains_all(const kern_scenario *sc) {
    return sc->mode->train == KERN_FULL;
}

/** Bytes of a global tensor on one rank while it is whole: in its format when frozen, in the computing type else. */
static double global_bytes(const kern_scenario *sc, const kern_tensor *t) {
    kern_local local = kern_shard_tensor(t, &sc->layout);
    if (trains_all(sc)) return local.count * local.rows * local.cols * KERN_TRAIN_BYTES;
    const kern_format *f = kern_tensor_format(sc->weights, sc->model, t, t->cols, 0, sc->model->layers);
    return local.count * kern_tensor_bytes(f, local.rows, local.cols);
}

static double root_bytes(const kern_scenario *sc, const kern_stage *st) {
    double sum = 0;
    for (uint32_t k = 0; k < sc->model->n_globals; k++) {
        const kern_tensor *t = &sc->model->globals[k];
        if (t->cls != KERN_CLASS_VISION && kern_on_stage(sc->model, t, st)) sum += global_bytes(sc, t);
    }
    return sum;
}

static double layer_bytes(const kern_scenario *sc, const kern_group *g) {
    if (trains_all(sc)) return kern_train_layer_params(sc, g) * KERN_TRAIN_BYTES;
    return kern_group_bytes(sc, g) / (double)g->layers;
}

static double layers_bytes(const kern_training *t) {
    double sum = 0;
    for (uint32_t g = 0; g < t->l->sc->model->n_groups; g++) {
        if (t->stage->layers[g]) sum += (double)t->stage->layers[g] * kern_group_once(t->l, g, layer_bytes);
    }
    return sum;
}

double kern_train_largest_layer(const kern_training *t) {
    const kern_model *m = t->l->sc->model;
    double most = 0;
    for (uint32_t g = 0; g < m->n_groups; g++) {
        double bytes = t->stage->layers[g] ? kern_group_once(t->l, g, layer_bytes) : 0;
        if (bytes > most) most = bytes;
    }
    return most;
}

/** Parameters of the matrix that makes the logits, on the stage that has it. */
double kern_train_head_params(const kern_scenario *sc, const kern_stage *st) {
    double rows = 0, cols = 0;
    if (!st->last) return 0;
    for (uint32_t k = 0; k < sc->model->n_globals; k++) {
        const kern_tensor *t = &sc->model->globals[k];
        if (t->role != KERN_ROLE_HEAD && !(sc->model->tied && t->role == KERN_ROLE_EMBED)) continue;
        kern_local local = kern_shard_tensor(t, &sc->layout);
        rows = local.rows;
        cols = local.cols;
    }
    return rows * cols;
}

double kern_train_own_head(const kern_training *t, double *wide) {
    const kern_scenario *sc = t->l->sc;
    *wide = 0;
    if (!t->by->head_apart || !t->stage->last || trains_all(sc)) return 0;
    for (uint32_t k = 0; k < sc->model->n_globals; k++) {
        kern_tensor head = sc->model->globals[k];
        if (head.role != KERN_ROLE_HEAD && !(sc->model->tied && head.role == KERN_ROLE_EMBED)) continue;
        head.cls = KERN_CLASS_MLP;
        head.role = KERN_ROLE_DOWN;
        const kern_format *f = kern_tensor_format(sc->weights, sc->model, &head, head.cols, 0, sc->model->layers);
        kern_local local = kern_shard_tensor(&head, &sc->layout);
        if (f->bits < 8 * KERN_TRAIN_BYTES) *wide = local.rows * local.cols * KERN_TRAIN_BYTES;
        return kern_tensor_bytes(f, local.rows, local.cols);
    }
    return 0;
}

void kern_train_frozen(const kern_training *t) {
    const kern_scenario *sc = t->l->sc;
    if (trains_all(sc) || (sc->mode->weights_offloaded && kern_train_sharded(sc))) return;
    double shards = kern_train_sharded(sc) ? kern_train_shards(sc) : 1, wide;
    double globals = kern_train_own_head(t, &wide);
    for (uint32_t k = 0; k < sc->model->n_globals; k++) {
        if (t->by->head_apart && sc->model->globals[k].role == KERN_ROLE_HEAD) continue;
        if (kern_on_stage(sc->model, &sc->model->globals[k], t->stage))
            globals += global_bytes(sc, &sc->model->globals[k]);
    }
    kern_term_put(t->l, KERN_WEIGHTS, t->phase, KF_WEIGHTS_LAYERS, TERM_CONST(layers_bytes(t) / shards),
                  "frozen layers in %s / %.0f", sc->weights->name, shards);
    kern_term_put(t->l, KERN_WEIGHTS, t->phase, KF_WEIGHTS_GLOBAL, TERM_CONST(globals / shards),
                  "frozen embedding, head and the rest in %s / %.0f", sc->weights->name, shards);
}

/** A pipeline gathers its stage once for all micro-batches, and ZeRO-2 never lets go of it before the step. */
static int stays_gathered(const kern_scenario *sc) {
    return sc->layout.pp > 1 || sc->layout.zero == 2;
}

/** The root stays gathered from the forward pass to the end of the backward pass; layers come and go. */
static void put_gathered(const kern_training *t) {
    const kern_scenario *sc = t->l->sc;
    double root = root_bytes(sc, t->stage), layers = kern_train_largest_layer(t) * t->by->gather_layers;
    if (t->moment == KERN_MOMENT_LOSS) layers = 0;
    if (stays_gathered(sc)) layers = layers_bytes(t);
    kern_term_put(t->l, KERN_WEIGHTS, t->phase, KF_WEIGHTS_GATHERED, TERM_CONST(root + layers),
                  "root unit %.0f + layers %.0f", root, layers);
}

/** Mixed precision over 32-bit weights without sharding: casts live through the forward pass, and as long as saved. */
static void put_casts(const kern_training *t) {
    const kern_scenario *sc = t->l->sc;
    if (!trains_all(sc) || sc->mode->param_bytes <= KERN_TRAIN_BYTES) return;
    int all =
        t->moment == KERN_MOMENT_LOSS || (t->moment == KERN_MOMENT_FIRST && sc->mode->checkpointing == KERN_CKPT_NONE);
    double bytes = all ? root_bytes(sc, t->stage) + layers_bytes(t) : kern_train_largest_layer(t);
    kern_term_put(t->l, KERN_WEIGHTS, t->phase, KF_WEIGHTS_CAST, TERM_CONST(bytes), "%.0f parameters x %d",
                  bytes / KERN_TRAIN_BYTES, KERN_TRAIN_BYTES);
}

/** Gradients that backward holds before they are sharded or used: the head's first, those of one layer last. */
static void put_loose_gradients(const kern_training *t) {
    const kern_scenario *sc = t->l->sc;
    int sharded = sc->layout.zero >= 2, first = t->moment == KERN_MOMENT_FIRST;
    double head = kern_train_head_params(sc, t->stage), layer = kern_train_largest_layer(t) / KERN_TRAIN_BYTES;
    double params = first ? (t->by->grads_kept && !sharded ? 0 : head) : sharded || sc->mode->grads_freed ? layer : 0;
    double each = sharded ? KERN_TRAIN_BYTES : sc->mode->grad_bytes;
    kern_term_put(t->l, KERN_GRADIENTS, t->phase, KF_GRADIENTS_LOOSE, TERM_CONST(params * each), "%.0f parameters x %g",
                  params, each);
}

/**
 * Reduction runs on a stream of its own, whose blocks no other stream can use: they count from the first step on. In a
 * pipeline, gradients add up whole until the last micro-batch.
 */
static void put_reduced_gradients(const kern_training *t) {
    const kern_scenario *sc = t->l->sc;
    double layers = sc->layout.pp > 1 ? layers_bytes(t) : kern_train_largest_layer(t);
    double params = (root_bytes(sc, t->stage) + layers) / KERN_TRAIN_BYTES;
    kern_term_put(t->l, KERN_GRADIENTS, t->phase, KF_GRADIENTS_REDUCED,
                  TERM_CONST(params * sc->mode->grad_bytes * t->by->reduce_copies), "%.0f parameters x %g", params,
                  sc->mode->grad_bytes);
}

void kern_train_gathered(const kern_training *t) {
    const kern_scenario *sc = t->l->sc;
    if (trains_all(sc) && sc->layout.zero >= 2) put_reduced_gradients(t);
    if (t->moment == KERN_MOMENT_STEP) return;
    if (kern_train_sharded(sc)) {
        put_gathered(t);
    } else {
        put_casts(t);
    }
    if (trains_all(sc) && t->moment != KERN_MOMENT_LOSS) put_loose_gradients(t);
}
