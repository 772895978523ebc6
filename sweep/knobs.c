/*
 * knobs.c - columns that override layout, mode and engine: one row of a table per knob says where it goes and what it
 * takes. The rows of the catalogs are never changed: the scenario gets copies.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/text.h"
#include "sweep/knobs.h"
#include "sweep/layout.h"
#include "sweep/roles.h"

typedef enum knob_kind {
    KNOB_INT,      /* int, least..most */
    KNOB_COUNT,    /* int64_t, 8k allowed */
    KNOB_SHARE,    /* double in (0, 1] */
    KNOB_FLAG,     /* uint8_t, yes or no */
    KNOB_INT_FLAG, /* int, yes or no */
    KNOB_SWITCH,   /* uint8_t: kern_switch */
    KNOB_WORD,     /* uint8_t: index into words */
    KNOB_BYTES,    /* double: bytes of a type */
    KNOB_MASTER    /* double: 4 bytes or none */
} knob_kind;

static const char *const checkpointing_words[] = {"none", "selective", "full", NULL};
static const char *const attention_words[] = {"flash", "sdpa", "eager", NULL};
static const char *const stage_words[] = {"fullest", "first", "last", NULL};
static const char *const loss_words[] = {"eager", "fused-ce", "chunked", "fused-linear", "compiled", NULL};

#define AT(member) offsetof(sweep_scenario, member)

static const struct knob {
    sweep_column column;
    knob_kind kind;
    size_t at;
    int64_t least, most;
    const char *const *words;
} knobs[] = {
    {SC_TP, KNOB_INT, AT(k.layout.tp), 1, KERN_DEGREE_MAX, NULL},
    {SC_PP, KNOB_INT, AT(k.layout.pp), 1, KERN_DEGREE_MAX, NULL},
    {SC_DP, KNOB_INT, AT(k.layout.dp), 1, KERN_DEGREE_MAX, NULL},
    {SC_EP, KNOB_INT, AT(k.layout.ep), 1, KERN_DEGREE_MAX, NULL},
    {SC_CP, KNOB_INT, AT(k.layout.cp), 1, KERN_DEGREE_MAX, NULL},
    {SC_ETP, KNOB_INT, AT(k.layout.etp), 1, KERN_DEGREE_MAX, NULL},
    {SC_VPP, KNOB_INT, AT(k.layout.vpp), 1, KERN_CHUNKS_MAX, NULL},
    {SC_MICRO_BATCHES, KNOB_INT, AT(k.layout.micro_batches), 1, KERN_DEGREE_MAX, NULL},
    {SC_STAGE, KNOB_WORD, AT(k.layout.stage), 0, 0, stage_words},
    {SC_ZERO, KNOB_INT, AT(k.layout.zero), 0, 3, NULL},
    {SC_SEQUENCE_PARALLEL, KNOB_INT_FLAG, AT(k.layout.sequence_parallel), 0, 1, NULL},
    {SC_PARAM_DTYPE, KNOB_BYTES, AT(mode.param_bytes), 0, 0, NULL},
    {SC_GRAD_DTYPE, KNOB_BYTES, AT(mode.grad_bytes), 0, 0, NULL},
    {SC_MASTER_WEIGHTS, KNOB_MASTER, AT(mode.master_bytes), 0, 0, NULL},
    {SC_CHECKPOINTING, KNOB_WORD, AT(mode.checkpointing), 0, 0, checkpointing_words},
    {SC_ATTENTION, KNOB_WORD, AT(mode.attention), 0, 0, attention_words},
    {SC_LOSS, KNOB_WORD, AT(mode.loss), 0, 0, loss_words},
    {SC_COMPILE, KNOB_SWITCH, AT(mode.compile), 0, 1, NULL},
    {SC_DROPOUT, KNOB_SWITCH, AT(mode.dropout), 0, 1, NULL},
    {SC_LORA_RANK, KNOB_COUNT, AT(mode.lora_rank), 1, 65536, NULL},
    {SC_LORA_DROPOUT, KNOB_FLAG, AT(mode.lora_dropout), 0, 1, NULL},
    {SC_MAX_BATCHED_TOKENS, KNOB_COUNT, AT(engine.max_batched_tokens), 1, SWEEP_CONTEXT_MAX, NULL},
    {SC_MAX_SEQS, KNOB_COUNT, AT(engine.max_seqs), 1, SWEEP_BATCH_MAX, NULL},
    {SC_UBATCH, KNOB_COUNT, AT(engine.ubatch), 1, SWEEP_CONTEXT_MAX, NULL},
    {SC_OUTPUTS_MAX, KNOB_COUNT, AT(engine.outputs_max), 1, SWEEP_CONTEXT_MAX, NULL},
    {SC_MEMORY_UTILIZATION, KNOB_SHARE, AT(engine.memory_utilization), 0, 1, NULL},
    {SC_FLASH_ATTN, KNOB_FLAG, AT(engine.flash_attn), 0, 1, NULL},
    {SC_KV_UNIFIED, KNOB_FLAG, AT(engine.kv_unified), 0, 1, NULL},
    {SC_SWA_FULL, KNOB_FLAG, AT(engine.swa_full), 0, 1, NULL},
    {SC_CUDA_GRAPHS, KNOB_FLAG, AT(engine.cuda_graphs), 0, 1, NULL},
};

