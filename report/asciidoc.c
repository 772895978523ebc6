/*
 * asciidoc.c - a table as AsciiDoc: an anchor, the title, a table with a header row, legend of the signs, footnotes.
 * What AsciiDoc would act on is written as a character reference, so that catalog text shows as it is.
 */
#include "report/cell.h"
#include "report/escape.h"
#include "report/writers_internal.h"

static const report_escape escapes[] = {
    {"((", "&#40;&#40;"}, {"->", "&#45;&gt;"}, {"--", "&#45;&#45;"}, {"...", "&#46;&#46;&#46;"},
    {"(C)", "&#40;C)"},   {"(R)", "&#40;R)"},  {"(TM)", "&#40;TM)"}, {"&", "&amp;"},
    {"<", "&lt;"},        {">", "&gt;"},       {"|", "&#124;"},      {"*", "&#42;"},
    {"_", "&#95;"},       {"`", "&#96;"},      {"#", "&#35;"},       {"+", "&#43;"},
    {"{", "&#123;"},      {"^", "&#94;"},      {"~", "&#126;"},      {"[", "&#91;"},
    {"]", "&#93;"},       {"\\", "&#92;"},
};

static void put_text(report_file *f, const char *text) {
    report_escaped(f, text, escapes, sizeof escapes / sizeof *escapes, 1);
}

static void put_head(report_file *f, const report_table *t) {
    report_file_text(f, "[%header,cols=\"");
    for (size_t j = 0; j < t->n_columns; j++)
        report_file_printf(f, "%s%s", j ? "," : "", t->columns[j].is_text ? "<" : ">");
    report_file_text(f, "\"]\n|===\n");
    for (size_t j = 0; j < t->n_columns; j++) {
        report_file_text(f, j ? " |" : "|");
        put_text(f, t->columns[j].title);
        if (!*t->columns[j].unit) continue;
        report_file_text(f, " (");
        put_text(f, t->columns[j].unit);
        report_file_text(f, ")");
    }
    report_file_text(f, "\n");
}

static void put_cell(report_file *f, const report_table *t, size_t row, size_t column) {
    char scratch[CELL_NUMBER_BYTES];
    const report_cell *cell = &t->cells[row * t->n_columns + column];
    const char *sign = cell->kind == REPORT_BLANK ? "" : report_mark_sign(cell->mark);
    report_file_text(f, "|");
    put_text(f, report_cell_shown(cell, &t->columns[column], scratch));
    if (cell->note) report_file_printf(f, "^%u^", (unsigned)cell->note);
    if (*sign) report_file_printf(f, " %s", sign);
    report_file_text(f, "\n");
}

static void put_body(report_file *f, const report_table *t) {
    for (size_t i = 0; i < t->n_rows; i++) {
        const report_group *g = report_group_at(t, i);
        report_file_text(f, "\n");
        if (g) {
            report_file_printf(f, "%zu+s|", t->n_columns);
            put_text(f, g->label);
            report_file_text(f, "\n\n");
        }
        for (size_t j = 0; j < t->n_columns; j++)
            put_cell(f, t, i, j);
    }
    report_file_text(f, "|===\n");
}

static void put_sign(report_file *f, size_t note) {
    report_file_printf(f, "^%zu^ ", note);
}

err report_asciidoc_write(report_file *f, const report_table *t) {
    report_file_text(f, "[[");
    report_name_write(f, t->name);
    report_file_text(f, "]]\n");
    if (t->title && *t->title) {
        report_file_text(f, *t->title == '.' || *t->title == ' ' ? ".{empty}" : ".");
        put_text(f, t->title);
        report_file_text(f, "\n");
    }
    put_head(f, t);
    put_body(f, t);
    report_small_print_write(f, t, put_sign, put_text);
    return report_file_write(f, "", 0);
}
