/*
 * train_overhead.c - memory of a training process that belongs to no tensor of the model: context, communication
 * buckets, and the unused gradients that fused accumulation hands to autograd, one per shape of weight.
 */
#include "kernels/lower/training.h"

/** Matrices that are stored as one: their outputs are added up. */
static unsigned fused_role(const kern_tensor *t) {
    switch (t->role) {
    case KERN_ROLE_Q:
    case KERN_ROLE_K:
    case KERN_ROLE_V:
        return KERN_ROLE_Q;
    case KERN_ROLE_GATE:
    case KERN_ROLE_UP:
        return KERN_ROLE_UP;
    default:
        return t->role;
    }
}

static int has_dummy(const kern_tensor *t) {
    return t->cols > 1 && t->role != KERN_ROLE_EMBED && t->role != KERN_ROLE_ROUTER && t->cls != KERN_CLASS_EXPERT;
}

static double dummy_bytes(const kern_training *t) {
    const kern_scenario *sc = t->l->sc;
    double most[KERN_ROLES] = {0}, sum = 0;
    for (uint32_t g = 0; g < sc->model->n_groups; g++) {
        const kern_group *group = &sc->model->groups[g];
        double here[KERN_ROLES] = {0};
        for (uint32_t k = 0; t->stage->layers[g] && k < group->n_tensors; k++) {
            const kern_tensor *m = &group->tensors[k];
            kern_local local = kern_shard_tensor(m, &sc->layout);
            if (has_dummy(m)) here[fused_role(m)] += local.rows * local.cols;
        }
        for (unsigned r = 0; r < KERN_ROLES; r++)
            most[r] = here[r] > most[r] ? here[r] : most[r];
    }
    for (unsigned r = 0; r < KERN_ROLES; r++)
        sum += most[r];
    return (sum + kern_train_head_params(sc, t->stage)) * KERN_TRAIN_BYTES;
}

void kern_train_overhead(const kern_training *t) {
    const kern_scenario *sc = t->l->sc;
    kern_lower_overhead(t->l, t->stage, t->phase);
    kern_term_put(t->l, KERN_OVERHEAD, t->phase, KF_OVERHEAD_BUCKETS,
                  TERM_CONST(sc->layout.dp > 1 ? t->by->bucket_bytes : 0), "dp%d", sc->layout.dp);
    kern_term_put(t->l, KERN_OVERHEAD, t->phase, KF_OVERHEAD_WORKSPACE, TERM_CONST(t->by->workspace_bytes), "%s",
                  sc->engine->name);
    if (!t->by->dummy_wgrads || sc->mode->train != KERN_FULL) return;
    kern_term_put(t->l, KERN_OVERHEAD, t->phase, KF_OVERHEAD_DUMMIES, TERM_CONST(dummy_bytes(t)),
                  "one per shape of matrix x %d", KERN_TRAIN_BYTES);
}
