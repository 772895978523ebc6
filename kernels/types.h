/*
 * types.h - what the memory model reads: catalog rows as structs. All strings and arrays are borrowed from the
 * arena that loaded the catalogs. Rows are immutable once loaded, so threads share them freely.
 * Meaning of every column: docs/catalogs.md.
 */
#ifndef KERNELS_TYPES_H
#define KERNELS_TYPES_H

#include <stdint.h>

/* ---- models --------------------------------------------------------------------------------------------------- */

/** What a tensor is for: formats, sharding and training treat these differently (memory model, section 1). */
typedef enum kern_class {
    KERN_CLASS_EMBED,     /* token embedding, learned positions */
    KERN_CLASS_HEAD,      /* output head, when not tied */
    KERN_CLASS_ATTN,      /* attention projections q k v o and output gates */
    KERN_CLASS_LOWRANK,   /* MLA low-rank projections */
    KERN_CLASS_MLP,       /* dense feed-forward matrices */
    KERN_CLASS_EXPERT,    /* routed experts */
    KERN_CLASS_SHARED,    /* shared experts */
    KERN_CLASS_ROUTER,    /* router and its bias */
    KERN_CLASS_NORM,      /* norms, biases, sinks: every vector */
    KERN_CLASS_RECURRENT, /* projections of recurrent mixers */
    KERN_CLASS_STATE,     /* convolutions and 1-D parameters of recurrent mixers */
    KERN_CLASS_EXTRA,     /* parameters that no column describes */
    KERN_CLASS_VISION,    /* vision and audio towers with their projectors */
    KERN_CLASSES
} kern_class;

/** Role of a tensor inside its layer: LoRA targets and per-tensor format rules go by it. */
typedef enum kern_role {
    KERN_ROLE_OTHER,
    KERN_ROLE_EMBED,
    KERN_ROLE_HEAD,
    KERN_ROLE_Q,
    KERN_ROLE_K,
    KERN_ROLE_V,
    KERN_ROLE_O,
    KERN_ROLE_ATTN_GATE,
    KERN_ROLE_Q_DOWN,  /* MLA: h -> q_lora_rank */
    KERN_ROLE_Q_UP,    /* MLA: q_lora_rank -> heads */
    KERN_ROLE_KV_DOWN, /* MLA: h -> kv_lora_rank + rope */
    KERN_ROLE_K_UP,    /* MLA: kv_lora_rank -> heads x nope */
    KERN_ROLE_V_UP,    /* MLA: kv_lora_rank -> heads x v */
    KERN_ROLE_INDEXER,
    KERN_ROLE_GATE,
    KERN_ROLE_UP,
    KERN_ROLE_DOWN,
    KERN_ROLE_ROUTER,
    KERN_ROLE_NORM,
    KERN_ROLE_BIAS,
    KERN_ROLE_MIXER_IN,
    KERN_ROLE_MIXER_OUT,
    KERN_ROLES
} kern_role;

/** How tensor and expert parallelism cut a tensor. */
typedef enum kern_shard {
    KERN_SHARD_NONE,   /* replicated on every rank */
    KERN_SHARD_COLUMN, /* output rows / tp */
    KERN_SHARD_ROW,    /* input columns / tp */
    KERN_SHARD_KV,     /* output rows / min(tp, kv_heads): replicated beyond the number of KV heads */
    KERN_SHARD_VOCAB,  /* rows padded to a multiple of 64 x tp, then / tp */
    KERN_SHARD_EXPERT  /* whole experts / ep, or the inner width / tp without ep */
} kern_shard;

/** `count` equal tensors of `rows` (outputs) x `cols` (inputs) in each layer of a group. cols 1: a vector. */
typedef struct kern_tensor {
    uint8_t cls, role, shard;
    uint8_t qkv;       /* GGUF files store it in, or as, one attn_qkv */
    uint32_t kv_heads; /* KERN_SHARD_KV and the latent K projection: heads that can be told apart */
    int64_t rows, cols, count;
} kern_tensor;

