/*
 * tensors.c - attention, feed-forward and global tensors. Matrices are rows = outputs x cols = inputs, as checkpoints
 * store them; every vector (norm, bias, sink) is rows x 1.
 */
#include <string.h>

#include "kernels/lower/tensors.h"

void kern_tensor_add(kern_tensors *out, kern_class cls, kern_role role, kern_shard shard, int64_t rows, int64_t cols,
                     int64_t count) {
    if (rows <= 0 || cols <= 0 || count <= 0) return;
    if (out->n == KERN_TENSORS_MAX) {
        out->full = 1;
        return;
    }
    out->item[out->n++] = (kern_tensor){.cls = (uint8_t)cls,
                                        .role = (uint8_t)role,
                                        .shard = (uint8_t)shard,
                                        .rows = rows,
                                        .cols = cols,
                                        .count = count};
}

void kern_vector_add(kern_tensors *out, kern_class cls, int64_t elements) {
    kern_tensor_add(out, cls, KERN_ROLE_NORM, KERN_SHARD_NONE, elements, 1, 1);
}

static int64_t or_else(int64_t given, int64_t fallback) {
    return given >= 0 ? given : fallback;
}

/** Elements of a norm over `dim`: weight, and a bias where the model has one. */
static int64_t norm_elements(const kern_shape *m, int64_t dim) {
    return m->no_norm_weight ? 0 : dim * (1 + m->norm_bias);
}

static void attention_vectors(const kern_shape *m, const kern_part_spec *s, const kern_part *p, int64_t h,
                              kern_tensors *out) {
    int64_t q = p->q_heads * p->k_dim, k = s->nokv ? 0 : p->kv_heads * p->k_dim,
            v = s->nokv ? 0 : p->kv_heads * p->v_dim;
    int64_t biases = 0, norms = 0;
    if (m->bias == KERN_BIAS_QKV || m->bias == KERN_BIAS_ALL) biases += q + k + v;
    if (m->bias == KERN_BIAS_ALL || m->bias == KERN_BIAS_O) biases += h;
    if (m->bias == KERN_BIAS_QV) biases += q + p->kv_heads * p->v_dim + h;
    if (m->qk_norm == KERN_QK_HEAD) norms = p->k_dim + (s->nokv ? 0 : p->k_dim);
    if (m->qk_norm == KERN_QK_FULL) norms = q + k;
    kern_vector_add(out, KERN_CLASS_NORM, biases);
    kern_vector_add(out, KERN_CLASS_NORM, norms * (1 + m->qk_norm_bias));
    if (m->sinks && (!m->sinks_sliding_only || s->w >= 0)) kern_vector_add(out, KERN_CLASS_NORM, p->q_heads);
}

/** Marks the tensors from `first` on as one attn_qkv in GGUF files. */
static void mark_qkv(kern_tensors *out, uint32_t first) {
    for (uint32_t i = first; i < out->n; i++)
        out->item[i].qkv = 1;
}

/** Block-sparse indexer beside grouped-query attention (MiniMax M3): query heads, one shared key, a norm each. */
static void sparse_indexer(const kern_shape *m, int64_t h, kern_tensors *out) {
    int64_t rows = (m->index_heads + 1) * m->index_dim;
    kern_tensor_add(out, KERN_CLASS_LOWRANK, KERN_ROLE_INDEXER, KERN_SHARD_NONE, rows, h, 1);
    kern_vector_add(out, KERN_CLASS_NORM, 2 * m->index_dim);
}

