/*
 * catalog_model.c - models.csv: columns to architecture, architecture to tensors. Names, aliases and Hugging Face ids
 * are indexed, and apart from them the bare names without organisation and -Instruct, -Chat, -it and the like.
 */
#include <string.h>

#include "sweep/catalog_internal.h"
#include "sweep/layer_groups.h"
#include "sweep/model_layers.h"

/** Sizes that columns state; the rest of a shape is in flags and mixers, and needed only until the row is finished. */
typedef struct model_sizes {
    int64_t hidden, q_heads, kv_heads, head_dim, v_head_dim, intermediate, vocab, window;
    int64_t q_lora, kv_lora, rope_dim, nope_dim, experts, top_k, moe_inner, shared_inner, vision_params, extra_params;
    uint8_t gated;
} model_sizes;

/** A row as it stands in the file. */
typedef struct model_row {
    kern_model m;
    model_sizes s;
    const char *aliases, *state, *flags, *position;
    uint8_t tied, qk_norm, bias, norm_ln;
} model_row;

#define M(column, kind, member, least, most, required)                                                                 \
    { column, SWEEP_FIELD_##kind, offsetof(model_row, member), least, most, NULL, required }
#define W(column, member, list)                                                                                        \
    { column, SWEEP_FIELD_WORD, offsetof(model_row, member), 0, 0, list, 1 }

static const char *const bias_words[] = {"none", "qkv", "all", "o", "qv", NULL};
static const char *const qk_words[] = {"none", "head", "full", NULL};
static const char *const norm_words[] = {"rms", "ln", NULL};

static const sweep_field fields[] = {
    M("name", TEXT, m.name, 0, 0, 1),
    M("display_name", TEXT, m.display, 0, 0, 1),
    M("family", TEXT, m.family, 0, 0, 1),
    M("hf_id", TEXT, m.hf_id, 0, 0, 0),
    M("aliases", TEXT, aliases, 0, 0, 0),
    M("tags", TEXT, m.tags, 0, 0, 0),
    M("release", TEXT, m.release, 0, 0, 0),
    M("architecture", TEXT, m.architecture, 0, 0, 0),
    M("params_total", INT, m.params_total, 1, 0x1p53 - 1, 1),
    M("params_total_exact", FLAG, m.params_exact, 0, 0, 1),
    M("hidden_size", INT, s.hidden, 1, SWEEP_SIZE_MAX, 1),
    M("num_layers", INT, m.layers, 1, SWEEP_LAYERS_MAX, 1),
    M("num_q_heads", INT, s.q_heads, 0, SWEEP_SIZE_MAX, 0),
    M("num_kv_heads", INT, s.kv_heads, 0, SWEEP_SIZE_MAX, 0),
    M("head_dim", INT, s.head_dim, 0, SWEEP_SIZE_MAX, 0),
    M("v_head_dim", INT, s.v_head_dim, 0, SWEEP_SIZE_MAX, 0),
    M("intermediate_size", INT, s.intermediate, 0, SWEEP_SIZE_MAX, 0),
    M("vocab_size", INT, s.vocab, 1, SWEEP_SIZE_MAX, 1),
    M("tie_embeddings", FLAG, tied, 0, 0, 1),
    M("gated_mlp", FLAG, s.gated, 0, 0, 1),
    W("attn_bias", bias, bias_words),
    W("qk_norm", qk_norm, qk_words),
    W("norm", norm_ln, norm_words),
    M("position", TEXT, position, 0, 0, 0),
    M("max_position", INT, m.max_context, 1, 1 << 30, 1),
    M("q_lora_rank", INT, s.q_lora, 0, SWEEP_SIZE_MAX, 0),
    M("kv_lora_rank", INT, s.kv_lora, 0, SWEEP_SIZE_MAX, 0),
    M("qk_rope_head_dim", INT, s.rope_dim, 0, SWEEP_SIZE_MAX, 0),
    M("qk_nope_head_dim", INT, s.nope_dim, 0, SWEEP_SIZE_MAX, 0),
    M("num_experts", INT, s.experts, 0, SWEEP_SIZE_MAX, 0),
    M("experts_per_token", INT, s.top_k, 0, SWEEP_SIZE_MAX, 0),
    M("moe_intermediate_size", INT, s.moe_inner, 0, SWEEP_SIZE_MAX, 0),
    M("shared_intermediate_size", INT, s.shared_inner, 0, SWEEP_SIZE_MAX, 0),
    M("sliding_window", INT, s.window, 0, 1 << 30, 0),
    M("linear_state", TEXT, state, 0, 0, 0),
    M("vision_params", INT, s.vision_params, 0, 0x1p50, 0),
    M("native", TEXT, m.native_format, 0, 0, 1),
    M("layer_groups", TEXT, m.groups_text, 0, 0, 1),
    M("count_flags", TEXT, flags, 0, 0, 0),
    M("extra_params", INT, s.extra_params, 0, 0x1p50, 0),
    M("evidence", TEXT, m.evidence, 0, 0, 0),
    M("source", TEXT, m.source, 0, 0, 1),
    M("notes", TEXT, m.notes, 0, 0, 0),
};

static const char *key(sweep_loader *l, const void *raw) {
    (void)l;
    return ((const model_row *)raw)->m.name;
}

/** Optional columns that are missing leave NULL; every text of a finished row is a string. */
static void no_nulls(model_row *r) {
    const char **texts[] = {&r->m.hf_id, &r->aliases, &r->m.tags,     &r->m.release, &r->m.architecture,
                            &r->state,   &r->flags,   &r->m.evidence, &r->m.notes};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!*texts[i]) *texts[i] = "";
    }
}

