/*
 * catalog_format.c - formats.csv and mixes.csv. References to other formats are linked once all are known; weights and
 * KV formats share the file but not the names: `fp8` is one row on each axis.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "sweep/catalog_internal.h"
#include "sweep/roles.h"

typedef struct format_row {
    kern_format f;
    const char *aliases, *covers, *rest, *vector, *fallback;
    uint8_t use;
} format_row;

#define F(column, kind, member, least, most, required)                                                                 \
    { column, SWEEP_FIELD_##kind, offsetof(format_row, member), least, most, NULL, required }
#define W(column, member, list)                                                                                        \
    { column, SWEEP_FIELD_WORD, offsetof(format_row, member), 0, 0, list, 1 }

static const char *const kind_words[] = {"type", "naive", "mix", "native", "scheme", NULL};
static const char *const use_words[] = {"weights", "kv", "both", NULL};
enum { USE_WEIGHTS, USE_KV, USE_BOTH };

static const sweep_field fields[] = {
    F("name", TEXT, f.name, 0, 0, 1),
    F("aliases", TEXT, aliases, 0, 0, 0),
    W("kind", f.kind, kind_words),
    W("use", use, use_words),
    F("bits", REAL, f.bits, 0.1, 64, 0),
    F("block", INT, f.block, 1, 1 << 20, 0),
    F("block_bytes", REAL, f.block_bytes, 0.01, 1 << 24, 0),
    F("row_bytes", REAL, f.row_bytes, 0, 1024, 0),
    F("col_bytes", REAL, f.col_bytes, 0, 1024, 0),
    F("tensor_bytes", REAL, f.tensor_bytes, 0, 1 << 20, 0),
    F("tile", FLAG, f.tile, 0, 0, 0),
    F("covers", TEXT, covers, 0, 0, 0),
    F("rest", TEXT, rest, 0, 0, 0),
    F("vector", TEXT, vector, 0, 0, 0),
    F("fallback", TEXT, fallback, 0, 0, 0),
    F("source", TEXT, f.source, 0, 0, 1),
    F("notes", TEXT, f.notes, 0, 0, 0),
};

static const char *key(sweep_loader *l, const void *raw) {
    (void)l;
    return ((const format_row *)raw)->f.name;
}

/** NULL for an empty or unknown name (a fault). */
static const kern_format *link_format(sweep_loader *l, const sweep_raws *rows, const sweep_raw *at, const char *field,
                                      const char *name) {
    if (!name || !*name) return NULL;
    size_t i = sweep_index_find(rows->index, name);
    if (i != SIZE_MAX) return &((const format_row *)rows->item[i].raw)->f;
    sweep_row_fault(l, at, ERR_NAME, field, "no format is called '%.60s'", name);
    return NULL;
}

/** Chains of references must end: `rest` and `fallback` may not come back to where they started. */
static void check_chain(sweep_loader *l, const sweep_raw *at, const kern_format *f) {
    int falls = 0, rests = 0;
    for (const kern_format *x = f; x && falls < 8; x = x->fallback)
        falls++;
    for (const kern_format *x = f; x && rests < 8; x = x->rest)
        rests++;
    if (falls == 8) sweep_row_fault(l, at, ERR_RANGE, "fallback", "a chain of more than 7 formats");
    if (rests == 8) sweep_row_fault(l, at, ERR_RANGE, "rest", "a chain of more than 7 formats");
}

static void finish_row(sweep_loader *l, const sweep_raws *rows, const sweep_raw *at, format_row *r) {
    char why[DIAG_TEXT];
    if (!sweep_classes_parse(r->covers ? r->covers : "", &r->f.covers, why))
        sweep_row_fault(l, at, ERR_NAME, "covers", "%s", why);
    int sized = r->f.kind == KERN_FORMAT_TYPE || r->f.kind == KERN_FORMAT_NAIVE;
    if (sized && (r->f.bits <= 0 || r->f.block <= 0 || r->f.block_bytes <= 0)) {
        sweep_row_fault(l, at, ERR_MISSING, "block", "bits, block and block_bytes are needed for this kind");
    }
    r->f.for_weights = r->use != USE_KV;
    r->f.for_kv = r->use != USE_WEIGHTS;
    r->f.rest = link_format(l, rows, at, "rest", r->rest);
    r->f.vector = link_format(l, rows, at, "vector", r->vector);
    r->f.fallback = link_format(l, rows, at, "fallback", r->fallback);
    r->f.file = at->file;
    r->f.line = at->line;
    if (!r->f.notes) r->f.notes = "";
}

/** The rows of each axis, for suggestions. 0 when memory is gone. */
static int split_axes(sweep_loader *l, const kern_format *const *rows, size_t n) {
    for (int kv = 0; kv < 2; kv++) {
        const kern_format **of = arena_alloc(l->mem, n + 1, sizeof *of);
        size_t used = 0;
        if (!of) return 0;
        for (size_t i = 0; i < n; i++) {
            if (kv ? rows[i]->for_kv : rows[i]->for_weights) of[used++] = rows[i];
        }
        l->c->axis_formats[kv] = of;
    }
    return 1;
}