typedef enum kern_part_kind {
    KERN_PART_ATTN,
    KERN_PART_MLA,
    KERN_PART_DSV4,
    KERN_PART_GDN,
    KERN_PART_MAMBA2,
    KERN_PART_MAMBA1,
    KERN_PART_KDA,
    KERN_PART_LIGHTNING,
    KERN_PART_CONV,
    KERN_PART_RWKV7,
    KERN_PART_MLP,
    KERN_PART_MOE,
    KERN_PART_CACHE, /* a K/V cache whose weights are counted elsewhere */
    KERN_PART_OTHER, /* extra parameters, MTP input block, embedding copies, nothing */
    KERN_PARTS
} kern_part_kind;

/** One part of a layer with every size resolved; fields that do not apply are 0. */
typedef struct kern_part {
    uint8_t kind;
    uint8_t owns_cache; /* attention: this layer keeps its own K/V (not shared, not cross attention) */
    uint8_t cross;      /* cross attention */
    uint8_t indexer;    /* layer with a sparse-attention indexer of its own */
    int64_t q_heads, kv_heads, k_dim,
        v_dim; /* attention, per head; MLA: kv_lora_rank + rope in k_dim, v head width in v_dim */
    int64_t q_lora, kv_lora, rope_dim, nope_dim;
    int64_t window, chunk; /* [tokens], 0: none */
    int64_t ratio;         /* DeepSeek-V4 compression, 0: none */
    int64_t indexer_dim;   /* cached indexer key [elements per token] */
    int64_t inner;         /* FFN width, or expert width */
    int64_t experts, top_k, shared_inner, latent;
    int64_t state_elems;             /* recurrent state per sequence [elements, fp32] */
    int64_t conv_elems;              /* convolution state per sequence [elements, activation type] */
    int64_t state_heads;             /* heads that tensor parallelism can split, 0: not split */
    int64_t mixer_inner, mixer_conv; /* widths of a recurrent mixer and of its convolution [elements per token] */
    uint8_t gated;                   /* FFN has a gate */
} kern_part;

typedef enum kern_group_kind { KERN_GROUP_MAIN, KERN_GROUP_MTP, KERN_GROUP_ENCODER } kern_group_kind;

/** `layers` equal layers. Tensors are those of one layer. */
typedef struct kern_group {
    uint8_t kind;
    int64_t layers;
    const kern_part *parts;
    uint32_t n_parts;
    const kern_tensor *tensors;
    uint32_t n_tensors;
} kern_group;

typedef struct kern_model {
    const char *name, *display, *family, *hf_id, *release, *architecture, *source, *evidence, *notes;
    const char *native_format; /* row of the formats catalog that the released weights are in */
    const char *tags;          /* " @dense @mla llama " with a blank on both sides of each */
    const char *groups_text;   /* the layer_groups column, for messages and explain */
    int64_t params_total;      /* as released, or the published rounded figure */
    uint8_t params_exact;      /* the total is exact, not rounded */
    int64_t params_main, params_mtp, params_vision, params_active; /* recomputed from the tensors */
    int64_t hidden, layers, q_heads, kv_heads, head_dim, v_head_dim, intermediate, vocab, max_context;
    int64_t kv_lora, rope_dim;
    uint8_t tied, gated, norm_bias, has_attention;
    uint8_t gguf_mtp;    /* GGUF files keep the MTP layers: they count as layers and get a cache */
    uint8_t gguf_no_swa; /* llama.cpp runs it without sliding windows */
    const kern_group *groups;
    uint32_t n_groups;
    const kern_tensor *globals; /* embedding, head, final norm, positions, extra, vision: once per model */
    uint32_t n_globals;
    const char *file;
    int line;
} kern_model;

/* ---- formats -------------------------------------------------------------------------------------------------- */

/** One per-tensor rule of a GGUF mix: the first that matches decides (mixes.csv). */
typedef struct kern_mix_rule {
    uint8_t role;      /* kern_role */
    uint8_t condition; /* kern_mix_condition */
    int64_t value;     /* of the condition: layers, or divisor */
    const struct kern_format *type;
} kern_mix_rule;

