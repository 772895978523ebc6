/*
 * output.c - a command's table to text, CSV or JSON. JSON through jansson, which orders and escapes.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <unistd.h>

#include "report/terminal.h"
#include "report/writers.h"
#include "sweep/json_memory.h"
#include "sweep/output.h"

report_table *sweep_table_new(arena *mem, const report_column *columns, size_t n_columns, size_t n_rows) {
    report_table *t = arena_alloc(mem, 1, sizeof *t);
    report_cell *cells = arena_alloc(mem, n_rows ? n_rows * n_columns : 1, sizeof *cells);
    if (!t || !cells) return NULL;
    *t = (report_table){.columns = columns, .n_columns = n_columns, .cells = cells, .n_rows = n_rows};
    return t;
}

report_cell *sweep_table_cell(const report_table *t, size_t row, size_t column) {
    return (report_cell *)&t->cells[row * t->n_columns + column];
}

void sweep_cell_text(const report_table *t, size_t row, size_t column, const char *text) {
    if (!text || !*text) return;
    report_cell *c = sweep_table_cell(t, row, column);
    c->kind = REPORT_TEXT;
    c->text = text;
}

void sweep_cell_number(const report_table *t, size_t row, size_t column, double number) {
    report_cell *c = sweep_table_cell(t, row, column);
    c->kind = REPORT_NUMBER;
    c->number = number;
}

static json_t *cell_json(const report_cell *c) {
    if (c->kind == REPORT_TEXT) return json_string(c->text);
    if (c->kind == REPORT_BLANK) return json_null();
    if (c->number == floor(c->number) && fabs(c->number) < 0x1p53) return json_integer((json_int_t)c->number);
    return json_real(c->number);
}

static err json_failed(diags *faults) {
    return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

err sweep_output_json(report_file *f, const report_table *t, diags *faults) {
    json_t *rows = json_array();
    for (size_t i = 0; i < t->n_rows; i++) {
        json_t *row = json_object();
        for (size_t j = 0; j < t->n_columns; j++) {
            char key[128];
            const report_column *c = &t->columns[j];
            snprintf(key, sizeof key, "%s%s%s", c->title, *c->unit ? "_" : "", c->unit);
            json_object_set_new(row, key, cell_json(&t->cells[i * t->n_columns + j]));
        }
        json_array_append_new(rows, row);
    }
    char *text = sweep_json_text(rows, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    if (!text) return json_failed(faults);
    err e = report_file_text(f, text);
    free(text);
    return e == ERR_OK ? report_file_text(f, "\n") : e;
}

static err write_file(sweep_ctx *ctx, const report_table *t) {
    report_file *f;
    report_table as_read = *t; /* for programs: names are what the catalogs say */
    as_read.keep_formulas = 1;
    TRY(report_file_open(&f, ctx->options->out ? ctx->options->out : "-", &ctx->faults));
    const char *writer = ctx->options->format == SWEEP_FORMAT_MD ? "md" : "csv";
    err e = ctx->options->format == SWEEP_FORMAT_JSON ? sweep_output_json(f, t, &ctx->faults)
                                                      : report_writer_find(writer)->write(f, &as_read);
    return report_file_end(f, e, &ctx->faults);
}

static int wants_color(void) {
    const char *no_color = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(no_color && *no_color);
}

err sweep_output_table(sweep_ctx *ctx, const report_table *t) {
    if (ctx->options->format != SWEEP_FORMAT_TEXT || ctx->options->out) return write_file(ctx, t);
    return report_terminal_write(stdout, t, wants_color());
}
