/*
 * scenario.c - texts of the scenario columns to catalog rows, defaults filled in, knobs applied in knobs.c.
 */
#include <string.h>

#include "common/text.h"
#include "sweep/import.h"
#include "sweep/knobs.h"
#include "sweep/scenario.h"

const sweep_column_info sweep_columns[SC_COLUMNS] = {
#define COLUMN(id, name, fallback, takes) [id] = {name, fallback, takes},
#include "sweep/columns.def"
#undef COLUMN
};

sweep_column sweep_column_find(const char *name) {
    unsigned i = 0;
    while (i < SC_COLUMNS && !text_same(name, sweep_columns[i].name))
        i++;
    return (sweep_column)i;
}

const char *sweep_column_next(const void *unused, size_t i) {
    (void)unused;
    return i < SC_COLUMNS ? sweep_columns[i].name : NULL;
}

/** Categorical axes and the columns that hold them. */
static const struct axis_column {
    sweep_axis axis;
    sweep_column column;
} axis_columns[SWEEP_CATEGORIES] = {
    {SWEEP_METHOD, SC_METHOD},   {SWEEP_ENGINE, SC_ENGINE}, {SWEEP_MODE, SC_MODE},     {SWEEP_MODEL, SC_MODEL},
    {SWEEP_WEIGHTS, SC_WEIGHTS}, {SWEEP_KV, SC_KV},         {SWEEP_LAYOUT, SC_LAYOUT},
};

static const char *given(const char *const text[SC_COLUMNS], sweep_column c) {
    return text[c] && *text[c] ? text[c] : NULL;
}

static const char *or_fallback(const char *const text[SC_COLUMNS], sweep_column c) {
    const char *value = given(text, c);
    return value ? value : sweep_columns[c].fallback;
}

static sweep_place place_of(const sweep_place *at, sweep_column c) {
    sweep_place here = *at;
    here.field = sweep_columns[c].name;
    return here;
}

static err resolve_axes(const sweep_catalogs *c, const char *const text[SC_COLUMNS], const sweep_place *at,
                        sweep_value value[SWEEP_CATEGORIES], diags *faults) {
    err first = ERR_OK;
    for (unsigned i = 0; i < SWEEP_CATEGORIES; i++) {
        if (axis_columns[i].axis == SWEEP_MODEL && given(text, SC_CONFIG_JSON)) continue;
        sweep_place here = place_of(at, axis_columns[i].column);
        const char *name = or_fallback(text, axis_columns[i].column);
        err e = *name ? sweep_resolve_value(c, axis_columns[i].axis, name, &value[axis_columns[i].axis], &here, faults)
                      : diag_add(faults, ERR_MISSING, here.file, here.line, 0, here.field, "must be given");
        if (first == ERR_OK) first = e;
    }
    return first;
}

static void take_values(const sweep_catalogs *c, const sweep_value value[SWEEP_CATEGORIES], kern_scenario *k) {
    k->method = value[SWEEP_METHOD].row.method;
    k->engine = value[SWEEP_ENGINE].row.engine;
    k->mode = value[SWEEP_MODE].row.mode;
    k->model = value[SWEEP_MODEL].row.model;
    k->weights = value[SWEEP_WEIGHTS].row.format;
    k->k = value[SWEEP_KV].row.kv.k;
    k->v = value[SWEEP_KV].row.kv.v;
    k->layout = value[SWEEP_LAYOUT].row.layout;
    if (k->weights->kind == KERN_FORMAT_NATIVE) {
        k->weights = k->mode->base ? k->mode->base : sweep_native_format(c, k->model);
    }
}

static err resolve_gpu(const sweep_catalogs *c, const char *const text[SC_COLUMNS], const sweep_place *at,
                       sweep_scenario *out, diags *faults) {
    int64_t gpus;
    sweep_place here = place_of(at, SC_GPU);
    out->gpu = NULL;
    out->gpus = kern_layout_gpus(&out->k.layout);
    if (given(text, SC_GPU)) TRY(sweep_resolve_gpu(c, text[SC_GPU], &out->gpu, &here, faults));
    if (!given(text, SC_GPUS)) return ERR_OK;
    if (!text_int(text[SC_GPUS], &gpus) || gpus < 1 || gpus > KERN_DEGREE_MAX) {
        return diag_add(faults, ERR_RANGE, at->file, at->line, 0, "gpus", "found '%s', expected 1 to %d", text[SC_GPUS],
                        KERN_DEGREE_MAX);
    }
    out->gpus = (int)gpus;
    return ERR_OK;
}

static err resolve_numbers(const char *const text[SC_COLUMNS], const sweep_place *at, sweep_scenario *out,
                           diags *faults) {
    sweep_place context = place_of(at, SC_CONTEXT), batch = place_of(at, SC_BATCH);
    err e = sweep_resolve_number(SWEEP_CONTEXT, or_fallback(text, SC_CONTEXT), &out->context, &context, faults);
    err f = sweep_resolve_number(SWEEP_BATCH, or_fallback(text, SC_BATCH), &out->batch, &batch, faults);
    return e != ERR_OK ? e : f;
}

/** Memory as the driver reports it, where that is known. */
static int is_small(const kern_engine *e, const kern_gpu *gpu) {
    double memory = gpu->reported_bytes > 0 ? gpu->reported_bytes : gpu->usable_bytes;
    return memory < e->small_below || (*e->small_gpus && text_glob(e->small_gpus, gpu->name));
}

void sweep_scenario_on_gpu(const char *const text[SC_COLUMNS], const kern_gpu *gpu, sweep_scenario *out) {
    const kern_engine *row = out->k.engine;
    if (!is_small(row, gpu)) return;
    if (row != &out->engine) out->engine = *row;
    if (row->small_tokens && !given(text, SC_MAX_BATCHED_TOKENS)) out->engine.max_batched_tokens = row->small_tokens;
    if (row->small_seqs && !given(text, SC_MAX_SEQS)) out->engine.max_seqs = row->small_seqs;
    out->k.engine = &out->engine;
}

err sweep_scenario_build(const sweep_catalogs *c, const char *const text[SC_COLUMNS], const sweep_place *at,
                         sweep_scenario *out, diags *faults) {
    sweep_value value[SWEEP_CATEGORIES];
    err first = resolve_axes(c, text, at, value, faults);
    err e = resolve_numbers(text, at, out, faults);
    if (first == ERR_OK) first = e;
    if (first != ERR_OK) return first;
    if (given(text, SC_CONFIG_JSON))
        TRY(sweep_import_model(c, text[SC_CONFIG_JSON], &value[SWEEP_MODEL].row.model, faults));
    take_values(c, value, &out->k);
    out->older_engine = sweep_engine_is_older(&value[SWEEP_ENGINE]) ? value[SWEEP_ENGINE].label : NULL;
    TRY(sweep_knobs_apply(c, text, at, out, faults));
    TRY(resolve_gpu(c, text, at, out, faults));
    if (!out->gpu) return ERR_OK;
    sweep_scenario_on_gpu(text, out->gpu, out);
    if (kern_capacity_exact(&out->k, out->gpu, out->gpus)) return ERR_OK;
    return diag_add(faults, ERR_RANGE, at->file, at->line, 0, "gpus", "%d x %.60s hold 2^53 bytes or more together",
                    out->gpus, out->gpu->name);
}