typedef enum kern_mix_condition {
    KERN_MIX_ALWAYS,
    KERN_MIX_MORE,             /* i < n/8 or i >= 7n/8 or (i - n/8) % 3 == 2 */
    KERN_MIX_BELOW,            /* i < value */
    KERN_MIX_BELOW_SHARE,      /* i < n / value */
    KERN_MIX_GQA_AT_LEAST,     /* query heads per KV head >= value */
    KERN_MIX_EXPERTS_EQUAL,    /* exactly `value` experts */
    KERN_MIX_LAYERS_EQUAL,     /* exactly `value` layers, and more query heads than KV heads */
    KERN_MIX_MIDDLE,           /* n/8 <= i < 7n/8 */
    KERN_MIX_EXPERTS_AT_LEAST, /* `value` experts or more */
    KERN_MIX_MORE_EXPERTS,     /* KERN_MIX_MORE in models of exactly `value` experts */
    KERN_MIX_RAGGED            /* rows of the tensor are no multiple of `value` elements */
} kern_mix_condition;

typedef enum kern_format_kind {
    KERN_FORMAT_TYPE,   /* blocks of `block` elements in `block_bytes` */
    KERN_FORMAT_NAIVE,  /* every parameter of the model x bits / 8 */
    KERN_FORMAT_MIX,    /* GGUF file type: a type per tensor by rule */
    KERN_FORMAT_NATIVE, /* stands for the model's own format; resolved before lowering */
    KERN_FORMAT_SCHEME  /* has no size of its own (any bits per weight chosen at conversion): cannot be evaluated */
} kern_format_kind;

typedef struct kern_format {
    const char *name, *source, *notes;
    uint8_t kind;
    uint8_t for_weights, for_kv;
    double bits;                    /* per element, scales included (mixes: Llama 3.1 8B as a whole file) */
    int64_t block;                  /* elements per block */
    double block_bytes;             /* may be fractional (66.5): sums are rounded up once */
    double row_bytes;               /* extra per output row (scales) */
    double col_bytes;               /* extra per input column and matrix (GPTQ g_idx) */
    double tensor_bytes;            /* extra per tensor */
    uint8_t tile;                   /* 1: block is a square tile of sqrt(block) x sqrt(block), edge tiles count whole */
    uint32_t covers;                /* bit per kern_class that is stored in this format */
    const struct kern_format *rest; /* format of the classes not covered, 2-D (bf16) */
    const struct kern_format *vector;   /* format of norms and vectors */
    const struct kern_format *fallback; /* when a row is shorter than or no multiple of a block, or NULL */
    const kern_mix_rule *rules;
    uint32_t n_rules;
    const char *file;
    int line;
} kern_format;

/* ---- modes and optimizers ------------------------------------------------------------------------------------- */

typedef enum kern_train { KERN_INFERENCE, KERN_FULL, KERN_LORA, KERN_QLORA } kern_train;
typedef enum kern_checkpointing { KERN_CKPT_NONE, KERN_CKPT_SELECTIVE, KERN_CKPT_FULL } kern_checkpointing;
typedef enum kern_attention { KERN_ATTN_FLASH, KERN_ATTN_SDPA, KERN_ATTN_EAGER } kern_attention;
typedef enum kern_loss {
    KERN_LOSS_EAGER,
    KERN_LOSS_FUSED_CE,
    KERN_LOSS_CHUNKED,
    KERN_LOSS_FUSED_LINEAR,
    KERN_LOSS_COMPILED /* parts of the eager loss, each compiled */
} kern_loss;

/** A recipe: what is kept per trainable parameter. Bytes are those of one parameter. */
/** A switch that may be left open: what it stands for then is the model's or the engine's. */
typedef enum kern_switch { KERN_SWITCH_OPEN, KERN_SWITCH_NO, KERN_SWITCH_YES } kern_switch;