static void attention(const kern_shape *m, const kern_part_spec *s, kern_tensors *out) {
    uint32_t first = out->n;
    const kern_part p = kern_resolve_part(m, s);
    int64_t h = or_else(s->h, m->hidden), in = or_else(s->hin, h);
    int64_t q = p.q_heads * p.k_dim, o = p.q_heads * p.v_dim;
    if (m->low_rank_q) {
        kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_Q_DOWN, KERN_SHARD_NONE, m->low_rank_q, in, 1);
        kern_vector_add(out, KERN_CLASS_NORM, m->low_rank_q);
        kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_Q, KERN_SHARD_COLUMN, q, m->low_rank_q, 1);
    } else {
        kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_Q, KERN_SHARD_COLUMN, q, in, 1);
    }
    if (!s->nokv) {
        kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_K, KERN_SHARD_KV, p.kv_heads * p.k_dim, in, 1);
        if (out->n) out->item[out->n - 1].kv_heads = (uint32_t)p.kv_heads;
        if (!s->keqv) {
            kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_V, KERN_SHARD_KV, p.kv_heads * p.v_dim, in, 1);
            if (out->n) out->item[out->n - 1].kv_heads = (uint32_t)p.kv_heads;
        }
    }
    if (m->fused_qkv) mark_qkv(out, first);
    kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_O, KERN_SHARD_ROW, h, o, 1);
    if (m->attn_gate && !s->nogate) {
        int64_t rows = m->attn_gate == KERN_GATE_ELEMENT ? o : p.q_heads;
        kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_ATTN_GATE, KERN_SHARD_COLUMN, rows, in, 1);
    }
    if (s->idx) sparse_indexer(m, h, out);
    attention_vectors(m, s, &p, h, out);
}

/** Multi-head latent attention (DeepSeek-V2, section 2.1), with the indexer of DeepSeek-V3.2 where a layer owns one. */
static void latent_attention(const kern_shape *m, const kern_part_spec *s, kern_tensors *out) {
    int64_t h = m->hidden, q = or_else(s->q, m->q_heads), v = m->v_head_dim;
    int64_t heads = q * (m->nope_dim + m->rope_dim);
    if (m->q_lora) {
        kern_tensor_add(out, KERN_CLASS_LOWRANK, KERN_ROLE_Q_DOWN, KERN_SHARD_NONE, m->q_lora, h, 1);
        kern_vector_add(out, KERN_CLASS_NORM, m->q_lora);
        kern_tensor_add(out, KERN_CLASS_LOWRANK, KERN_ROLE_Q_UP, KERN_SHARD_COLUMN, heads, m->q_lora, 1);
    } else {
        kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_Q, KERN_SHARD_COLUMN, heads, h, 1);
    }
    kern_tensor_add(out, KERN_CLASS_LOWRANK, KERN_ROLE_KV_DOWN, KERN_SHARD_NONE, m->kv_lora + m->rope_dim, h, 1);
    kern_vector_add(out, KERN_CLASS_NORM, m->kv_lora);
    kern_tensor_add(out, KERN_CLASS_LOWRANK, KERN_ROLE_K_UP, KERN_SHARD_COLUMN, q * m->nope_dim, m->kv_lora, 1);
    if (out->n) out->item[out->n - 1].kv_heads = (uint32_t)q;
    kern_tensor_add(out, KERN_CLASS_LOWRANK, KERN_ROLE_V_UP, KERN_SHARD_COLUMN, q * v, m->kv_lora, 1);
    kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_O, KERN_SHARD_ROW, h, q * v, 1);
    if (m->attn_gate == KERN_GATE_ELEMENT) {
        kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_ATTN_GATE, KERN_SHARD_COLUMN, q * v, h, 1);
    }
    if (!s->idx) return;
    kern_tensor_add(out, KERN_CLASS_LOWRANK, KERN_ROLE_INDEXER, KERN_SHARD_NONE, m->index_heads * m->index_dim,
                    m->q_lora, 1);
    kern_tensor_add(out, KERN_CLASS_LOWRANK, KERN_ROLE_INDEXER, KERN_SHARD_NONE, m->index_dim, h, 1);
    kern_vector_add(out, KERN_CLASS_NORM, 2 * m->index_dim);
    kern_tensor_add(out, KERN_CLASS_ROUTER, KERN_ROLE_INDEXER, KERN_SHARD_NONE, m->index_heads, h, 1);
}