static err check_layers(sweep_loader *l, const sweep_raw *row, const model_row *r, const sweep_group_spec *spec,
                        uint32_t n) {
    int64_t layers = 0;
    for (uint32_t g = 0; g < n; g++)
        layers += spec[g].kind == KERN_GROUP_MAIN ? spec[g].layers : 0;
    if (layers == r->m.layers) return ERR_OK;
    return sweep_row_fault(l, row, ERR_RANGE, "layer_groups", "%lld layers, num_layers says %lld", (long long)layers,
                           (long long)r->m.layers);
}

static kern_shape shape_of(const model_sizes *s) {
    return (kern_shape){.hidden = s->hidden,
                        .q_heads = s->q_heads,
                        .kv_heads = s->kv_heads ? s->kv_heads : s->q_heads,
                        .head_dim = s->head_dim,
                        .v_head_dim = s->v_head_dim ? s->v_head_dim : s->head_dim,
                        .intermediate = s->intermediate,
                        .vocab = s->vocab,
                        .window = s->window,
                        .q_lora = s->q_lora,
                        .kv_lora = s->kv_lora,
                        .rope_dim = s->rope_dim,
                        .nope_dim = s->nope_dim,
                        .experts = s->experts,
                        .top_k = s->top_k,
                        .moe_inner = s->moe_inner,
                        .shared_inner = s->shared_inner,
                        .vision_params = s->vision_params,
                        .extra_params = s->extra_params,
                        .gated = s->gated};
}

static err finish_row(sweep_loader *l, const sweep_raw *row, model_row *r) {
    sweep_group_spec spec[SWEEP_GROUPS_MAX];
    char why[DIAG_TEXT];
    no_nulls(r);
    kern_shape shape = shape_of(&r->s), *s = &shape;
    s->tied = r->tied;
    s->bias = r->bias;
    s->qk_norm = r->qk_norm;
    s->norm_bias = r->norm_ln;
    s->norms = 2;
    s->layers = r->m.layers;
    if (!sweep_flags_parse(r->flags, s, why)) return sweep_row_fault(l, row, ERR_SYNTAX, "count_flags", "%s", why);
    if (!sweep_mixers_parse(r->state, s, why)) return sweep_row_fault(l, row, ERR_SYNTAX, "linear_state", "%s", why);
    uint32_t n = sweep_groups_parse(r->m.groups_text, spec, why);
    if (n == 0) return sweep_row_fault(l, row, ERR_SYNTAX, "layer_groups", "%s", why);
    TRY(check_layers(l, row, r, spec, n));
    kern_model *m = &r->m;
    m->hidden = s->hidden;
    m->q_heads = s->q_heads;
    m->kv_heads = s->kv_heads;
    m->head_dim = s->head_dim;
    m->v_head_dim = s->v_head_dim;
    m->intermediate = s->intermediate;
    m->vocab = s->vocab;
    m->kv_lora = s->kv_lora;
    m->rope_dim = s->rope_dim;
    m->tied = s->tied;
    m->gated = s->gated;
    m->norm_bias = s->norm_bias;
    m->has_attention = s->q_heads > 0;
    m->gguf_mtp = s->gguf_mtp;
    m->gguf_no_swa = s->gguf_no_swa;
    m->file = row->file;
    m->line = row->line;
    return sweep_model_build(l, row, s, spec, n, m);
}

