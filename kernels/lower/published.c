/*
 * published.c - the rules of thumb of published documents as a cost record. Reads the coefficients of a methods row and
 * of a modes row, nothing else: no document is known here by name. The record is that of the whole model, as the
 * documents compute it; a layout of more than one GPU or an engine is refused, because no document has rules for them.
 */
#include <math.h>
#include <string.h>

#include "kernels/lower/internal.h"
#include "kernels/lower/published.h"

/** Whole bytes: upwards, except that the noise of decimal coefficients (1.2 x 7.3e9) does not count as a byte. */
static double whole_bytes(double x) {
    double nearest = nearbyint(x);
    return fabs(x - nearest) <= fabs(x) * 0x1p-50 ? nearest : ceil(x);
}

static double params(const kern_scenario *sc) {
    return (double)sc->model->params_total;
}

static double layers_hidden(const kern_scenario *sc) {
    return (double)sc->model->layers * (double)sc->model->hidden;
}

static int is_lora(const kern_mode *mode) {
    return mode->train == KERN_LORA || mode->train == KERN_QLORA;
}

double kern_published_trainable(const kern_scenario *sc) {
    const kern_method *m = sc->method;
    if (sc->mode->train == KERN_FULL) return params(sc);
    if (!is_lora(sc->mode) || m->lora_rule == KERN_LORA_NONE || m->lora_rule == KERN_LORA_BASE) return 0;
    if (sc->mode->lora_fraction > 0) return params(sc) * sc->mode->lora_fraction;
    if (m->lora_rule == KERN_LORA_SHARE) return params(sc) * m->lora_share;
    return m->lora_vectors * layers_hidden(sc) * (double)sc->mode->lora_rank;
}

/* Bytes per parameter in full training: the document's, or the mode's where the document leaves it to the recipe. */
static double full_weight(const kern_scenario *sc) {
    return sc->method->train_weight_bytes > 0 ? sc->method->train_weight_bytes : sc->mode->param_bytes;
}

static double full_grad(const kern_scenario *sc) {
    return sc->method->train_grad_bytes > 0 ? sc->method->train_grad_bytes : sc->mode->grad_bytes;
}

static double full_optimizer(const kern_scenario *sc) {
    if (sc->method->train_optimizer_bytes > 0) return sc->method->train_optimizer_bytes;
    return sc->mode->master_bytes + sc->mode->state_bytes;
}

static void put_frozen(kern_lowering *l) {
    const kern_scenario *sc = l->sc;
    double bytes = whole_bytes(params(sc) * sc->weights->bits / 8 * sc->method->weight_factor);
    kern_term_put(l, KERN_WEIGHTS, 0, KF_PUB_WEIGHTS, TERM_CONST(bytes), "%.0f x %g/8 x %g", params(sc),
                  sc->weights->bits, sc->method->weight_factor);
    double share = sc->mode->train == KERN_INFERENCE ? sc->method->overhead_share : 0;
    kern_term_put(l, KERN_OVERHEAD, 0, KF_PUB_OVERHEAD_SHARE, TERM_CONST(whole_bytes(bytes * share)), "%.0f x %g",
                  bytes, share);
}

/** `what` of n parameters at `each` bytes. */
static void put_per_parameter(kern_lowering *l, kern_component c, kern_formula_id f, double n, double each) {
    kern_term_put(l, c, 0, f, TERM_CONST(whole_bytes(n * each)), "%.15g x %g", n, each);
}

static void put_full(kern_lowering *l) {
    const kern_scenario *sc = l->sc;
    double n = params(sc);
    put_per_parameter(l, KERN_WEIGHTS, KF_PUB_WEIGHTS_TRAINED, n, full_weight(sc) * sc->method->weight_factor);
    put_per_parameter(l, KERN_GRADIENTS, KF_PUB_GRADIENTS, n, full_grad(sc));
    put_per_parameter(l, KERN_OPTIMIZER, KF_PUB_OPTIMIZER, n, full_optimizer(sc));
}

