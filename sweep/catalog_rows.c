/*
 * catalog_rows.c - the catalogs whose rows need little more than their columns: modes, engines, methods, GPUs, prices.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "sweep/catalog_internal.h"
#include "sweep/roles.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])
#define TEXT(type, column, member, required)                                                                           \
    { column, SWEEP_FIELD_TEXT, offsetof(type, member), 0, 0, NULL, required }
#define REAL(type, column, member, least, most, required)                                                              \
    { column, SWEEP_FIELD_REAL, offsetof(type, member), least, most, NULL, required }
#define INT(type, column, member, least, most, required)                                                               \
    { column, SWEEP_FIELD_INT, offsetof(type, member), least, most, NULL, required }
#define FLAG(type, column, member, required)                                                                           \
    { column, SWEEP_FIELD_FLAG, offsetof(type, member), 0, 0, NULL, required }
#define WORD(type, column, member, list, required)                                                                     \
    { column, SWEEP_FIELD_WORD, offsetof(type, member), 0, 0, list, required }

static const char *or_empty(const char *text) {
    return text ? text : "";
}

/* ---- modes ---- */

typedef struct mode_row {
    kern_mode m;
    const char *targets, *base;
} mode_row;

static const char *const train_words[] = {"inference", "full", "lora", "qlora", NULL};
static const char *const checkpointing_words[] = {"none", "selective", "full", NULL};
static const char *const attention_words[] = {"flash", "sdpa", "eager", NULL};
static const char *const loss_words[] = {"eager", "fused-ce", "chunked", "fused-linear", "compiled", NULL};

static const sweep_field mode_fields[] = {
    TEXT(mode_row, "name", m.name, 1),
    WORD(mode_row, "train", m.train, train_words, 1),
    TEXT(mode_row, "optimizer", m.optimizer, 0),
    REAL(mode_row, "param_bytes", m.param_bytes, 0, 16, 0),
    REAL(mode_row, "grad_bytes", m.grad_bytes, 0, 16, 0),
    REAL(mode_row, "master_bytes", m.master_bytes, 0, 16, 0),
    REAL(mode_row, "state_bytes", m.state_bytes, 0, 64, 0),
    REAL(mode_row, "state_bytes_vector", m.state_bytes_vector, 0, 64, 0),
    REAL(mode_row, "row_state_bytes", m.row_state_bytes, 0, 64, 0),
    FLAG(mode_row, "lora_dropout", m.lora_dropout, 0),
    FLAG(mode_row, "states_follow", m.states_follow, 0),
    FLAG(mode_row, "weights_offloaded", m.weights_offloaded, 0),
    FLAG(mode_row, "states_offloaded", m.states_offloaded, 0),
    FLAG(mode_row, "grads_freed", m.grads_freed, 0),
    INT(mode_row, "lora_rank", m.lora_rank, 0, 65536, 0),
    TEXT(mode_row, "lora_targets", targets, 0),
    TEXT(mode_row, "base", base, 0),
    WORD(mode_row, "checkpointing", m.checkpointing, checkpointing_words, 0),
    WORD(mode_row, "attention", m.attention, attention_words, 0),
    WORD(mode_row, "loss", m.loss, loss_words, 0),
    REAL(mode_row, "lora_fraction", m.lora_fraction, 0, 1, 0),
    REAL(mode_row, "activation_fixed_bytes", m.activation_fixed_bytes, 0, 0x1p50, 0),
    REAL(mode_row, "activation_factor", m.activation_factor, 0, 1000, 0),
    TEXT(mode_row, "source", m.source, 1),
    TEXT(mode_row, "notes", m.notes, 0),
};

static const char *mode_key(sweep_loader *l, const void *raw) {
    (void)l;
    return ((const mode_row *)raw)->m.name;
}