typedef struct kern_mode {
    const char *name, *source, *notes;
    const char *optimizer; /* adamw, adafactor, ...: what the `optimizer` knob selects by */
    uint8_t train;         /* kern_train */
    uint8_t checkpointing, attention, loss;
    double param_bytes; /* working weights of trainable parameters */
    double grad_bytes, master_bytes;
    double state_bytes;        /* optimizer moments, all together, matrices */
    double state_bytes_vector; /* the same for vectors and embeddings kept in 32 bit */
    double row_state_bytes;    /* factored states: per row and per column of a matrix (Adafactor) */
    uint8_t lora_dropout;      /* adapters drop out some of their inputs */
    uint8_t compile;           /* kern_switch: modules are compiled; open: as the engine's row has it */
    uint8_t dropout;       /* kern_switch: activations are dropped out; open: where norms have a bias (GPT lineage) */
    uint8_t states_follow; /* moments have the type of the weights that the optimizer updates (knobs.c) */
    uint8_t weights_offloaded;     /* weights lie in host memory between their uses: trained ones, and a sharded base */
    uint8_t states_offloaded;      /* optimizer states, master copy and accumulated gradients lie in host memory */
    uint8_t checkpoints_offloaded; /* inputs kept by full checkpointing lie in host memory but those at work */
    uint8_t grads_freed;   /* each gradient is used and freed at once: optimizer step inside the backward pass */
    uint32_t lora_targets; /* bit per kern_role */
    int64_t lora_rank;
    double lora_fraction;           /* published methods: share of all parameters that is trained, 0: by rank */
    double activation_fixed_bytes;  /* published methods: activations as the document states them */
    double activation_factor;       /* published methods: recomputation factor, 1: none */
    const struct kern_format *base; /* QLoRA: format of the frozen base when the weights axis does not say, or NULL */
    const char *file;
    int line;
} kern_mode;

/* ---- parallel layout ------------------------------------------------------------------------------------------ */

typedef struct kern_layout {
    int tp, pp, dp, ep, cp; /* degrees, all >= 1 */
    int zero;               /* ZeRO stage 0..3; FSDP is 3 */
    int fsdp, hsdp;         /* spelled that way; hsdp shards within a node */
    int sequence_parallel;
    int vpp;           /* model chunks of one pipeline rank, interleaved; 0 and 1: one */
    int etp;           /* tensor-parallel degree of experts under expert parallelism; 0: the engine's, 1: whole */
    int micro_batches; /* of one step, 0: enough to fill the pipeline */
    int stage;         /* kern_pipeline_stage: whose peak a training step is asked for */
} kern_layout;

/** Ranks of a pipeline that a training step is looked at on. */
typedef enum kern_pipeline_stage { KERN_STAGE_FULLEST, KERN_STAGE_FIRST, KERN_STAGE_LAST } kern_pipeline_stage;

/** Longest spelling of a layout with its NUL. */
enum { KERN_LAYOUT_TEXT = 72, KERN_DEGREE_MAX = 65536, KERN_CHUNKS_MAX = 1024 };

/* ---- engines, methods, GPUs ----------------------------------------------------------------------------------- */

/** Which rules lower a scenario (kernels/lower/rules.c): what is allocated, not how much; the numbers are columns. */
typedef enum kern_rules_kind {
    KERN_RULES_BARE,         /* exactly what is asked for */
    KERN_RULES_VLLM,         /* pages, profiled activation peak, share of the GPU */
    KERN_RULES_LLAMACPP,     /* cells, compute graph, embedding on the host */
    KERN_RULES_TRANSFORMERS, /* dynamic cache, logits of the prompt */
    KERN_RULES_SGLANG,       /* static share of the GPU, pools in fixed proportion */
    KERN_RULES_KINDS
} kern_rules_kind;

/**
 * How a framework spends memory on a training step (docs/training.md). "Inner" is the width of a feed-forward network;
 * bytes are per token unless they say otherwise. gated_bytes 0: the engine does not train.
 */