enum { KNOBS = sizeof knobs / sizeof knobs[0] };

/** Bytes of a number type by its name; 0 when unknown. */
static double type_bytes(const char *name) {
    static const struct {
        const char *name;
        double bytes;
    } types[] = {{"fp32", 4}, {"bf16", 2}, {"fp16", 2}, {"fp8", 1}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (text_same(name, types[i].name)) return types[i].bytes;
    }
    return 0;
}

static int word_index(const char *const *words, const char *text) {
    for (int i = 0; words[i]; i++) {
        if (text_same(words[i], text)) return i;
    }
    return -1;
}

/** Stores a knob's value; 0 when the text is not one of its values. */
static int store(const struct knob *k, const char *text, void *to) {
    int64_t n;
    uint64_t count;
    double x;
    int flag;
    switch (k->kind) {
    case KNOB_INT:
        if (!text_int(text, &n) || n < k->least || n > k->most) return 0;
        *(int *)to = (int)n;
        return 1;
    case KNOB_COUNT:
        if (!text_count(text, &count) || count < (uint64_t)k->least || count > (uint64_t)k->most) return 0;
        *(int64_t *)to = (int64_t)count;
        return 1;
    case KNOB_SHARE:
        if (!text_real(text, &x) || x <= 0 || x > 1) return 0;
        *(double *)to = x;
        return 1;
    case KNOB_FLAG:
        if (!text_bool(text, &flag)) return 0;
        *(uint8_t *)to = (uint8_t)flag;
        return 1;
    case KNOB_INT_FLAG:
        return text_bool(text, to);
    case KNOB_SWITCH:
        if (!text_bool(text, &flag)) return 0;
        *(uint8_t *)to = flag ? KERN_SWITCH_YES : KERN_SWITCH_NO;
        return 1;
    case KNOB_WORD:
        if (word_index(k->words, text) < 0) return 0;
        *(uint8_t *)to = (uint8_t)word_index(k->words, text);
        return 1;
    case KNOB_BYTES:
        if (type_bytes(text) <= 0) return 0;
        *(double *)to = type_bytes(text);
        return 1;
    case KNOB_MASTER:
        if (!text_bool(text, &flag)) return 0;
        *(double *)to = flag ? type_bytes("fp32") : 0;
        return 1;
    }
    return 0;
}

static err apply_one(const struct knob *k, const char *text, const sweep_place *at, sweep_scenario *out,
                     diags *faults) {
    const sweep_column_info *info = &sweep_columns[k->column];
    if (store(k, text, (char *)out + k->at)) return ERR_OK;
    if (k->most > 1) {
        return diag_add(faults, ERR_RANGE, at->file, at->line, at->column, info->name,
                        "found '%.40s', expected %lld to %lld", text, (long long)k->least, (long long)k->most);
    }
    return diag_add(faults, ERR_TYPE, at->file, at->line, at->column, info->name, "found '%.40s', expected: %s", text,
                    info->takes);
}

/** The full-training recipe of an optimizer, the first by name where there are several; NULL without one. */
static const kern_mode *find_optimizer(const sweep_catalogs *c, const char *text) {
    const kern_mode *best = NULL;
    for (size_t i = 0; i < c->modes.n; i++) {
        const kern_mode *row = c->modes.rows[i];
        if (row->train != KERN_FULL || !row->optimizer || !text_same(row->optimizer, text)) continue;
        if (!best || text_order(row->name, best->name) < 0) best = row;
    }
    return best;
}

/** `optimizer`: its states as the full-training recipe of that optimizer keeps them; *states is that row. */
static err apply_optimizer(const sweep_catalogs *c, const char *text, const sweep_place *at, sweep_scenario *out,
                           const kern_mode **states, diags *faults) {
    if (out->mode.optimizer && text_same(out->mode.optimizer, text)) return ERR_OK;
    const kern_mode *row = find_optimizer(c, text);
    if (!row) {
        return diag_add(faults, ERR_NAME, at->file, at->line, at->column, "optimizer",
                        "no training mode has the optimizer '%.40s'", text);
    }
    out->mode.optimizer = row->optimizer;
    out->mode.state_bytes = row->state_bytes;
    out->mode.state_bytes_vector = row->state_bytes_vector;
    out->mode.row_state_bytes = row->row_state_bytes;
    out->mode.states_follow = row->states_follow;
    *states = row;
    return ERR_OK;
}