/** The compressor of DeepSeek-V4: gates and values of one or two overlapping windows, a position table, a norm. */
static void compressor(const kern_shape *m, int64_t ratio, int64_t dim, kern_tensors *out) {
    int64_t windows = ratio == 4 ? 2 : 1;
    kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_OTHER, KERN_SHARD_NONE, windows * dim, m->hidden, 2);
    kern_vector_add(out, KERN_CLASS_NORM, ratio * windows * dim + dim);
}

static void dsv4_attention(const kern_shape *m, const kern_part_spec *s, kern_tensors *out) {
    int64_t h = m->hidden, q = m->q_heads, hd = m->head_dim, ratio = or_else(s->r, 0), hc = m->hyper;
    kern_tensor_add(out, KERN_CLASS_LOWRANK, KERN_ROLE_Q_DOWN, KERN_SHARD_NONE, m->q_lora, h, 1);
    kern_vector_add(out, KERN_CLASS_NORM, m->q_lora + hd + q);
    kern_tensor_add(out, KERN_CLASS_LOWRANK, KERN_ROLE_Q_UP, KERN_SHARD_COLUMN, q * hd, m->q_lora, 1);
    kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_K, KERN_SHARD_NONE, hd, h, 1);
    if (m->o_groups) {
        kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_O, KERN_SHARD_COLUMN, m->o_groups * m->o_lora,
                        q * hd / m->o_groups, 1);
    }
    kern_tensor_add(out, KERN_CLASS_ATTN, KERN_ROLE_O, KERN_SHARD_ROW, h, m->o_groups * m->o_lora, 1);
    if (ratio) compressor(m, ratio, hd, out);
    if (ratio == 4) {
        kern_tensor_add(out, KERN_CLASS_LOWRANK, KERN_ROLE_INDEXER, KERN_SHARD_NONE, m->index_heads * m->index_dim,
                        m->q_lora, 1);
        kern_tensor_add(out, KERN_CLASS_ROUTER, KERN_ROLE_INDEXER, KERN_SHARD_NONE, m->index_heads, h, 1);
        compressor(m, ratio, m->index_dim, out);
    }
    kern_tensor_add(out, KERN_CLASS_EXTRA, KERN_ROLE_OTHER, KERN_SHARD_NONE, (2 + hc) * hc, hc * h, 2);
    kern_vector_add(out, KERN_CLASS_NORM, 2 * ((2 + hc) * hc + 3));
}

static void feed_forward(const kern_shape *m, const kern_part_spec *s, kern_tensors *out) {
    int64_t h = or_else(s->h, m->hidden), i = or_else(s->i, m->intermediate);
    if (m->gated) kern_tensor_add(out, KERN_CLASS_MLP, KERN_ROLE_GATE, KERN_SHARD_COLUMN, i, h, 1);
    kern_tensor_add(out, KERN_CLASS_MLP, KERN_ROLE_UP, KERN_SHARD_COLUMN, i, h, 1);
    kern_tensor_add(out, KERN_CLASS_MLP, KERN_ROLE_DOWN, KERN_SHARD_ROW, h, i, 1);
    if (m->mlp_bias) kern_vector_add(out, KERN_CLASS_NORM, (m->gated ? 2 : 1) * i + h);
    if (m->ffn_subnorm) kern_vector_add(out, KERN_CLASS_NORM, i);
}

