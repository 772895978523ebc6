/*
 * model_states.c - what training keeps per trainable parameter: working weights, gradients, optimizer moments, master
 * copy, divided by ZeRO. Full training counts every tensor, LoRA the adapters of its target matrices. Gradients exist
 * when the backward pass has made them; only accumulation buffers live through the whole step.
 * Recipes are rows of modes.csv; ZeRO: Rajbhandari et al. 2020, section 5.
 */
#include "kernels/lower/published.h"
#include "kernels/lower/training.h"

static void add_adapter(const kern_scenario *sc, const kern_tensor *t, double layers, kern_trained *sum) {
    if (t->cols == 1 || !(sc->mode->lora_targets >> t->role & 1) || t->cls == KERN_CLASS_VISION) return;
    kern_local local = kern_shard_tensor(t, &sc->layout);
    double rank = (double)sc->mode->lora_rank;
    sum->matrix += layers * local.count * rank * (local.rows + local.cols);
    sum->rows_cols += layers * local.count * (local.rows + local.cols + 2 * rank);
}

static void add_whole(const kern_scenario *sc, const kern_tensor *t, double layers, kern_trained *sum) {
    kern_local local = kern_shard_tensor(t, &sc->layout);
    double params = layers * local.count * local.rows * local.cols;
    if (t->cols == 1) {
        sum->vector += params;
    } else {
        sum->matrix += params;
        sum->rows_cols += layers * local.count * (local.rows + local.cols);
    }
}

static void add_tensors(const kern_scenario *sc, const kern_tensor *t, uint32_t n, double layers, int experts,
                        kern_trained *sum) {
    for (uint32_t k = 0; k < n; k++) {
        if ((t[k].cls == KERN_CLASS_EXPERT) != experts) continue;
        if (sc->mode->train == KERN_FULL) {
            add_whole(sc, &t[k], layers, sum);
        } else {
            add_adapter(sc, &t[k], layers, sum);
        }
    }
}

/** Sum over the layers of a stage and, with it, the embedding, head and the rest. */
static kern_trained stage_params(const kern_scenario *sc, const kern_stage *st, int experts) {
    const kern_model *m = sc->model;
    kern_trained sum = {0, 0, 0};
    for (uint32_t g = 0; g < m->n_groups; g++) {
        add_tensors(sc, m->groups[g].tensors, m->groups[g].n_tensors, (double)st->layers[g], experts, &sum);
    }
    for (uint32_t k = 0; k < m->n_globals; k++) {
        if (kern_on_stage(m, &m->globals[k], st)) add_tensors(sc, &m->globals[k], 1, 1, experts, &sum);
    }
    return sum;
}

double kern_train_layer_params(const kern_scenario *sc, const kern_group *g) {
    kern_trained sum = {0, 0, 0};
    for (int experts = 0; experts < 2; experts++)
        add_tensors(sc, g->tensors, g->n_tensors, 1, experts, &sum);
    return sum.matrix + sum.vector;
}

double kern_train_shards(const kern_scenario *sc) {
    const kern_layout *l = &sc->layout;
    int64_t ranks = (int64_t)l->dp * l->cp, within = sc->engine->train.node_gpus / l->tp;
    if (!l->hsdp || !sc->engine->train.node_gpus || within >= ranks) return (double)ranks;
    while (within > 1 && ranks % within != 0)
        within--;
    return within > 1 ? (double)within : 1;
}

/** Ranks that share the states of experts (expert parallelism leaves fewer replicas of each) or of the rest. */
static double zero_ranks(const kern_scenario *sc, int experts) {
    const kern_layout *l = &sc->layout;
    double ranks = kern_train_shards(sc);
    if (!experts || l->ep == 1) return ranks;
    ranks = ranks * l->tp / (l->ep * kern_expert_cut(l));
    return ranks < 1 ? 1 : ranks;
}

/** True when weights lie in shards between their uses. */
int kern_train_sharded(const kern_scenario *sc) {
    return sc->layout.zero >= 3 || (sc->layout.zero == 2 && sc->engine->train.zero2_gathered);
}

/** Everything per trainable parameter on one rank, after ZeRO, [bytes]. */
typedef struct states {
    double params, weights, grads, moments, master, factors, copies;
} states;

/** Parameters x bytes of one state, before ranks share it out. */
static double state_bytes(const kern_training *t, double params, double each) {
    return kern_exact(t->l, "bytes of a training state before sharding", params * each);
}

