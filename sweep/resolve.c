/*
 * resolve.c - name -> row for every axis, through the catalogs' finders. A wrong name is refused with the nearest right
 * ones, a wrong layout with the reason of its grammar, a wrong number with its bounds.
 */
#include "sweep/resolve.h"

#include "common/text.h"
#include "sweep/layout.h"

#include <stdlib.h>
#include <string.h>

enum { SHOWN = 60 }; /* bytes of a wrong text that a message repeats */

const char *const sweep_axis_name[SWEEP_AXES] = {"method", "engine", "mode",    "model", "weights",
                                                 "kv",     "layout", "context", "batch", "gpu"};

sweep_axis sweep_axis_find(const char *name) {
    unsigned a = 0;
    while (a < SWEEP_AXES && !text_same(sweep_axis_name[a], name))
        a++;
    return (sweep_axis)a;
}

const char *sweep_axis_next(const void *unused, size_t i) {
    (void)unused;
    return i < SWEEP_AXES ? sweep_axis_name[i] : NULL;
}

/** What an axis is called in messages, and the names it offers. NULL: no catalog names (layouts, numbers). */
static const struct {
    const char *noun;
    const char *(*next)(const void *c, size_t i);
} kinds[SWEEP_AXES] = {
    [SWEEP_METHOD] = {"method", sweep_method_name},
    [SWEEP_ENGINE] = {"engine", sweep_engine_name},
    [SWEEP_MODE] = {"mode", sweep_mode_name},
    [SWEEP_MODEL] = {"model", sweep_model_name},
    [SWEEP_WEIGHTS] = {"weight format", sweep_weights_name},
    [SWEEP_KV] = {"KV-cache format", sweep_kv_name},
    [SWEEP_GPU] = {"GPU", sweep_gpu_name},
};

static err unknown(const sweep_catalogs *c, sweep_axis axis, const char *text, const sweep_place *at, diags *faults) {
    char near[DIAG_TEXT];
    if (!at) return ERR_NAME;
    text_suggest_names(text, kinds[axis].next, c, 3, near, sizeof near);
    return diag_add(faults, ERR_NAME, at->file, at->line, at->column, at->field, "no %s is called '%.*s'; %s",
                    kinds[axis].noun, SHOWN, text, near[0] ? near : "the list command shows all names");
}

static err refuse(err code, const sweep_place *at, diags *faults, const char *text, const char *why) {
    if (!at) return code;
    return diag_add(faults, code, at->file, at->line, at->column, at->field, "'%.*s': %s", SHOWN, text, why);
}

/** `K:V`, or one name for both. */
static err resolve_kv(const sweep_catalogs *c, const char *text, sweep_value *v, const sweep_place *at, diags *faults) {
    char first[SWEEP_NAME_MAX + 1];
    const char *colon = strchr(text, ':');
    if (!colon) {
        v->row.kv.k = v->row.kv.v = sweep_find_kv(c, text);
        return v->row.kv.k ? ERR_OK : unknown(c, SWEEP_KV, text, at, faults);
    }
    if (strchr(colon + 1, ':')) return refuse(ERR_SYNTAX, at, faults, text, "expected one format or K:V");
    memcpy(first, text, (size_t)(colon - text));
    first[colon - text] = 0;
    v->row.kv.k = sweep_find_kv(c, first);
    v->row.kv.v = sweep_find_kv(c, colon + 1);
    if (!v->row.kv.k) return unknown(c, SWEEP_KV, first, at, faults);
    return v->row.kv.v ? ERR_OK : unknown(c, SWEEP_KV, colon + 1, at, faults);
}

