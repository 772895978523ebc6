/*
 * engine_llamacpp_compute.c - the compute buffer of llama.cpp: the graph allocator reuses memory, so that the buffer is
 * the largest of a few moments: logits, feed-forward, experts, attention, a recurrent mixer. Each becomes a phase;
 * a moment that another one covers term by term is left out. With several devices, copies of the input keep four
 * micro-batches in flight. Closed forms: fits to the buffers that llama.cpp reports, exact for most dense models.
 */
#include "kernels/lower/engine_llamacpp.h"

/** What is alive at one moment of the graph. */
typedef struct moment {
    double output; /* bytes per row of output */
    double token;  /* bytes per token of the micro-batch */
    double scores; /* bytes per token of the micro-batch and cell of a stream */
    double masks;  /* attention masks */
    double copies; /* bytes per cell of all streams */
    double seq;    /* bytes per sequence */
} moment;

/** Sizes of a model that more than one moment looks at. */
typedef struct graph {
    const kern_scenario *sc;
    double hidden;
    int hybrid;     /* recurrent layers, beside attention or alone */
    int shared;     /* shared experts */
    int parallel;   /* attention and feed-forward side by side */
    int fused;      /* gate and up in one tensor */
    int attention;  /* some layer has a KV cache */
    int64_t window; /* of the sliding caches, 0: none */
    moment at[LLAMACPP_MOMENTS];
    unsigned n;
} graph;

static const kern_part *part_of(const kern_group *g, kern_part_kind kind) {
    for (uint32_t p = 0; p < g->n_parts; p++) {
        if (g->parts[p].kind == kind) return &g->parts[p];
    }
    return NULL;
}

/** Attention and feed-forward read the same norm: one norm of `hidden` for both. */
static int is_parallel(const kern_model *m, const kern_group *g) {
    const kern_tensor *norms = g->n_tensors ? &g->tensors[g->n_tensors - 1] : NULL;
    return norms && part_of(g, KERN_PART_MLP) && norms->role == KERN_ROLE_NORM && norms->rows == m->hidden &&
           norms->count == 1;
}

/** Files that keep q, k and v in one tensor keep gate and up in one as well. */
static int fused_gate(const kern_group *g) {
    for (uint32_t t = 0; t < g->n_tensors; t++) {
        if (g->tensors[t].role == KERN_ROLE_GATE) return g->tensors[0].qkv;
    }
    return 0;
}

static int is_recurrent(const kern_part *p) {
    return p->state_elems > 0 || p->conv_elems > 0;
}

static void read_model(graph *x) {
    const kern_model *m = x->sc->model;
    x->hidden = (double)m->hidden;
    for (uint32_t g = 0; g < m->n_groups; g++) {
        x->fused |= fused_gate(&m->groups[g]);
        for (uint32_t p = 0; p < m->groups[g].n_parts; p++) {
            const kern_part *part = &m->groups[g].parts[p];
            int64_t window = part->owns_cache ? llamacpp_window(x->sc, part) : 0;
            x->attention |= part->owns_cache;
            x->hybrid |= is_recurrent(part);
            x->shared |= part->shared_inner > 0;
            x->parallel |= part->kind == KERN_PART_ATTN && is_parallel(m, &m->groups[g]);
            if (window > x->window) x->window = window;
        }
    }
}

/** Every byte that `a` has, `b` has too; rows of output are no more than tokens. */
static int covered(const moment *a, const moment *b) {
    return a->output + a->token <= b->token && a->scores <= b->scores && a->masks <= b->masks &&
           a->copies <= b->copies && a->seq <= b->seq;
}

static void keep(graph *x, moment m) {
    unsigned kept = 0;
    if (x->sc->engine->outputs_max <= 0) m.token += m.output, m.output = 0;
    if (!x->attention) m.masks = 0;
    for (unsigned i = 0; i < x->n; i++) {
        if (covered(&m, &x->at[i])) return;
    }
    for (unsigned i = 0; i < x->n; i++) {
        if (!covered(&x->at[i], &m)) x->at[kept++] = x->at[i];
    }
    x->at[kept] = m;
    x->n = kept + 1;
}

