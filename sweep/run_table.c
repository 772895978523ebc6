/*
 * run_table.c - `table`: a pivot. One axis down, one across, every other axis fixed by `where` or by having one value.
 * Each cell is evaluated by itself. A cell that no scenario stands behind is blank and says why in a footnote.
 */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "report/number.h"
#include "sweep/measure.h"
#include "sweep/min_gpu.h"
#include "sweep/output.h"
#include "sweep/run.h"
#include "sweep/run_order.h"
#include "sweep/table_notes.h"

/** State of one pivot. */
typedef struct pivot {
    sweep_run *run;
    const sweep_report *r;
    sweep_pick pick;
    double unit_bytes; /* 1 for measures that are no memory */
    int document;
    report_table *table;
    sweep_order order;
    sweep_notes notes;
} pivot;

static const char *shown_label(const pivot *v, sweep_axis axis, size_t at) {
    const char *label = sweep_pick_label(&v->pick, axis, at);
    for (size_t i = 0; i < v->r->n_labels; i++) {
        if (text_same(v->r->labels[i].value.text, label)) return v->r->labels[i].shown;
    }
    if (v->r->names != SWEEP_NAMES_DISPLAY) return label;
    if (axis == SWEEP_MODEL) return v->pick.plan->value[axis][v->pick.index[axis][at]].row.model->display;
    return axis == SWEEP_GPU ? v->pick.plan->gpu[v->pick.index[axis][at]]->display : label;
}

static err set_unit(pivot *v) {
    const report_unit *unit = report_unit_find(v->r->unit);
    v->unit_bytes = 1;
    v->document = strcmp(v->r->unit, "document") == 0;
    if (!sweep_measure_is_memory(v->r->value)) return ERR_OK;
    if (v->document) unit = report_unit_find("GB");
    if (!unit || unit->bytes <= 0) {
        return diag_add(&v->run->ctx->faults, ERR_NAME, v->run->cfg->path, v->r->line, v->r->column, "unit",
                        "'%s' is no unit of memory", v->r->unit);
    }
    v->unit_bytes = unit->bytes;
    sweep_notes_add(&v->notes,
                    v->document
                        ? "Units as the document has them: what it counts in GiB is added to GB as if it were GB."
                        : unit->meaning);
    return ERR_OK;
}

/** Columns: the row label, one per value across, and the smallest GPU when asked for. */
static err make_columns(pivot *v) {
    arena *mem = &v->run->ctx->mem;
    const sweep_report *r = v->r;
    size_t across = v->pick.n[r->columns], n = 1 + across + (r->min_gpu.n > 0);
    report_column *c = arena_alloc(mem, n, sizeof *c);
    if (!c) return sweep_run_no_memory(v->run);
    c[0] = (report_column){sweep_axis_name[r->rows], "", 0, 1};
    for (size_t j = 0; j < across; j++) {
        const char *unit = sweep_measure_kind(r->value) == SWEEP_OF_USD ? "USD a month"
                           : !sweep_measure_is_memory(r->value)         ? ""
                           : v->document                                ? "GB"
                                                                        : r->unit;
        c[1 + j] = (report_column){shown_label(v, r->columns, j), unit, (int)r->decimals, 0};
    }
    if (r->min_gpu.n) {
        size_t j = across ? across - 1 : 0;
        for (size_t i = 0; r->min_gpu_for.text && i < across; i++) {
            if (text_same(sweep_pick_label(&v->pick, r->columns, i), r->min_gpu_for.text)) j = i;
        }
        const char *title = arena_printf(mem, "Minimum GPU (%s)", shown_label(v, r->columns, j));
        if (!title) return sweep_run_no_memory(v->run);
        c[n - 1] = (report_column){title, "", 0, 1};
    }
    v->table = sweep_table_new(mem, c, n, v->pick.n[r->rows]);
    return v->table ? ERR_OK : sweep_run_no_memory(v->run);
}

static sweep_spot cell_at(const pivot *v, size_t row, size_t column) {
    sweep_spot cell = {{0}};
    cell.at[v->r->rows] = row;
    cell.at[v->r->columns] = column;
    return cell;
}

