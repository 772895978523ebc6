/*
 * config_check.c - what one key cannot tell: a sweep is there, reports name sweeps that exist, no two reports write the
 * same file; defaults that follow from other keys.
 */
#include "sweep/config_internal.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>

/** Faults of reports have places but no nodes any more. */
yaml_node_t config_place(int line, int column) {
    yaml_node_t at;
    memset(&at, 0, sizeof at);
    at.start_mark.line = (size_t)line - 1;
    at.start_mark.column = (size_t)column - 1;
    return at;
}

static const char *next_sweep(const void *ctx, size_t i) {
    const sweep_config *cfg = ctx;
    return i < cfg->n_sweeps ? cfg->sweeps[i].name : NULL;
}

static void find_sweep(config_walk *w, sweep_report *r) {
    char near[DIAG_TEXT];
    if (!r->sweep.text) return;
    for (size_t i = 0; i < w->cfg->n_sweeps; i++) {
        const char *name = w->cfg->sweeps[i].name;
        if (name && text_same(name, r->sweep.text)) {
            r->i_sweep = i;
            return;
        }
    }
    const yaml_node_t at = config_place(r->sweep.line, r->sweep.column);
    text_suggest(r->sweep.text, next_sweep, w->cfg, 2, near, sizeof near);
    config_fault(w, ERR_NAME, &at, "sweep", "no sweep of this file is named '%s'%s%s", r->sweep.text,
                 near[0] ? "; " : "", near);
}

/** File name without folder and suffix. */
static const char *stem(config_walk *w, const char *path) {
    const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
    char *name = config_alloc(w, strlen(base) + 1, 1);
    if (name) memcpy(name, base, strcspn(base, "."));
    return name;
}

static int writes_tables(const sweep_report *r) {
    return r->kind == SWEEP_REPORT_TABLE || r->kind == SWEEP_REPORT_COMPARE || r->kind == SWEEP_REPORT_RECOMMEND ||
           r->kind == SWEEP_REPORT_CHANGES || r->kind == SWEEP_REPORT_PROCUREMENT;
}

static void fill_defaults(config_walk *w, sweep_report *r) {
    static const sweep_item md = {"md", 0, 0};
    if (!r->target) return;
    r->outside = (r->kind == SWEEP_REPORT_CSV || r->kind == SWEEP_REPORT_REDUCE || r->kind == SWEEP_REPORT_HTML ||
                  r->kind == SWEEP_REPORT_WORKBOOK) &&
                 sweep_config_leaves(r->target);
    if (r->kind == SWEEP_REPORT_TABLE || r->kind == SWEEP_REPORT_CHANGES || r->kind == SWEEP_REPORT_PROCUREMENT)
        r->name = r->target;
    if (r->kind == SWEEP_REPORT_CHART && !r->name) r->name = r->target;
    if (r->kind == SWEEP_REPORT_COMPARE && !r->name) r->name = stem(w, r->target);
    if (r->kind == SWEEP_REPORT_CHART) config_chart_check(w, r);
    if (r->kind == SWEEP_REPORT_RECOMMEND && !r->name) r->name = r->target;
    if (r->kind == SWEEP_REPORT_PROCUREMENT) config_buying_check(w, r);
    if (writes_tables(r) && !r->to.n) r->to = (sweep_items){&md, 1};
}

static void check_table(config_walk *w, const sweep_report *r) {
    const yaml_node_t at = config_place(r->line, r->column);
    if (r->rows == r->columns && r->rows != SWEEP_AXES)
        config_fault(w, ERR_DUPLICATE, &at, "columns", "rows and columns are both %s, expected two axes",
                     sweep_axis_name[r->rows]);
    if ((r->sort || r->group) && r->rows != SWEEP_MODEL && r->rows != SWEEP_GPU && r->rows != SWEEP_AXES)
        config_fault(w, ERR_RANGE, &at, r->sort ? "sort" : "group", "rows are %s, expected model or gpu",
                     sweep_axis_name[r->rows]);
    if (!r->min_gpu.n && (r->min_gpu_for.text || r->n_min_gpu_counts))
        config_fault(w, ERR_MISSING, &at, "min_gpu", "min_gpu_for and min_gpu_counts need it");
}