static void finish_mode(sweep_loader *l, const sweep_raw *at, mode_row *r) {
    char why[DIAG_TEXT];
    int lora = r->m.train == KERN_LORA || r->m.train == KERN_QLORA;
    r->m.optimizer = or_empty(r->m.optimizer);
    r->m.notes = or_empty(r->m.notes);
    r->m.file = at->file;
    r->m.line = at->line;
    if (r->targets && *r->targets && !sweep_roles_parse(r->targets, &r->m.lora_targets, why))
        sweep_row_fault(l, at, ERR_NAME, "lora_targets", "%s", why);
    if (r->base && *r->base) {
        r->m.base = sweep_find_weights(l->c, r->base);
        if (!r->m.base) sweep_row_fault(l, at, ERR_NAME, "base", "no weight format is called '%.60s'", r->base);
    }
    if (lora && (r->m.lora_rank < 1 || !r->m.lora_targets) && r->m.lora_fraction <= 0) {
        sweep_row_fault(l, at, ERR_MISSING, "lora_rank", "LoRA needs lora_rank and lora_targets, or lora_fraction");
    }
}

/** Finished rows and their index; every row is at `offset` 0 of its raw struct. */
static err collect(sweep_loader *l, const sweep_raws *rows, const void ***out, sweep_index **x) {
    *out = arena_alloc(l->mem, rows->n + 1, sizeof **out);
    *x = sweep_index_new(l->mem, 2 * rows->n);
    if (!*out || !*x) return ERR_MEMORY;
    for (size_t i = 0; i < rows->n; i++) {
        (*out)[i] = rows->item[i].raw;
        sweep_index_add(*x, rows->item[i].key, i);
    }
    return ERR_OK;
}

static err mode_finish(sweep_loader *l, const sweep_raws *rows) {
    const void **out;
    for (size_t i = 0; i < rows->n; i++)
        finish_mode(l, &rows->item[i], rows->item[i].raw);
    TRY(collect(l, rows, &out, &l->c->modes.index));
    l->c->modes.rows = (const kern_mode **)out;
    l->c->modes.n = rows->n;
    return ERR_OK;
}

const sweep_kind sweep_kind_modes = {"modes.csv",      mode_fields, COUNT(mode_fields),
                                     sizeof(mode_row), mode_key,    mode_finish};

/* ---- engines ---- */

typedef struct engine_row {
    kern_engine e;
    const char *release, *reserve, *serves, *trains;
    double small_below_mib;
} engine_row;

static const char *const rules_words[] = {"bare", "vllm", "llamacpp", "transformers", "sglang", NULL};