/** Routed experts, their biases, and the latent projections around them. */
static void routed_experts(const kern_shape *m, const kern_part_spec *s, kern_tensors *out) {
    int64_t e = or_else(s->e, m->experts), i = or_else(s->i, m->moe_inner), dim = m->latent ? m->latent : m->hidden;
    if (m->gated) kern_tensor_add(out, KERN_CLASS_EXPERT, KERN_ROLE_GATE, KERN_SHARD_EXPERT, i, dim, e);
    kern_tensor_add(out, KERN_CLASS_EXPERT, KERN_ROLE_UP, KERN_SHARD_EXPERT, i, dim, e);
    kern_tensor_add(out, KERN_CLASS_EXPERT, KERN_ROLE_DOWN, KERN_SHARD_EXPERT, dim, i, e);
    if (m->expert_bias) {
        kern_tensor_add(out, KERN_CLASS_EXPERT, KERN_ROLE_BIAS, KERN_SHARD_EXPERT, (m->gated ? 2 : 1) * i + dim, 1, e);
    }
    if (!m->latent) return;
    kern_tensor_add(out, KERN_CLASS_MLP, KERN_ROLE_OTHER, KERN_SHARD_NONE, dim, m->hidden, 1);
    kern_tensor_add(out, KERN_CLASS_MLP, KERN_ROLE_OTHER, KERN_SHARD_NONE, m->hidden, dim, 1);
    if (m->latent_norm) kern_vector_add(out, KERN_CLASS_NORM, dim);
}

static void shared_experts(const kern_shape *m, kern_tensors *out) {
    int64_t h = m->hidden, i = m->shared_inner;
    if (!i) return;
    if (m->gated) kern_tensor_add(out, KERN_CLASS_SHARED, KERN_ROLE_GATE, KERN_SHARD_COLUMN, i, h, 1);
    kern_tensor_add(out, KERN_CLASS_SHARED, KERN_ROLE_UP, KERN_SHARD_COLUMN, i, h, 1);
    kern_tensor_add(out, KERN_CLASS_SHARED, KERN_ROLE_DOWN, KERN_SHARD_ROW, h, i, 1);
    if (m->expert_bias) kern_vector_add(out, KERN_CLASS_NORM, (m->gated ? 2 : 1) * i + h);
    if (m->shared_gate) kern_tensor_add(out, KERN_CLASS_ROUTER, KERN_ROLE_ROUTER, KERN_SHARD_NONE, 1, h, 1);
}

static void mixture(const kern_shape *m, const kern_part_spec *s, kern_tensors *out) {
    int64_t e = or_else(s->e, m->experts) + m->zero_experts;
    routed_experts(m, s, out);
    shared_experts(m, out);
    kern_tensor_add(out, KERN_CLASS_ROUTER, KERN_ROLE_ROUTER, KERN_SHARD_NONE, e, m->hidden, 1);
    if (m->router_bias) kern_tensor_add(out, KERN_CLASS_ROUTER, KERN_ROLE_BIAS, KERN_SHARD_NONE, e, 1, 1);
}

/** Per-layer embedding (Gemma 3n, 4): what comes from the table is gated, projected to the hidden width and normed. */
static void layer_embedding(const kern_shape *m, kern_tensors *out) {
    kern_tensor_add(out, KERN_CLASS_MLP, KERN_ROLE_OTHER, KERN_SHARD_NONE, m->layer_embed, m->hidden, 1);
    kern_tensor_add(out, KERN_CLASS_MLP, KERN_ROLE_OTHER, KERN_SHARD_NONE, m->hidden, m->layer_embed, 1);
    kern_vector_add(out, KERN_CLASS_NORM, m->hidden);
}

/** Alternating updates over n streams and the low-rank residual beside them (Gemma 3n): small, never quantized. */
static void alternating_updates(const kern_shape *m, int64_t rank, kern_tensors *out) {
    int64_t n = m->streams, h = m->hidden;
    kern_tensor_add(out, KERN_CLASS_EXTRA, KERN_ROLE_OTHER, KERN_SHARD_NONE, rank, h, 1);
    kern_tensor_add(out, KERN_CLASS_EXTRA, KERN_ROLE_OTHER, KERN_SHARD_NONE, h, rank, 1);
    kern_tensor_add(out, KERN_CLASS_EXTRA, KERN_ROLE_OTHER, KERN_SHARD_NONE, n, h, 1);
    kern_tensor_add(out, KERN_CLASS_EXTRA, KERN_ROLE_OTHER, KERN_SHARD_NONE, n + n * n, n, 1);
    kern_vector_add(out, KERN_CLASS_NORM, 3 * h);
}

