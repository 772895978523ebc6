/*
 * rst.c - a table as a reStructuredText list-table: a label, the title, a header row, legend of the signs, footnotes.
 * What reStructuredText would act on is held back with a backslash.
 */
#include <ctype.h>
#include <string.h>

#include "report/cell.h"
#include "report/escape.h"
#include "report/writers_internal.h"

static const report_escape escapes[] = {
    {"\\", "\\\\"}, {"*", "\\*"}, {"`", "\\`"}, {"|", "\\|"}, {"_", "\\_"}, {"::", ":\\:"}, {"<", "\\<"}, {">", "\\>"},
};

static void put_escaped(report_file *f, const char *text) {
    report_escaped(f, text, escapes, sizeof escapes / sizeof *escapes, 1);
}

/** A first word that would start a list, a field or a comment: "-", "3.", "(a)", ":name:", "..". */
static int starts_block(const char *text) {
    size_t word = strcspn(text, " ");
    if (word == 0 || strchr("-+:#=~^\"'.!$%&,/;?@[]{}", *text)) return word > 0;
    return word <= 8 && strchr(".)", text[word - 1]) && (isalnum((unsigned char)*text) || *text == '(');
}

static void put_text(report_file *f, const char *text) {
    if (starts_block(text)) report_file_text(f, "\\");
    put_escaped(f, text);
}

static void put_head(report_file *f, const report_table *t) {
    for (size_t j = 0; j < t->n_columns; j++) {
        report_file_text(f, j ? "     - " : "   * - ");
        put_text(f, t->columns[j].title);
        if (*t->columns[j].unit) {
            report_file_text(f, " (");
            put_escaped(f, t->columns[j].unit);
            report_file_text(f, ")");
        }
        report_file_text(f, "\n");
    }
}

static void put_cell(report_file *f, const report_table *t, size_t row, size_t column) {
    char scratch[CELL_NUMBER_BYTES];
    const report_cell *cell = &t->cells[row * t->n_columns + column];
    const char *sign = cell->kind == REPORT_BLANK ? "" : report_mark_sign(cell->mark);
    const char *text = report_cell_shown(cell, &t->columns[column], scratch);
    report_file_text(f, column ? "     -" : "   * -");
    if (*text) report_file_text(f, " ");
    put_text(f, text);
    report_file_text(f, report_note_sign(cell->note, scratch));
    if (*sign) report_file_printf(f, " %s", sign);
    report_file_text(f, "\n");
}

/** A row with the group's heading; cells cannot span columns here. */
static void put_group(report_file *f, const report_table *t, const report_group *g) {
    report_file_text(f, "   * - **");
    put_escaped(f, g->label);
    report_file_text(f, "**\n");
    for (size_t j = 1; j < t->n_columns; j++)
        report_file_text(f, "     -\n");
}

static void put_sign(report_file *f, size_t note) {
    char number[CELL_NUMBER_BYTES];
    report_file_printf(f, "%s ", report_note_sign((unsigned)note, number));
}

err report_rst_write(report_file *f, const report_table *t) {
    report_file_text(f, ".. _");
    report_name_write(f, t->name);
    report_file_text(f, ":\n\n.. list-table::");
    if (t->title && *t->title) {
        report_file_text(f, " ");
        put_escaped(f, t->title);
    }
    report_file_text(f, "\n   :header-rows: 1\n   :stub-columns: 1\n\n");
    put_head(f, t);
    for (size_t i = 0; i < t->n_rows; i++) {
        const report_group *g = report_group_at(t, i);
        if (g) put_group(f, t, g);
        for (size_t j = 0; j < t->n_columns; j++)
            put_cell(f, t, i, j);
    }
    report_small_print_write(f, t, put_sign, put_text);
    return report_file_write(f, "", 0);
}