typedef struct kern_trainer {
    double step_copies;     /* temporary copies of the trained weights in the optimizer step */
    double gather_layers;   /* layers gathered at once under ZeRO-3, prefetch included */
    double reduce_copies;   /* whole gradients of root unit and a layer while reduced, ZeRO-2, 3 */
    double bucket_bytes;    /* communication buckets with dp > 1 [bytes] */
    double workspace_bytes; /* of matrix products, part of what is allocated [bytes] */
    double gated_bytes, plain_bytes,
        frozen_bytes; /* saved per inner element: gated, plain, gated with frozen weights */
    double routed_plain_bytes,
        routed_hidden_bytes;                    /* the same for routed experts: ungated; per hidden unit of a copy */
    double eager_gated_bytes, eager_norm_bytes; /* these two of modules that are not compiled; 0: no difference */
    double norm_bytes;                          /* saved per hidden unit and norm besides input and output */
    double mask_bytes;                          /* dropout mask per hidden unit and norm, where the run drops out */
    double grad_inner_bytes, grad_hidden_bytes; /* temporaries of one layer's backward pass */
    double work_inner_bytes, work_hidden_bytes; /* one recomputed layer and its backward pass, 0: their sum */
    double work_frozen_inner_bytes, work_frozen_hidden_bytes; /* the same with frozen weights */
    double checkpoint_bytes, checkpoint_adapter_bytes;        /* per hidden unit; the latter: adapters under ZeRO-3 */
    double loss_eager_bytes, loss_fused_bytes, loss_chunk_bytes, loss_compiled_bytes; /* per vocabulary entry */
    double loss_parallel_bytes;                  /* eager loss: on top where the vocabulary is split */
    double loss_hidden_bytes, loss_linear_bytes; /* per hidden unit: all losses; fused-linear on top */
    uint8_t grads_kept;       /* gradients are accumulated in buffers that live through the whole step */
    uint8_t sequence;         /* tensor parallelism always comes with sequence parallelism */
    uint8_t selective_ops;    /* selective checkpointing keeps every second matrix product, not all but the scores */
    uint8_t zero2_gathered;   /* ZeRO-2 is ZeRO-3 that keeps the weights gathered from forward to backward pass */
    uint8_t expert_loop;      /* experts run one after the other */
    uint8_t dummy_wgrads;     /* one unused 16-bit gradient per shape of weight stays allocated */
    uint8_t gathers_saved;    /* inputs gathered from a split sequence are saved whole, not gathered again */
    uint8_t pipe_buffers;     /* pipelines have receive buffers for every micro-batch of a step */
    uint8_t pipe_outputs;     /* the last stage keeps the logits of every micro-batch of a step */
    uint8_t quantized_inputs; /* matrices quantized to 4 bits keep their inputs though they are not trained */
    uint8_t fused_qkv;        /* V is a view that keeps Q, K and V as one alive; fewer KV heads are repeated for all */
    uint8_t head_apart;       /* the head is a matrix of its own even where tied, in the format of those of layers */
    uint8_t expert_tp;        /* under expert parallelism experts are cut by tp unless `etp` says otherwise */
    int64_t node_gpus;        /* GPUs of a node, to which hybrid sharding (HSDP) keeps; 0: not known */
} kern_trainer;

/**
 * What an engine leaves free by default on GPUs of a size (reserves.csv): the first row that applies decides. The rest
 * is split among weights and cache before anything ran.
 */
typedef struct kern_reserve {
    double gpu_below; /* [bytes] GPUs with less memory, 0: any */
    int64_t tp_below; /* fewer tensor-parallel ranks, 0: any */
    double share;     /* the share itself; 0: memory less the bytes below, over memory */
    double fixed_bytes, token_bytes, seq_bytes, rank_bytes; /* constant, per token, sequence, GPU of the replica */
    double least_bytes;                                     /* at least as much */
    int64_t tokens, seqs; /* tokens of a prefill chunk and sequences of the largest CUDA graph on such GPUs */
} kern_reserve;

