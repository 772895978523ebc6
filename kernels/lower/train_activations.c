/*
 * train_activations.c - what the forward pass saves for the backward pass, layer part by layer part, in bytes per
 * token. Tensors of hidden width are whole on every tensor-parallel rank unless the sequence is split; the rest is
 * divided. Korthikanti et al. 2022, section 4, rewritten for grouped and latent attention, gated and routed
 * feed-forward networks.
 */
#include "kernels/lower/training.h"

/** Bytes per token: `whole` on each rank, `split` already divided by tp; `scores` per token and token of context. */
typedef struct saved {
    double whole, split, scores;
} saved;

typedef struct maker {
    const kern_scenario *sc;
    const kern_trainer *by;
    double h, tp;
    int frozen, ops, scored; /* base weights are frozen; every second matrix product only; scores are kept */
    int quantized;           /* frozen matrices keep their inputs all the same */
} maker;

static int adapted(const maker *k, uint32_t roles) {
    return !k->frozen || (k->sc->mode->lora_targets & roles);
}

/** Whether the input of these matrices is saved: for their gradient, an adapter's, or because they are quantized. */
static int input_kept(const maker *k, uint32_t roles) {
    return k->quantized || (adapted(k, roles) && !(k->frozen && k->sc->mode->lora_dropout));
}

#define ROLE(name) (UINT32_C(1) << KERN_ROLE_##name)

static int drops_out(const kern_scenario *sc) {
    return sc->mode->dropout == KERN_SWITCH_OPEN ? sc->model->norm_bias : sc->mode->dropout == KERN_SWITCH_YES;
}

/** An eager RMSNorm keeps its input in 32 bit, and the normalized one where its weights are trained. */
static double norm_bytes(const maker *k) {
    if (k->by->norm_bytes <= 0 || k->sc->model->norm_bias) return 0;
    return k->by->norm_bytes - (k->frozen ? 2 : 0);
}

/**
 * A norm keeps its input; its output is kept where a matrix keeps its own, whole where the gathered sequence is not
 * gathered again. Dropout keeps its mask.
 */
static void add_norm(const maker *k, uint32_t readers, saved *sum) {
    double mask = drops_out(k->sc) ? k->by->mask_bytes : 0, output = input_kept(k, readers) ? 2 * k->h : 0;
    sum->whole += (2 + norm_bytes(k) + mask) * k->h;
    if (k->by->gathers_saved) {
        sum->split += output;
    } else {
        sum->whole += output;
    }
}

/** Every second product: a part keeps its input, and with a split sequence the sum over the ranks, scattered. */
static double ops_hidden(const maker *k) {
    return (k->tp > 1 ? 4 : 2) * k->h;
}

/** Q, K, V and the output, which flash attention saves with one fp32 number per head; scores when it is eager. */
static void add_core(const maker *k, double heads, double q, double kv, double out, saved *sum) {
    double copies = k->sc->layout.cp > 1 ? 2 : 1; /* the output before and after the ranks exchange heads for tokens */
    sum->split += (2 * q + 2 * kv + 2 * out * copies + 4 * heads) / k->tp;
    if (k->scored) sum->scores += 6 * heads / k->tp;
}

static void add_attention(const maker *k, const kern_part *p, saved *sum) {
    double heads = (double)p->q_heads, q = heads * (double)p->k_dim, out = heads * (double)p->v_dim;
    double kv_heads = ceil((double)p->kv_heads / k->tp) * k->tp; /* replicated beyond the number of heads */
    if (k->ops) {
        sum->whole += ops_hidden(k);
        sum->split += (2 * q + 2 * kv_heads * (double)p->v_dim + 2 * out) / k->tp;
        return;
    }
    add_norm(k, ROLE(Q) | ROLE(K) | ROLE(V), sum);
    double keys = kv_heads * (double)p->k_dim, kv = keys + kv_heads * (double)p->v_dim;
    if (k->by->fused_qkv) kv = p->kv_heads < p->q_heads ? q + out : keys + q + kv;
    add_core(k, heads, q, kv, out, sum);
}

