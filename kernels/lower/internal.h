/*
 * internal.h - what the lowering files share: the state of one lowering, how a term is put into the record, and the
 * stages of a pipeline. Private to kernels/lower/.
 */
#ifndef KERNELS_LOWER_INTERNAL_H
#define KERNELS_LOWER_INTERNAL_H

#include <math.h>
#include <stdint.h>

#include "kernels/lower/lower.h"

enum { KERN_GROUPS_MAX = 64 };

typedef struct kern_lowering {
    const kern_scenario *sc;
    kern_record *r;
    char *why; /* DIAG_TEXT bytes */
    kern_trace trace;
    void *trace_ctx;
    err failed;                          /* first failure of kern_term_put; kern_lower returns it at the end */
    unsigned moment;                     /* which of the rules' moments is being lowered */
    kern_half half;                      /* terms to put */
    double group_bytes[KERN_GROUPS_MAX]; /* kern_group_once: of those with a bit in group_known */
    uint64_t group_known;
} kern_lowering;

/** A whole number on the way to a coefficient: from 2^53 on the lowering fails (ERR_RANGE), naming `what`. Returns x.
 */
double kern_exact(kern_lowering *l, const char *what, double x);

/** whole * part / all, rounded up, for whole bytes below 2^63 and counts: the product may pass 2^53. */
double kern_share_up(double whole, int64_t part, int64_t all);

/** Stages and moments ask for the same groups again: bytes(sc, group) is computed once per lowering. */
double kern_group_once(kern_lowering *l, uint32_t g, double (*bytes)(const kern_scenario *, const kern_group *));

/* Bases of a term: constant, per sequence, per token of every sequence, per token squared. Coefficients in bytes. */
#define TERM_BASE              .cap_s = INFINITY, .page_s = 1, .cap_t = INFINITY, .page_t = 1, .cap_bytes = INFINITY
#define TERM_CONST(bytes)      ((kern_term){.coef = (bytes), TERM_BASE})
#define TERM_PER_SEQ(bytes)    ((kern_term){.coef = (bytes), .pb = 1, TERM_BASE})
#define TERM_PER_TOKEN(bytes)  ((kern_term){.coef = (bytes), .pb = 1, .ps = 1, TERM_BASE})
#define TERM_PER_TOKEN2(bytes) ((kern_term){.coef = (bytes), .pb = 1, .ps = 2, TERM_BASE})

/**
 * Puts a term into the record: rounds its coefficient up to a whole byte, merges it with an equal basis (unless
 * tracing). A coefficient of 0 is dropped. `fmt` says which numbers entered; it is formatted only when tracing. A
 * negative or non-finite coefficient or a full record sets l->failed.
 */