enum { OUTPUTS_MAX = 16 }; /* of one report */

/** One file that a report writes. */
typedef struct output {
    const char *name;
    const sweep_report *by;
} output;

static int output_compare(const void *a, const void *b) {
    const output *x = a, *y = b;
    const int order = strcasecmp(x->name, y->name);
    return order ? order : x->by < y->by ? -1 : x->by > y->by;
}

static const char *with_end(config_walk *w, const char *text, const char *end) {
    char *name = arena_printf(w->mem, "%s%s", text, end);
    if (!name) config_fault(w, ERR_MEMORY, NULL, NULL, "%s", err_text(ERR_MEMORY));
    return name ? name : "";
}

static const char *with_suffix(config_walk *w, const char *stem_name, const char *suffix) {
    return with_end(w, with_end(w, stem_name, "."), suffix);
}

/** Adds the files of one report; tables in workbooks write none of their own. */
static size_t list_outputs(config_walk *w, const sweep_report *r, output *out) {
    size_t n = 0;
    if (!r->target) return 0;
    if (r->kind == SWEEP_REPORT_CHART) {
        out[n++] = (output){with_suffix(w, r->name, "svg"), r};
    } else if (writes_tables(r)) {
        for (size_t i = 0; i < r->to.n; i++) {
            const char *suffix = r->to.item[i].text;
            if (strcmp(suffix, "xlsx") == 0) continue;
            out[n++] = (output){with_suffix(w, r->name, suffix), r};
            if (r->kind == SWEEP_REPORT_PROCUREMENT)
                out[n++] = (output){with_suffix(w, with_end(w, r->name, "-refused"), suffix), r};
        }
        if (r->kind == SWEEP_REPORT_PROCUREMENT)
            out[n++] = (output){with_suffix(w, with_end(w, r->name, "-cost"), "svg"), r};
        if (r->book) out[n++] = (output){r->book, r};
    } else {
        out[n++] = (output){r->target, r};
    }
    return n;
}

/** Case is ignored: some file systems do. */
static void check_outputs(config_walk *w, const sweep_report *reports, size_t n) {
    output *out = config_alloc(w, OUTPUTS_MAX * n + 1, sizeof *out);
    size_t used = 0;
    for (size_t i = 0; out && i < n; i++)
        used += list_outputs(w, &reports[i], out + used);
    if (used) qsort(out, used, sizeof *out, output_compare);
    for (size_t i = 1; i < used; i++) {
        if (strcasecmp(out[i].name, out[i - 1].name) != 0) continue;
        const yaml_node_t at = config_place(out[i].by->line, out[i].by->column);
        config_fault(w, ERR_DUPLICATE, &at, "reports", "%s is written by the report of line %d too; give another name",
                     out[i].name, out[i - 1].by->line);
    }
}

void config_check(config_walk *w) {
    const yaml_node_t top = config_place(1, 1);
    const size_t n = w->cfg->n_reports;
    sweep_report *r = config_alloc(w, n + 1, sizeof *r);
    if (!r) return;
    if (n) memcpy(r, w->cfg->reports, n * sizeof *r);
    if (!w->cfg->n_sweeps && w->first == ERR_OK)
        config_fault(w, ERR_MISSING, &top, "sweep", "the file has no sweep, expected `sweep:` with a `model:`");
    for (size_t i = 0; i < n; i++) {
        fill_defaults(w, &r[i]);
        if (w->cfg->n_sweeps) find_sweep(w, &r[i]);
        if (r[i].kind == SWEEP_REPORT_TABLE) check_table(w, &r[i]);
    }
    check_outputs(w, r, n);
    if (!w->cfg->title) w->cfg->title = w->cfg->name;
    w->cfg->reports = r;
}