static const sweep_field engine_fields[] = {
    TEXT(engine_row, "name", e.name, 1),
    TEXT(engine_row, "version", e.version, 0),
    TEXT(engine_row, "release", release, 0),
    WORD(engine_row, "rules", e.rules, rules_words, 1),
    REAL(engine_row, "memory_utilization", e.memory_utilization, 0, 1, 1),
    INT(engine_row, "page_tokens", e.page_tokens, 1, 65536, 1),
    REAL(engine_row, "context_bytes", e.context_bytes, 0, 0x1p40, 0),
    REAL(engine_row, "serving_bytes", e.serving_bytes, 0, 0x1p40, 0),
    REAL(engine_row, "load_bytes", e.load_bytes, 0, 0x1p40, 0),
    REAL(engine_row, "tp_bytes", e.tp_bytes, 0, 0x1p40, 0),
    REAL(engine_row, "sampler_bytes", e.sampler_bytes, 0, 1e6, 0),
    REAL(engine_row, "forward_bytes", e.forward_bytes, 0, 1e6, 0),
    REAL(engine_row, "moe_bytes", e.moe_bytes, 0, 0x1p40, 0),
    REAL(engine_row, "mla_bytes", e.mla_bytes, 0, 0x1p40, 0),
    REAL(engine_row, "graph_bytes", e.graph_bytes, 0, 0x1p40, 0),
    REAL(engine_row, "graph_tp_bytes", e.graph_tp_bytes, 0, 0x1p40, 0),
    FLAG(engine_row, "graphs_charged", e.graphs_charged, 0),
    REAL(engine_row, "spread_low", e.spread_low, 0, 100, 0),
    REAL(engine_row, "spread_high", e.spread_high, 0, 100, 0),
    REAL(engine_row, "context_low", e.context_low, 0, 100, 0),
    REAL(engine_row, "context_high", e.context_high, 0, 100, 0),
    INT(engine_row, "max_batched_tokens", e.max_batched_tokens, 0, 1 << 30, 0),
    INT(engine_row, "max_seqs", e.max_seqs, 0, 1 << 24, 0),
    INT(engine_row, "ubatch", e.ubatch, 0, 1 << 30, 0),
    INT(engine_row, "outputs_max", e.outputs_max, 0, 1 << 30, 0),
    REAL(engine_row, "small_gpu_below_mib", small_below_mib, 0, 0x1p26, 0),
    TEXT(engine_row, "small_gpus", e.small_gpus, 0),
    INT(engine_row, "small_max_batched_tokens", e.small_tokens, 0, 1 << 30, 0),
    INT(engine_row, "small_max_seqs", e.small_seqs, 0, 1 << 24, 0),
    FLAG(engine_row, "flash_attn", e.flash_attn, 0),
    FLAG(engine_row, "kv_unified", e.kv_unified, 0),
    FLAG(engine_row, "swa_full", e.swa_full, 0),
    FLAG(engine_row, "kv_expanded", e.kv_expanded, 0),
    FLAG(engine_row, "kv_copied", e.kv_copied, 0),
    FLAG(engine_row, "kv_repeated", e.kv_repeated, 0),
    FLAG(engine_row, "cuda_graphs", e.cuda_graphs, 0),
    TEXT(engine_row, "reserve", reserve, 0),
    REAL(engine_row, "swa_ratio", e.swa_ratio, 0, 1, 0),
    REAL(engine_row, "state_ratio", e.state_ratio, 0, 1000, 0),
    INT(engine_row, "state_slots", e.state_slots, 0, 1000, 0),
    REAL(engine_row, "train_step_copies", e.train.step_copies, 0, 1000, 0),
    REAL(engine_row, "train_gather_layers", e.train.gather_layers, 0, 1000, 0),
    REAL(engine_row, "train_reduce_copies", e.train.reduce_copies, 0, 1000, 0),
    REAL(engine_row, "train_bucket_bytes", e.train.bucket_bytes, 0, 0x1p40, 0),
    REAL(engine_row, "train_workspace_bytes", e.train.workspace_bytes, 0, 0x1p40, 0),
    REAL(engine_row, "train_gated_bytes", e.train.gated_bytes, 0, 1000, 0),
    REAL(engine_row, "train_eager_gated_bytes", e.train.eager_gated_bytes, 0, 1000, 0),
    REAL(engine_row, "train_eager_norm_bytes", e.train.eager_norm_bytes, 0, 1000, 0),
    REAL(engine_row, "train_plain_bytes", e.train.plain_bytes, 0, 1000, 0),
    REAL(engine_row, "train_frozen_bytes", e.train.frozen_bytes, 0, 1000, 0),
    REAL(engine_row, "train_routed_plain_bytes", e.train.routed_plain_bytes, 0, 1000, 0),
    REAL(engine_row, "train_routed_hidden_bytes", e.train.routed_hidden_bytes, 0, 1000, 0),
    REAL(engine_row, "train_norm_bytes", e.train.norm_bytes, 0, 1000, 0),
    REAL(engine_row, "train_mask_bytes", e.train.mask_bytes, 0, 1000, 0),
    REAL(engine_row, "train_grad_inner_bytes", e.train.grad_inner_bytes, 0, 1000, 0),
    REAL(engine_row, "train_grad_hidden_bytes", e.train.grad_hidden_bytes, 0, 1000, 0),
    REAL(engine_row, "train_work_inner_bytes", e.train.work_inner_bytes, 0, 1000, 0),
    REAL(engine_row, "train_work_hidden_bytes", e.train.work_hidden_bytes, 0, 1000, 0),
    REAL(engine_row, "train_work_frozen_inner_bytes", e.train.work_frozen_inner_bytes, 0, 1000, 0),
    REAL(engine_row, "train_work_frozen_hidden_bytes", e.train.work_frozen_hidden_bytes, 0, 1000, 0),
    REAL(engine_row, "train_checkpoint_bytes", e.train.checkpoint_bytes, 0, 1000, 0),
    REAL(engine_row, "train_checkpoint_adapter_bytes", e.train.checkpoint_adapter_bytes, 0, 1000, 0),
    REAL(engine_row, "train_loss_eager_bytes", e.train.loss_eager_bytes, 0, 1000, 0),
    REAL(engine_row, "train_loss_fused_bytes", e.train.loss_fused_bytes, 0, 1000, 0),
    REAL(engine_row, "train_loss_chunk_bytes", e.train.loss_chunk_bytes, 0, 1000, 0),
    REAL(engine_row, "train_loss_compiled_bytes", e.train.loss_compiled_bytes, 0, 1000, 0),
    REAL(engine_row, "train_loss_parallel_bytes", e.train.loss_parallel_bytes, 0, 1000, 0),
    REAL(engine_row, "train_loss_hidden_bytes", e.train.loss_hidden_bytes, 0, 1000, 0),
    REAL(engine_row, "train_loss_linear_bytes", e.train.loss_linear_bytes, 0, 1000, 0),
    FLAG(engine_row, "train_grads_kept", e.train.grads_kept, 0),
    FLAG(engine_row, "train_sequence", e.train.sequence, 0),
    FLAG(engine_row, "train_selective_ops", e.train.selective_ops, 0),
    FLAG(engine_row, "train_zero2_gathered", e.train.zero2_gathered, 0),
    FLAG(engine_row, "train_expert_loop", e.train.expert_loop, 0),
    FLAG(engine_row, "train_dummy_wgrads", e.train.dummy_wgrads, 0),
    FLAG(engine_row, "train_gathers_saved", e.train.gathers_saved, 0),
    FLAG(engine_row, "train_pipe_buffers", e.train.pipe_buffers, 0),
    FLAG(engine_row, "train_pipe_outputs", e.train.pipe_outputs, 0),
    FLAG(engine_row, "train_expert_tp", e.train.expert_tp, 0),
    FLAG(engine_row, "train_quantized_inputs", e.train.quantized_inputs, 0),
    FLAG(engine_row, "train_head_apart", e.train.head_apart, 0),
    FLAG(engine_row, "train_fused_qkv", e.train.fused_qkv, 0),
    INT(engine_row, "train_node_gpus", e.train.node_gpus, 0, 65536, 0),
    TEXT(engine_row, "serve_layouts", serves, 0),
    TEXT(engine_row, "train_layouts", trains, 0),
    TEXT(engine_row, "source", e.source, 1),
    TEXT(engine_row, "notes", e.notes, 0),
};

