/*
 * recommend_formats.c - weight formats of the sweep: bits per weight, size of its models, and the loss in quality that
 * somebody published, one row for each figure. Formats that nobody gave a figure for say so.
 */
#include "sweep/recommend.h"

#include "report/number.h"
#include "sweep/measure.h"
#include "sweep/output.h"
#include "sweep/facts.h"
#include "sweep/quality.h"

/** State of one table. */
typedef struct formats {
    sweep_run *run;
    const sweep_report *r;
    sweep_pick pick;
    const sweep_quality *quality;
    size_t n_quality, models;
    report_table *table;
} formats;

enum { FORMAT_NAME, FORMAT_BITS, FORMAT_MODELS };

static const kern_format *format_at(const formats *t, size_t i) {
    return t->pick.plan->value[SWEEP_WEIGHTS][t->pick.index[SWEEP_WEIGHTS][i]].row.format;
}

/** Published figures of a format: the i-th; NULL at the end. */
static const sweep_quality *figure(const formats *t, const kern_format *f, size_t i) {
    for (size_t k = 0; k < t->n_quality; k++) {
        if (sweep_find_weights(&t->run->ctx->catalogs, t->quality[k].format) == f && i-- == 0) return &t->quality[k];
    }
    return NULL;
}

static size_t count_rows(const formats *t) {
    size_t n = 0;
    for (size_t i = 0; i < t->pick.n[SWEEP_WEIGHTS]; i++) {
        size_t k = 0;
        while (figure(t, format_at(t, i), k))
            k++;
        n += k ? k : 1;
    }
    return n;
}

static err make_table(formats *t) {
    arena *mem = &t->run->ctx->mem;
    size_t n = FORMAT_MODELS + t->models + 3;
    report_column *c = arena_alloc(mem, n, sizeof *c);
    if (!c) return sweep_run_no_memory(t->run);
    c[FORMAT_NAME] = (report_column){"Format", "", 0, 1};
    c[FORMAT_BITS] = (report_column){"Bits per weight", "", 2, 0};
    for (size_t i = 0; i < t->models; i++) {
        const kern_model *m = t->pick.plan->value[SWEEP_MODEL][t->pick.index[SWEEP_MODEL][i]].row.model;
        c[FORMAT_MODELS + i] = (report_column){m->display, "GB", (int)t->r->decimals, 0};
    }
    c[n - 3] = (report_column){"Published loss", "", 0, 1};
    c[n - 2] = (report_column){"Measured on", "", 0, 1};
    c[n - 1] = (report_column){"Source", "", 0, 1};
    t->table = sweep_table_new(mem, c, n, count_rows(t));
    return t->table ? ERR_OK : sweep_run_no_memory(t->run);
}

static void fill_sizes(formats *t, size_t row, size_t format) {
    const kern_format *f = format_at(t, format);
    if (f->bits > 0) sweep_cell_number(t->table, row, FORMAT_BITS, f->bits);
    for (size_t i = 0; i < t->models; i++) {
        sweep_spot cell = {{0}};
        sweep_combo combo;
        double bytes;
        char why[DIAG_TEXT];
        cell.at[SWEEP_MODEL] = i;
        cell.at[SWEEP_WEIGHTS] = format;
        if (!sweep_pick_combo(&t->pick, &cell, &combo)) continue;
        const sweep_point p = {&combo.sc, 1, 1, NULL, 1};
        if (sweep_measure_value(SWEEP_WEIGHTS_BYTES, &p, 0, &bytes, why) == ERR_OK)
            sweep_cell_number(t->table, row, FORMAT_MODELS + i, bytes / report_unit_find("GB")->bytes);
    }
}

static void fill_figure(formats *t, size_t row, const sweep_quality *q) {
    size_t n = t->table->n_columns;
    if (!q) {
        sweep_table_cell(t->table, row, n - 3)->text = "nobody whose figures we hold has measured it";
        return;
    }
    const kern_model *m = *q->model ? sweep_find_model(&t->run->ctx->catalogs, q->model) : NULL;
    sweep_cell_text(t->table, row, n - 3, sweep_quality_text(&t->run->ctx->mem, q, 0));
    sweep_cell_text(t->table, row, n - 2, m ? m->display : "no model named");
    sweep_cell_text(t->table, row, n - 1, q->source);
}

err sweep_recommend_formats(sweep_run *run, const sweep_report *r) {
    static const sweep_axis free[] = {SWEEP_MODEL, SWEEP_WEIGHTS, SWEEP_CONTEXT, SWEEP_BATCH, SWEEP_GPU};
    static const char *const notes[] = {
        "Sizes: every tensor in its real format, scales counted, what the format leaves in 16 bit included.",
        "Losses are the figures of their sources, against 16 bits: rise of perplexity (ppl), points of MMLU lost. "
        "Figures of "
        "different models and tests do not compare."};
    formats t = {.run = run, .r = r};
    size_t row = 0;
    TRY(sweep_pick_build(&t.pick, &run->ctx->mem, &run->plans[r->i_sweep], run->cfg, r, &run->ctx->faults));
    TRY(sweep_pick_single(&t.pick, free, sizeof free / sizeof *free, run->cfg, r, &run->ctx->faults));
    const char *path = sweep_facts_path(run->ctx, "quality.csv");
    if (!path) return sweep_run_no_memory(run);
    TRY(sweep_quality_load(run->ctx, path, &t.quality, &t.n_quality));
    t.models = t.pick.n[SWEEP_MODEL];
    TRY(make_table(&t));
    for (size_t i = 0; i < t.pick.n[SWEEP_WEIGHTS]; i++) {
        size_t k = 0;
        do {
            sweep_cell_text(t.table, row, FORMAT_NAME, sweep_pick_label(&t.pick, SWEEP_WEIGHTS, i));
            if (k == 0) fill_sizes(&t, row, i);
            fill_figure(&t, row++, figure(&t, format_at(&t, i), k++));
        } while (figure(&t, format_at(&t, i), k));
    }
    const sweep_draft draft = {t.table, "Weight formats and their published loss", NULL, NULL, 0, notes, 2};
    return sweep_recommend_write(run, r, &draft);
}
