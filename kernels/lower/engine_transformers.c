/*
 * engine_transformers.c - what generate() of Hugging Face transformers allocates: a cache in exact bytes that grows by
 * concatenation, and one pass over the whole prompt, taken as long as the context. The peak is the largest of four
 * moments: attention and feed-forward of the widest layer, logits of the prompt, a decoding step. Versions differ in
 * which logits are kept, in whether sliding layers forget, and in who repeats K and V for every query head.
 */
#include "kernels/lower/internal.h"

enum { MOMENT_ATTENTION, MOMENT_FEED_FORWARD, MOMENT_LOGITS, MOMENT_DECODE, MOMENTS };

/** Bytes per token of one attention layer's tensors on this rank, 16 bit. */
typedef struct widths {
    double q, k, v, heads;
} widths;

static const double ACT_BYTES = 2, FLOAT_BYTES = 4;

/*
 * Hidden states alive at once: the embedded prompt and the layer's input, which the model's loop holds, and the
 * normalized one; in the feed-forward also the sum with the attention's output.
 */
enum { ATTENTION_STATES = 3, FEED_FORWARD_STATES = 4 };

static widths widths_of(const kern_scenario *sc, const kern_part *p) {
    double tp = sc->layout.tp, q_heads = ceil((double)p->q_heads / tp), kv_heads = ceil((double)p->kv_heads / tp);
    widths w = {q_heads * (double)p->k_dim, kv_heads * (double)p->k_dim, kv_heads * (double)p->v_dim, q_heads};
    if (p->kind == KERN_PART_MLA) {
        w.q = w.k = q_heads * (double)(p->nope_dim + p->rope_dim);
        w.v = q_heads * (double)p->v_dim;
    }
    w.q *= ACT_BYTES, w.k *= ACT_BYTES, w.v *= ACT_BYTES;
    return w;
}

static int is_attention(const kern_part *p) {
    return p->kind == KERN_PART_ATTN || p->kind == KERN_PART_MLA;
}

/** Bytes that a layer caches of one token as K and as V. Expanded latent attention caches every head's. */
static void cached_bytes(const kern_scenario *sc, const kern_part *p, double *k, double *v) {
    double heads = ceil((double)(p->kind == KERN_PART_MLA ? p->q_heads : p->kv_heads) / sc->layout.tp);
    int latent = p->kind == KERN_PART_MLA && !sc->engine->kv_expanded;
    double k_dim = (double)p->k_dim;
    if (p->kind == KERN_PART_MLA) k_dim = (double)(latent ? p->kv_lora + p->rope_dim : p->nope_dim + p->rope_dim);
    *k = kern_vector_bytes(sc->k, latent ? 1 : heads, k_dim) + kern_vector_bytes(sc->k, 1, (double)p->indexer_dim);
    *v = latent ? 0 : kern_vector_bytes(sc->v, heads, (double)p->v_dim);
}

static kern_term tokens_term(const kern_lowering *l, double bytes, int64_t cap) {
    kern_term t = TERM_PER_TOKEN(bytes);
    t.page_s = l->sc->layout.cp;
    if (cap) t.cap_s = (double)cap;
    return t;
}

static void put_cache(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase) {
    int64_t window = p->window ? p->window : p->chunk, cap = 0;
    double k, v;
    cached_bytes(l->sc, p, &k, &v);
    if (!l->sc->engine->swa_full && l->moment == MOMENT_DECODE) cap = window;
    kern_term_put(l, KERN_KV_CACHE, phase, KF_KV_DYNAMIC, tokens_term(l, (k + v) * (double)layers, cap),
                  "%lld layers x (%.0f + %.0f) bytes, window %lld, %s", (long long)layers, k, v, (long long)window,
                  cap ? "no more tokens" : "all tokens");
}

/** Applies to every part of the stage's layers. */
typedef void (*visit)(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase);

static void each_part(kern_lowering *l, const kern_stage *st, unsigned phase, visit f) {
    for (uint32_t g = 0; g < l->sc->model->n_groups; g++) {
        const kern_group *group = &l->sc->model->groups[g];
        if (!st->layers[g] || group->kind != KERN_GROUP_MAIN) continue;
        for (uint32_t i = 0; i < group->n_parts; i++)
            f(l, &group->parts[i], st->layers[g], phase);
    }
}

static void cache_part(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase) {
    int plain = p->kind == KERN_PART_CACHE || is_attention(p);
    if (!plain) {
        kern_lower_kv_part(l, p, layers, phase);
    } else if (p->owns_cache) {
        put_cache(l, p, layers, phase);
    }
}