/** Several versions of an engine are several rows: name@version. */
static const char *engine_key(sweep_loader *l, const void *raw) {
    const engine_row *r = raw;
    if (!r->e.version || !*r->e.version) return r->e.name;
    return arena_printf(l->mem, "%s@%s", r->e.name, r->e.version);
}

/** The rows of the engine's reserve; without one the share must be stated. */
static void find_reserves(sweep_loader *l, const sweep_raw *at, const char *name, kern_engine *e) {
    size_t i = *name && l->c->reserves_index ? sweep_index_find(l->c->reserves_index, name) : SIZE_MAX;
    if (i != SIZE_MAX) {
        e->reserves = l->c->reserves[i].rows;
        e->n_reserves = l->c->reserves[i].n;
    }
    if (*name && !e->n_reserves)
        sweep_row_fault(l, at, ERR_NAME, "reserve", "reserves.csv has no rows called '%.60s'", name);
    if (!*name && e->memory_utilization < 0.01)
        sweep_row_fault(l, at, ERR_RANGE, "memory_utilization", "found %g, expected 0.01 to 1, or 0 with a reserve",
                        e->memory_utilization);
}

/** Words joined by blanks: the ways of sharing a model out that layout=auto looks at. */
static unsigned parse_ways(sweep_loader *l, const sweep_raw *at, const char *column, const char *text) {
    static const char *const words[] = {
        "tp",     "sp",    "pp",    "cp",    "dp",       "ep",       "ep-tp",
        "ep-all", "zero1", "zero2", "zero3", "zero2-pp", "zero3-pp", NULL}; /* bits of kern_split */
    unsigned ways = 0;
    for (const char *p = text + strspn(text, " "); *p; p += strspn(p, " ")) {
        size_t n = strcspn(p, " "), i = 0;
        while (words[i] && (strlen(words[i]) != n || strncmp(words[i], p, n) != 0))
            i++;
        if (words[i]) {
            ways |= 1u << i;
        } else {
            sweep_row_fault(l, at, ERR_NAME, column,
                            "'%.*s' is none of tp sp pp cp dp ep ep-tp ep-all zero1 zero2 zero3 zero2-pp zero3-pp",
                            (int)(n < 40 ? n : 40), p);
        }
        p += n;
    }
    return ways;
}

