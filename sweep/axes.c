/*
 * axes.c - expands the items of an axis that names catalog rows or layouts. What a glob or tag
 * finds is put in the order of its names. Refuses what matches nothing, and lists over 100000 values as written or 4096
 * distinct ones.
 */
#include "sweep/axes.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>

enum { TAGS = 128, TAG_BYTES = 48 };

/** Row i of an axis into *v without label; its name, or NULL at the end. */
static const char *row_at(const sweep_catalogs *c, sweep_axis axis, size_t i, sweep_value *v) {
#define ROW(kind, member) (i < c->kind.n ? (v->row.member = c->kind.rows[i])->name : NULL)
    switch (axis) {
    case SWEEP_METHOD:
        return ROW(methods, method);
    case SWEEP_ENGINE:
        return ROW(engines, engine);
    case SWEEP_MODE:
        return ROW(modes, mode);
    case SWEEP_MODEL:
        return ROW(models, model);
    case SWEEP_GPU:
        return ROW(gpus, gpu);
    case SWEEP_WEIGHTS:
        return ROW(formats, format);
    case SWEEP_KV:
        return i < c->formats.n ? (v->row.kv.k = v->row.kv.v = c->formats.rows[i])->name : NULL;
    default:
        return NULL;
    }
#undef ROW
}

/** Whether a format row belongs on this axis; other rows always do. */
static int belongs(sweep_axis axis, const sweep_value *v) {
    if (axis == SWEEP_WEIGHTS) return v->row.format->for_weights;
    return axis != SWEEP_KV || v->row.kv.k->for_kv;
}

/** `kv-fp8` is written fp8 and `gguf-q4_k_m` q4_k_m, as long as that still means the same row. */
static const char *short_name(const sweep_catalogs *c, sweep_axis axis, const sweep_value *v, const char *name) {
    sweep_value other;
    const char *prefix = axis == SWEEP_KV ? "kv-" : axis == SWEEP_WEIGHTS ? "gguf-" : "";
    const size_t n = strlen(prefix);
    if (n == 0 || strncmp(name, prefix, n) != 0) return name;
    if (sweep_resolve_value(c, axis, name + n, &other, NULL, NULL) != ERR_OK) return name;
    return sweep_value_same(axis, v, &other) ? name + n : name;
}

/** Label of a row that was found by glob or tag. */
static const char *row_label(arena *mem, const sweep_catalogs *c, sweep_axis axis, const sweep_value *v,
                             const char *name) {
    if (axis == SWEEP_ENGINE && v->row.engine->version && v->row.engine->version[0])
        return arena_printf(mem, "%s@%s", name, v->row.engine->version);
    return short_name(c, axis, v, name);
}

int sweep_is_pattern(const char *text) {
    return text[0] == '@' || strpbrk(text, "*?") != NULL;
}

static const char *tags_of(sweep_axis axis, const sweep_value *v) {
    const char *tags = axis == SWEEP_MODEL ? v->row.model->tags : axis == SWEEP_GPU ? v->row.gpu->tags : NULL;
    return tags ? tags : "";
}

/** Next word of a tag list without its '@'; 0 at the end. Words too long to be a tag are cut. */
static int next_tag(const char **tags, char *word) {
    *tags += strspn(*tags, " @");
    const size_t n = strcspn(*tags, " "), kept = n < TAG_BYTES ? n : TAG_BYTES - 1;
    memcpy(word, *tags, kept);
    word[kept] = 0;
    *tags += n;
    return n > 0;
}

static int tagged(const char *tags, const char *tag) {
    char word[TAG_BYTES];
    while (next_tag(&tags, word))
        if (text_same(word, tag)) return 1;
    return 0;
}

/** Names a value goes by beside its label. */
static const char *row_name(sweep_axis axis, const sweep_value *v) {
    switch (axis) {
    case SWEEP_METHOD:
        return v->row.method->name;
    case SWEEP_ENGINE:
        return v->row.engine->name;
    case SWEEP_MODE:
        return v->row.mode->name;
    case SWEEP_MODEL:
        return v->row.model->name;
    case SWEEP_WEIGHTS:
        return v->row.format->name;
    case SWEEP_KV:
        return v->row.kv.k == v->row.kv.v ? v->row.kv.k->name : v->label;
    case SWEEP_GPU:
        return v->row.gpu->name;
    default:
        return v->label;
    }
}

int sweep_value_matches(sweep_axis axis, const sweep_value *v, const char *pattern) {
    if (pattern[0] == '@') return tagged(tags_of(axis, v), pattern + 1);
    if (text_glob(pattern, v->label) || text_glob(pattern, row_name(axis, v))) return 1;
    return axis == SWEEP_MODEL && strchr(pattern, '/') && v->row.model->hf_id &&
           text_glob(pattern, v->row.model->hf_id);
}

/** Distinct tags of an axis, for suggestions. */
typedef struct tag_list {
    char name[TAGS][TAG_BYTES + 1];
    size_t n;
} tag_list;

static void tag_add(tag_list *list, const char *word) {
    for (size_t i = 0; i < list->n; i++)
        if (text_same(list->name[i] + 1, word)) return;
    if (list->n < TAGS) snprintf(list->name[list->n++], TAG_BYTES + 1, "@%s", word);
}

static const char *tag_next(const void *ctx, size_t i) {
    const tag_list *list = ctx;
    return i < list->n ? list->name[i] : NULL;
}