static void transformers_kv_cache(kern_lowering *l, const kern_stage *st, unsigned phase) {
    each_part(l, st, phase, cache_part);
}

/** Attention of one token: hidden states, Q, K and V, the output and its contiguous copy. */
static double attention_bytes(const kern_scenario *sc, const kern_part *p) {
    double h = ACT_BYTES * (double)sc->model->hidden;
    widths w = widths_of(sc, p);
    int repeats =
        sc->mode->attention == KERN_ATTN_EAGER || (sc->mode->attention == KERN_ATTN_SDPA && sc->engine->kv_repeated);
    double out = w.heads * (double)p->v_dim * ACT_BYTES, repeated = 0;
    if (repeats && p->kind == KERN_PART_ATTN && w.k < w.q) repeated = w.q + out;
    return ATTENTION_STATES * h + w.q + w.k + w.v + 2 * out + repeated;
}

/** A recurrent mixer: hidden states, its projections, the convolution's input and output. */
static double mixer_bytes(const kern_scenario *sc, const kern_part *p) {
    double inner = (double)(3 * p->mixer_inner + 2 * p->mixer_conv) / sc->layout.tp;
    return ACT_BYTES * (ATTENTION_STATES * (double)sc->model->hidden + inner);
}

/** Experts one after the other see their share of the tokens; side by side every token's copies are alive. */
static double feed_forward_bytes(const kern_scenario *sc, const kern_part *p) {
    double h = ACT_BYTES * (double)sc->model->hidden, tensors = ACT_BYTES * (p->gated ? 3 : 2);
    double inner = tensors * (double)p->inner / sc->layout.tp;
    if (p->kind != KERN_PART_MOE) return FEED_FORWARD_STATES * h + inner;
    double copies = (double)p->top_k;
    if (sc->engine->train.expert_loop && p->experts > 0) copies /= (double)p->experts;
    double shared = tensors * (double)p->shared_inner / sc->layout.tp;
    double router = 2 * FLOAT_BYTES * (double)p->experts;
    return (FEED_FORWARD_STATES + 1) * h + router + fmax(copies * (inner + 2 * h), shared);
}

/** Largest over the stage's parts of what `of` counts. */
static double widest(kern_lowering *l, const kern_stage *st, double (*of)(const kern_scenario *, const kern_part *),
                     int (*takes)(const kern_part *)) {
    double most = 0;
    for (uint32_t g = 0; g < l->sc->model->n_groups; g++) {
        const kern_group *group = &l->sc->model->groups[g];
        for (uint32_t i = 0; st->layers[g] && i < group->n_parts && group->kind == KERN_GROUP_MAIN; i++) {
            if (takes(&group->parts[i])) most = fmax(most, of(l->sc, &group->parts[i]));
        }
    }
    return most;
}

static int is_mixer(const kern_part *p) {
    return p->mixer_inner > 0;
}
static int is_feed_forward(const kern_part *p) {
    return p->kind == KERN_PART_MLP || p->kind == KERN_PART_MOE;
}
static int slides(const kern_part *p) {
    return is_attention(p) && (p->window || p->chunk);
}

static double heads_of(const kern_scenario *sc, const kern_part *p) {
    return widths_of(sc, p).heads;
}
static double longer_cached(const kern_scenario *sc, const kern_part *p) {
    double k, v;
    if (!p->owns_cache) return 0;
    cached_bytes(sc, p, &k, &v);
    return fmax(k, v);
}

/** A norm in 32 bit: its input, the copy and its square. */
static double norm_bytes(const kern_scenario *sc) {
    return (ACT_BYTES + 2 * FLOAT_BYTES) * (double)sc->model->hidden;
}

/** Scores and masks of a whole prompt: eager attention, and masks that a window needs. */
static void put_scores(kern_lowering *l, const kern_stage *st, unsigned phase) {
    int attention = l->sc->mode->attention;
    double heads = widest(l, st, heads_of, is_attention), cp = l->sc->layout.cp;
    double score = ACT_BYTES + 2 * FLOAT_BYTES, mask = attention == KERN_ATTN_EAGER ? ACT_BYTES : 1;
    if (attention == KERN_ATTN_FLASH || heads <= 0) return;
    if (attention == KERN_ATTN_EAGER)
        kern_term_put(l, KERN_ACTIVATIONS, phase, KF_ACT_EAGER, TERM_PER_TOKEN2(heads * score / cp),
                      "%.0f heads x %.0f bytes", heads, score);
    if (attention == KERN_ATTN_EAGER || (!l->sc->engine->swa_full && widest(l, st, heads_of, slides) > 0))
        kern_term_put(l, KERN_ACTIVATIONS, phase, KF_ACT_MASK, TERM_PER_TOKEN2(mask / cp), "%.0f bytes an entry", mask);
}

