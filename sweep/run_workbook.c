/*
 * run_workbook.c - `workbook`: the tables that asked for xlsx, then the models and GPUs that the config names, then a
 * sheet of notes: method, formulas, units, sources.
 */
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "kernels/record.h"
#include "report/number.h"
#include "report/writers.h"
#include "sweep/output.h"
#include "sweep/run.h"

/** Models or GPUs that the sweeps of the config name, each at its first place; NULL when memory is gone. */
static const void **used_rows(const sweep_run *run, sweep_axis axis, size_t *n) {
    size_t all = 0;
    *n = 0;
    for (size_t p = 0; p < run->cfg->n_sweeps; p++)
        all += run->plans[p].n[axis];
    const void **used = arena_alloc(&run->ctx->mem, all + 1, sizeof *used);
    for (size_t p = 0; used && p < run->cfg->n_sweeps; p++) {
        const sweep_plan *plan = &run->plans[p];
        for (size_t v = 0; v < plan->n[axis]; v++) {
            const void *row = axis == SWEEP_GPU ? (const void *)plan->gpu[v] : plan->value[axis][v].row.model;
            size_t i = 0;
            while (i < *n && used[i] != row)
                i++;
            if (i == *n) used[(*n)++] = row;
        }
    }
    return used;
}

enum {
    M_NAME,
    M_DISPLAY,
    M_PARAMS,
    M_ACTIVE,
    M_LAYERS,
    M_HIDDEN,
    M_HEADS,
    M_KV,
    M_DIM,
    M_CONTEXT,
    M_NATIVE,
    M_SOURCE,
    M_COLUMNS
};

static err models_sheet(sweep_run *run, const report_table **out) {
    static const report_column columns[M_COLUMNS] = {
        {"Model", "", 0, 1},    {"Name", "", 0, 1},          {"Parameters", "", 0, 0},  {"Active", "", 0, 0},
        {"Layers", "", 0, 0},   {"Hidden", "", 0, 0},        {"Heads", "", 0, 0},       {"KV heads", "", 0, 0},
        {"Head dim", "", 0, 0}, {"Context", "tokens", 0, 0}, {"Released in", "", 0, 1}, {"Source", "", 0, 1},
    };
    size_t n;
    const void **used = used_rows(run, SWEEP_MODEL, &n);
    if (!used) return sweep_run_no_memory(run);
    report_table *t = sweep_table_new(&run->ctx->mem, columns, M_COLUMNS, n);
    if (!t) return sweep_run_no_memory(run);
    for (size_t i = 0; i < n; i++) {
        const kern_model *m = used[i];
        sweep_cell_text(t, i, M_NAME, m->name);
        sweep_cell_text(t, i, M_DISPLAY, m->display);
        sweep_cell_number(t, i, M_PARAMS, (double)m->params_total);
        sweep_cell_number(t, i, M_ACTIVE, (double)m->params_active);
        sweep_cell_number(t, i, M_LAYERS, (double)m->layers);
        sweep_cell_number(t, i, M_HIDDEN, (double)m->hidden);
        sweep_cell_number(t, i, M_HEADS, (double)m->q_heads);
        sweep_cell_number(t, i, M_KV, (double)m->kv_heads);
        sweep_cell_number(t, i, M_DIM, (double)m->head_dim);
        sweep_cell_number(t, i, M_CONTEXT, (double)m->max_context);
        sweep_cell_text(t, i, M_NATIVE, m->native_format);
        sweep_cell_text(t, i, M_SOURCE, m->source);
    }
    t->name = "models";
    t->title = "Models of this report";
    *out = t;
    return ERR_OK;
}

enum {
    G_NAME,
    G_DISPLAY,
    G_VENDOR,
    G_MARKETED,
    G_USABLE,
    G_TYPE,
    G_BANDWIDTH,
    G_POWER,
    G_NODE,
    G_MSRP,
    G_STREET,
    G_DATE,
    G_SOURCE,
    G_COLUMNS
};

/** Zero means unknown in the catalog: the cell stays blank. */
static void known_number(const report_table *t, size_t row, size_t column, double value) {
    if (value > 0) sweep_cell_number(t, row, column, value);
}

