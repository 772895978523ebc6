/*
 * catalog_model.c - models.csv: columns to architecture, architecture to tensors. Names, aliases and Hugging Face ids
 * are indexed; then, where still free, the bare names without organisation and -Instruct, -Chat, -it and the like.
 */
#include <string.h>

#include "sweep/catalog_internal.h"
#include "sweep/layer_groups.h"

/** A row as it stands in the file. */
typedef struct model_row {
    kern_model m;
    kern_shape s;
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
    M("params_total", INT, m.params_total, 1, 0x1p50, 1),
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

static int copy_tensors(sweep_loader *l, const kern_tensors *t, const kern_tensor **out, uint32_t *n) {
    kern_tensor *copy = arena_alloc(l->mem, t->n + 1, sizeof *copy);
    if (!copy) return 0;
    memcpy(copy, t->item, t->n * sizeof *copy);
    *out = copy;
    *n = t->n;
    return 1;
}

static err make_group(sweep_loader *l, const kern_shape *s, const sweep_group_spec *spec, kern_group *g) {
    kern_tensors t = {.n = 0};
    kern_part *parts = arena_alloc(l->mem, spec->n_parts, sizeof *parts);
    if (!parts) return ERR_MEMORY;
    for (uint32_t i = 0; i < spec->n_parts; i++)
        parts[i] = kern_resolve_part(s, &spec->part[i]);
    kern_layer_tensors(s, spec->part, spec->n_parts, &t);
    *g = (kern_group){.kind = (uint8_t)spec->kind, .layers = spec->layers, .parts = parts, .n_parts = spec->n_parts};
    if (t.full) return ERR_LIMIT;
    return copy_tensors(l, &t, &g->tensors, &g->n_tensors) ? ERR_OK : ERR_MEMORY;
}

/** Sums of parameters by what they belong to; `idle`: experts that a token does not use. */
static void count_params(kern_model *m) {
    int64_t idle = 0;
    for (uint32_t k = 0; k < m->n_globals; k++) {
        int64_t n = kern_tensors_params(&m->globals[k], 1);
        *(m->globals[k].cls == KERN_CLASS_VISION ? &m->params_vision : &m->params_main) += n;
    }
    for (uint32_t g = 0; g < m->n_groups; g++) {
        const kern_group *group = &m->groups[g];
        int64_t n = group->layers * kern_tensors_params(group->tensors, group->n_tensors);
        *(group->kind == KERN_GROUP_MTP ? &m->params_mtp : &m->params_main) += n;
        for (uint32_t p = 0; p < group->n_parts && group->kind != KERN_GROUP_MTP; p++) {
            const kern_part *part = &group->parts[p];
            if (part->kind != KERN_PART_MOE || part->experts <= 0) continue;
            for (uint32_t t = 0; t < group->n_tensors; t++) {
                if (group->tensors[t].cls != KERN_CLASS_EXPERT) continue;
                idle += group->layers * group->tensors[t].rows * group->tensors[t].cols * (part->experts - part->top_k);
            }
        }
    }
    m->params_active = m->params_main - idle;
}

/** Sizes that the grammar allows but no tensor list can hold: the products must stay far below 2^63. */
static int too_large(const kern_shape *s, const sweep_group_spec *spec, uint32_t n) {
    double largest = 0, layers = 0;
    for (uint32_t g = 0; g < n; g++) {
        kern_tensors t = {.n = 0};
        kern_layer_tensors(s, spec[g].part, spec[g].n_parts, &t);
        for (uint32_t i = 0; i < t.n; i++)
            largest += (double)t.item[i].rows * (double)t.item[i].cols * (double)t.item[i].count;
        layers += (double)spec[g].layers;
    }
    return largest * layers > 0x1p60 || (double)s->vocab * (double)s->hidden > 0x1p55;
}

static int mixers_known(const kern_shape *s, const sweep_group_spec *spec, uint32_t n) {
    for (uint32_t g = 0; g < n; g++) {
        for (uint32_t p = 0; p < spec[g].n_parts; p++) {
            kern_part_kind kind = spec[g].part[p].kind;
            if (kind >= KERN_PART_GDN && kind <= KERN_PART_RWKV7 && !s->has_mixer[kind]) return 0;
        }
    }
    return 1;
}

static err make_model(sweep_loader *l, const sweep_raw *row, model_row *r, const sweep_group_spec *spec, uint32_t n) {
    kern_tensors globals = {.n = 0};
    kern_group *groups = arena_alloc(l->mem, n, sizeof *groups);
    int encoder = 0;
    if (!groups) return sweep_row_fault(l, row, ERR_MEMORY, NULL, "%s", err_text(ERR_MEMORY));
    for (uint32_t g = 0; g < n; g++) {
        err e = make_group(l, &r->s, &spec[g], &groups[g]);
        if (e != ERR_OK)
            return sweep_row_fault(l, row, e, "layer_groups", "%s",
                                   e == ERR_LIMIT ? "too many tensors in a layer" : err_text(e));
        encoder |= spec[g].kind == KERN_GROUP_ENCODER;
    }
    kern_global_tensors(&r->s, encoder, &globals);
    r->m.groups = groups;
    r->m.n_groups = n;
    if (!copy_tensors(l, &globals, &r->m.globals, &r->m.n_globals))
        return sweep_row_fault(l, row, ERR_MEMORY, NULL, "%s", err_text(ERR_MEMORY));
    count_params(&r->m);
    return ERR_OK;
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

static err finish_row(sweep_loader *l, const sweep_raw *row, model_row *r) {
    sweep_group_spec spec[SWEEP_GROUPS_MAX];
    char why[DIAG_TEXT];
    no_nulls(r);
    kern_shape *s = &r->s;
    s->tied = r->tied;
    s->bias = r->bias;
    s->qk_norm = r->qk_norm;
    s->norm_bias = r->norm_ln;
    s->norms = 2;
    if (!s->v_head_dim) s->v_head_dim = s->head_dim;
    if (!s->kv_heads) s->kv_heads = s->q_heads;
    if (!sweep_flags_parse(r->flags, s, why)) return sweep_row_fault(l, row, ERR_SYNTAX, "count_flags", "%s", why);
    if (!sweep_mixers_parse(r->state, s, why)) return sweep_row_fault(l, row, ERR_SYNTAX, "linear_state", "%s", why);
    uint32_t n = sweep_groups_parse(r->m.groups_text, spec, why);
    if (n == 0) return sweep_row_fault(l, row, ERR_SYNTAX, "layer_groups", "%s", why);
    if (!mixers_known(s, spec, n))
        return sweep_row_fault(l, row, ERR_MISSING, "linear_state",
                               "layer_groups names a mixer that has no sizes here");
    if (too_large(s, spec, n)) return sweep_row_fault(l, row, ERR_RANGE, "layer_groups", "more than 2^55 parameters");
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
    m->file = row->file;
    m->line = row->line;
    return make_model(l, row, r, spec, n);
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

/** Bare names come last: they never hide a name that some row really has. */
static int index_bare(sweep_loader *l, sweep_index *x, const model_row *r, size_t at) {
    char bare[SWEEP_BARE];
    const char *names[] = {r->m.name, r->m.hf_id};
    for (int i = 0; i < 2; i++) {
        sweep_bare_name(names[i], bare);
        char *copy = arena_text(l->mem, bare, strlen(bare));
        if (!copy || (*copy && sweep_index_add(x, copy, at) < 0)) return 0;
    }
    return 1;
}

static err finish(sweep_loader *l, const sweep_raws *rows) {
    const kern_model **out = arena_alloc(l->mem, rows->n + 1, sizeof *out);
    sweep_index *x = sweep_index_new(l->mem, 4 * rows->n);
    if (!out || !x) return ERR_MEMORY;
    for (size_t i = 0; i < rows->n; i++) {
        model_row *r = rows->item[i].raw;
        finish_row(l, &rows->item[i], r);
        r->m.tags = full_tags(l, &r->m);
        if (!r->m.tags) return ERR_MEMORY;
        out[i] = &r->m;
        if (sweep_find_weights(l->c, r->m.native_format) == NULL) {
            sweep_row_fault(l, &rows->item[i], ERR_NAME, "native", "no weight format is called '%.60s'",
                            r->m.native_format);
        }
    }
    for (size_t i = 0; i < rows->n; i++)
        sweep_index_add(x, rows->item[i].key, i);
    for (size_t i = 0; i < rows->n; i++)
        index_row(l, x, rows, i);
    for (size_t i = 0; i < rows->n; i++)
        if (!index_bare(l, x, rows->item[i].raw, i)) return ERR_MEMORY;
    l->c->models.rows = out;
    l->c->models.n = rows->n;
    l->c->models.index = x;
    return ERR_OK;
}

const sweep_kind sweep_kind_models = {"models.csv",      fields, sizeof fields / sizeof *fields,
                                      sizeof(model_row), key,    finish};