/** Elements per token of all heads' queries. */
static double query_elements(const kern_part *p) {
    return (double)p->q_heads * (double)p->k_dim;
}

/** Elements per token of all heads' results in a layer with attention: they outlive the residual's sum. */
static double result_elements(const kern_group *g) {
    for (uint32_t p = 0; p < g->n_parts; p++) {
        uint8_t kind = g->parts[p].kind;
        if (kind == KERN_PART_ATTN || kind == KERN_PART_MLA)
            return (double)g->parts[p].q_heads * (double)g->parts[p].v_dim;
    }
    return 0;
}

static void feed_forward(graph *x, const kern_group *g) {
    const kern_part *mlp = part_of(g, KERN_PART_MLP), *attn = part_of(g, KERN_PART_ATTN);
    if (!mlp) return;
    double inner = (double)mlp->inner;
    double elements = (mlp->gated ? 3 : 2) * inner + 2 * x->hidden + result_elements(g);
    if (attn && is_parallel(x->sc->model, g)) elements += x->hidden;
    keep(x, (moment){.token = 4 * elements, .masks = 1});
}

static void experts(graph *x, const kern_group *g) {
    const kern_part *moe = part_of(g, KERN_PART_MOE);
    if (!moe) return;
    double used = (double)moe->top_k, inner = (double)moe->inner;
    double elements = 3 * used * inner + 2 * x->hidden;
    if (x->hidden > 2 * inner) elements += used * x->hidden;
    if (!x->hybrid) elements += result_elements(g);
    if (moe->shared_inner) elements += x->hidden;
    keep(x, (moment){.token = 4 * elements, .masks = 1});
}

static int is_f16(const kern_format *f) {
    return f->block == 1 && f->block_bytes == 2;
}

static void attention(graph *x, const kern_part *p) {
    const kern_scenario *sc = x->sc;
    double query = query_elements(p), keys = (double)p->kv_heads * (double)p->k_dim,
           values = (double)p->kv_heads * (double)p->v_dim;
    if (!sc->engine->flash_attn) {
        double elements = 2 * x->hidden + 2 * query + (sc->k->block > 1 ? 0 : keys + values);
        keep(x, (moment){.token = 4 * elements, .scores = 4 * (double)p->q_heads, .masks = 1});
    } else if (!is_f16(sc->k) || !is_f16(sc->v)) {
        keep(x, (moment){.token = 4 * (2 * x->hidden + 2 * query), .masks = 1, .copies = 2 * (keys + values)});
    }
}

static void latent_attention(graph *x, const kern_part *p) {
    const kern_scenario *sc = x->sc;
    double latent = (double)(p->kv_lora + p->rope_dim), heads = (double)p->q_heads;
    moment m = {.masks = 1};
    m.token = 4 * (3 * x->hidden + heads * (2 * latent + (double)(p->nope_dim + p->rope_dim)));
    if (!sc->engine->flash_attn)
        m.scores = 4 * heads;
    else if (!is_f16(sc->k))
        m.copies = 2 * latent; /* V is a part of K */
    keep(x, m);
}

/** Mamba 2 keeps five widths of the inner state; Mamba 1 likewise, without groups. */
static void selective_scan(graph *x, const kern_part *p) {
    double inner = (double)p->mixer_inner, conv = (double)p->mixer_conv, heads = (double)p->state_heads;
    double shared = conv - inner;
    keep(x, (moment){.token = 4 * (2 * x->hidden + 5 * inner + 3 * shared + heads),
                     .masks = 1,
                     .seq = 4 * ((double)p->state_elems + 2 * (double)p->conv_elems)});
}

static void delta_net(graph *x, const kern_part *p) {
    keep(x, (moment){.token = 4 * (3 * (double)p->mixer_conv + 2 * x->hidden),
                     .masks = 1,
                     .seq = 8 * (double)p->conv_elems});
}