static err engine_finish(sweep_loader *l, const sweep_raws *rows) {
    const void **out;
    for (size_t i = 0; i < rows->n; i++) {
        kern_engine *e = &((engine_row *)rows->item[i].raw)->e;
        e->version = or_empty(e->version);
        e->notes = or_empty(e->notes);
        e->file = rows->item[i].file;
        e->line = rows->item[i].line;
        e->small_below = ((engine_row *)rows->item[i].raw)->small_below_mib * 0x1p20;
        e->small_gpus = or_empty(e->small_gpus);
        e->default_tokens = e->max_batched_tokens;
        e->default_seqs = e->max_seqs;
        const engine_row *row = rows->item[i].raw;
        find_reserves(l, &rows->item[i], or_empty(row->reserve), e);
        e->serves = parse_ways(l, &rows->item[i], "serve_layouts", or_empty(row->serves));
        e->trains = parse_ways(l, &rows->item[i], "train_layouts", or_empty(row->trains));
    }
    TRY(collect(l, rows, &out, &l->c->engines.index));
    l->c->engines.rows = (const kern_engine **)out;
    l->c->engines.n = rows->n;
    return ERR_OK;
}

const sweep_kind sweep_kind_engines = {"engines.csv",      engine_fields, COUNT(engine_fields),
                                       sizeof(engine_row), engine_key,    engine_finish};

/* ---- methods ---- */

static const char *const kv_words[] = {"none", "gqa", "mha", "hidden", NULL};
static const char *const lora_words[] = {"none", "base", "share", "rank", NULL}; /* kern_lora_rule */