static void put_lora(kern_lowering *l) {
    const kern_method *m = l->sc->method;
    double n = kern_published_trainable(l->sc);
    put_frozen(l);
    put_per_parameter(l, KERN_WEIGHTS, KF_PUB_ADAPTER, n, m->lora_weight_bytes);
    put_per_parameter(l, KERN_GRADIENTS, KF_PUB_GRADIENTS, n, m->lora_grad_bytes);
    put_per_parameter(l, KERN_OPTIMIZER, KF_PUB_OPTIMIZER, n, m->lora_optimizer_bytes);
}

static void put_kv_mla(kern_lowering *l, double bits) {
    const kern_model *m = l->sc->model;
    double width = (double)(m->kv_lora + m->rope_dim);
    kern_term_put(l, KERN_KV_CACHE, 0, KF_PUB_KV_MLA, TERM_PER_TOKEN(whole_bytes((double)m->layers * width * bits / 8)),
                  "%.0f x (%.0f + %.0f) x %g/8", (double)m->layers, (double)m->kv_lora, (double)m->rope_dim, bits);
}

/** `k` and `v` are bits per element. */
static void put_kv(kern_lowering *l, double k, double v) {
    const kern_model *m = l->sc->model;
    const kern_method *method = l->sc->method;
    double layers = (double)m->layers, both = (k + v) / 8;
    if (method->kv_rule == KERN_KV_NONE) return;
    if (method->kv_mla && m->kv_lora > 0) {
        put_kv_mla(l, k);
    } else if (method->kv_rule == KERN_KV_HIDDEN) {
        kern_term_put(l, KERN_KV_CACHE, 0, KF_PUB_KV_HIDDEN,
                      TERM_PER_TOKEN(whole_bytes(both * layers * (double)m->hidden)), "(%g + %g)/8 x %.0f x %.0f", k, v,
                      layers, (double)m->hidden);
    } else {
        double heads = (double)(method->kv_rule == KERN_KV_GQA ? m->kv_heads : m->q_heads);
        kern_term_put(l, KERN_KV_CACHE, 0, KF_PUB_KV_HEADS,
                      TERM_PER_TOKEN(whole_bytes(both * layers * heads * (double)m->head_dim)),
                      "(%g + %g)/8 x %.0f x %.0f x %.0f", k, v, layers, heads, (double)m->head_dim);
    }
}

/** Share of the training activations that this mode keeps. */
static double train_share(const kern_scenario *sc) {
    double share = 1;
    if (is_lora(sc->mode)) {
        share = sc->method->act_lora_factor;
    } else if (sc->mode->checkpointing != KERN_CKPT_NONE) {
        share = sc->method->act_checkpoint;
    }
    return share * sc->mode->activation_factor;
}

/** Largest activations of training. Compared as the document does: its GB of activations with its GB of states. */
static double act_cap(const kern_scenario *sc) {
    const kern_method *m = sc->method;
    if (m->act_cap_share <= 0) return INFINITY;
    double states = params(sc) * (full_weight(sc) * m->weight_factor + full_grad(sc) + full_optimizer(sc));
    return whole_bytes(states * m->act_cap_share * (m->act_unit / 1e9));
}

static void put_act_train(kern_lowering *l) {
    const kern_scenario *sc = l->sc;
    const kern_method *m = sc->method;
    double share = train_share(sc), heads = fmax((double)sc->model->q_heads, 1);
    double layers = (double)sc->model->layers, hidden = (double)sc->model->hidden;
    kern_term linear = TERM_PER_TOKEN(whole_bytes(m->act_train * share * layers_hidden(sc)));
    kern_term square = TERM_PER_TOKEN2(whole_bytes(m->act_train_quadratic * share * layers_hidden(sc) / heads));
    if (sc->mode->train == KERN_FULL) linear.cap_bytes = square.cap_bytes = act_cap(sc);
    if (isinf(linear.cap_bytes)) {
        kern_term_put(l, KERN_ACTIVATIONS, 0, KF_PUB_ACT_TRAIN, linear, "%g x %g x %.0f x %.0f", m->act_train, share,
                      layers, hidden);
    } else {
        kern_term_put(l, KERN_ACTIVATIONS, 0, KF_PUB_ACT_TRAIN, linear, "%g x %g x %.0f x %.0f, at most %.0f bytes",
                      m->act_train, share, layers, hidden, linear.cap_bytes);
    }
    kern_term_put(l, KERN_ACTIVATIONS, 0, KF_PUB_ACT_SQUARE, square, "%g x %g/%.0f x %.0f x %.0f",
                  m->act_train_quadratic, share, heads, layers, hidden);
}