/** Latent attention: both low-rank vectors before and after their norms, K and V of every head expanded. */
static void add_latent(const maker *k, const kern_part *p, saved *sum) {
    double heads = (double)p->q_heads, qk = (double)(p->nope_dim + p->rope_dim), v = (double)p->v_dim;
    double low = 4.0 * (double)(p->q_lora + p->kv_lora) + 2.0 * (double)p->rope_dim;
    if (k->ops) {
        sum->whole += ops_hidden(k) + low / 2;
        sum->split += 2 * heads * (qk + v) / k->tp;
        return;
    }
    add_norm(k, ROLE(Q_DOWN) | ROLE(Q) | ROLE(KV_DOWN), sum);
    sum->whole += low;
    add_core(k, heads, heads * qk, heads * (qk + v), heads * v, sum);
}

/** Bytes per element of the inner width. */
static double inner_bytes(const maker *k, int gated) {
    if (k->ops) return 2;
    if (!gated) return k->frozen && !input_kept(k, ROLE(DOWN)) ? k->by->plain_bytes / 2 : k->by->plain_bytes;
    if (!k->frozen) return k->by->gated_bytes;
    return k->by->frozen_bytes + (input_kept(k, ROLE(DOWN)) ? 2 : 0);
}

/** The last product is one of the kept ones: a rank's share of the sum, as wide as the whole. */
static void add_dense(const maker *k, const kern_part *p, saved *sum) {
    if (k->ops) {
        sum->whole += k->tp > 1 ? 2 * k->h : 0;
        sum->split += 2 * k->h;
    } else {
        add_norm(k, ROLE(GATE) | ROLE(UP), sum);
    }
    sum->split += inner_bytes(k, p->gated) * (double)p->inner / k->tp;
}

/**
 * Each token is copied to top_k experts and back. Under expert parallelism a rank works on its share of a split
 * sequence, and ranks that cut the experts between them gather their shares; of a whole sequence each has all tokens.
 */
static void add_routed(const maker *k, const kern_part *p, saved *sum) {
    double copies = (double)p->top_k, dim = p->latent ? (double)p->latent : k->h;
    int wide = k->sc->layout.ep > 1;
    double plain = p->gated || k->ops || k->frozen ? 0 : k->by->routed_plain_bytes - k->by->plain_bytes;
    double inner = (inner_bytes(k, p->gated) + plain) * (double)p->inner * copies;
    double cut = wide ? kern_expert_cut(&k->sc->layout) : 1;
    int shares = kern_train_whole_share(k->sc, k->by) < 1;
    if (k->ops) {
        sum->whole += ops_hidden(k);
    } else {
        add_norm(k, ROLE(GATE) | ROLE(UP), sum);
        sum->whole += k->by->routed_hidden_bytes * dim * copies * (shares ? cut : 1);
    }
    sum->whole += 8.0 * (double)p->experts + (wide ? inner / (shares ? 1 : cut) : 0);
    sum->split += (wide ? 0 : inner / k->tp) + inner_bytes(k, p->gated) * (double)p->shared_inner / k->tp;
}

/** Recurrent mixers: projections before and after the convolution, the input of the output projection. */
static void add_mixer(const maker *k, const kern_group *g, saved *sum) {
    add_norm(k, ROLE(MIXER_IN), sum);
    for (uint32_t i = 0; i < g->n_tensors; i++) {
        const kern_tensor *t = &g->tensors[i];
        if (t->role == KERN_ROLE_MIXER_IN) sum->split += 4.0 * (double)(t->rows * t->count) / k->tp;
        if (t->role == KERN_ROLE_MIXER_OUT) sum->split += 4.0 * (double)(t->cols * t->count) / k->tp;
    }
}

static void add_part(const maker *k, const kern_group *g, const kern_part *p, saved *sum) {
    switch ((kern_part_kind)p->kind) {
    case KERN_PART_ATTN:
    case KERN_PART_DSV4:
        add_attention(k, p, sum);
        break;
    case KERN_PART_MLA:
        add_latent(k, p, sum);
        break;
    case KERN_PART_MLP:
        add_dense(k, p, sum);
        break;
    case KERN_PART_MOE:
        add_routed(k, p, sum);
        break;
    case KERN_PART_CACHE:
    case KERN_PART_OTHER:
        break;
    default:
        add_mixer(k, g, sum);
        break;
    }
}

