/*
 * cmd_eval.c - `eval SCENARIOS.csv`: blocks of rows are evaluated in parallel, each thread formats a slice of its own,
 * and slices are written in order: the output does not depend on the number of threads.
 */
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "report/file.h"
#include "sweep/auto_layout.h"
#include "sweep/command.h"
#include "sweep/eval_row.h"

enum { SLICE_ROWS = 64, SLICES = SWEEP_LIST_BLOCK / SLICE_ROWS };

/** Formatted rows of one slice. */
typedef struct slice {
    report_csv_text text;
    int bad;        /* some row has a status other than ok */
    char asked[64]; /* an engine that only an older version stands for */
    const kern_engine *used;
} slice;

typedef struct job {
    sweep_ctx *ctx;
    report_file *out;
    sweep_row_style style;
    sweep_list_header header;
    int waits; /* the header is not written yet */
    int bad, noted;
    slice slices[SLICES];
} job;

/** Evaluates one row; *why gets the reason on failure. */
static err eval_row(const job *j, const sweep_list_header *h, const sweep_list_block *b, size_t i, sweep_scenario *sc,
                    sweep_answer *a, char *why) {
    const char *text[SC_COLUMNS] = {NULL};
    diags faults = {.n = 0};
    sweep_auto layouts;
    const sweep_place at = {.file = NULL};
    if (b->fields[i] != h->n) {
        snprintf(why, DIAG_TEXT, "the row has %u fields, the header %zu", b->fields[i], h->n);
        return ERR_SYNTAX;
    }
    for (size_t k = 0; k < h->n; k++) {
        const char *field = b->text + b->at[i * h->n + k];
        if (!text_utf8(field, strlen(field), NULL)) {
            snprintf(why, DIAG_TEXT, "%s: %s", sweep_columns[h->column[k]].name, err_text(ERR_ENCODING));
            return ERR_ENCODING;
        }
        text[h->column[k]] = field;
    }
    err e = sweep_auto_build(&j->ctx->catalogs, text, &at, sc, &layouts, &faults);
    if (e == ERR_OK && layouts.asked && !j->style.chosen) {
        snprintf(why, DIAG_TEXT,
                 "layout: the first auto of a list stands in its first %d rows; or give it a column "
                 "objective",
                 SWEEP_LIST_BLOCK);
        return ERR_SCENARIO;
    }
    if (e == ERR_OK) {
        TRY(sweep_auto_choose(&layouts, sc, why));
        return sweep_scenario_answer(sc, a, why);
    }
    snprintf(why, DIAG_TEXT, "%.40s%s%.260s", faults.item[0].field ? faults.item[0].field : "",
             faults.item[0].field ? ": " : "", faults.n ? faults.item[0].text : err_text(e));
    return e;
}

static void eval_slice(const job *j, const sweep_list_header *h, const sweep_list_block *b, size_t first, slice *s) {
    size_t last = first + SLICE_ROWS < b->n_rows ? first + SLICE_ROWS : b->n_rows;
    s->text.n = 0;
    for (size_t i = first; i < last; i++) {
        sweep_scenario sc;
        sweep_answer a;
        const char *fields[SC_COLUMNS];
        char why[DIAG_TEXT] = "ok";
        err e = eval_row(j, h, b, i, &sc, &a, why);
        for (size_t k = 0; k < h->n; k++)
            fields[k] = b->text + b->at[i * h->n + k];
        if (e == ERR_OK && sc.older_engine && !s->used) {
            snprintf(s->asked, sizeof s->asked, "%s", sc.older_engine);
            s->used = sc.k.engine;
        }
        s->bad |= e != ERR_OK;
        sweep_row_put(&s->text, j->style, h, fields, &sc, e == ERR_OK ? &a : NULL, why);
    }
}

/** The layouts chosen are shown when the list has a column for it, or its first rows ask for them. */
static int shows_chosen(const sweep_list_header *h, const sweep_list_block *b) {
    for (size_t k = 0; k < h->n; k++) {
        if (h->column[k] == SC_OBJECTIVE) return 1;
        for (size_t i = 0; h->column[k] == SC_LAYOUT && i < (b ? b->n_rows : 0); i++) {
            if (sweep_auto_is(b->text + b->at[i * h->n + k])) return 1;
        }
    }
    return 0;
}

/** The header, once the first rows are there: b, or NULL when there are none. */
static err write_header(job *j, const sweep_list_block *b) {
    const sweep_list_header *h = &j->header;
    report_csv_text *t = &j->slices[0].text;
    if (!j->waits) return ERR_OK;
    j->waits = 0;
    j->style.chosen = shows_chosen(h, b);
    sweep_row_header(t, j->style, h);
    return t->failed ? ERR_MEMORY : report_file_write(j->out, t->text, t->n);
}

static err eval_block(void *ctx, const sweep_list_header *h, const sweep_list_block *b) {
    job *j = ctx;
    if (!b) {
        j->header = *h;
        j->waits = 1;
        return ERR_OK;
    }
    TRY(write_header(j, b));
    int n = (int)((b->n_rows + SLICE_ROWS - 1) / SLICE_ROWS);
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < n; i++)
        eval_slice(j, h, b, (size_t)i * SLICE_ROWS, &j->slices[i]);
    for (int i = 0; i < n; i++) {
        const report_csv_text *t = &j->slices[i].text;
        if (t->failed) return ERR_MEMORY;
        TRY(report_file_write(j->out, t->text, t->n));
        j->bad |= j->slices[i].bad;
        if (!j->noted && j->slices[i].used) {
            sweep_ctx_note_engine(j->ctx, j->slices[i].asked, j->slices[i].used);
            j->noted = 1;
        }
    }
    return ERR_OK;
}

static err eval_list(sweep_ctx *ctx, job *j) {
    TRY(report_file_open(&j->out, ctx->options->out ? ctx->options->out : "-", &ctx->faults));
    err e = sweep_list_read(ctx->options->args[0], eval_block, j, &ctx->faults);
    if (e == ERR_OK) e = write_header(j, NULL);
    if (e != ERR_OK && ctx->faults.n) {
        report_file_abort(j->out);
        return e;
    }
    err committed = report_file_commit(j->out, &ctx->faults);
    if (committed != ERR_OK) return committed;
    return j->bad ? diag_add(&ctx->faults, ERR_SCENARIO, NULL, 0, 0, NULL,
                             "some rows could not be evaluated; see their status")
                  : e;
}

err sweep_cmd_eval(sweep_ctx *ctx) {
    if (ctx->options->n_args != 1) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "eval",
                        "expected one list of scenarios, '-' for standard input");
    }
    TRY(sweep_ctx_catalogs(ctx, NULL, 0));
    if (ctx->options->threads) omp_set_num_threads(ctx->options->threads);
    job *j = calloc(1, sizeof *j);
    if (!j) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    j->ctx = ctx;
    j->style = (sweep_row_style){.json = ctx->options->format == SWEEP_FORMAT_JSONL, .range = ctx->options->range};
    err e = eval_list(ctx, j);
    for (int i = 0; i < SLICES; i++)
        report_csv_text_free(&j->slices[i].text);
    free(j);
    return e;
}