/** Ways to share a model out that an engine has: words of serve_layouts and train_layouts in engines.csv. */
typedef enum kern_split {
    KERN_SPLIT_TP = 1 << 0,
    KERN_SPLIT_SP = 1 << 1, /* tensor-parallel training splits the sequence too */
    KERN_SPLIT_PP = 1 << 2,
    KERN_SPLIT_CP = 1 << 3,
    KERN_SPLIT_DP = 1 << 4,
    KERN_SPLIT_EP = 1 << 5,     /* experts over any of the dp x tp ranks */
    KERN_SPLIT_EP_TP = 1 << 6,  /* experts over tensor-parallel ranks only */
    KERN_SPLIT_EP_ALL = 1 << 7, /* experts over all dp x tp ranks or none */
    KERN_SPLIT_ZERO1 = 1 << 8,
    KERN_SPLIT_ZERO2 = 1 << 9,
    KERN_SPLIT_ZERO3 = 1 << 10,
    KERN_SPLIT_ZERO2_PP = 1 << 11, /* these stages under a pipeline as well */
    KERN_SPLIT_ZERO3_PP = 1 << 12
} kern_split;

typedef struct kern_engine {
    const char *name;    /* vllm */
    const char *version; /* 0.19.0, empty: unversioned */
    const char *source, *notes;
    uint8_t rules;               /* kern_rules_kind, of inference */
    double memory_utilization;   /* share of the usable bytes that may be spent; 0: by the reserves */
    int64_t page_tokens;         /* KV page, 1: none */
    double context_bytes;        /* CUDA context and libraries that count against the budget */
    double serving_bytes;        /* the same where a training peak does not count it: inference only */
    double load_bytes;           /* taken while weights load, beside the tensors */
    double tp_bytes;             /* communication buffers on top with tp > 1 */
    double sampler_bytes;        /* activation peak: bytes per vocabulary entry and sequence of the sampler's warm-up */
    double forward_bytes;        /* activation peak: bytes per hidden unit and batched token */
    double moe_bytes, mla_bytes; /* activation peak: constants on top for models with experts, with latent attention */
    double graph_bytes, graph_tp_bytes; /* CUDA graphs, and on top with tp > 1 */
    uint8_t graphs_charged;             /* CUDA graphs count against the budget */
    double spread_low,
        spread_high; /* measured over predicted overhead and activations: p10 and p90; 1: exact, 0: not known */
    double context_low, context_high; /* the same of context and serving bytes alone; 0: within the spread above */
    /* Defaults that knobs override; 0: no such limit. */
    int64_t max_batched_tokens, max_seqs, ubatch, outputs_max;
    /* The first two on small GPUs: less memory than this [bytes], or a name that the glob matches. */
    double small_below;
    const char *small_gpus;
    int64_t small_tokens, small_seqs; /* 0: the same on every GPU */
    uint8_t flash_attn, kv_unified, swa_full, cuda_graphs;
    uint8_t kv_expanded; /* latent attention caches the keys and values of every head */
    uint8_t kv_copied;   /* every step holds the last step's cache and the first one's logits */
    uint8_t kv_repeated; /* K and V are repeated for every query head before an attention kernel sees them */
    double swa_ratio;    /* tokens in the pool of sliding layers per token in that of full ones */
    double state_ratio;  /* bytes of the pool of recurrent states per byte of the KV pool */
    int64_t state_slots; /* states held per running sequence: kept prefixes have their own */
    /* Rows of reserves.csv; with any, the share holds weights and cache only, of what start-up left free. */
    const kern_reserve *reserves;
    uint32_t n_reserves;
    int64_t default_tokens, default_seqs; /* max_batched_tokens and max_seqs as the catalog has them */
    unsigned serves, trains;              /* kern_split bits: layouts that a search looks at */
    kern_trainer train;
    const char *file;
    int line;
} kern_engine;

/** A way to compute: the exact model or a published document's rules of thumb, as coefficients. */
typedef enum kern_kv_rule { KERN_KV_NONE, KERN_KV_GQA, KERN_KV_MHA, KERN_KV_HIDDEN } kern_kv_rule;

