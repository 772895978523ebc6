/*
 * plan.c - builds a plan from one sweep of a config: axes expanded, defaults filled in, sizes bounded, skip rules
 * compiled. Decodes combinations from their index. Refuses products that could not be walked or not be counted exactly.
 */
#include "sweep/plan.h"

#include "common/text.h"
#include "kernels/reduce/capacity.h"
#include "sweep/axes.h"
#include "sweep/plan_check.h"
#include "sweep/plan_layouts.h"
#include "sweep/skip.h"

/** What an absent axis means. */
static const char *const fallback[SWEEP_AXES] = {
    [SWEEP_METHOD] = "exact", [SWEEP_ENGINE] = "none", [SWEEP_MODE] = "inference", [SWEEP_WEIGHTS] = "native",
    [SWEEP_KV] = "bf16",      [SWEEP_LAYOUT] = "tp1",  [SWEEP_CONTEXT] = "8k",     [SWEEP_BATCH] = "1"};

/** Items of an axis, or its default at the place of the sweep (written to *one). */
static sweep_items items_of(const sweep_spec *s, unsigned axis, sweep_item *one) {
    if (s->axis[axis].n || !fallback[axis]) return s->axis[axis];
    *one = (sweep_item){fallback[axis], s->line, s->column};
    return (sweep_items){one, 1};
}

/** Expands every axis, so that all faults are found in one run. */
static err expand(sweep_plan *p, arena *mem, const sweep_config *cfg, const sweep_spec *s, diags *faults) {
    err first = ERR_OK;
    for (unsigned a = 0; a < SWEEP_AXES; a++) {
        const sweep_axis axis = (sweep_axis)a;
        sweep_item one;
        const sweep_items items = items_of(s, a, &one);
        err code;
        if (axis == SWEEP_CONTEXT)
            code = sweep_axis_numbers(mem, axis, &items, cfg->path, &p->context, &p->context_label, &p->n[a], faults);
        else if (axis == SWEEP_BATCH)
            code = sweep_axis_numbers(mem, axis, &items, cfg->path, &p->batch, &p->batch_label, &p->n[a], faults);
        else if (axis == SWEEP_GPU)
            code = sweep_axis_gpus(mem, p->catalogs, &items, cfg->path, &p->gpu, &p->n[a], faults);
        else
            code = sweep_axis_values(mem, p->catalogs, axis, &items, cfg->path, &p->value[a], &p->n[a], faults);
        if (first == ERR_OK) first = code;
    }
    return first;
}

/** *product *= n, or 0 when it would pass the limit. */
static int multiply(uint64_t *product, uint64_t n, uint64_t limit) {
    if (n == 0 || *product > limit / n) return 0;
    *product *= n;
    return 1;
}

/** Combinations can be walked, cells counted in a double, tokens lowered. */
static err bound(sweep_plan *p, const sweep_config *cfg, const sweep_spec *s, diags *faults) {
    const uint64_t combos_max = (uint64_t)1 << 40, cells_max = (uint64_t)1 << 53;
    uint64_t n = 1;
    for (unsigned a = 0; a < SWEEP_CATEGORIES; a++)
        if (!multiply(&n, p->n[a], combos_max))
            return diag_add(faults, ERR_LIMIT, cfg->path, s->line, s->column, "sweep",
                            "more than 2^40 combinations of categories; split the sweep");
    p->n_combos = n;
    if (!multiply(&n, p->n[SWEEP_CONTEXT], cells_max) || !multiply(&n, p->n[SWEEP_BATCH], cells_max) ||
        !multiply(&n, p->n[SWEEP_GPU] ? p->n[SWEEP_GPU] : 1, cells_max))
        return diag_add(faults, ERR_LIMIT, cfg->path, s->line, s->column, "sweep",
                        "more than 2^53 cells; split the sweep");
    const double tokens = p->context[p->n[SWEEP_CONTEXT] - 1] * p->batch[p->n[SWEEP_BATCH] - 1];
    if (tokens > 0x1p40)
        return diag_add(faults, ERR_LIMIT, cfg->path, s->line, s->column, "sweep",
                        "the largest context times the largest batch is %.0f tokens, expected at most 2^40", tokens);
    return ERR_OK;
}

/** Published methods hold a scenario against all GPUs together: their bytes stay below 2^53. */
static err bound_gpus(const sweep_plan *p, const sweep_config *cfg, const sweep_spec *s, diags *faults) {
    for (size_t m = 0; m < p->n[SWEEP_METHOD] && p->gpus > 1; m++) {
        const kern_scenario sc = {.method = p->value[SWEEP_METHOD][m].row.method};
        for (size_t g = 0; g < p->n[SWEEP_GPU] && !sc.method->exact; g++) {
            if (kern_capacity_exact(&sc, p->gpu[g], p->gpus)) continue;
            return diag_add(faults, ERR_RANGE, cfg->path, s->line, s->column, "gpus",
                            "%d x %.60s hold 2^53 bytes or more together, by method %.60s", p->gpus, p->gpu[g]->name,
                            sc.method->name);
        }
    }
    return ERR_OK;
}