/** Bytes of the weights that the optimizer updates. */
static double updated_bytes(const kern_mode *m) {
    return m->master_bytes > 0 ? m->master_bytes : m->param_bytes;
}

/**
 * Types that follow from others: a gradient has its parameter's type unless told otherwise, so without a master copy a
 * wider gradient means a wider parameter; moments have the type of what is updated. `row` is the mode as the catalog
 * has it, `states` the row that the moments came from.
 */
static void settle_types(const kern_mode *row, const kern_mode *states, int grad_given, kern_mode *m) {
    if (m->train == KERN_INFERENCE) return;
    if (!grad_given && row->grad_bytes == row->param_bytes) m->grad_bytes = m->param_bytes;
    if (m->master_bytes <= 0 && m->grad_bytes > m->param_bytes) m->param_bytes = m->grad_bytes;
    if (!m->states_follow || updated_bytes(states) <= 0) return;
    m->state_bytes *= updated_bytes(m) / updated_bytes(states);
    m->state_bytes_vector *= updated_bytes(m) / updated_bytes(states);
}

static err apply_targets(const char *text, const sweep_place *at, sweep_scenario *out, diags *faults) {
    char why[DIAG_TEXT / 2];
    if (sweep_roles_parse(text, &out->mode.lora_targets, why)) return ERR_OK;
    return diag_add(faults, ERR_NAME, at->file, at->line, at->column, "lora_targets", "%s", why);
}

/** `offload`: what lies in host memory, words joined by +; the rest does not. */
static err apply_offload(const char *text, const sweep_place *at, kern_mode *m, diags *faults) {
    static const char *const words[] = {"weights", "states", "checkpoints", "none"};
    uint8_t *const flags[] = {&m->weights_offloaded, &m->states_offloaded, &m->checkpoints_offloaded, NULL};
    enum { NONE = 3 };
    for (unsigned i = 0; i < NONE; i++)
        *flags[i] = 0;
    for (const char *rest = text; *rest;) {
        size_t n = strcspn(rest, "+");
        unsigned i = 0;
        while (i <= NONE && !(strlen(words[i]) == n && strncasecmp(words[i], rest, n) == 0))
            i++;
        if (i > NONE || (i == NONE && n != strlen(text))) {
            return diag_add(faults, ERR_NAME, at->file, at->line, at->column, "offload",
                            "found '%.40s', expected none, or weights, states, checkpoints joined by +", text);
        }
        if (flags[i]) *flags[i] = 1;
        rest += n + (rest[n] == '+');
    }
    return ERR_OK;
}

static int any_given(const char *const text[SC_COLUMNS]) {
    for (unsigned c = SC_TP; c < SC_COLUMNS; c++) {
        if (text[c] && *text[c]) return 1;
    }
    return 0;
}

err sweep_knobs_apply(const sweep_catalogs *c, const char *const text[SC_COLUMNS], const sweep_place *at,
                      sweep_scenario *out, diags *faults) {
    err first = ERR_OK, e = ERR_OK;
    const kern_mode *row = out->k.mode, *states = row;
    if (!any_given(text)) return ERR_OK;
    out->mode = *out->k.mode;
    out->engine = *out->k.engine;
    for (size_t i = 0; i < KNOBS; i++) {
        const char *value = text[knobs[i].column];
        if (value && *value) e = apply_one(&knobs[i], value, at, out, faults);
        if (first == ERR_OK) first = e;
    }
    if (text[SC_OPTIMIZER] && *text[SC_OPTIMIZER]) e = apply_optimizer(c, text[SC_OPTIMIZER], at, out, &states, faults);
    if (first == ERR_OK) first = e;
    if (text[SC_LORA_TARGETS] && *text[SC_LORA_TARGETS]) e = apply_targets(text[SC_LORA_TARGETS], at, out, faults);
    if (first == ERR_OK) first = e;
    if (text[SC_OFFLOAD] && *text[SC_OFFLOAD]) e = apply_offload(text[SC_OFFLOAD], at, &out->mode, faults);
    if (first == ERR_OK) first = e;
    if (first == ERR_OK && sweep_layout_too_large(&out->k.layout)) {
        first = diag_add(faults, ERR_RANGE, at->file, at->line, at->column, "layout",
                         "the degrees together need more than %d GPUs", KERN_DEGREE_MAX);
    }
    settle_types(row, states, text[SC_GRAD_DTYPE] && *text[SC_GRAD_DTYPE], &out->mode);
    out->k.mode = &out->mode;
    out->k.engine = &out->engine;
    return first;
}