static const sweep_field method_fields[] = {
    TEXT(kern_method, "name", name, 1),
    TEXT(kern_method, "title", title, 1),
    FLAG(kern_method, "exact", exact, 1),
    WORD(kern_method, "kv_rule", kv_rule, kv_words, 0),
    FLAG(kern_method, "kv_in_training", kv_in_training, 0),
    FLAG(kern_method, "kv_mla", kv_mla, 0),
    REAL(kern_method, "kv_bytes_training", kv_bytes_training, 0, 16, 0),
    REAL(kern_method, "weight_factor", weight_factor, 0, 100, 0),
    REAL(kern_method, "overhead_share", overhead_share, 0, 100, 0),
    REAL(kern_method, "overhead_bytes", overhead_bytes, 0, 0x1p50, 0),
    REAL(kern_method, "act_infer", act_infer, 0, 1e6, 0),
    REAL(kern_method, "act_train", act_train, 0, 1e6, 0),
    REAL(kern_method, "act_train_quadratic", act_train_quadratic, 0, 1e6, 0),
    REAL(kern_method, "act_lora_factor", act_lora_factor, 0, 1e6, 0),
    REAL(kern_method, "act_checkpoint", act_checkpoint, 0, 1e6, 0),
    REAL(kern_method, "act_cap_share", act_cap_share, 0, 1e6, 0),
    REAL(kern_method, "kv_unit", kv_unit, 1, 0x1p40, 0),
    REAL(kern_method, "act_unit", act_unit, 1, 0x1p40, 0),
    REAL(kern_method, "train_weight_bytes", train_weight_bytes, 0, 64, 0),
    REAL(kern_method, "train_grad_bytes", train_grad_bytes, 0, 64, 0),
    REAL(kern_method, "train_optimizer_bytes", train_optimizer_bytes, 0, 64, 0),
    REAL(kern_method, "lora_weight_bytes", lora_weight_bytes, 0, 64, 0),
    REAL(kern_method, "lora_grad_bytes", lora_grad_bytes, 0, 64, 0),
    REAL(kern_method, "lora_optimizer_bytes", lora_optimizer_bytes, 0, 64, 0),
    WORD(kern_method, "lora_rule", lora_rule, lora_words, 0),
    REAL(kern_method, "lora_share", lora_share, 0, 1, 0),
    REAL(kern_method, "lora_vectors", lora_vectors, 0, 1e6, 0),
    REAL(kern_method, "params_rule_lora", params_rule_lora, 0, 1e6, 0),
    REAL(kern_method, "params_rule_full", params_rule_full, 0, 1e6, 0),
    REAL(kern_method, "fit_share", fit_share, 0.01, 1, 0),
    REAL(kern_method, "serve_share", serve_share, 0.01, 1, 0),
    TEXT(kern_method, "source", source, 1),
    TEXT(kern_method, "notes", notes, 0),
};

static const char *method_key(sweep_loader *l, const void *raw) {
    (void)l;
    return ((const kern_method *)raw)->name;
}

static err method_finish(sweep_loader *l, const sweep_raws *rows) {
    const void **out;
    for (size_t i = 0; i < rows->n; i++) {
        kern_method *m = rows->item[i].raw;
        m->notes = or_empty(m->notes);
        m->file = rows->item[i].file;
        m->line = rows->item[i].line;
        if (m->kv_unit <= 0) m->kv_unit = 1e9;
        if (m->act_unit <= 0) m->act_unit = 1e9;
        if (m->fit_share <= 0) m->fit_share = 1;
        if (m->serve_share <= 0) m->serve_share = 1;
    }
    TRY(collect(l, rows, &out, &l->c->methods.index));
    l->c->methods.rows = (const kern_method **)out;
    l->c->methods.n = rows->n;
    return ERR_OK;
}

const sweep_kind sweep_kind_methods = {"methods.csv",       method_fields, COUNT(method_fields),
                                       sizeof(kern_method), method_key,    method_finish};

/* ---- GPUs ---- */

typedef struct gpu_row {
    kern_gpu g;
    const char *aliases;
    double reported_mib, usable_mib, per_node;
    uint8_t basis;
} gpu_row;

static const char *const basis_words[] = {"measured", "rule", "limit", "reported", "marketed", NULL};