/** The point behind a cell; 0 when a skip rule dropped it. */
static int point_at(const pivot *v, const sweep_spot *cell, sweep_combo *combo, sweep_point *p) {
    if (!sweep_pick_combo(&v->pick, cell, combo)) return 0;
    *p = (sweep_point){.sc = &combo->sc,
                       .context = sweep_pick_context(&v->pick, cell),
                       .batch = sweep_pick_batch(&v->pick, cell),
                       .gpu = sweep_pick_gpu(&v->pick, cell),
                       .gpus = sweep_pick_gpus(&v->pick, &combo->sc)};
    return 1;
}

/** Colours what fits when the table has a GPU axis and shows an amount that is held against it. */
static uint8_t fit_mark(const pivot *v, const sweep_point *p) {
    double left;
    char why[DIAG_TEXT];
    int one_gpu = v->r->rows == SWEEP_GPU || v->r->columns == SWEEP_GPU || v->pick.n[SWEEP_GPU] == 1;
    if (!p->gpu || !one_gpu || v->r->value != SWEEP_TOTAL) return REPORT_PLAIN;
    if (sweep_measure_value(SWEEP_HEADROOM, p, 0, &left, why) != ERR_OK) return REPORT_PLAIN;
    if (left < 0) return REPORT_FITS_NOT;
    return left < 0.1 * kern_capacity(p->sc, p->gpu, p->gpus, KERN_USE_FIT) ? REPORT_TIGHT : REPORT_FITS;
}

/** Longest context the model was made for; 0 when it is not known or of no concern. */
static double model_context(const pivot *v, const sweep_point *p) {
    return v->r->beyond == SWEEP_BEYOND_SHOW ? 0 : (double)p->sc->model->max_context;
}

/** What a result of 0 means, which is no number that anybody asked for. */
static const char *zero_means(sweep_measure m) {
    return m == SWEEP_MAX_BATCH           ? "Not even one sequence fits."
           : m == SWEEP_MAX_CONTEXT       ? "Not even one token fits."
           : m == SWEEP_MIN_GPUS          ? "No layout tried holds it."
           : m == SWEEP_CROSSOVER_CONTEXT ? "Never: the cache stops growing before it is as large as the weights."
                                          : NULL;
}

/** Results that say nothing become a dash; contexts end where the model's own does. Returns 0 when the cell is done. */
static int bound_result(pivot *v, const sweep_point *p, report_cell *out, double *value) {
    double most = model_context(v, p);
    if (*value <= 0 && zero_means(v->r->value)) {
        out->note = sweep_notes_ref(&v->notes, zero_means(v->r->value));
        out->text = zero_means(v->r->value);
        return 0;
    }
    if (most <= 0 || *value <= most) return 1;
    if (v->r->value == SWEEP_MAX_CONTEXT) {
        *value = most;
        out->note = sweep_notes_ref(&v->notes, "As far as the model's own context goes; memory would hold more.");
    } else if (v->r->value == SWEEP_CROSSOVER_CONTEXT) {
        out->note = sweep_notes_ref(&v->notes, "Not within the context that the model was made for.");
        out->text = "not within the model's context";
        return 0;
    }
    return 1;
}

/** Why a cell has no number, as a footnote. */
static void fill_reason(pivot *v, report_cell *out, const char *why) {
    const char *note = arena_printf(&v->run->ctx->mem, "%s.", why);
    if (note) out->note = sweep_notes_ref(&v->notes, note);
    out->text = note;
}

static void fill_cell(pivot *v, size_t row, size_t column) {
    sweep_spot cell = cell_at(v, row, column);
    sweep_combo combo;
    sweep_point p;
    double value;
    char why[DIAG_TEXT];
    report_cell *out = sweep_table_cell(v->table, row, 1 + column);
    if (!point_at(v, &cell, &combo, &p)) return;
    if (sweep_measures[v->r->value].uses_context && model_context(v, &p) > 0 && p.context > model_context(v, &p)) {
        sweep_notes_beyond(&v->notes, out, p.sc->model);
        return;
    }
    if (sweep_measure_value(v->r->value, &p, v->document, &value, why) != ERR_OK) {
        fill_reason(v, out, why);
        return;
    }
    if (!bound_result(v, &p, out, &value)) return;
    sweep_cell_number(v->table, row, 1 + column, value / v->unit_bytes);
    out->mark = fit_mark(v, &p);
}