/** Parts that are no mixer and no feed-forward: extra parameters, MTP input block, copies of the embedding. */
static void other(const kern_shape *m, const kern_part_spec *s, kern_tensors *out) {
    kern_tensor_add(out, KERN_CLASS_EXTRA, KERN_ROLE_OTHER, KERN_SHARD_NONE, s->extra, 1, 1);
    kern_tensor_add(out, KERN_CLASS_EMBED, KERN_ROLE_EMBED, KERN_SHARD_VOCAB, m->vocab, m->hidden, s->copies);
    if (s->layer_embed) layer_embedding(m, out);
    if (s->rank) alternating_updates(m, s->rank, out);
    if (!s->mtp_input) return;
    /* Of the head's class: 8-bit checkpoints leave it in 16 bit, GGUF quantizes it. */
    kern_tensor_add(out, KERN_CLASS_HEAD, KERN_ROLE_OTHER, KERN_SHARD_NONE, m->hidden, 2 * m->hidden, 1);
    kern_vector_add(out, KERN_CLASS_NORM, 3 * norm_elements(m, m->hidden));
}

static void part_tensors(const kern_shape *m, const kern_part_spec *s, kern_tensors *out) {
    switch (s->kind) {
    case KERN_PART_ATTN:
        attention(m, s, out);
        break;
    case KERN_PART_MLA:
        latent_attention(m, s, out);
        break;
    case KERN_PART_DSV4:
        dsv4_attention(m, s, out);
        break;
    case KERN_PART_MLP:
        feed_forward(m, s, out);
        break;
    case KERN_PART_MOE:
        mixture(m, s, out);
        break;
    case KERN_PART_CACHE:
        break; /* its weights are counted elsewhere */
    case KERN_PART_OTHER:
        other(m, s, out);
        break;
    default:
        kern_mixer_tensors(m, s, out);
        break;
    }
}

void kern_layer_tensors(const kern_shape *m, const kern_part_spec *parts, uint32_t n, kern_tensors *out) {
    int64_t norms = m->norms;
    for (uint32_t i = 0; i < n; i++) {
        if (parts[i].kind == KERN_PART_OTHER && parts[i].norms >= 0) norms = parts[i].norms;
        part_tensors(m, &parts[i], out);
    }
    kern_tensor_add(out, KERN_CLASS_NORM, KERN_ROLE_NORM, KERN_SHARD_NONE, norm_elements(m, m->hidden), 1, norms);
}

/** The table of per-layer embeddings, the projection beside it with its norm, the projections between streams. */
static void layer_embedding_table(const kern_shape *m, kern_tensors *out) {
    int64_t h = m->hidden, all = m->layers * m->layer_embed;
    kern_tensor_add(out, KERN_CLASS_EMBED, KERN_ROLE_EMBED, KERN_SHARD_VOCAB, m->layer_vocab, all, 1);
    kern_tensor_add(out, KERN_CLASS_EXTRA, KERN_ROLE_OTHER, KERN_SHARD_NONE, all, h, 1);
    kern_vector_add(out, KERN_CLASS_NORM, m->layer_embed);
    kern_tensor_add(out, KERN_CLASS_EXTRA, KERN_ROLE_OTHER, KERN_SHARD_NONE, h, h, 2 * (m->streams - 1));
}