/** Which parameters a document trains with LoRA: no rule at all, frozen base only, a share of all, by rank. */
typedef enum kern_lora_rule { KERN_LORA_NONE, KERN_LORA_BASE, KERN_LORA_SHARE, KERN_LORA_RANK } kern_lora_rule;

typedef struct kern_method {
    const char *name, *title, *source, *notes;
    uint8_t exact;              /* 1: class-wise model; all below unused */
    uint8_t kv_rule;            /* inference */
    uint8_t kv_in_training;     /* the document adds a KV cache when training */
    uint8_t kv_mla;             /* knows multi-head latent attention */
    double kv_bytes_training;   /* bytes per KV element when training */
    double weight_factor;       /* 1.2 = weights with 20 % on top */
    double overhead_share;      /* of the weights, inference */
    double overhead_bytes;      /* fixed, every mode */
    double act_infer;           /* activations: elements per token, hidden unit and layer, x bytes of a KV element */
    double act_train;           /* activations: bytes per token, hidden unit and layer */
    double act_train_quadratic; /* bytes x s / heads on top, per token, hidden unit and layer */
    double act_lora_factor;     /* LoRA: share of act_train */
    double act_checkpoint;      /* full training with checkpointing: share of act_train, 1: the document gives none */
    double act_cap_share;       /* activations at most this share of the model states, 0: no cap */
    double kv_unit, act_unit;   /* bytes that the document calls one GB: 1e9 or 2^30 */
    double train_weight_bytes, train_grad_bytes, train_optimizer_bytes; /* full training per parameter, 0: by mode */
    double lora_weight_bytes, lora_grad_bytes, lora_optimizer_bytes;    /* per trainable parameter */
    uint8_t lora_rule;                                                  /* kern_lora_rule; none|base|share|rank */
    double lora_share;   /* KERN_LORA_SHARE: trainable share of all parameters unless the mode says */
    double lora_vectors; /* KERN_LORA_RANK: vectors of `hidden` per layer and rank: 2 = one matrix, 4 = two */
    double params_rule_lora, params_rule_full; /* GB per 1e9 parameters, whole total; 0: none */
    double fit_share;                          /* share of a GPU's memory that may be used for fits and minimum GPUs */
    double serve_share;                        /* the same for largest batch and longest context */
    const char *file;
    int line;
} kern_method;

typedef struct kern_gpu {
    const char *name, *display, *vendor, *architecture, *memory_type, *interconnect, *form_factor, *release;
    const char *source, *notes, *price_date, *msrp_date, *tags;
    double marketed_gb;    /* the figure on the box */
    double reported_bytes; /* what the driver reports, 0: unknown */
    double usable_bytes;   /* what a process can allocate */
    double bandwidth_gbps, tdp_w, interconnect_gbps;
    double fp16_tflops, fp8_tflops, fp4_tflops, int8_tops; /* dense, 0: unknown */
    uint8_t bf16, fp8, fp4, unified;
    int max_per_node;
    double msrp_usd, street_usd; /* 0: unknown */
    double usd_hour;             /* of one, the cheapest on demand of prices.csv, 0: none */
    const char *file;
    int line;
} kern_gpu;

typedef struct kern_price {
    const char *provider, *instance, *region, *date, *source;
    const kern_gpu *gpu;
    int gpus;
    double usd_hour, usd_hour_spot, usd_hour_reserved; /* whole instance, 0: not offered */
    uint8_t outdated;                                  /* a newer one of the instance is there */
} kern_price;

/** What a buyer pays for a GPU: a list of his own, before the prices of gpus.csv. */
typedef struct kern_purchase {
    const char *currency, *date, *source;
    const kern_gpu *gpu;
    double price; /* of one, in `currency` */
    const char *file;
    int line;
} kern_purchase;

/* ---- one categorical combination ------------------------------------------------------------------------------ */

/** Everything that decides a cost record. `weights` is never NATIVE here: the planner resolved it. */
typedef struct kern_scenario {
    const kern_model *model;
    const kern_format *weights, *k, *v;
    const kern_mode *mode;
    const kern_engine *engine;
    const kern_method *method;
    kern_layout layout;
} kern_scenario;

#endif