/** Column that the smallest GPU is looked up for: the named one, else the last. */
static size_t min_gpu_column(const pivot *v) {
    size_t n = v->pick.n[v->r->columns];
    for (size_t i = 0; v->r->min_gpu_for.text && i < n; i++) {
        if (text_same(sweep_pick_label(&v->pick, v->r->columns, i), v->r->min_gpu_for.text)) return i;
    }
    return n ? n - 1 : 0;
}

static err fill_min_gpu(pivot *v) {
    sweep_min_gpu search;
    if (!v->r->min_gpu.n) return ERR_OK;
    TRY(sweep_min_gpu_init(&search, v->run, v->r));
    for (size_t row = 0; row < v->table->n_rows; row++) {
        sweep_spot cell = cell_at(v, row, min_gpu_column(v));
        sweep_combo combo;
        sweep_point p;
        if (!point_at(v, &cell, &combo, &p)) continue;
        if (model_context(v, &p) > 0 && p.context > model_context(v, &p)) {
            sweep_notes_beyond(&v->notes, sweep_table_cell(v->table, row, v->table->n_columns - 1), p.sc->model);
            continue;
        }
        sweep_cell_text(v->table, row, v->table->n_columns - 1, sweep_min_gpu_text(&search, &p));
    }
    return ERR_OK;
}

/** Method, source and the values that every cell shares. */
static err add_method_note(pivot *v) {
    arena *mem = &v->run->ctx->mem;
    char fixed[512] = "";
    size_t n = 0;
    for (unsigned a = 0; a < SWEEP_AXES; a++) {
        if (a == v->r->rows || a == v->r->columns || v->pick.n[a] != 1) continue;
        int k = snprintf(fixed + n, sizeof fixed - n, "%s%s %s", n ? ", " : "", sweep_axis_name[a],
                         sweep_pick_label(&v->pick, (sweep_axis)a, 0));
        if (k < 0 || (size_t)k >= sizeof fixed - n) break;
        n += (size_t)k;
    }
    const kern_method *m = v->pick.plan->value[SWEEP_METHOD][v->pick.index[SWEEP_METHOD][0]].row.method;
    const char *note = arena_printf(mem, "Every cell: %s.", fixed);
    const char *source = arena_printf(mem, "Method %s: %s. Source: %s.", m->name, m->title, m->source);
    if (!note || !source) return sweep_run_no_memory(v->run);
    sweep_notes_add(&v->notes, note);
    sweep_notes_add(&v->notes, source);
    return ERR_OK;
}

static err finish(pivot *v) {
    for (size_t i = 0; i < v->r->notes.n; i++)
        sweep_notes_add(&v->notes, v->r->notes.item[i].text);
    TRY(add_method_note(v));
    if (!sweep_notes_finish(&v->notes, v->table)) return sweep_run_no_memory(v->run);
    v->table->groups = v->order.groups;
    v->table->n_groups = v->order.n;
    v->table->group_title = v->order.title;
    v->table->name = v->r->name;
    v->table->title = v->r->title ? v->r->title : v->r->name;
    return sweep_run_write_table(v->run, v->r, v->table);
}

err sweep_run_table(sweep_run *run, const sweep_report *r) {
    pivot v = {.run = run, .r = r, .notes = {.mem = &run->ctx->mem}};
    const sweep_measure_info *uses = &sweep_measures[r->value];
    sweep_axis free[5] = {r->rows, r->columns};
    size_t n_free = 2; /* and axes that the value does not depend on */
    if (!uses->uses_context) free[n_free++] = SWEEP_CONTEXT;
    if (!uses->uses_batch) free[n_free++] = SWEEP_BATCH;
    if (!uses->uses_gpu) free[n_free++] = SWEEP_GPU;
    TRY(sweep_pick_build(&v.pick, &run->ctx->mem, &run->plans[r->i_sweep], run->cfg, r, &run->ctx->faults));
    TRY(sweep_pick_single(&v.pick, free, n_free, run->cfg, r, &run->ctx->faults));
    TRY(sweep_order_rows(run, r, &v.pick, &v.order));
    TRY(set_unit(&v));
    TRY(make_columns(&v));
    for (size_t row = 0; row < v.table->n_rows; row++) {
        sweep_cell_text(v.table, row, 0, shown_label(&v, r->rows, row));
        for (size_t j = 0; j < v.pick.n[r->columns]; j++)
            fill_cell(&v, row, j);
    }
    TRY(fill_min_gpu(&v));
    return finish(&v);
}
