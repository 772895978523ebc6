/*
 * plan_check.c - faults of reports that show only once the axes are expanded: values that the sweep does not have,
 * tables whose cells would stand for several scenarios, and tables too large to be held.
 */
#include "sweep/plan_check.h"

#include "common/text.h"
#include "sweep/axes.h"

/** One report under check. */
typedef struct checker {
    const sweep_plan *p;
    arena *mem;
    const char *file;
    const sweep_report *r;
    diags *faults;
    err first;
    double cells; /* of the tables so far */
} checker;

enum { CELLS_MAX = 2000000 };

static void note(checker *c, err code) {
    if (c->first == ERR_OK) c->first = code;
}

/** Labels of an axis, for suggestions. */
typedef struct labels {
    const sweep_plan *p;
    sweep_axis axis;
} labels;

static const char *next_label(const void *ctx, size_t i) {
    const labels *l = ctx;
    return i < l->p->n[l->axis] ? sweep_plan_label(l->p, l->axis, i) : NULL;
}

static void check_value(checker *c, sweep_axis axis, const sweep_item *item, const char *field) {
    const labels names = {c->p, axis};
    char near[DIAG_TEXT];
    if (sweep_plan_find(c->p, axis, item->text) >= 0) return;
    text_suggest(item->text, next_label, &names, 2, near, sizeof near);
    note(c,
         diag_add(c->faults, ERR_NAME, c->file, item->line, item->column, field, "'%.60s' is no %s of this sweep%s%s",
                  item->text, sweep_axis_name[axis], near[0] ? "; " : "", near));
}

static void check_where(checker *c) {
    for (unsigned a = 0; a < SWEEP_AXES; a++)
        for (size_t i = 0; i < c->r->where[a].n; i++)
            check_value(c, (sweep_axis)a, &c->r->where[a].item[i], "where");
}

/** A label names a value of any axis, so that charts and tables share the rule, or a GPU that min_gpu may print. */
static void check_labels(checker *c) {
    for (size_t i = 0; i < c->r->n_labels; i++) {
        const sweep_item *item = &c->r->labels[i].value;
        unsigned a = 0;
        while (a < SWEEP_AXES && sweep_plan_find(c->p, (sweep_axis)a, item->text) < 0)
            a++;
        if (a == SWEEP_AXES && !(c->r->min_gpu.n && sweep_find_gpu(c->p->catalogs, item->text)))
            note(c, diag_add(c->faults, ERR_NAME, c->file, item->line, item->column, "labels",
                             "'%.60s' is no value of this sweep", item->text));
    }
}

/** Values that are left on an axis. Two spellings in `where` of one value count twice, which only asks for less. */
static size_t left(const checker *c, unsigned axis) {
    return c->r->where[axis].n ? c->r->where[axis].n : c->p->n[axis];
}

/** Whether the cells of the table change along an axis. */
static int matters(const checker *c, unsigned axis) {
    const sweep_measure_info *m = &sweep_measures[c->r->value];
    const int both = c->r->min_gpu.n > 0;
    if (axis == SWEEP_CONTEXT) return m->uses_context || both;
    if (axis == SWEEP_BATCH) return m->uses_batch || both;
    return axis != SWEEP_GPU || m->uses_gpu;
}

/** Tables are held whole, as pages and workbooks collect them. */
static void check_size(checker *c) {
    const sweep_report *r = c->r;
    const size_t rows = left(c, r->rows), columns = left(c, r->columns);
    c->cells += (double)rows * (double)columns;
    if (c->cells <= CELLS_MAX) return;
    note(c, diag_add(c->faults, ERR_LIMIT, c->file, r->line, r->column, "table",
                     "%s: %zu x %zu cells, the tables of a sweep have at most %d together; csv takes any number",
                     r->name, rows, columns, CELLS_MAX));
    c->cells = 0;
}

static void check_table(checker *c) {
    const sweep_report *r = c->r;
    const kern_gpu *const *gpu;
    size_t n;
    for (unsigned a = 0; a < SWEEP_AXES; a++) {
        if (a == r->rows || a == r->columns || !matters(c, a) || left(c, a) <= 1) continue;
        note(c, diag_add(c->faults, ERR_RANGE, c->file, r->line, r->column, "table",
                         "%s: %zu values of %s are left for each cell, expected one; choose it with where", r->name,
                         left(c, a), sweep_axis_name[a]));
    }
    if ((sweep_measures[r->value].uses_gpu || r->rows == SWEEP_GPU || r->columns == SWEEP_GPU) && !c->p->n[SWEEP_GPU])
        note(c, diag_add(c->faults, ERR_MISSING, c->file, r->line, r->column, "table", "%s: the sweep has no gpu axis",
                         r->name));
    if (r->min_gpu.n) note(c, sweep_axis_gpus(c->mem, c->p->catalogs, &r->min_gpu, c->file, &gpu, &n, c->faults));
    if (r->min_gpu_for.text) check_value(c, r->columns, &r->min_gpu_for, "min_gpu_for");
}

static void check_procurement(checker *c) {
    if (c->r->context.text) check_value(c, SWEEP_CONTEXT, &c->r->context, "context");
    if (!c->p->n[SWEEP_GPU])
        note(c, diag_add(c->faults, ERR_MISSING, c->file, c->r->line, c->r->column, "procurement",
                         "%s: the sweep has no gpu axis", c->r->name));
}

err sweep_plan_check(const sweep_plan *p, arena *mem, const sweep_config *cfg, size_t i_sweep, diags *faults) {
    checker c = {.p = p, .mem = mem, .file = cfg->path, .faults = faults};
    for (size_t i = 0; i < cfg->n_reports; i++) {
        c.r = &cfg->reports[i];
        if (c.r->i_sweep != i_sweep || c.r->kind == SWEEP_REPORT_WORKBOOK || c.r->kind == SWEEP_REPORT_COMPARE ||
            c.r->kind == SWEEP_REPORT_CHANGES)
            continue;
        check_where(&c);
        check_labels(&c);
        if (c.r->kind == SWEEP_REPORT_TABLE) check_table(&c);
        if (c.r->kind == SWEEP_REPORT_TABLE) check_size(&c);
        if (c.r->kind == SWEEP_REPORT_PROCUREMENT) check_procurement(&c);
    }
    return c.first;
}
