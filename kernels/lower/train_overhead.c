/*
 * train_overhead.c - memory of a training process that belongs to no tensor of the model: context, communication
 * buckets, and the unused gradients that fused accumulation hands to autograd, one per shape of weight.
 */
#include "kernels/lower/training.h"

enum { DUMMIES_MAX = 64 }; /* distinct shapes of matrix: more than any model has */

/** Matrices that are stored as one: their outputs are added up. */
static unsigned fused_role(const kern_tensor *t) {
    switch (t->role) {
    case KERN_ROLE_Q:
    case KERN_ROLE_K:
    case KERN_ROLE_V:
        return KERN_ROLE_Q;
    case KERN_ROLE_K_UP:
    case KERN_ROLE_V_UP:
        return KERN_ROLE_K_UP;
    case KERN_ROLE_GATE:
    case KERN_ROLE_UP:
        return KERN_ROLE_UP;
    default:
        return t->role;
    }
}

static int has_dummy(const kern_tensor *t) {
    return t->cols > 1 && t->role != KERN_ROLE_EMBED && t->role != KERN_ROLE_ROUTER;
}

/** Shapes seen so far, each once: the framework keeps its unused gradients by shape, whatever layer they are for. */
typedef struct shapes {
    double rows[DUMMIES_MAX], cols[DUMMIES_MAX], sum;
    unsigned n;
} shapes;

static void add_shape(shapes *s, double rows, double cols) {
    for (unsigned i = 0; i < s->n; i++) {
        if (s->rows[i] == rows && s->cols[i] == cols) return;
    }
    if (rows * cols <= 0 || s->n == DUMMIES_MAX) return;
    s->rows[s->n] = rows;
    s->cols[s->n++] = cols;
    s->sum += rows * cols;
}

/** Matrices of a layer on this rank: dense ones and shared experts by role, those of one routed expert apart. */
static void add_group(const kern_scenario *sc, const kern_group *g, shapes *seen) {
    double rows[2][KERN_ROLES] = {{0}}, cols[2][KERN_ROLES] = {{0}};
    for (uint32_t k = 0; k < g->n_tensors; k++) {
        const kern_tensor *m = &g->tensors[k];
        kern_local local = kern_shard_tensor(m, &sc->layout);
        int routed = m->cls == KERN_CLASS_EXPERT;
        if (!has_dummy(m)) continue;
        rows[routed][fused_role(m)] += local.rows;
        cols[routed][fused_role(m)] = local.cols;
    }
    for (unsigned r = 0; r < 2 * KERN_ROLES; r++)
        add_shape(seen, rows[r / KERN_ROLES][r % KERN_ROLES], cols[r / KERN_ROLES][r % KERN_ROLES]);
}

static double dummy_bytes(const kern_training *t) {
    shapes seen = {.n = 0};
    for (uint32_t g = 0; g < t->l->sc->model->n_groups; g++) {
        if (t->stage->layers[g]) add_group(t->l->sc, &t->l->sc->model->groups[g], &seen);
    }
    return (seen.sum + kern_train_head_params(t->l->sc, t->stage)) * KERN_TRAIN_BYTES;
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