static void mixer(graph *x, const kern_part *p) {
    switch ((kern_part_kind)p->kind) {
    case KERN_PART_ATTN:
        attention(x, p);
        break;
    case KERN_PART_MLA:
        latent_attention(x, p);
        break;
    case KERN_PART_MAMBA1:
    case KERN_PART_MAMBA2:
        selective_scan(x, p);
        break;
    case KERN_PART_GDN:
    case KERN_PART_KDA:
        delta_net(x, p);
        break;
    default:
        break;
    }
}

static void layers(graph *x, const kern_stage *st) {
    const kern_model *m = x->sc->model;
    for (uint32_t g = 0; g < m->n_groups; g++) {
        if (st->layers[g] == 0) continue;
        feed_forward(x, &m->groups[g]);
        experts(x, &m->groups[g]);
        for (uint32_t p = 0; p < m->groups[g].n_parts; p++)
            mixer(x, &m->groups[g].parts[p]);
    }
}

/** What the last layer leaves alive lies below the logits: its sum, and that of a second branch where it has one. */
static void logits(graph *x) {
    double kept = 1 + (x->hybrid || x->parallel) + x->shared + 2 * x->fused;
    keep(x, (moment){.output = 4 * ((double)x->sc->model->vocab + kept * x->hidden)});
}

/** Layer split: inputs and masks of four micro-batches, and the hidden states that pass from device to device. */
static void pipeline(graph *x, const kern_stage *st) {
    for (unsigned i = 0; i < x->n && x->sc->layout.pp > 1; i++) {
        x->at[i].masks = x->attention ? 4 : 0;
        x->at[i].token += (st->first ? 4 : 8) * 4 * x->hidden;
    }
}

static void build(graph *x, const kern_scenario *sc, const kern_stage *st) {
    *x = (graph){.sc = sc};
    read_model(x);
    layers(x, st);
    if (st->last) logits(x);
    if (x->n == 0) keep(x, (moment){.token = 8 * x->hidden});
    pipeline(x, st);
}

unsigned llamacpp_moments(kern_lowering *l, const kern_stage *st) {
    const kern_layout *at = &l->sc->layout;
    graph x;
    if (at->tp > 1 || at->ep > 1 || at->cp > 1) {
        kern_refuse(l, "llama.cpp splits a model by layers: use ppN, not tp%d ep%d cp%d", at->tp, at->ep, at->cp);
        return 0;
    }
    build(&x, l->sc, st);
    return x.n;
}

static void put_masks(kern_lowering *l, const graph *x, double masks, unsigned phase) {
    const kern_engine *e = l->sc->engine;
    double bytes = masks * (e->flash_attn ? 2 : 4);
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_LLAMACPP_MASK, llamacpp_scores(e, bytes, 0),
                  "%.0f bytes x u x c, ubatch %lld", bytes, (long long)e->ubatch);
    if (!x->window) return;
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_LLAMACPP_MASK, llamacpp_scores(e, bytes, x->window),
                  "%.0f bytes x u x sliding c, window %lld", bytes, (long long)x->window);
}

void llamacpp_compute(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_engine *e = l->sc->engine;
    graph x;
    build(&x, l->sc, st);
    const moment *m = &x.at[l->moment];
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_LLAMACPP_LOGITS, llamacpp_tokens(e, m->output, e->outputs_max),
                  "o x %.0f bytes, outputs_max %lld", m->output, (long long)e->outputs_max);
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_LLAMACPP_COMPUTE, llamacpp_tokens(e, m->token, 0),
                  "u x %.0f bytes, ubatch %lld", m->token, (long long)e->ubatch);
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_LLAMACPP_SCORES, llamacpp_scores(e, m->scores, 0),
                  "%.0f bytes x u x c", m->scores);
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_LLAMACPP_COPIES, llamacpp_cells(e, m->copies, 0),
                  "%.0f bytes x cells of all streams", m->copies);
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_LLAMACPP_COMPUTE, TERM_PER_SEQ(m->seq), "%.0f bytes x b", m->seq);
    put_masks(l, &x, m->masks, phase);
}