/** LoRA with dropout keeps a dropped copy of each target's input and its mask. */
static double dropped_bytes(const kern_scenario *sc, const kern_group *g) {
    double sum = 0;
    if (sc->mode->train == KERN_FULL || !sc->mode->lora_dropout) return 0;
    for (uint32_t i = 0; i < g->n_tensors; i++) {
        const kern_tensor *t = &g->tensors[i];
        if (t->cols > 1 && t->cls != KERN_CLASS_EXPERT && sc->mode->lora_targets >> t->role & 1)
            sum += 3 * kern_shard_tensor(t, &sc->layout).cols;
    }
    return sum;
}

double kern_train_whole_share(const kern_scenario *sc, const kern_trainer *by) {
    return sc->layout.sequence_parallel || by->sequence ? 1.0 / sc->layout.tp : 1;
}

kern_saved kern_train_saved(const kern_training *t, const kern_group *g, kern_checkpointing ckpt) {
    const kern_scenario *sc = t->l->sc;
    maker k = {.sc = sc, .by = t->by, .h = (double)sc->model->hidden, .tp = sc->layout.tp};
    k.frozen = sc->mode->train != KERN_FULL;
    k.ops = ckpt == KERN_CKPT_SELECTIVE && t->by->selective_ops;
    k.quantized = sc->mode->train == KERN_QLORA && t->by->quantized_inputs;
    k.scored = ckpt == KERN_CKPT_NONE && sc->mode->attention == KERN_ATTN_EAGER;
    saved sum = {0, 0, 0};
    for (uint32_t p = 0; p < g->n_parts; p++)
        add_part(&k, g, &g->parts[p], &sum);
    double dropped = k.ops ? 0 : dropped_bytes(sc, g);
    return (kern_saved){sum.whole * kern_train_whole_share(sc, t->by) + sum.split + dropped, sum.scores};
}

/** Full checkpointing keeps the input of every layer, or of the one at work where the others are in host memory. */
static double checkpoint_bytes(const kern_training *t) {
    const kern_scenario *sc = t->l->sc;
    int doubled = sc->mode->train != KERN_FULL && sc->layout.zero >= 3 && t->moment != KERN_MOMENT_LOSS;
    double each = doubled ? t->by->checkpoint_adapter_bytes : t->by->checkpoint_bytes;
    return each * (double)sc->model->hidden * kern_train_whole_share(sc, t->by);
}

static kern_saved stage_saved(const kern_training *t) {
    const kern_scenario *sc = t->l->sc;
    int full = sc->mode->checkpointing == KERN_CKPT_FULL;
    kern_saved sum = {0, 0};
    for (uint32_t g = 0; g < sc->model->n_groups; g++) {
        double layers = (double)t->stage->layers[g];
        if (full && sc->mode->checkpoints_offloaded && layers > 0) layers = sum.tokens > 0 ? 0 : 1;
        kern_saved one = full ? (kern_saved){checkpoint_bytes(t), 0}
                              : kern_train_saved(t, &sc->model->groups[g], sc->mode->checkpointing);
        sum.tokens += layers * one.tokens;
        sum.scores += layers * one.scores;
    }
    return sum;
}

void kern_train_activations(const kern_training *t) {
    const kern_scenario *sc = t->l->sc;
    kern_saved s = stage_saved(t);
    double held = t->moment == KERN_MOMENT_LAST ? t->in_flight - t->at_work : t->in_flight;
    kern_formula_id f = sc->mode->checkpointing == KERN_CKPT_FULL ? KF_ACT_CHECKPOINTS : KF_ACT_SAVED;
    kern_term_put(t->l, KERN_ACTIVATIONS, t->phase, f, kern_train_per_token(sc, s.tokens * held),
                  "%.4g micro-batches x %.0f bytes per token, cp%d", held, s.tokens, sc->layout.cp);
    kern_term_put(t->l, KERN_ACTIVATIONS, t->phase, KF_ACT_SCORES, kern_train_per_score(sc, s.scores * held),
                  "%.4g micro-batches x %.0f bytes per token and token", held, s.scores);
}