/** Tags with a blank on both sides of each, the family among them. */
static const char *full_tags(sweep_loader *l, const kern_model *m) {
    return arena_printf(l->mem, " %s @%s ", m->tags, m->family);
}

static void index_row(sweep_loader *l, sweep_index *x, const sweep_raws *rows, size_t at) {
    const model_row *r = rows->item[at].raw;
    if (*r->m.hf_id) sweep_index_alias(l, x, rows, at, r->m.hf_id);
    sweep_index_aliases(l, x, rows, at, r->aliases);
}

/** Bare forms of the names in a list. */
static int index_bare(sweep_loader *l, sweep_index *x, const char *names, size_t at) {
    while (*names) {
        char name[SWEEP_BARE], bare[SWEEP_BARE];
        size_t n = strcspn(names, ";"), kept = n < sizeof name ? n : 0;
        memcpy(name, names, kept);
        name[kept] = 0;
        if (sweep_bare_name(name, bare)) {
            char *copy = arena_text(l->mem, bare, strlen(bare));
            if (!copy || !sweep_index_bare(x, copy, at)) return 0;
        }
        names += n + (names[n] != 0);
    }
    return 1;
}

/** Where the name of a row itself holds such a word, it tells the row from others: t5-base is a size. */
static int says_version(const char *name) {
    char bare[SWEEP_BARE];
    return !sweep_bare_name(name, bare) || strcmp(bare, name) != 0;
}

static err index_all(sweep_loader *l, const sweep_raws *rows) {
    sweep_index *x = sweep_index_new(l->mem, 4 * rows->n), *bare = sweep_index_new(l->mem, 4 * rows->n);
    if (!x || !bare) return ERR_MEMORY;
    for (size_t i = 0; i < rows->n; i++) {
        if (sweep_index_add(x, rows->item[i].key, i) < 0) return ERR_MEMORY;
    }
    for (size_t i = 0; i < rows->n; i++) {
        const model_row *r = rows->item[i].raw;
        index_row(l, x, rows, i);
        if (!says_version(r->m.name) && (!index_bare(l, bare, r->m.hf_id, i) || !index_bare(l, bare, r->aliases, i))) {
            return ERR_MEMORY;
        }
    }
    l->c->models.index = x;
    l->c->bare_models = bare;
    return ERR_OK;
}

/** A parsed row to a finished model; faults go to the loader, ERR_MEMORY is returned. */
static err finish_model(sweep_loader *l, const sweep_raw *row, model_row *r) {
    finish_row(l, row, r);
    r->m.tags = full_tags(l, &r->m);
    if (!r->m.tags) return ERR_MEMORY;
    if (sweep_find_weights(l->c, r->m.native_format) == NULL) {
        sweep_row_fault(l, row, ERR_NAME, "native", "no weight format is called '%.60s'", r->m.native_format);
    }
    return ERR_OK;
}

static err finish(sweep_loader *l, const sweep_raws *rows) {
    const kern_model **out = arena_alloc(l->mem, rows->n + 1, sizeof *out);
    if (!out) return ERR_MEMORY;
    for (size_t i = 0; i < rows->n; i++) {
        model_row *r = rows->item[i].raw;
        TRY(finish_model(l, &rows->item[i], r));
        out[i] = &r->m;
    }
    l->c->models.rows = out;
    l->c->models.n = rows->n;
    return index_all(l, rows);
}

const sweep_kind sweep_kind_models = {"models.csv",      fields, sizeof fields / sizeof *fields,
                                      sizeof(model_row), key,    finish};

const char *sweep_model_column(size_t i) {
    return i < sizeof fields / sizeof *fields ? fields[i].name : NULL;
}

err sweep_model_from_columns(const sweep_catalogs *c, arena *mem, const char *file, const char *const *value,
                             const kern_model **out, diags *faults) {
    sweep_header header = {.n = sizeof fields / sizeof *fields};
    sweep_loader l = {.c = (sweep_catalogs *)c, .mem = mem, .faults = faults};
    model_row *r = arena_alloc(mem, 1, sizeof *r);
    sweep_raw row = {.file = file, .raw = r};
    if (!r) return diag_add(faults, ERR_MEMORY, file, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    for (size_t i = 0; i < header.n; i++)
        header.field[i] = &fields[i];
    TRY(sweep_row_parse(&header, file, 0, value, mem, r, faults));
    TRY(finish_model(&l, &row, r));
    *out = &r->m;
    return l.first;
}