static void put_attention(kern_lowering *l, const kern_stage *st, unsigned phase) {
    double bytes = fmax(widest(l, st, attention_bytes, is_attention), widest(l, st, mixer_bytes, is_mixer));
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_ACT_ATTENTION, tokens_term(l, bytes, 0), "%.0f bytes a token", bytes);
    put_scores(l, st, phase);
}

static void put_feed_forward(kern_lowering *l, const kern_stage *st, unsigned phase) {
    double bytes = fmax(widest(l, st, feed_forward_bytes, is_feed_forward), norm_bytes(l->sc));
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_ACT_FEED_FORWARD, tokens_term(l, bytes, 0), "%.0f bytes a token",
                  bytes);
}

/** Logits of all positions of the prompt or of the last ones, beside the hidden states they are made of. */
static void put_logits(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_engine *e = l->sc->engine;
    double entry = e->sampler_bytes * ceil((double)l->sc->model->vocab / l->sc->layout.tp);
    double rows = e->outputs_max > 0 ? (double)e->outputs_max : 0, h = ACT_BYTES * (double)l->sc->model->hidden;
    kern_term t = rows > 0 ? TERM_PER_SEQ(entry * rows) : tokens_term(l, entry, 0);
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_ACT_FEED_FORWARD, tokens_term(l, h, 0), "%.0f bytes a token", h);
    if (!st->last) return;
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_ACT_PROMPT_LOGITS, t,
                  "%lld vocabulary entries x %g bytes, %.0f rows (0: all)", (long long)l->sc->model->vocab,
                  e->sampler_bytes, rows);
}

/** The whole cache of the last step and the first step's logits, where the arguments of a step still refer to them. */
static void put_copies(kern_lowering *l, const kern_stage *st, unsigned phase) {
    double bytes = 0, k, v, logits = FLOAT_BYTES * ceil((double)l->sc->model->vocab / l->sc->layout.tp);
    for (uint32_t g = 0; g < l->sc->model->n_groups; g++) {
        const kern_group *group = &l->sc->model->groups[g];
        for (uint32_t i = 0; i < group->n_parts && group->kind == KERN_GROUP_MAIN; i++) {
            if (!is_attention(&group->parts[i]) || !group->parts[i].owns_cache) continue;
            cached_bytes(l->sc, &group->parts[i], &k, &v);
            bytes += (k + v) * (double)st->layers[g];
        }
    }
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_KV_CONCAT, tokens_term(l, bytes, 0), "%.0f bytes a token, all layers",
                  bytes);
    if (!st->last) return;
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_ACT_PROMPT_LOGITS, tokens_term(l, logits, 0),
                  "%.0f bytes a token, kept", logits);
}

static void put_concat(kern_lowering *l, const kern_stage *st, unsigned phase) {
    double bytes = widest(l, st, longer_cached, is_attention);
    if (l->sc->engine->kv_copied) {
        put_copies(l, st, phase);
        return;
    }
    kern_term_put(l, KERN_ACTIVATIONS, phase, KF_KV_CONCAT, tokens_term(l, bytes, 0), "%.0f bytes a token", bytes);
}

static void transformers_activations(kern_lowering *l, const kern_stage *st, unsigned phase) {
    static void (*const put[MOMENTS])(kern_lowering *, const kern_stage *, unsigned) = {
        [MOMENT_ATTENTION] = put_attention,
        [MOMENT_FEED_FORWARD] = put_feed_forward,
        [MOMENT_LOGITS] = put_logits,
        [MOMENT_DECODE] = put_concat,
    };
    put[l->moment](l, st, phase);
}

/** What a training run's peak, stated as allocated, leaves out. */
static void transformers_overhead(kern_lowering *l, const kern_stage *st, unsigned phase) {
    const kern_engine *e = l->sc->engine;
    kern_lower_overhead(l, st, phase);
    kern_term_put(l, KERN_OVERHEAD, phase, KF_OVERHEAD_SERVING, TERM_CONST(e->serving_bytes), "%s@%s", e->name,
                  e->version);
}

static unsigned transformers_moments(kern_lowering *l, const kern_stage *st) {
    (void)l;
    (void)st;
    return MOMENTS;
}

const kern_rules kern_rules_transformers = {
    .weights = kern_lower_weights,
    .kv_cache = transformers_kv_cache,
    .activations = transformers_activations,
    .overhead = transformers_overhead,
    .moments = transformers_moments,
};
