/*
 * cmd_eval.c - `eval SCENARIOS.csv`: blocks of rows are evaluated in parallel, each thread formats a slice of its own,
 * and slices are written in order: the output does not depend on the number of threads.
 */
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "report/csv_text.h"
#include "report/file.h"
#include "sweep/command.h"
#include "sweep/scenario_list.h"

enum { SLICE_ROWS = 64, SLICES = SWEEP_LIST_BLOCK / SLICE_ROWS };

static const char OUT_COLUMNS[] =
    "weights_bytes,kv_cache_bytes,activations_bytes,gradients_bytes,optimizer_bytes,overhead_bytes,total_bytes,"
    "usable_bytes,headroom_bytes,fits,min_gpus,max_batch,max_context,kv_capacity_tokens,";

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
    int bad, noted;
    slice slices[SLICES];
} job;

static void put_whole(report_csv_text *t, double x) {
    report_csv_whole(t, x);
    report_csv_raw(t, ",");
}

/** A number where there is one; 0 and less mean that there is none. */
static void put_positive(report_csv_text *t, double x) {
    if (x > 0) report_csv_whole(t, x);
    report_csv_raw(t, ",");
}

static void put_gpu(report_csv_text *t, const sweep_scenario *sc, const sweep_answer *a) {
    put_whole(t, floor(a->usable));
    put_whole(t, floor(a->headroom));
    report_csv_raw(t, a->fits ? "yes," : "no,");
    put_positive(t, a->min_gpus);
    put_whole(t, a->max_batch);
    put_whole(t, a->max_context);
    if (sc->k.mode->train == KERN_INFERENCE) report_csv_whole(t, a->kv_capacity);
    report_csv_raw(t, ",");
}

static void put_answer(report_csv_text *t, const sweep_scenario *sc, const sweep_answer *a, int range) {
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        put_whole(t, a->component[c]);
    put_whole(t, a->total);
    if (sc->gpu) {
        put_gpu(t, sc, a);
    } else {
        report_csv_raw(t, ",,,,,,,");
    }
    if (range) {
        put_whole(t, a->low);
        put_whole(t, a->high);
    }
    report_csv_raw(t, "ok");
}

/** Evaluates one row; *why gets the reason on failure. */
static err eval_row(const job *j, const sweep_list_header *h, const sweep_list_block *b, size_t i, sweep_scenario *sc,
                    sweep_answer *a, char *why) {
    const char *text[SC_COLUMNS] = {NULL};
    diags faults = {.n = 0};
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
    err e = sweep_scenario_build(&j->ctx->catalogs, text, &at, sc, &faults);
    if (e == ERR_OK) return sweep_scenario_answer(sc, a, why);
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
        char why[DIAG_TEXT];
        err e = eval_row(j, h, b, i, &sc, &a, why);
        for (size_t k = 0; k < h->n; k++) {
            report_csv_field(&s->text, b->text + b->at[i * h->n + k]);
            report_csv_raw(&s->text, ",");
        }
        if (e == ERR_OK) {
            if (sc.older_engine && !s->used) {
                snprintf(s->asked, sizeof s->asked, "%s", sc.older_engine);
                s->used = sc.k.engine;
            }
            put_answer(&s->text, &sc, &a, j->ctx->options->range);
        } else {
            report_csv_raw(&s->text, j->ctx->options->range ? ",,,,,,,,,,,,,,,," : ",,,,,,,,,,,,,,");
            report_csv_field(&s->text, why);
            s->bad = 1;
        }
        report_csv_raw(&s->text, "\n");
    }
}

static err write_header(job *j, const sweep_list_header *h) {
    for (size_t i = 0; i < h->n; i++)
        TRY(report_file_printf(j->out, "%s,", sweep_columns[h->column[i]].name));
    TRY(report_file_text(j->out, OUT_COLUMNS));
    return report_file_text(j->out, j->ctx->options->range ? "total_low_bytes,total_high_bytes,status\n" : "status\n");
}

static err eval_block(void *ctx, const sweep_list_header *h, const sweep_list_block *b) {
    job *j = ctx;
    if (!b) return write_header(j, h);
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
    err e = eval_list(ctx, j);
    for (int i = 0; i < SLICES; i++)
        report_csv_text_free(&j->slices[i].text);
    free(j);
    return e;
}