static const sweep_field gpu_fields[] = {
    TEXT(gpu_row, "name", g.name, 1),
    TEXT(gpu_row, "display_name", g.display, 1),
    TEXT(gpu_row, "aliases", aliases, 0),
    TEXT(gpu_row, "tags", g.tags, 0),
    TEXT(gpu_row, "vendor", g.vendor, 1),
    TEXT(gpu_row, "architecture", g.architecture, 0),
    TEXT(gpu_row, "release", g.release, 0),
    REAL(gpu_row, "marketed_gb", g.marketed_gb, 1, 65536, 1),
    REAL(gpu_row, "reported_mib", reported_mib, 512, 0x1p26, 0),
    REAL(gpu_row, "usable_mib", usable_mib, 512, 0x1p26, 1),
    WORD(gpu_row, "usable_basis", basis, basis_words, 1),
    TEXT(gpu_row, "memory_type", g.memory_type, 0),
    REAL(gpu_row, "bandwidth_gbps", g.bandwidth_gbps, 1, 1e6, 0),
    REAL(gpu_row, "tdp_w", g.tdp_w, 1, 1e5, 0),
    REAL(gpu_row, "fp16_tflops", g.fp16_tflops, 0.01, 1e6, 0),
    REAL(gpu_row, "fp8_tflops", g.fp8_tflops, 0.01, 1e6, 0),
    REAL(gpu_row, "fp4_tflops", g.fp4_tflops, 0.01, 1e6, 0),
    REAL(gpu_row, "int8_tops", g.int8_tops, 0.01, 1e6, 0),
    FLAG(gpu_row, "supports_bf16", g.bf16, 0),
    FLAG(gpu_row, "supports_fp8", g.fp8, 0),
    FLAG(gpu_row, "supports_fp4", g.fp4, 0),
    TEXT(gpu_row, "interconnect", g.interconnect, 0),
    REAL(gpu_row, "interconnect_gbps", g.interconnect_gbps, 0.1, 1e6, 0),
    TEXT(gpu_row, "form_factor", g.form_factor, 0),
    REAL(gpu_row, "max_per_node", per_node, 1, 4096, 1),
    FLAG(gpu_row, "unified_memory", g.unified, 0),
    REAL(gpu_row, "msrp_usd", g.msrp_usd, 1, 1e8, 0),
    REAL(gpu_row, "street_usd", g.street_usd, 1, 1e8, 0),
    TEXT(gpu_row, "price_date", g.price_date, 0),
    TEXT(gpu_row, "msrp_date", g.msrp_date, 0),
    TEXT(gpu_row, "source", g.source, 1),
    TEXT(gpu_row, "notes", g.notes, 0),
};

static const char *gpu_key(sweep_loader *l, const void *raw) {
    (void)l;
    return ((const gpu_row *)raw)->g.name;
}

static int finish_gpu(sweep_loader *l, const sweep_raw *at, gpu_row *r) {
    const char **texts[] = {&r->g.tags,        &r->g.architecture, &r->g.release,
                            &r->g.memory_type, &r->g.interconnect, &r->g.form_factor,
                            &r->g.msrp_date,   &r->g.price_date,   &r->g.notes};
    for (size_t i = 0; i < COUNT(texts); i++)
        *texts[i] = or_empty(*texts[i]);
    r->g.reported_bytes = r->reported_mib * 0x1p20;
    r->g.usable_bytes = r->usable_mib * 0x1p20;
    r->g.max_per_node = (int)r->per_node;
    r->g.file = at->file;
    r->g.line = at->line;
    r->g.tags = arena_printf(l->mem, " %s ", r->g.tags);
    return r->g.tags != NULL;
}

static err gpu_finish(sweep_loader *l, const sweep_raws *rows) {
    const void **out;
    for (size_t i = 0; i < rows->n; i++) {
        if (!finish_gpu(l, &rows->item[i], rows->item[i].raw)) return ERR_MEMORY;
    }
    TRY(collect(l, rows, &out, &l->c->gpus.index));
    for (size_t i = 0; i < rows->n; i++)
        sweep_index_aliases(l, l->c->gpus.index, rows, i, or_empty(((gpu_row *)rows->item[i].raw)->aliases));
    l->c->gpus.rows = (const kern_gpu **)out;
    l->c->gpus.n = rows->n;
    return ERR_OK;
}

const sweep_kind sweep_kind_gpus = {"gpus.csv", gpu_fields, COUNT(gpu_fields), sizeof(gpu_row), gpu_key, gpu_finish};

/* ---- prices ---- */

typedef struct price_row {
    kern_price p;
    const char *gpu;
    double gpus;
} price_row;