static void put_act_infer(kern_lowering *l) {
    const kern_scenario *sc = l->sc;
    double each = sc->method->act_infer * sc->k->bits / 8;
    kern_term_put(l, KERN_ACTIVATIONS, 0, KF_PUB_ACT_INFER, TERM_PER_TOKEN(whole_bytes(each * layers_hidden(sc))),
                  "%g x %.0f x %.0f x %g/8", sc->method->act_infer, (double)sc->model->layers,
                  (double)sc->model->hidden, sc->k->bits);
}

static void put_activations(kern_lowering *l) {
    double stated = l->sc->mode->activation_fixed_bytes;
    if (stated > 0) {
        kern_term_put(l, KERN_ACTIVATIONS, 0, KF_PUB_ACT_STATED, TERM_CONST(whole_bytes(stated)), "%.0f", stated);
    } else if (l->sc->mode->train == KERN_INFERENCE) {
        put_act_infer(l);
    } else {
        put_act_train(l);
    }
}

/** Whether the document has one figure per parameter for everything together; if so, puts it. */
static int put_rule(kern_lowering *l) {
    const kern_method *m = l->sc->method;
    double each = is_lora(l->sc->mode) ? m->params_rule_lora : 0;
    if (l->sc->mode->train == KERN_FULL) each = m->params_rule_full;
    if (each > 0) put_per_parameter(l, KERN_WEIGHTS, KF_PUB_RULE, params(l->sc), each);
    return each > 0;
}

static void put_states(kern_lowering *l) {
    if (l->sc->mode->train == KERN_FULL) {
        put_full(l);
    } else if (is_lora(l->sc->mode)) {
        put_lora(l);
    } else {
        put_frozen(l);
    }
}

/** A byte counts more or less than a byte where the document calls 2^30 bytes one GB. */
static void set_charges(kern_lowering *l) {
    const kern_method *m = l->sc->method;
    l->r->charge[KERN_KV_CACHE] = 1e9 / m->kv_unit;
    l->r->charge[KERN_ACTIVATIONS] = 1e9 / m->act_unit;
    l->r->charged = m->kv_unit != 1e9 || m->act_unit != 1e9;
}

static err check_scenario(kern_lowering *l) {
    const kern_scenario *sc = l->sc;
    const kern_layout *at = &sc->layout;
    const char *name = sc->method->name;
    if (strcmp(sc->engine->name, "none") != 0)
        return kern_refuse(l, "method %s has no rules for engine %s, only for none", name, sc->engine->name);
    if (at->tp > 1 || at->pp > 1 || at->dp > 1 || at->ep > 1 || at->cp > 1)
        return kern_refuse(l, "method %s computes the whole model: the layout must be tp1", name);
    if (!is_lora(sc->mode)) return ERR_OK;
    if (sc->method->lora_rule == KERN_LORA_NONE && sc->method->params_rule_lora <= 0)
        return kern_refuse(l, "the document of method %s has no rule for LoRA", name);
    return ERR_OK;
}

err kern_lower_published(kern_lowering *l) {
    const kern_method *m = l->sc->method;
    TRY(check_scenario(l));
    set_charges(l);
    if (put_rule(l)) return l->failed;
    put_states(l);
    if (l->sc->mode->train == KERN_INFERENCE) {
        put_kv(l, l->sc->k->bits, l->sc->v->bits);
    } else if (m->kv_in_training) {
        put_kv(l, 8 * m->kv_bytes_training, 8 * m->kv_bytes_training);
    }
    put_activations(l);
    kern_term_put(l, KERN_OVERHEAD, 0, KF_PUB_OVERHEAD_FIXED, TERM_CONST(whole_bytes(m->overhead_bytes)), "%.0f",
                  m->overhead_bytes);
    return l->failed;
}
