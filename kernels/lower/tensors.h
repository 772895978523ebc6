/*
 * tensors.h - a model's architecture to its list of tensors: what every formula of weights, training states, sharding
 * and parameter counts is a sum over. Checked against the published parameter counts of the catalog.
 */
#ifndef KERNELS_LOWER_TENSORS_H
#define KERNELS_LOWER_TENSORS_H

#include "kernels/types.h"

/** Numbers of one kind of recurrent mixer; which are used depends on the kind. */
typedef struct kern_mixer {
    int64_t heads, head_dim, key_heads, key_dim, state, groups, conv, inner, dt_rank, w, a, v, g;
    uint8_t no_norm, no_conv_bias, dt_norms, full_gate;
} kern_mixer;

typedef enum kern_bias { KERN_BIAS_NONE, KERN_BIAS_QKV, KERN_BIAS_ALL, KERN_BIAS_O, KERN_BIAS_QV } kern_bias;
typedef enum kern_qk_norm { KERN_QK_NONE, KERN_QK_HEAD, KERN_QK_FULL } kern_qk_norm;
typedef enum kern_attn_gate { KERN_GATE_NONE, KERN_GATE_ELEMENT, KERN_GATE_HEAD } kern_attn_gate;

/** Architecture of a model as its catalog row says it: sizes [elements], flags. */
typedef struct kern_shape {
    int64_t hidden, q_heads, kv_heads, head_dim, v_head_dim, intermediate, vocab, window;
    int64_t q_lora, kv_lora, rope_dim, nope_dim;
    int64_t experts, top_k, moe_inner, shared_inner;
    uint8_t gated, tied, bias, qk_norm, norm_bias, no_norm_weight;
    uint8_t attn_gate, qk_norm_bias, sinks, sinks_sliding_only, mlp_bias, ffn_subnorm, expert_bias, router_bias;
    uint8_t latent_norm, shared_gate, no_head, head_bias, embed_norm, no_final_norm;
    uint8_t fused_qkv, gguf_mtp, gguf_no_swa; /* how GGUF files and llama.cpp differ from the checkpoint */
    int64_t low_rank_q, index_heads, index_dim, o_groups, o_lora, hyper, norms, latent, zero_experts;
    int64_t embed_rows, embed_dim, position_rows, extra_params, vision_params;
    int64_t layers, layer_embed, layer_vocab; /* per-layer embeddings: their width and their rows */
    int64_t streams;                          /* alternating updates: copies of the hidden state */
    kern_mixer mixer[KERN_PARTS];
    uint8_t has_mixer[KERN_PARTS];
} kern_shape;

/** One part of a layer as layer_groups writes it; -1: not given, the column of the model counts. */
typedef struct kern_part_spec {
    kern_part_kind kind;
    int64_t q, kv, hd, vhd, h, hin, w, c, r, i, e, k;
    int64_t norms;  /* n(k=) */
    int64_t extra;  /* x(p=) */
    int64_t copies; /* copies(n=) */
    int64_t rank;   /* altup(r=) */
    uint8_t keqv, nokv, shared, cross, nogate, idx, nov, mtp_input, layer_embed;
} kern_part_spec;

enum { KERN_TENSORS_MAX = 96, KERN_LAYER_PARTS_MAX = 8 };

/** Tensors of one layer, or the globals, being collected. `full` is set when there are too many. */
typedef struct kern_tensors {
    kern_tensor item[KERN_TENSORS_MAX];
    uint32_t n;
    int full;
} kern_tensors;

/** Tensors of one layer made of `n` parts, its norms included. */
void kern_layer_tensors(const kern_shape *m, const kern_part_spec *parts, uint32_t n, kern_tensors *out);

/** Tensors outside the layers; `encoder`: an encoder has a final norm of its own. */
void kern_global_tensors(const kern_shape *m, int encoder, kern_tensors *out);

/** Sizes of a part that caches and activations are computed from. */
kern_part kern_resolve_part(const kern_shape *m, const kern_part_spec *spec);

/** Parameters of a list of tensors. */
int64_t kern_tensors_params(const kern_tensor *t, uint32_t n);

/* Used by the files that add tensors: rows x cols, `count` of them; nothing when any is 0. */
void kern_tensor_add(kern_tensors *out, kern_class cls, kern_role role, kern_shard shard, int64_t rows, int64_t cols,
                     int64_t count);
void kern_vector_add(kern_tensors *out, kern_class cls, int64_t elements);
void kern_mixer_tensors(const kern_shape *m, const kern_part_spec *spec, kern_tensors *out);
void kern_mixer_state(const kern_shape *m, const kern_part_spec *spec, kern_part *out);

#endif