void kern_global_tensors(const kern_shape *m, int encoder, kern_tensors *out) {
    int64_t h = m->hidden, dim = m->embed_dim ? m->embed_dim : h;
    kern_tensor_add(out, KERN_CLASS_EMBED, KERN_ROLE_EMBED, KERN_SHARD_VOCAB, m->vocab + m->embed_rows, dim, 1);
    if (m->layer_embed) layer_embedding_table(m, out);
    if (!m->tied && !m->no_head)
        kern_tensor_add(out, KERN_CLASS_HEAD, KERN_ROLE_HEAD, KERN_SHARD_VOCAB, m->vocab, h, 1);
    if (m->head_bias) kern_vector_add(out, KERN_CLASS_NORM, m->vocab);
    kern_tensor_add(out, KERN_CLASS_EMBED, KERN_ROLE_OTHER, KERN_SHARD_NONE, m->position_rows, h, 1);
    if (m->embed_norm) kern_vector_add(out, KERN_CLASS_NORM, norm_elements(m, h));
    if (!m->no_final_norm) kern_vector_add(out, KERN_CLASS_NORM, norm_elements(m, h) * (encoder ? 2 : 1));
    kern_tensor_add(out, KERN_CLASS_EXTRA, KERN_ROLE_OTHER, KERN_SHARD_NONE, m->extra_params, 1, 1);
    kern_tensor_add(out, KERN_CLASS_VISION, KERN_ROLE_OTHER, KERN_SHARD_NONE, m->vision_params, 1, 1);
}

static void resolve_attention(const kern_shape *m, const kern_part_spec *s, kern_part *p) {
    p->q_heads = or_else(s->q, m->q_heads);
    p->kv_heads = or_else(s->kv, m->kv_heads);
    p->k_dim = or_else(s->hd, m->head_dim);
    p->v_dim = or_else(s->vhd, s->hd >= 0 ? s->hd : m->v_head_dim);
    p->window = or_else(s->w, 0);
    p->chunk = or_else(s->c, 0);
    p->cross = s->cross;
    p->indexer = s->idx;
    p->indexer_dim = s->idx ? m->index_dim : 0;
    p->owns_cache = !s->shared && !s->nokv && !s->cross;
}

static void resolve_latent(const kern_shape *m, const kern_part_spec *s, kern_part *p) {
    p->q_heads = or_else(s->q, m->q_heads);
    p->kv_heads = 1;
    p->q_lora = m->q_lora;
    p->kv_lora = m->kv_lora;
    p->rope_dim = m->rope_dim;
    p->nope_dim = m->nope_dim;
    p->k_dim = m->kv_lora + m->rope_dim;
    p->v_dim = m->v_head_dim;
    p->indexer = s->idx;
    p->indexer_dim = s->idx ? m->index_dim : 0;
    p->owns_cache = 1;
}

static void resolve_dsv4(const kern_shape *m, const kern_part_spec *s, kern_part *p) {
    p->q_heads = m->q_heads;
    p->kv_heads = 1;
    p->k_dim = m->head_dim;
    p->ratio = or_else(s->r, 0);
    p->window = m->window;
    p->indexer = p->ratio == 4;
    p->indexer_dim = p->indexer ? m->index_dim : 0;
    p->owns_cache = 1;
}

kern_part kern_resolve_part(const kern_shape *m, const kern_part_spec *s) {
    kern_part p;
    memset(&p, 0, sizeof p);
    p.kind = (uint8_t)s->kind;
    p.gated = m->gated;
    switch (s->kind) {
    case KERN_PART_ATTN:
    case KERN_PART_CACHE:
        resolve_attention(m, s, &p);
        break;
    case KERN_PART_MLA:
        resolve_latent(m, s, &p);
        break;
    case KERN_PART_DSV4:
        resolve_dsv4(m, s, &p);
        break;
    case KERN_PART_MLP:
        p.inner = or_else(s->i, m->intermediate);
        break;
    case KERN_PART_MOE:
        p.inner = or_else(s->i, m->moe_inner);
        p.experts = or_else(s->e, m->experts);
        p.top_k = m->top_k;
        p.shared_inner = m->shared_inner;
        p.latent = m->latent;
        break;
    case KERN_PART_OTHER:
        break;
    default:
        kern_mixer_state(m, s, &p);
        break;
    }
    return p;
}

int64_t kern_tensors_params(const kern_tensor *t, uint32_t n) {
    int64_t sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += t[i].rows * t[i].cols * t[i].count;
    return sum;
}