static const sweep_field price_fields[] = {
    TEXT(price_row, "provider", p.provider, 1),
    TEXT(price_row, "instance", p.instance, 1),
    TEXT(price_row, "gpu", gpu, 1),
    REAL(price_row, "gpu_count", gpus, 1, 65536, 1),
    REAL(price_row, "usd_per_hour_on_demand", p.usd_hour, 0.0001, 1e7, 0),
    REAL(price_row, "usd_per_hour_spot", p.usd_hour_spot, 0.0001, 1e7, 0),
    REAL(price_row, "usd_per_hour_reserved", p.usd_hour_reserved, 0.0001, 1e7, 0),
    TEXT(price_row, "region", p.region, 0),
    TEXT(price_row, "date", p.date, 1),
    TEXT(price_row, "source", p.source, 1),
};

/** A price is replaced by one of the same provider, instance, region and date. */
static const char *price_key(sweep_loader *l, const void *raw) {
    const price_row *r = raw;
    return arena_printf(l->mem, "%s/%s/%s/%s", or_empty(r->p.provider), or_empty(r->p.instance), or_empty(r->p.region),
                        or_empty(r->p.date));
}

/** By provider, instance and region, then by date, which is written year first. */
static int by_offer(const void *a, const void *b) {
    const kern_price *x = *(kern_price *const *)a, *y = *(kern_price *const *)b;
    int order = strcmp(x->provider, y->provider);
    if (!order) order = strcmp(x->instance, y->instance);
    if (!order) order = strcmp(x->region, y->region);
    return order ? order : strcmp(x->date, y->date);
}

/** Marks prices that newer ones of the same instance replace, and finds the cheapest hour of each GPU among the rest.
 */
static err sort_out(sweep_loader *l, kern_price *price, size_t n) {
    kern_price **at = arena_alloc(l->mem, n + 1, sizeof *at);
    if (!at) return ERR_MEMORY;
    for (size_t i = 0; i < n; i++)
        at[i] = &price[i];
    qsort(at, n, sizeof *at, by_offer);
    for (size_t i = n; i-- > 0;) {
        const kern_price *newer = i + 1 < n ? at[i + 1] : NULL;
        at[i]->outdated = newer && strcmp(newer->provider, at[i]->provider) == 0 &&
                          strcmp(newer->instance, at[i]->instance) == 0 && strcmp(newer->region, at[i]->region) == 0;
        kern_gpu *gpu = at[i]->outdated ? NULL : (kern_gpu *)at[i]->gpu;
        double hour = at[i]->usd_hour / at[i]->gpus;
        if (gpu && hour > 0 && !(gpu->usd_hour > 0 && gpu->usd_hour <= hour)) gpu->usd_hour = hour;
    }
    return ERR_OK;
}

static err price_finish(sweep_loader *l, const sweep_raws *rows) {
    kern_price *out = arena_alloc(l->mem, rows->n + 1, sizeof *out);
    if (!out) return ERR_MEMORY;
    for (size_t i = 0; i < rows->n; i++) {
        price_row *r = rows->item[i].raw;
        r->p.provider = or_empty(r->p.provider); /* a row with a fault may lack what it must have */
        r->p.instance = or_empty(r->p.instance);
        r->p.region = or_empty(r->p.region);
        r->p.date = or_empty(r->p.date);
        r->p.gpu = sweep_find_gpu(l->c, r->gpu);
        r->p.gpus = (int)r->gpus;
        if (!r->p.gpu) sweep_row_fault(l, &rows->item[i], ERR_NAME, "gpu", "no GPU is called '%.60s'", r->gpu);
        out[i] = r->p;
    }
    l->c->prices = out;
    l->c->n_prices = rows->n;
    return sort_out(l, out, rows->n);
}

const sweep_kind sweep_kind_prices = {"prices.csv",      price_fields, COUNT(price_fields),
                                      sizeof(price_row), price_key,    price_finish};
