/*
 * train_backward.c - the working set of one layer's backward pass: gradients of activations on their way, with full
 * checkpointing the recomputed layer as well, and the workspace that 4-bit weights are dequantized into.
 */
#include "kernels/lower/training.h"

/** Part of the inner width of routed copies that a rank works on: a share of the tokens, or a cut of the experts. */
static double routed_share(const kern_training *t) {
    const kern_layout *at = &t->l->sc->layout;
    double tokens = kern_train_whole_share(t->l->sc, t->by);
    if (at->ep == 1) return 1.0 / at->tp;
    return tokens < 1 ? tokens : 1 / kern_expert_cut(at);
}

/** Inner width that one token passes at a time, [elements]: experts in a loop see their share of the tokens. */
static double inner_width(const kern_training *t, const kern_group *g, int at_once) {
    double most = 0, tp = t->l->sc->layout.tp;
    for (uint32_t i = 0; i < g->n_parts; i++) {
        const kern_part *p = &g->parts[i];
        double share = at_once && t->by->expert_loop && p->experts ? 1.0 / (double)p->experts : 1;
        double width = (double)p->inner / tp;
        if (p->kind == KERN_PART_MOE) {
            width = (double)p->inner * (double)p->top_k * share * routed_share(t) + (double)p->shared_inner / tp;
        }
        if (width > most) most = width;
    }
    return most;
}

static double routed_copies(const kern_group *g) {
    double most = 0;
    for (uint32_t i = 0; i < g->n_parts; i++) {
        if (g->parts[i].kind == KERN_PART_MOE && (double)g->parts[i].top_k > most) most = (double)g->parts[i].top_k;
    }
    return most;
}

/** Where the engine's row states one recomputed layer as a whole: temporaries of a loop over experts count once. */
static kern_saved stated_work(const kern_training *t, const kern_group *g) {
    const kern_scenario *sc = t->l->sc;
    int frozen = sc->mode->train != KERN_FULL;
    double inner = frozen ? t->by->work_frozen_inner_bytes : t->by->work_inner_bytes;
    double hidden = frozen ? t->by->work_frozen_hidden_bytes : t->by->work_hidden_bytes;
    double kept = t->by->gated_bytes < inner ? t->by->gated_bytes : inner;
    double wide = inner_width(t, g, 0), narrow = inner_width(t, g, 1);
    double h = (double)sc->model->hidden * kern_train_whole_share(sc, t->by);
    kern_saved scores = kern_train_saved(t, g, KERN_CKPT_NONE);
    return (kern_saved){kept * wide + (inner - kept) * narrow + (hidden + 6 * routed_copies(g)) * h, scores.scores};
}

/** What the layer's backward pass needs on top of what is counted as saved: the recomputed rest, and temporaries. */
static kern_saved layer_work(const kern_training *t, const kern_group *g) {
    const kern_scenario *sc = t->l->sc;
    int full = sc->mode->checkpointing == KERN_CKPT_FULL;
    if (full && t->by->work_inner_bytes > 0) return stated_work(t, g);
    kern_saved need = kern_train_saved(t, g, KERN_CKPT_NONE), held = {0, 0};
    if (!full && t->moment == KERN_MOMENT_FIRST) held = kern_train_saved(t, g, sc->mode->checkpointing);
    need.tokens -= held.tokens < need.tokens ? held.tokens : need.tokens;
    need.scores -= held.scores;
    double h = (double)sc->model->hidden * kern_train_whole_share(sc, t->by);
    need.tokens += t->by->grad_inner_bytes * inner_width(t, g, 1) + t->by->grad_hidden_bytes * h;
    return need;
}

static void put_work(const kern_training *t) {
    const kern_model *m = t->l->sc->model;
    kern_saved most = {0, 0};
    for (uint32_t g = 0; g < m->n_groups; g++) {
        if (t->stage->layers[g] == 0) continue;
        kern_saved one = layer_work(t, &m->groups[g]);
        if (one.tokens > most.tokens) most.tokens = one.tokens;
        if (one.scores > most.scores) most.scores = one.scores;
    }
    kern_term_put(t->l, KERN_ACTIVATIONS, t->phase, KF_ACT_WORK, kern_train_per_token(t->l->sc, most.tokens),
                  "%.0f bytes per token", most.tokens);
    kern_term_put(t->l, KERN_ACTIVATIONS, t->phase, KF_ACT_SCORES, kern_train_per_score(t->l->sc, most.scores),
                  "%.0f bytes per token and token", most.scores);
}

/** Largest frozen matrix below 16 bits, in the computing type, [bytes]. */
static double dequantized(const kern_training *t) {
    const kern_scenario *sc = t->l->sc;
    double most = 0;
    for (uint32_t g = 0; g < sc->model->n_groups; g++) {
        const kern_group *group = &sc->model->groups[g];
        for (uint32_t k = 0; t->stage->layers[g] && k < group->n_tensors; k++) {
            const kern_tensor *m = &group->tensors[k];
            const kern_format *f = kern_tensor_format(sc->weights, sc->model, m, m->cols, 0, 1);
            kern_local local = kern_shard_tensor(m, &sc->layout);
            double bytes = f->bits < 8 * KERN_TRAIN_BYTES ? local.rows * local.cols * KERN_TRAIN_BYTES : 0;
            if (m->cols > 1 && bytes > most) most = bytes;
        }
    }
    return most;
}

void kern_train_backward(const kern_training *t) {
    put_work(t);
}

/** The loss passes the head, the backward pass the layers. */
void kern_train_dequantized(const kern_training *t) {
    double bytes = 0;
    if (t->moment == KERN_MOMENT_STEP || t->l->sc->mode->train == KERN_FULL) return;
    if (t->moment == KERN_MOMENT_LOSS) {
        kern_train_own_head(t, &bytes);
    } else {
        bytes = dequantized(t);
    }
    kern_term_put(t->l, KERN_ACTIVATIONS, t->phase, KF_ACT_DEQUANT, TERM_CONST(bytes), "largest matrix x %d",
                  KERN_TRAIN_BYTES);
}
