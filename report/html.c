/*
 * html.c - a table as HTML: caption, head, one body per group, headings with their scope, legend of the signs, numbered
 * footnotes. Numbers carry their full value, which sorting uses. Written alone it is a whole page.
 */
#include <stdio.h>

#include "report/cell.h"
#include "report/html.h"
#include "report/number.h"
#include "report/writers_internal.h"

static const report_escape escapes[] = {
    {"&", "&amp;"},  {"<", "&lt;"},   {">", "&gt;"},  {"\"", "&quot;"}, {"'", "&#39;"},
    {"{", "&#123;"}, {"}", "&#125;"}, {"\n", "<br>"}, {"\r", ""},
};

static const char *const mark_class[] = {
    [REPORT_PLAIN] = "", [REPORT_FITS] = "fits", [REPORT_TIGHT] = "tight", [REPORT_FITS_NOT] = "not"};

void report_html_text(report_file *f, const char *text) {
    report_escaped(f, text, escapes, sizeof escapes / sizeof *escapes, 0);
}

static void put_head(report_file *f, const report_table *t) {
    report_file_text(f, "<thead>\n<tr>");
    for (size_t j = 0; j < t->n_columns; j++) {
        const report_column *c = &t->columns[j];
        report_file_text(f, c->is_text ? "<th scope=\"col\">" : "<th scope=\"col\" class=\"n\">");
        report_html_text(f, c->title);
        if (*c->unit) {
            report_file_text(f, " <span class=\"unit\">");
            report_html_text(f, c->unit);
            report_file_text(f, "</span>");
        }
        report_file_text(f, "</th>");
    }
    report_file_text(f, "</tr>\n</thead>\n");
}

/** Opening tag: the first cell of a row heads it. */
static void open_cell(report_file *f, const report_table *t, const report_cell *cell, size_t column) {
    const char *mark = cell->mark <= REPORT_FITS_NOT && cell->kind != REPORT_BLANK ? mark_class[cell->mark] : "";
    int number = !t->columns[column].is_text;
    char value[32];
    report_file_text(f, column ? "<td" : "<th scope=\"row\"");
    if (number || *mark)
        report_file_printf(f, " class=\"%s%s%s\"", number ? "n" : "", number && *mark ? " " : "", mark);
    if (cell->kind == REPORT_NUMBER) {
        report_double_text(cell->number, value);
        report_file_printf(f, " data-v=\"%s\"", value);
    }
    report_file_text(f, ">");
}

static void put_cell(report_file *f, const report_table *t, size_t row, size_t column) {
    char scratch[CELL_NUMBER_BYTES];
    const report_cell *cell = &t->cells[row * t->n_columns + column];
    const char *sign = cell->kind == REPORT_BLANK ? "" : report_mark_sign(cell->mark);
    open_cell(f, t, cell, column);
    report_html_text(f, report_cell_shown(cell, &t->columns[column], scratch));
    if (cell->note) {
        report_file_text(f, "<sup><a href=\"#");
        report_name_write(f, t->name);
        report_file_printf(f, "-note-%u\">%u</a></sup>", (unsigned)cell->note, (unsigned)cell->note);
    }
    if (*sign) {
        report_file_printf(f, " <span class=\"sign\" role=\"img\" aria-label=\"%s\">%s</span>",
                           report_mark_meaning(cell->mark), sign);
    }
    report_file_text(f, column ? "</td>" : "</th>");
}

static void put_body(report_file *f, const report_table *t) {
    report_file_text(f, t->n_groups ? "" : "<tbody>\n");
    for (size_t i = 0; i < t->n_rows; i++) {
        const report_group *g = report_group_at(t, i);
        if (g) {
            report_file_printf(f, "%s<tbody>\n<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"%zu\">",
                               i ? "</tbody>\n" : "", t->n_columns);
            report_html_text(f, g->label);
            report_file_text(f, "</th></tr>\n");
        }
        report_file_text(f, "<tr>");
        for (size_t j = 0; j < t->n_columns; j++)
            put_cell(f, t, i, j);
        report_file_text(f, "</tr>\n");
    }
    report_file_text(f, "</tbody>\n");
}

static void put_legend(report_file *f, unsigned marks) {
    int n = 0;
    for (unsigned m = REPORT_FITS; m <= REPORT_FITS_NOT; m++) {
        if (!(marks & 1u << m)) continue;
        report_file_printf(f, "%s<span class=\"%s\"><span class=\"sign\">%s</span> %s</span>",
                           n++ ? " " : "<p class=\"legend\">", mark_class[m], report_mark_sign(m),
                           report_mark_meaning(m));
    }
    report_file_text(f, n ? "</p>\n" : "");
}

static void put_notes(report_file *f, const report_table *t) {
    if (!t->n_notes) return;
    report_file_text(f, "<ul class=\"notes\">\n");
    for (size_t i = 0; i < t->n_notes; i++) {
        report_file_text(f, "<li");
        if (i < t->n_refs) {
            report_file_text(f, " id=\"");
            report_name_write(f, t->name);
            report_file_printf(f, "-note-%zu\"><sup>%zu</sup> ", i + 1, i + 1);
        } else {
            report_file_text(f, ">");
        }
        report_html_text(f, t->notes[i]);
        report_file_text(f, "</li>\n");
    }
    report_file_text(f, "</ul>\n");
}

err report_html_table(report_file *f, const report_table *t) {
    const char *title = t->title && *t->title ? t->title : t->name;
    report_file_text(f, "<figure class=\"vramsweep\" id=\"");
    report_name_write(f, t->name);
    report_file_text(f, "\">\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"");
    report_html_text(f, title);
    report_file_text(f, "\">\n<table>\n<caption><span>");
    report_html_text(f, title);
    report_file_text(f, "</span></caption>\n");
    put_head(f, t);
    put_body(f, t);
    report_file_text(f, "</table>\n</div>\n<figcaption>\n");
    put_legend(f, report_table_marks(t));
    put_notes(f, t);
    report_file_text(f, "</figcaption>\n</figure>\n");
    return report_file_write(f, "", 0);
}

err report_html_write(report_file *f, const report_table *t) {
    report_html_open(f, t->title && *t->title ? t->title : t->name, "one");
    report_file_text(f, "<main>\n");
    report_html_table(f, t);
    report_file_text(f, "</main>\n");
    return report_html_close(f);
}