static err finish(sweep_loader *l, const sweep_raws *rows) {
    const kern_format **out = arena_alloc(l->mem, rows->n + 1, sizeof *out);
    if (!out) return ERR_MEMORY;
    for (size_t i = 0; i < rows->n; i++) {
        format_row *r = rows->item[i].raw;
        finish_row(l, rows, &rows->item[i], r);
        out[i] = &r->f;
    }
    for (size_t i = 0; i < rows->n; i++)
        check_chain(l, &rows->item[i], out[i]);
    sweep_index *weights = sweep_index_new(l->mem, 2 * rows->n), *kv = sweep_index_new(l->mem, 2 * rows->n);
    if (!weights || !kv || !split_axes(l, out, rows->n)) return ERR_MEMORY;
    for (int aliases = 0; aliases < 2; aliases++) {
        for (size_t i = 0; i < rows->n; i++) {
            const format_row *r = rows->item[i].raw;
            sweep_index *to[2] = {r->f.for_weights ? weights : NULL, r->f.for_kv ? kv : NULL};
            for (int k = 0; k < 2; k++) {
                if (!to[k]) continue;
                if (!aliases)
                    sweep_index_add(to[k], r->f.name, i);
                else if (r->aliases)
                    sweep_index_aliases(l, to[k], rows, i, r->aliases);
            }
        }
    }
    l->c->formats.rows = out;
    l->c->formats.n = rows->n;
    l->c->formats.index = weights;
    l->c->kv_index = kv;
    return ERR_OK;
}

const sweep_kind sweep_kind_formats = {"formats.csv",      fields, sizeof fields / sizeof *fields,
                                       sizeof(format_row), key,    finish};

/* ---- mixes: rules in the order of the file, those of one mix together ---- */

typedef struct mix_row {
    const char *mix, *role, *type, *source;
    uint8_t condition;
    int64_t value;
} mix_row;

static const char *const condition_words[] = {"always",           "more",          "below",        "below-share",
                                              "gqa-at-least",     "experts-equal", "layers-equal", "middle",
                                              "experts-at-least", "more-experts",  "ragged",       NULL};

#define X(column, kind, member, most)                                                                                  \
    { column, SWEEP_FIELD_##kind, offsetof(mix_row, member), 0, most, NULL, 1 }

static const sweep_field mix_fields[] = {
    X("mix", TEXT, mix, 0),
    X("role", TEXT, role, 0),
    {"condition", SWEEP_FIELD_WORD, offsetof(mix_row, condition), 0, 0, condition_words, 1},
    X("value", INT, value, 1 << 20),
    X("type", TEXT, type, 0),
    X("source", TEXT, source, 0),
};

/** Rules have no name of their own: mix, role, condition and value together. */
static const char *mix_key(sweep_loader *l, const void *raw) {
    const mix_row *r = raw;
    return arena_printf(l->mem, "%s %s %u %lld", r->mix, r->role, r->condition, (long long)r->value);
}

static err add_rule(sweep_loader *l, const sweep_raw *at, kern_format *mix) {
    const mix_row *r = at->raw;
    int role = sweep_role_find(r->role);
    const kern_format *type = sweep_find_weights(l->c, r->type);
    if (role < 0)
        return sweep_row_fault(l, at, ERR_NAME, "role",
                               "found '%.40s', expected any, embed, head, q, k, v, o, gate, up, down or expert",
                               r->role);
    if (!type) return sweep_row_fault(l, at, ERR_NAME, "type", "no format is called '%.60s'", r->type);
    if ((r->condition == KERN_MIX_BELOW_SHARE || r->condition == KERN_MIX_RAGGED) && r->value < 1)
        return sweep_row_fault(l, at, ERR_RANGE, "value", "found 0, expected a divisor of at least 1");
    ((kern_mix_rule *)mix->rules)[mix->n_rules++] =
        (kern_mix_rule){.role = (uint8_t)role, .condition = r->condition, .value = r->value, .type = type};
    return ERR_OK;
}

/** The mix that a rule belongs to. A rule of none would never be looked at: a fault. */
static kern_format *mix_of(sweep_loader *l, const sweep_raw *at) {
    const char *name = ((const mix_row *)at->raw)->mix;
    const kern_format *f = sweep_find_weights(l->c, name);
    if (f && f->kind == KERN_FORMAT_MIX) return (kern_format *)f;
    sweep_row_fault(l, at, ERR_NAME, "mix", "no mix of formats.csv is called '%.60s'", name);
    return NULL;
}

/** Room for the rules of each mix, which were counted. */
static err make_room(sweep_loader *l) {
    for (size_t f = 0; f < l->c->formats.n; f++) {
        kern_format *mix = (kern_format *)l->c->formats.rows[f];
        if (mix->kind != KERN_FORMAT_MIX) continue;
        mix->rules = arena_alloc(l->mem, mix->n_rules + 1, sizeof *mix->rules);
        if (!mix->rules) return ERR_MEMORY;
        if (mix->n_rules == 0) {
            err e = diag_add(l->faults, ERR_MISSING, mix->file, mix->line, 0, mix->name,
                             "mixes.csv has no rules for this mix");
            if (l->first == ERR_OK) l->first = e;
        }
        mix->n_rules = 0;
    }
    return ERR_OK;
}

static err mix_finish(sweep_loader *l, const sweep_raws *rows) {
    kern_format **of = arena_alloc(l->mem, rows->n + 1, sizeof *of);
    if (!of) return ERR_MEMORY;
    for (size_t i = 0; i < rows->n; i++) {
        of[i] = mix_of(l, &rows->item[i]);
        if (of[i]) of[i]->n_rules++;
    }
    TRY(make_room(l));
    for (size_t i = 0; i < rows->n; i++) {
        if (of[i]) add_rule(l, &rows->item[i], of[i]);
    }
    return ERR_OK;
}

const sweep_kind sweep_kind_mixes = {"mixes.csv",     mix_fields, sizeof mix_fields / sizeof *mix_fields,
                                     sizeof(mix_row), mix_key,    mix_finish};
