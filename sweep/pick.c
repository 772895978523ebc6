/*
 * pick.c - `where` over the axes of a plan, and the decoding of a picked cell.
 */
#include <string.h>

#include "common/text.h"
#include "kernels/reduce/capacity.h"
#include "sweep/pick.h"

static err unknown_value(const sweep_plan *p, sweep_axis axis, const sweep_item *item, const sweep_config *cfg,
                         diags *faults) {
    size_t n = p->n[axis];
    return diag_add(faults, ERR_NAME, cfg->path, item->line, item->column, sweep_axis_name[axis],
                    "'%s' is not a value of this axis of the sweep, which has %s%s%s%s", item->text,
                    n ? sweep_plan_label(p, axis, 0) : "none", n > 1 ? ", " : "",
                    n > 1 ? sweep_plan_label(p, axis, 1) : "", n > 2 ? ", ..." : "");
}

static err pick_axis(sweep_pick *k, arena *mem, const sweep_config *cfg, const sweep_report *r, sweep_axis axis,
                     diags *faults) {
    const sweep_plan *p = k->plan;
    const sweep_items *where = &r->where[axis];
    size_t n = where->n ? where->n : p->n[axis];
    uint32_t *index = arena_alloc(mem, n + 1, sizeof *index);
    err first = ERR_OK;
    if (!index) return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    for (size_t i = 0; i < n; i++) {
        long found = where->n ? sweep_plan_find(p, axis, where->item[i].text) : (long)i;
        if (found >= 0) {
            index[i] = (uint32_t)found;
            continue;
        }
        err e = unknown_value(p, axis, &where->item[i], cfg, faults);
        if (first == ERR_OK) first = e;
    }
    k->index[axis] = index;
    k->n[axis] = n;
    return first;
}

err sweep_pick_build(sweep_pick *k, arena *mem, const sweep_plan *p, const sweep_config *cfg, const sweep_report *r,
                     diags *faults) {
    err first = ERR_OK;
    memset(k, 0, sizeof *k);
    k->plan = p;
    for (unsigned a = 0; a < SWEEP_AXES; a++) {
        err e = pick_axis(k, mem, cfg, r, (sweep_axis)a, faults);
        if (first == ERR_OK) first = e;
    }
    return first;
}

static int is_free(sweep_axis axis, const sweep_axis *free, size_t n_free) {
    for (size_t i = 0; i < n_free; i++) {
        if (free[i] == axis) return 1;
    }
    return 0;
}

err sweep_pick_single(const sweep_pick *k, const sweep_axis *free, size_t n_free, const sweep_config *cfg,
                      const sweep_report *r, diags *faults) {
    err first = ERR_OK;
    for (unsigned a = 0; a < SWEEP_AXES; a++) {
        if (k->n[a] <= 1 || is_free((sweep_axis)a, free, n_free)) continue;
        err e = diag_add(faults, ERR_MISSING, cfg->path, r->line, r->column, "where",
                         "the report needs one value of '%s', the sweep has %zu (%s, %s, ...): name one in where",
                         sweep_axis_name[a], k->n[a], sweep_pick_label(k, (sweep_axis)a, 0),
                         sweep_pick_label(k, (sweep_axis)a, 1));
        if (first == ERR_OK) first = e;
    }
    return first;
}

int sweep_pick_combination(const sweep_pick *k, const size_t at[SWEEP_CATEGORIES], sweep_combo *out) {
    uint64_t combo = 0;
    for (unsigned a = 0; a < SWEEP_CATEGORIES; a++)
        combo = combo * k->plan->n[a] + k->index[a][at[a]];
    return sweep_plan_combo(k->plan, combo, out);
}

int sweep_pick_combo(const sweep_pick *k, const sweep_spot *cell, sweep_combo *out) {
    const sweep_plan *p = k->plan;
    if (!sweep_pick_combination(k, cell->at, out)) return 0;
    if (!sweep_plan_skips_cells(p)) return 1;
    long gpu = k->n[SWEEP_GPU] ? (long)k->index[SWEEP_GPU][cell->at[SWEEP_GPU]] : -1;
    return !sweep_plan_skips(p, out, k->index[SWEEP_CONTEXT][cell->at[SWEEP_CONTEXT]],
                             k->index[SWEEP_BATCH][cell->at[SWEEP_BATCH]], gpu);
}

double sweep_pick_context(const sweep_pick *k, const sweep_spot *cell) {
    return k->plan->context[k->index[SWEEP_CONTEXT][cell->at[SWEEP_CONTEXT]]];
}

double sweep_pick_batch(const sweep_pick *k, const sweep_spot *cell) {
    return k->plan->batch[k->index[SWEEP_BATCH][cell->at[SWEEP_BATCH]]];
}

const kern_gpu *sweep_pick_gpu(const sweep_pick *k, const sweep_spot *cell) {
    return k->n[SWEEP_GPU] ? k->plan->gpu[k->index[SWEEP_GPU][cell->at[SWEEP_GPU]]] : NULL;
}

const char *sweep_pick_label(const sweep_pick *k, sweep_axis axis, size_t at) {
    return sweep_plan_label(k->plan, axis, k->index[axis][at]);
}

int sweep_pick_gpus(const sweep_pick *k, const kern_scenario *sc) {
    return k->plan->gpus ? k->plan->gpus : kern_layout_gpus(&sc->layout);
}
