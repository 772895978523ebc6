/*
 * mixers.c - tensors and states of recurrent mixers: gated delta net, Mamba 1 and 2, Kimi delta attention, lightning
 * attention, short convolution, RWKV-7. Projections divide by tensor-parallel heads; convolutions and vectors are
 * small. Shapes: the released configurations, checked against published parameter counts.
 */
#include "kernels/lower/tensors.h"

static void project_in(kern_tensors *out, int64_t rows, int64_t cols) {
    kern_tensor_add(out, KERN_CLASS_RECURRENT, KERN_ROLE_MIXER_IN, KERN_SHARD_COLUMN, rows, cols, 1);
}

static void project_out(kern_tensors *out, int64_t rows, int64_t cols) {
    kern_tensor_add(out, KERN_CLASS_RECURRENT, KERN_ROLE_MIXER_OUT, KERN_SHARD_ROW, rows, cols, 1);
}

static void small(kern_tensors *out, int64_t elements) {
    kern_vector_add(out, KERN_CLASS_STATE, elements);
}

/** Gated delta net (Qwen3-Next, Qwen3.5): q, k, v; output gate; beta and decay per value head. */
static void gdn(int64_t h, const kern_mixer *x, kern_tensors *out) {
    int64_t k = x->key_heads * x->key_dim, v = x->heads * x->head_dim;
    project_in(out, 2 * k + v, h);
    if (out->n) out->item[out->n - 1].qkv = 1;
    project_in(out, v, h);
    project_in(out, 2 * x->heads, h);
    small(out, (2 * k + v) * x->conv);
    small(out, 2 * x->heads + x->head_dim);
    project_out(out, h, v);
}

static void mamba2(int64_t h, const kern_mixer *x, kern_tensors *out) {
    int64_t inner = x->heads * x->head_dim, conv = inner + 2 * x->groups * x->state;
    project_in(out, inner + conv + x->heads, h);
    small(out, conv * x->conv + (x->no_conv_bias ? 0 : conv));
    small(out, 3 * x->heads + (x->no_norm ? 0 : inner));
    project_out(out, h, inner);
}

static void mamba1(int64_t h, const kern_mixer *x, kern_tensors *out) {
    int64_t inner = x->inner;
    project_in(out, 2 * inner, h);
    small(out, inner * x->conv + inner);
    project_out(out, x->dt_rank + 2 * x->state, inner);
    project_in(out, inner, x->dt_rank);
    small(out, inner + inner * x->state + inner);
    project_out(out, h, inner);
    if (x->dt_norms) small(out, x->dt_rank + 2 * x->state);
}

/** Kimi delta attention: low-rank decay, low-rank or full output gate. */
static void kda(int64_t h, const kern_mixer *x, kern_tensors *out) {
    int64_t d = x->heads * x->head_dim;
    project_in(out, 3 * d, h);
    small(out, 3 * d * x->conv + x->heads + d + x->head_dim);
    kern_tensor_add(out, KERN_CLASS_RECURRENT, KERN_ROLE_MIXER_IN, KERN_SHARD_NONE, x->head_dim, h, 1);
    project_in(out, d, x->head_dim);
    project_in(out, x->heads, h);
    if (x->full_gate) {
        project_in(out, d, h);
    } else {
        kern_tensor_add(out, KERN_CLASS_RECURRENT, KERN_ROLE_MIXER_IN, KERN_SHARD_NONE, x->head_dim, h, 1);
        project_in(out, d, x->head_dim);
    }
    project_out(out, h, d);
}

static void lightning(int64_t h, const kern_mixer *x, kern_tensors *out) {
    int64_t d = x->heads * x->head_dim;
    project_in(out, 4 * d, h);
    small(out, d);
    project_out(out, h, d);
}

static void short_conv(int64_t h, const kern_mixer *x, kern_tensors *out) {
    project_in(out, 3 * h, h);
    small(out, h * x->conv);
    project_out(out, h, h);
}

/** The first layer has no value residual: neither its low-rank pair nor its vector. */
static void rwkv7(int64_t h, const kern_mixer *x, int no_value, kern_tensors *out) {
    int64_t rank = x->w + x->a + x->g + (no_value ? 0 : x->v);
    project_in(out, 3 * h, h);
    project_in(out, rank, h);
    project_out(out, h, rank);
    small(out, (no_value ? 13 : 14) * h);
    project_out(out, h, h);
}

void kern_mixer_tensors(const kern_shape *m, const kern_part_spec *s, kern_tensors *out) {
    const kern_mixer *x = &m->mixer[s->kind];
    int64_t h = s->h >= 0 ? s->h : m->hidden;
    switch (s->kind) {
    case KERN_PART_GDN:
        gdn(h, x, out);
        break;
    case KERN_PART_MAMBA2:
        mamba2(h, x, out);
        break;
    case KERN_PART_MAMBA1:
        mamba1(h, x, out);
        break;
    case KERN_PART_KDA:
        kda(h, x, out);
        break;
    case KERN_PART_LIGHTNING:
        lightning(h, x, out);
        break;
    case KERN_PART_CONV:
        short_conv(h, x, out);
        break;
    case KERN_PART_RWKV7:
        rwkv7(h, x, s->nov, out);
        break;
    default:
        break;
    }
}

/** State and convolution elements per sequence, and the heads that tensor parallelism can share out. */
void kern_mixer_state(const kern_shape *m, const kern_part_spec *s, kern_part *p) {
    const kern_mixer *x = &m->mixer[s->kind];
    int64_t d = x->heads * x->head_dim, h = s->h >= 0 ? s->h : m->hidden;
    p->state_heads = x->heads;
    p->mixer_inner = d;
    switch (s->kind) {
    case KERN_PART_GDN:
        p->state_elems = d * x->key_dim;
        p->mixer_conv = 2 * x->key_heads * x->key_dim + d;
        p->conv_elems = p->mixer_conv * (x->conv - 1);
        break;
    case KERN_PART_MAMBA2:
        p->state_elems = d * x->state;
        p->mixer_conv = d + 2 * x->groups * x->state;
        p->conv_elems = p->mixer_conv * (x->conv - 1);
        break;
    case KERN_PART_MAMBA1:
        p->state_elems = x->inner * x->state;
        p->mixer_inner = p->mixer_conv = x->inner;
        p->conv_elems = p->mixer_conv * (x->conv - 1);
        p->state_heads = x->inner;
        break;
    case KERN_PART_KDA:
        p->state_elems = d * x->head_dim;
        p->mixer_conv = 3 * d;
        p->conv_elems = p->mixer_conv * (x->conv - 1);
        break;
    case KERN_PART_LIGHTNING:
        p->state_elems = d * x->head_dim;
        break;
    case KERN_PART_CONV:
        p->conv_elems = h * (x->conv - 1);
        p->state_heads = h;
        break;
    case KERN_PART_RWKV7:
        p->state_elems = d * x->head_dim;
        p->conv_elems = 2 * h;
        break;
    default:
        break;
    }
}