err sweep_plan_build(sweep_plan *p, arena *mem, const sweep_catalogs *c, const sweep_config *cfg, size_t i_sweep,
                     diags *faults) {
    const sweep_spec *s = &cfg->sweeps[i_sweep];
    sweep_plan built = {.catalogs = c, .gpus = (int)s->gpus};
    TRY(expand(&built, mem, cfg, s, faults));
    err code = bound(&built, cfg, s, faults);
    if (code == ERR_OK) code = bound_gpus(&built, cfg, s, faults);
    if (code == ERR_OK) code = sweep_plan_layouts_init(&built, mem, cfg, s, faults);
    const err skips = sweep_skip_compile(&built.skip, mem, &built, &s->skip, cfg->path, faults);
    const err reports = sweep_plan_check(&built, mem, cfg, i_sweep, faults);
    if (code == ERR_OK) code = skips;
    if (code == ERR_OK) code = reports;
    if (code == ERR_OK) *p = built;
    return code;
}

/** The released weights, or the frozen base that the mode's recipe quantizes. */
static const kern_format *weights_of(const sweep_plan *p, const kern_scenario *sc, const kern_format *f) {
    if (f->kind != KERN_FORMAT_NATIVE) return f;
    return sc->mode->base ? sc->mode->base : sweep_native_format(p->catalogs, sc->model);
}

int sweep_plan_combo(const sweep_plan *p, uint64_t i, sweep_combo *out) {
    const sweep_value *v[SWEEP_CATEGORIES];
    const uint64_t combo = i;
    for (unsigned a = SWEEP_CATEGORIES; a-- > 0; i /= p->n[a]) {
        out->at[a] = (uint32_t)(i % p->n[a]);
        v[a] = &p->value[a][out->at[a]];
    }
    out->sc = (kern_scenario){
        .model = v[SWEEP_MODEL]->row.model,
        .k = v[SWEEP_KV]->row.kv.k,
        .v = v[SWEEP_KV]->row.kv.v,
        .mode = v[SWEEP_MODE]->row.mode,
        .engine = v[SWEEP_ENGINE]->row.engine,
        .method = v[SWEEP_METHOD]->row.method,
        .layout = v[SWEEP_LAYOUT]->row.layout,
    };
    out->sc.weights = weights_of(p, &out->sc, v[SWEEP_WEIGHTS]->row.format);
    if (sweep_skip_combo(p->skip, out->at)) return 0;
    if (out->sc.layout.tp == 0) sweep_plan_layouts_take(p, combo, out);
    return 1;
}

int sweep_plan_skips(const sweep_plan *p, const sweep_combo *c, size_t i_context, size_t i_batch, long i_gpu) {
    return sweep_skip_cell(p->skip, c->at, i_context, i_batch, i_gpu);
}

int sweep_plan_skips_cells(const sweep_plan *p) {
    return sweep_skip_has_cells(p->skip);
}

const char *sweep_plan_label(const sweep_plan *p, sweep_axis axis, size_t i) {
    if (axis == SWEEP_CONTEXT) return p->context_label[i];
    if (axis == SWEEP_BATCH) return p->batch_label[i];
    return axis == SWEEP_GPU ? p->gpu[i]->name : p->value[axis][i].label;
}

/** Numbers are ascending. */
static int find_number(const sweep_plan *p, sweep_axis axis, const char *text) {
    const double *value = axis == SWEEP_CONTEXT ? p->context : p->batch;
    size_t from = 0, to = p->n[axis];
    double wanted;
    if (sweep_resolve_number(axis, text, &wanted, NULL, NULL) != ERR_OK) return -1;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (value[middle] < wanted)
            from = middle + 1;
        else
            to = middle;
    }
    return from < p->n[axis] && value[from] == wanted ? (int)from : -1;
}

int sweep_plan_find(const sweep_plan *p, sweep_axis axis, const char *text) {
    sweep_value v;
    if (axis == SWEEP_CONTEXT || axis == SWEEP_BATCH) return find_number(p, axis, text);
    for (size_t i = 0; i < p->n[axis]; i++)
        if (text_same(sweep_plan_label(p, axis, i), text)) return (int)i;
    if (sweep_resolve_value(p->catalogs, axis, text, &v, NULL, NULL) != ERR_OK) return -1;
    for (size_t i = 0; i < p->n[axis]; i++)
        if (axis == SWEEP_GPU ? p->gpu[i] == v.row.gpu : sweep_value_same(axis, &p->value[axis][i], &v)) return (int)i;
    return -1;
}