static void add_states(const kern_training *t, int experts, states *sum) {
    const kern_mode *mode = t->l->sc->mode;
    const kern_layout *at = &t->l->sc->layout;
    kern_trained p = stage_params(t->l->sc, t->stage, experts);
    double all = p.matrix + p.vector, ranks = zero_ranks(t->l->sc, experts);
    double w = kern_train_sharded(t->l->sc) ? ranks : 1, g = at->zero >= 2 ? ranks : 1, o = at->zero >= 1 ? ranks : 1;
    double updated = mode->master_bytes > 0 ? mode->master_bytes : mode->param_bytes;
    sum->params += all;
    sum->weights += state_bytes(t, all, mode->param_bytes) / w;
    sum->grads += state_bytes(t, all, mode->grad_bytes) / g;
    sum->moments += state_bytes(t, 1, p.matrix * mode->state_bytes + p.vector * mode->state_bytes_vector) / o;
    sum->master += state_bytes(t, all, mode->master_bytes) / o;
    sum->factors += state_bytes(t, p.rows_cols, mode->row_state_bytes) / o;
    sum->copies += state_bytes(t, all, updated) * t->by->step_copies / o;
}

/** Share of the gradients that exist at a moment. */
static double grads_present(const kern_training *t) {
    const kern_mode *mode = t->l->sc->mode;
    if (mode->states_offloaded || mode->grads_freed) return 0;
    return t->by->grads_kept || t->moment == KERN_MOMENT_STEP || t->moment == KERN_MOMENT_LAST;
}

void kern_train_states(const kern_training *t) {
    kern_lowering *l = t->l;
    const kern_mode *mode = l->sc->mode;
    states s = {0, 0, 0, 0, 0, 0, 0};
    for (int experts = 0; experts < 2; experts++)
        add_states(t, experts, &s);
    double resident = mode->states_offloaded ? 0 : 1;
    kern_term_put(l, KERN_WEIGHTS, t->phase, mode->train == KERN_FULL ? KF_WEIGHTS_TRAIN : KF_WEIGHTS_ADAPTER,
                  TERM_CONST(mode->weights_offloaded ? 0 : s.weights), "%.0f parameters x %g, zero%d", s.params,
                  mode->param_bytes, l->sc->layout.zero);
    kern_term_put(l, KERN_GRADIENTS, t->phase, KF_GRADIENTS, TERM_CONST(s.grads * grads_present(t)),
                  "%.0f parameters x %g, zero%d", s.params, mode->grad_bytes, l->sc->layout.zero);
    kern_term_put(l, KERN_OPTIMIZER, t->phase, KF_OPTIMIZER, TERM_CONST(s.moments * resident),
                  "%.0f parameters x %g (vectors %g), zero%d", s.params, mode->state_bytes, mode->state_bytes_vector,
                  l->sc->layout.zero);
    kern_term_put(l, KERN_OPTIMIZER, t->phase, KF_OPTIMIZER_MASTER, TERM_CONST(s.master * resident),
                  "%.0f parameters x %g, zero%d", s.params, mode->master_bytes, l->sc->layout.zero);
    kern_term_put(l, KERN_OPTIMIZER, t->phase, KF_OPTIMIZER_ROWS, TERM_CONST(s.factors * resident),
                  "rows and columns x %g, zero%d", mode->row_state_bytes, l->sc->layout.zero);
    if (t->moment != KERN_MOMENT_STEP || mode->states_offloaded || mode->grads_freed) return;
    kern_term_put(l, KERN_OPTIMIZER, t->phase, KF_OPTIMIZER_STEP, TERM_CONST(s.copies), "%.0f parameters x %g copies",
                  s.params, t->by->step_copies);
}

double kern_trainable_params(const kern_scenario *sc) {
    kern_scenario whole = *sc;
    whole.layout = (kern_layout){.tp = 1, .pp = 1, .dp = 1, .ep = 1, .cp = 1};
    if (sc->mode->train == KERN_INFERENCE) return 0;
    if (!sc->method->exact) return kern_published_trainable(sc);
    kern_stage st[KERN_PHASES_MAX];
    kern_stages(sc->model, 1, st);
    double sum = 0;
    for (int experts = 0; experts < 2; experts++) {
        kern_trained p = stage_params(&whole, &st[0], experts);
        sum += p.matrix + p.vector;
    }
    return sum;
}