/** The row of a catalog axis goes to *v; 0 when there is none. */
static int find_row(const sweep_catalogs *c, sweep_axis axis, const char *text, sweep_value *v) {
    int older = 0;
    switch (axis) {
    case SWEEP_METHOD:
        return (v->row.method = sweep_find_method(c, text)) != NULL;
    case SWEEP_ENGINE:
        return (v->row.engine = sweep_find_engine(c, text, &older)) != NULL;
    case SWEEP_MODE:
        return (v->row.mode = sweep_find_mode(c, text)) != NULL;
    case SWEEP_MODEL:
        return (v->row.model = sweep_find_model(c, text)) != NULL;
    case SWEEP_WEIGHTS:
        return (v->row.format = sweep_find_weights(c, text)) != NULL;
    case SWEEP_GPU:
        return (v->row.gpu = sweep_find_gpu(c, text)) != NULL;
    default:
        return 0;
    }
}

err sweep_resolve_value(const sweep_catalogs *c, sweep_axis axis, const char *text, sweep_value *out,
                        const sweep_place *at, diags *faults) {
    char why[DIAG_TEXT] = "";
    sweep_value v = {.label = text};
    if (strlen(text) > SWEEP_NAME_MAX) return refuse(ERR_LIMIT, at, faults, text, "a name has at most 200 characters");
    if (axis == SWEEP_LAYOUT) {
        err code = sweep_layout_parse(text, &v.row.layout, why);
        if (code != ERR_OK) return refuse(code, at, faults, text, why);
    } else if (axis == SWEEP_KV) {
        TRY(resolve_kv(c, text, &v, at, faults));
    } else if (!find_row(c, axis, text, &v)) {
        return unknown(c, axis, text, at, faults);
    }
    *out = v;
    return ERR_OK;
}

err sweep_resolve_gpu(const sweep_catalogs *c, const char *text, const kern_gpu **out, const sweep_place *at,
                      diags *faults) {
    sweep_value v;
    TRY(sweep_resolve_value(c, SWEEP_GPU, text, &v, at, faults));
    *out = v.row.gpu;
    return ERR_OK;
}

err sweep_resolve_number(sweep_axis axis, const char *text, double *out, const sweep_place *at, diags *faults) {
    const int most = axis == SWEEP_CONTEXT ? SWEEP_CONTEXT_MAX : SWEEP_BATCH_MAX;
    uint64_t n = 0;
    if (!text_count(text, &n)) return refuse(ERR_SYNTAX, at, faults, text, "expected a whole number such as 32 or 8k");
    if (n < 1 || n > (uint64_t)most) {
        if (!at) return ERR_RANGE;
        return diag_add(faults, ERR_RANGE, at->file, at->line, at->column, at->field, "%.*s, expected 1..%d", SHOWN,
                        text, most);
    }
    *out = (double)n;
    return ERR_OK;
}

int sweep_engine_is_older(const sweep_value *v) {
    const char *version = strchr(v->label, '@');
    return version && v->row.engine->version && !text_same(version + 1, v->row.engine->version);
}

int sweep_engine_is(const sweep_value *v, const char *name) {
    return text_same(v->row.engine->name, name);
}

static int layout_same(const kern_layout *a, const kern_layout *b) {
    return a->tp == b->tp && a->pp == b->pp && a->dp == b->dp && a->ep == b->ep && a->cp == b->cp && a->vpp == b->vpp &&
           a->stage == b->stage && a->etp == b->etp && a->micro_batches == b->micro_batches && a->zero == b->zero &&
           a->fsdp == b->fsdp && a->hsdp == b->hsdp && a->sequence_parallel == b->sequence_parallel;
}

int sweep_value_same(sweep_axis axis, const sweep_value *a, const sweep_value *b) {
    switch (axis) {
    case SWEEP_METHOD:
        return a->row.method == b->row.method;
    case SWEEP_ENGINE:
        return a->row.engine == b->row.engine;
    case SWEEP_MODE:
        return a->row.mode == b->row.mode;
    case SWEEP_MODEL:
        return a->row.model == b->row.model;
    case SWEEP_WEIGHTS:
        return a->row.format == b->row.format;
    case SWEEP_KV:
        return a->row.kv.k == b->row.kv.k && a->row.kv.v == b->row.kv.v;
    case SWEEP_GPU:
        return a->row.gpu == b->row.gpu;
    case SWEEP_LAYOUT:
        return layout_same(&a->row.layout, &b->row.layout);
    default:
        return 0;
    }
}