void kern_term_put(kern_lowering *l, kern_component c, unsigned phase, kern_formula_id f, kern_term term,
                   const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/** Sets l->why and l->failed (ERR_SCENARIO) and returns it. */
err kern_refuse(kern_lowering *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** One pipeline stage: how many layers of each group it holds. */
typedef struct kern_stage {
    int64_t layers[KERN_GROUPS_MAX];
    int first, last; /* holds the embedding, holds the head */
    int index;       /* 0 is the first */
} kern_stage;

/**
 * Distinct pipeline stages that can be the fullest, at most KERN_PHASES_MAX. Groups are taken as evenly interleaved,
 * because the catalog does not keep the order inside a model; leading groups of `first` position stay in front.
 * MTP groups are left out, encoder groups stay on the first stage.
 */
unsigned kern_stages(const kern_model *m, int pp, kern_stage *out);

/** As kern_stages, with the output counted as one more layer: the last stage holds fewer. */
unsigned kern_stages_with_head(const kern_model *m, int pp, kern_stage *out);

/** The same for training, where earlier stages hold more micro-batches: only an earlier stage covers; `most` stages. */
unsigned kern_stages_in_order(const kern_model *m, int pp, kern_stage *out, unsigned most);

/** The embedding lies on the first stage, a tied one also on the last, which needs it as head; the rest on the last. */
int kern_on_stage(const kern_model *m, const kern_tensor *t, const kern_stage *st);

/** Local shape of a tensor on one rank of the layout; `count` is whole experts where ep divides them. */
typedef struct kern_local {
    double rows, cols, count;
} kern_local;

/** Ranks that share one expert. */
double kern_expert_cut(const kern_layout *l);
kern_local kern_shard_tensor(const kern_tensor *t, const kern_layout *l);

/** Format of a tensor: resolves covers, vectors, mixes (layer index i of n) and blocks that do not divide the row. */
const kern_format *kern_tensor_format(const kern_format *f, const kern_model *m, const kern_tensor *t, int64_t cols,
                                      int64_t i, int64_t n);

/** Where a layer stands in the counts that GGUF mix rules go by: tensors like attn_v, and feed-forward layers. */
typedef struct kern_place {
    int64_t v, n_v;     /* number of its attn_v or attn_qkv among all of the model */
    int64_t ffn, n_ffn; /* number of its feed-forward: among feed-forwards, among layers in models with experts */
} kern_place;

/** Layer k of a group. The catalog does not keep the order of layers: the rarer kind ends each period (mixes.c). */
kern_place kern_layer_place(const kern_model *m, const kern_group *g, int64_t k);

/** kern_tensor_format with the count that goes with the tensor's role. */
const kern_format *kern_placed_format(const kern_format *f, const kern_model *m, const kern_tensor *t,
                                      const kern_place *at);

/** A tensor as the format's files store it: GGUF mixes keep the latent K projection transposed. */
kern_tensor kern_stored_tensor(const kern_format *f, const kern_tensor *t);

/** True when rules of a mix give this tensor a type that depends on the layer. */
int kern_mix_varies(const kern_format *f, const kern_model *m, const kern_tensor *t);

/** Bytes of all `layers` layers of a group in a format, sharded; of the globals when g is NULL. */
double kern_group_bytes(const kern_scenario *sc, const kern_group *g);

/** Bytes of one token's vector in a KV format: `heads` heads of `dim` elements, blocks running over all of them
 * together. */
double kern_vector_bytes(const kern_format *f, double heads, double dim);

/**
 * What an engine allocates for inference, component by component, for one pipeline stage. A new engine is one file with
 * such a table and one row in rules.c. Training has rules of its own (training.c).
 */
typedef struct kern_rules {
    void (*weights)(kern_lowering *l, const kern_stage *st, unsigned phase);
    void (*kv_cache)(kern_lowering *l, const kern_stage *st, unsigned phase);
    void (*activations)(kern_lowering *l, const kern_stage *st, unsigned phase);
    void (*overhead)(kern_lowering *l, const kern_stage *st, unsigned phase);
    /* Moments of which the largest counts, for engines whose activations are a maximum: each becomes a phase with
       l->moment set. NULL: one. 0 after a refusal. */
    unsigned (*moments)(kern_lowering *l, const kern_stage *st);
    int head_layer; /* stages are cut with the output as one more layer */
} kern_rules;

extern const kern_rules kern_rules_bare, kern_rules_vllm, kern_rules_llamacpp, kern_rules_transformers,
    kern_rules_sglang;
const kern_rules *kern_rules_of(const kern_engine *e);

err kern_lower_published(kern_lowering *l);
err kern_lower_training(kern_lowering *l);
err kern_lower_check_layout(kern_lowering *l);

/* Parts that rules share. */
void kern_lower_weights(kern_lowering *l, const kern_stage *st, unsigned phase);
void kern_lower_kv_cache(kern_lowering *l, const kern_stage *st, unsigned phase);
void kern_lower_kv_part(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase);
void kern_lower_state(kern_lowering *l, const kern_part *p, int64_t layers, unsigned phase);
double kern_state_bytes(const kern_scenario *sc, const kern_part *p); /* of one layer and sequence */
/** The larger of a forward pass of max_batched_tokens and the sampler at max_seqs, which start-up tries. */
void kern_lower_warm_up(kern_lowering *l, const kern_stage *st, unsigned phase);
void kern_lower_overhead(kern_lowering *l, const kern_stage *st, unsigned phase);
void kern_lower_nothing(kern_lowering *l, const kern_stage *st, unsigned phase);

#endif
