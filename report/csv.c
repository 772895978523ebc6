/*
 * csv.c - a table as CSV (RFC 4180, with plain line feeds as every tool of the field writes them): one header row with
 * units in brackets, then the cells. Numbers stand alone, blanks are empty, quotes only where the text needs them.
 * Title and footnotes are left to the other writers: every line here is data.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/cell.h"
#include "report/csv_text.h"
#include "report/file_internal.h"
#include "report/writers_internal.h"

enum { FLUSH_BYTES = 1 << 16 };

/** A text of the table; by default one that no spreadsheet computes. */
static void put_text(report_csv_text *text, const report_table *t, const char *what) {
    (t->keep_formulas ? report_csv_field : report_csv_inert)(text, what);
}

/** The group of a row as a first column, where there are groups. */
static void put_group(report_csv_text *text, const report_table *t, const char *label) {
    if (!t->n_groups) return;
    put_text(text, t, label);
    report_csv_raw(text, ",");
}

static void put_heads(report_csv_text *text, const report_table *t) {
    put_group(text, t, t->group_title ? t->group_title : "group");
    for (size_t j = 0; j < t->n_columns; j++) {
        const report_column *c = &t->columns[j];
        char *head = NULL;
        if (asprintf(&head, "%s%s%s%s", c->title, *c->unit ? " [" : "", c->unit, *c->unit ? "]" : "") < 0) {
            text->failed = 1;
            return;
        }
        report_csv_raw(text, j ? "," : "");
        put_text(text, t, head);
        free(head);
    }
    report_csv_raw(text, "\n");
}

static void put_row(report_csv_text *text, const report_table *t, size_t row) {
    char scratch[CELL_NUMBER_BYTES];
    for (size_t j = 0; j < t->n_columns; j++) {
        report_csv_raw(text, j ? "," : "");
        put_text(text, t, report_cell_text(&t->cells[row * t->n_columns + j], &t->columns[j], scratch));
    }
    report_csv_raw(text, "\n");
}

err report_csv_write(report_file *f, const report_table *t) {
    report_csv_text text = {0};
    put_heads(&text, t);
    const char *group = "";
    for (size_t i = 0; i < t->n_rows && !text.failed; i++) {
        const report_group *g = report_group_at(t, i);
        if (g) group = g->label;
        put_group(&text, t, group);
        put_row(&text, t, i);
        if (text.n < FLUSH_BYTES) continue;
        report_file_write(f, text.text, text.n);
        text.n = 0;
    }
    err e = text.failed ? file_fail(f, ERR_MEMORY, ENOMEM, "cannot format") : report_file_write(f, text.text, text.n);
    report_csv_text_free(&text);
    return e;
}