err sweep_tag_check(const sweep_catalogs *c, sweep_axis axis, const char *tag, const sweep_place *at, diags *faults) {
    char near[DIAG_TEXT], word[TAG_BYTES];
    tag_list list = {.n = 0};
    sweep_value v;
    if (axis != SWEEP_MODEL && axis != SWEEP_GPU)
        return diag_add(faults, ERR_SYNTAX, at->file, at->line, at->column, at->field,
                        "'%.60s': only models and GPUs have tags", tag);
    for (size_t i = 0; row_at(c, axis, i, &v); i++)
        for (const char *tags = tags_of(axis, &v); next_tag(&tags, word);) {
            if (text_same(word, tag + 1)) return ERR_OK;
            tag_add(&list, word);
        }
    text_suggest_names(tag, tag_next, &list, 3, near, sizeof near);
    return diag_add(faults, ERR_NAME, at->file, at->line, at->column, at->field, "no %s has the tag '%.60s'%s%s",
                    axis == SWEEP_GPU ? "GPU" : "model", tag, near[0] ? "; " : "", near);
}

/** Values of one axis while they are collected. */
typedef struct collection {
    arena *mem;
    sweep_axis axis;
    const sweep_place *at;
    diags *faults;
    sweep_value *value;
    size_t n, cap, listed;
} collection;

static err full(const collection *l, const char *what, int most) {
    return diag_add(l->faults, ERR_LIMIT, l->at->file, l->at->line, l->at->column, l->at->field,
                    "the axis has more than %d %s", most, what);
}

static err no_memory(const collection *l) {
    return diag_add(l->faults, ERR_MEMORY, l->at->file, 0, 0, l->at->field, "%s", err_text(ERR_MEMORY));
}

static err collect(collection *l, const sweep_value *v) {
    if (!v->label) return no_memory(l);
    if (++l->listed > SWEEP_LISTED_MAX) return full(l, "values", SWEEP_LISTED_MAX);
    for (size_t i = 0; i < l->n; i++)
        if (sweep_value_same(l->axis, &l->value[i], v) || text_same(l->value[i].label, v->label)) return ERR_OK;
    if (l->n == SWEEP_VALUES_MAX) return full(l, "distinct values", SWEEP_VALUES_MAX);
    if (l->n == l->cap) {
        void *more = arena_grow(l->mem, l->value, l->n, &l->cap, l->n + 1, sizeof *v);
        if (!more) return no_memory(l);
        l->value = more;
    }
    l->value[l->n++] = *v;
    return ERR_OK;
}

static int by_label(const void *a, const void *b) {
    return text_order(((const sweep_value *)a)->label, ((const sweep_value *)b)->label);
}

/** Every row that a glob or tag matches, by name: where a row stands in its file means nothing. */
static err collect_pattern(collection *l, const sweep_catalogs *c, const char *pattern) {
    const char *name;
    sweep_value v = {.label = NULL};
    size_t found = 0, before = l->n;
    if (pattern[0] == '@') TRY(sweep_tag_check(c, l->axis, pattern, l->at, l->faults));
    for (size_t i = 0; (name = row_at(c, l->axis, i, &v)); i++) {
        if (!belongs(l->axis, &v)) continue;
        v.label = row_label(l->mem, c, l->axis, &v, name);
        if (!v.label) return no_memory(l);
        if (!sweep_value_matches(l->axis, &v, pattern)) continue;
        TRY(collect(l, &v));
        found++;
    }
    if (l->n > before) qsort(l->value + before, l->n - before, sizeof *l->value, by_label);
    if (found) return ERR_OK;
    return diag_add(l->faults, ERR_NAME, l->at->file, l->at->line, l->at->column, l->at->field, "'%.60s' matches no %s",
                    pattern, sweep_axis_name[l->axis]);
}

err sweep_axis_values(arena *mem, const sweep_catalogs *c, sweep_axis axis, const sweep_items *items, const char *file,
                      const sweep_value **out, size_t *n, diags *faults) {
    collection l = {.mem = mem, .axis = axis, .faults = faults};
    err first = ERR_OK;
    for (size_t i = 0; i < items->n; i++) {
        const sweep_item *item = &items->item[i];
        const sweep_place at = {file, item->line, item->column, sweep_axis_name[axis]};
        sweep_value v;
        err code;
        l.at = &at;
        if (sweep_is_pattern(item->text))
            code = collect_pattern(&l, c, item->text);
        else if (axis == SWEEP_LAYOUT && text_same(item->text, "auto"))
            code = collect(&l, &(sweep_value){.label = "auto"}); /* no degree: plan_layouts.c chooses */
        else if ((code = sweep_resolve_value(c, axis, item->text, &v, &at, faults)) == ERR_OK)
            code = collect(&l, &v);
        if (first == ERR_OK) first = code;
        if (code == ERR_LIMIT || code == ERR_MEMORY) break;
        if (diags_full(faults)) break;
    }
    if (first != ERR_OK) return first;
    *out = l.value;
    *n = l.n;
    return ERR_OK;
}

err sweep_axis_gpus(arena *mem, const sweep_catalogs *c, const sweep_items *items, const char *file,
                    const kern_gpu *const **out, size_t *n, diags *faults) {
    const sweep_value *value = NULL;
    size_t found = 0;
    TRY(sweep_axis_values(mem, c, SWEEP_GPU, items, file, &value, &found, faults));
    const kern_gpu **gpu = arena_alloc(mem, found + 1, sizeof *gpu);
    if (!gpu) return diag_add(faults, ERR_MEMORY, file, 0, 0, "gpu", "%s", err_text(ERR_MEMORY));
    for (size_t i = 0; i < found; i++)
        gpu[i] = value[i].row.gpu;
    *out = gpu;
    *n = found;
    return ERR_OK;
}
