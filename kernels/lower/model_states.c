/*
 * model_states.c - what training keeps per trainable parameter: working weights, gradients, optimizer moments, master
 * copy, divided by ZeRO. Full training counts every tensor, LoRA the adapters of its target matrices.
 * Recipes are rows of modes.csv; ZeRO: Rajbhandari et al. 2020, section 5.
 */
#include "kernels/lower/internal.h"
#include "kernels/lower/published.h"

/** Trainable parameters on one rank before ZeRO, kept apart where optimizers treat them differently. */
typedef struct trained {
    double matrix, vector, rows_cols; /* [parameters], [parameters], [rows + columns of matrices] */
} trained;

static void add_adapter(const kern_scenario *sc, const kern_tensor *t, double layers, trained *sum) {
    if (t->cols == 1 || !(sc->mode->lora_targets >> t->role & 1) || t->cls == KERN_CLASS_VISION) return;
    kern_local local = kern_shard_tensor(t, &sc->layout);
    double rank = (double)sc->mode->lora_rank;
    sum->matrix += layers * local.count * rank * (local.rows + local.cols);
    sum->rows_cols += layers * local.count * (local.rows + local.cols + 2 * rank);
}

static void add_whole(const kern_scenario *sc, const kern_tensor *t, double layers, trained *sum) {
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
                        trained *sum) {
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
static trained stage_params(const kern_scenario *sc, const kern_stage *st, int experts) {
    const kern_model *m = sc->model;
    trained sum = {0, 0, 0};
    for (uint32_t g = 0; g < m->n_groups; g++) {
        add_tensors(sc, m->groups[g].tensors, m->groups[g].n_tensors, (double)st->layers[g], experts, &sum);
    }
    for (uint32_t k = 0; k < m->n_globals; k++) {
        const kern_tensor *t = &m->globals[k];
        int here = t->cls == KERN_CLASS_EMBED    ? st->first || (m->tied && st->last)
                   : t->cls == KERN_CLASS_VISION ? st->first
                                                 : st->last;
        if (here) add_tensors(sc, t, 1, 1, experts, &sum);
    }
    return sum;
}

/** Ranks that share the states of experts (expert parallelism leaves fewer replicas of each) or of the rest. */
static double zero_ranks(const kern_layout *l, int experts) {
    double ranks = (double)l->dp * l->cp;
    if (!experts || l->ep == 1) return ranks;
    ranks = ranks * l->tp / l->ep;
    return ranks < 1 ? 1 : ranks;
}

static void put_states(kern_lowering *l, const trained *p, int experts, unsigned phase) {
    const kern_mode *mode = l->sc->mode;
    const kern_layout *at = &l->sc->layout;
    double all = p->matrix + p->vector, ranks = zero_ranks(at, experts);
    double w = at->zero >= 3 ? ranks : 1, g = at->zero >= 2 ? ranks : 1, o = at->zero >= 1 ? ranks : 1;
    double moments = p->matrix * mode->state_bytes + p->vector * mode->state_bytes_vector;
    kern_formula_id kept = mode->train == KERN_FULL ? KF_WEIGHTS_TRAIN : KF_WEIGHTS_ADAPTER;
    kern_term_put(l, KERN_WEIGHTS, phase, kept, TERM_CONST(all * mode->param_bytes / w), "%.0f parameters x %g / %.0f",
                  all, mode->param_bytes, w);
    kern_term_put(l, KERN_GRADIENTS, phase, KF_GRADIENTS, TERM_CONST(all * mode->grad_bytes / g),
                  "%.0f parameters x %g / %.0f", all, mode->grad_bytes, g);
    kern_term_put(l, KERN_OPTIMIZER, phase, KF_OPTIMIZER, TERM_CONST(moments / o),
                  "(%.0f x %g + %.0f in vectors x %g) / %.0f", p->matrix, mode->state_bytes, p->vector,
                  mode->state_bytes_vector, o);
    kern_term_put(l, KERN_OPTIMIZER, phase, KF_OPTIMIZER_MASTER, TERM_CONST(all * mode->master_bytes / o),
                  "%.0f parameters x %g / %.0f", all, mode->master_bytes, o);
    kern_term_put(l, KERN_OPTIMIZER, phase, KF_OPTIMIZER_ROWS, TERM_CONST(p->rows_cols * mode->row_state_bytes / o),
                  "%.0f rows and columns x %g / %.0f", p->rows_cols, mode->row_state_bytes, o);
}

void kern_lower_model_states(kern_lowering *l, const kern_stage *st, unsigned phase) {
    for (int experts = 0; experts < 2; experts++) {
        trained p = stage_params(l->sc, st, experts);
        put_states(l, &p, experts, phase);
    }
}

double kern_trainable_params(const kern_scenario *sc) {
    kern_scenario whole = *sc;
    whole.layout = (kern_layout){1, 1, 1, 1, 1, 0, 0, 0, 0};
    if (sc->mode->train == KERN_INFERENCE) return 0;
    if (!sc->method->exact) return kern_published_trainable(sc);
    kern_stage st[KERN_PHASES_MAX];
    kern_stages(sc->model, 1, st);
    double sum = 0;
    for (int experts = 0; experts < 2; experts++) {
        trained p = stage_params(&whole, &st[0], experts);
        sum += p.matrix + p.vector;
    }
    return sum;
}