static err gpus_sheet(sweep_run *run, const report_table **out) {
    static const report_column columns[G_COLUMNS] = {
        {"GPU", "", 0, 1},       {"Name", "", 0, 1},          {"Vendor", "", 0, 1},          {"Marketed", "GB", 0, 0},
        {"Usable", "GiB", 2, 0}, {"Memory", "", 0, 1},        {"Bandwidth", "GB/s", 0, 0},   {"Power", "W", 0, 0},
        {"Per node", "", 0, 0},  {"List price", "USD", 0, 0}, {"Street price", "USD", 0, 0}, {"Price date", "", 0, 1},
        {"Source", "", 0, 1},
    };
    size_t n;
    const void **used = used_rows(run, SWEEP_GPU, &n);
    if (!used) return sweep_run_no_memory(run);
    report_table *t = sweep_table_new(&run->ctx->mem, columns, G_COLUMNS, n);
    if (!t) return sweep_run_no_memory(run);
    for (size_t i = 0; i < n; i++) {
        const kern_gpu *g = used[i];
        sweep_cell_text(t, i, G_NAME, g->name);
        sweep_cell_text(t, i, G_DISPLAY, g->display);
        sweep_cell_text(t, i, G_VENDOR, g->vendor);
        sweep_cell_number(t, i, G_MARKETED, g->marketed_gb);
        sweep_cell_number(t, i, G_USABLE, g->usable_bytes / report_unit_find("GiB")->bytes);
        sweep_cell_text(t, i, G_TYPE, g->memory_type);
        known_number(t, i, G_BANDWIDTH, g->bandwidth_gbps);
        known_number(t, i, G_POWER, g->tdp_w);
        known_number(t, i, G_NODE, g->max_per_node);
        known_number(t, i, G_MSRP, g->msrp_usd);
        known_number(t, i, G_STREET, g->street_usd);
        sweep_cell_text(t, i, G_DATE, g->price_date);
        sweep_cell_text(t, i, G_SOURCE, g->source);
    }
    t->name = "gpus";
    t->title = "GPUs of this report";
    *out = t;
    return ERR_OK;
}

static int by_name(const void *a, const void *b) {
    return text_order((*(const kern_method *const *)a)->name, (*(const kern_method *const *)b)->name);
}

/** One row a method, by name, then one a formula: name, text, source. */
static err notes_sheet(sweep_run *run, const report_table **out) {
    static const report_column columns[] = {{"Subject", "", 0, 1}, {"Statement", "", 0, 1}, {"Source", "", 0, 1}};
    static const char *const notes[] = {"GB is 10^9 bytes, GiB is 2^30 bytes; every header says which.",
                                        "Memory is per GPU, that of the fullest one where pipeline stages differ."};
    const sweep_catalogs *c = &run->ctx->catalogs;
    report_table *t = sweep_table_new(&run->ctx->mem, columns, 3, c->methods.n + kern_formulas_n);
    const kern_method **method = arena_alloc(&run->ctx->mem, c->methods.n + 1, sizeof *method);
    if (!t || !method) return sweep_run_no_memory(run);
    memcpy(method, c->methods.rows, c->methods.n * sizeof *method);
    qsort(method, c->methods.n, sizeof *method, by_name);
    for (size_t i = 0; i < c->methods.n; i++) {
        sweep_cell_text(t, i, 0, method[i]->name);
        sweep_cell_text(t, i, 1, method[i]->title);
        sweep_cell_text(t, i, 2, method[i]->source);
    }
    for (size_t i = 0; i < kern_formulas_n; i++) {
        sweep_cell_text(t, c->methods.n + i, 0, kern_formulas[i].name);
        sweep_cell_text(t, c->methods.n + i, 1, kern_formulas[i].text);
        sweep_cell_text(t, c->methods.n + i, 2, kern_formulas[i].source);
    }
    t->name = "notes";
    t->title = "Methods, formulas and sources";
    t->notes = notes;
    t->n_notes = sizeof notes / sizeof *notes;
    *out = t;
    return ERR_OK;
}

err sweep_run_workbook(sweep_run *run, const sweep_report *r) {
    const report_table *sheets[SWEEP_TABLES_MAX + 3];
    size_t n = run->n_sheets;
    memcpy(sheets, run->sheet, n * sizeof *sheets);
    TRY(models_sheet(run, &sheets[n]));
    TRY(gpus_sheet(run, &sheets[n + 1]));
    TRY(notes_sheet(run, &sheets[n + 2]));
    const char *path = sweep_run_path(run, r->target, "");
    if (!path) return sweep_run_no_memory(run);
    if (sheets[n + 1]->n_rows == 0) sheets[n + 1] = sheets[n + 2];
    n += sheets[n + 1] == sheets[n + 2] ? 2 : 3;
    run->n_files++;
    return report_workbook_write(path, r->title ? r->title : run->cfg->title, sheets, n, &run->ctx->faults);
}
