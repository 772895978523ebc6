/*
 * markdown.c - a table as GitHub Markdown: title, table with aligned columns, legend of the signs, footnotes. Readable
 * as plain text too. Whatever Markdown or HTML would act on is escaped, so that catalog text shows as it is written.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "report/cell.h"
#include "report/file_internal.h"
#include "report/writers_internal.h"

/** Characters that are written as something else; braces would be templates or code to generators of sites. */
static const struct {
    char c;
    const char *text;
} escapes[] = {
    {'|', "\\|"},  {'\\', "\\\\"}, {'`', "\\`"}, {'*', "\\*"},    {'[', "\\["},    {']', "\\]"},   {'<', "&lt;"},
    {'>', "&gt;"}, {'&', "&amp;"}, {'~', "\\~"}, {'{', "&#123;"}, {'}', "&#125;"}, {'\n', "<br>"}, {'\r', ""},
};

/** An underscore inside a word is plain (q4_k_m); elsewhere it could start emphasis. */
static int inside_word(const char *text, size_t i) {
    return i > 0 && isalnum((unsigned char)text[i - 1]) && isalnum((unsigned char)text[i + 1]);
}

static const char *escape_of(const char *text, size_t i, int unsafe) {
    for (size_t k = 0; k < sizeof escapes / sizeof *escapes; k++) {
        if (escapes[k].c == text[i]) return escapes[k].text;
    }
    if (text[i] == '_' && !inside_word(text, i)) return "\\_";
    return unsafe || text[i] == '\t' ? " " : NULL;
}

/** Places that n bytes of one character take. */
static size_t places(const char *character, size_t n) {
    char one[8] = {0};
    memcpy(one, character, n);
    return report_text_width(one);
}

/** Writes text escaped (f NULL: only measures) and returns its width as plain text. */
static size_t put_escaped(report_file *f, const char *text) {
    size_t width = report_text_width(text), plain = 0, i = 0;
    while (text[i]) {
        int unsafe;
        size_t step = text_step(text + i, &unsafe);
        const char *escape = escape_of(text, i, unsafe);
        if (escape) {
            if (f) report_file_write(f, text + plain, i - plain);
            if (f) report_file_text(f, escape);
            width += strlen(escape) - places(text + i, step);
            plain = i + step;
        }
        i += step;
    }
    if (f) report_file_write(f, text + plain, i - plain);
    return width;
}

static size_t put_head(report_file *f, const report_column *c) {
    size_t width = put_escaped(f, c->title);
    if (!*c->unit) return width;
    if (f) report_file_text(f, " (");
    width += 3 + put_escaped(f, c->unit);
    if (f) report_file_text(f, ")");
    return width;
}

static size_t put_cell(report_file *f, const report_table *t, size_t row, size_t column) {
    char scratch[CELL_NUMBER_BYTES];
    const report_cell *cell = &t->cells[row * t->n_columns + column];
    const char *sign = report_mark_sign(cell->mark);
    size_t width = put_escaped(f, report_cell_shown(cell, &t->columns[column], scratch));
    width += put_escaped(f, report_note_sign(cell->note, scratch));
    if (cell->kind == REPORT_BLANK || !*sign) return width;
    if (f) report_file_text(f, " ");
    return width + 1 + put_escaped(f, sign);
}

/** A group's heading: bold, in the first column. */
static size_t put_group(report_file *f, const report_group *g) {
    if (f) report_file_text(f, "**");
    size_t width = 4 + put_escaped(f, g->label);
    if (f) report_file_text(f, "**");
    return width;
}

static void put_pad(report_file *f, char c, size_t n) {
    while (n-- > 0)
        report_file_write(f, &c, 1);
}

/** A heading or a cell with its padding; `row` is one too large for headings. */
static void put_padded(report_file *f, const report_table *t, size_t row, size_t column, size_t width) {
    const report_column *c = &t->columns[column];
    int head = row == t->n_rows;
    size_t pad = width - (head ? put_head(NULL, c) : put_cell(NULL, t, row, column));
    report_file_text(f, column ? " " : "| ");
    if (!c->is_text) put_pad(f, ' ', pad);
    if (head) {
        put_head(f, c);
    } else {
        put_cell(f, t, row, column);
    }
    if (c->is_text) put_pad(f, ' ', pad);
    report_file_text(f, " |");
}

static void put_row(report_file *f, const report_table *t, size_t row, const size_t *width) {
    for (size_t j = 0; j < t->n_columns; j++)
        put_padded(f, t, row, j, width[j]);
    report_file_text(f, "\n");
}

static void put_group_row(report_file *f, const report_table *t, const report_group *g, const size_t *width) {
    report_file_text(f, "| ");
    put_pad(f, ' ', width[0] - put_group(f, g));
    for (size_t j = 1; j < t->n_columns; j++) {
        report_file_text(f, " | ");
        put_pad(f, ' ', width[j]);
    }
    report_file_text(f, " |\n");
}

static void put_rule(report_file *f, const report_table *t, const size_t *width) {
    for (size_t j = 0; j < t->n_columns; j++) {
        int is_text = t->columns[j].is_text;
        report_file_text(f, j ? "" : "|");
        report_file_text(f, is_text ? ":" : "-");
        put_pad(f, '-', width[j]);
        report_file_text(f, is_text ? "-|" : ":|");
    }
    report_file_text(f, "\n");
}

static size_t column_width(const report_table *t, size_t column) {
    size_t most = put_head(NULL, &t->columns[column]);
    if (most < 3) most = 3;
    for (size_t i = 0; i < t->n_rows; i++) {
        size_t width = put_cell(NULL, t, i, column);
        if (width > most) most = width;
    }
    for (size_t i = 0; i < t->n_groups && column == 0; i++) {
        size_t width = put_group(NULL, &t->groups[i]);
        if (width > most) most = width;
    }
    return most;
}

/** "✓ fits, ✗ does not fit": the signs that occur. */
static void put_legend(report_file *f, unsigned marks) {
    int n = 0;
    for (unsigned m = REPORT_FITS; m <= REPORT_FITS_NOT; m++) {
        if (!(marks & 1u << m)) continue;
        report_file_printf(f, "%s%s %s", n++ ? ", " : "\n", report_mark_sign(m), report_mark_meaning(m));
    }
    if (n) report_file_text(f, "\n");
}

/** Footnotes as a list; a first character that would start a block of its own is held back. */
static void put_notes(report_file *f, const report_table *t) {
    char number[CELL_NUMBER_BYTES];
    if (t->n_notes) report_file_text(f, "\n");
    for (size_t i = 0; i < t->n_notes; i++) {
        if (i < t->n_refs) {
            report_file_printf(f, "- %s ", report_note_sign((unsigned)i + 1, number));
            put_escaped(f, t->notes[i]);
            report_file_text(f, "\n");
            continue;
        }
        report_file_text(f, strchr("#+-=", t->notes[i][0]) && t->notes[i][0] ? "- \\" : "- ");
        put_escaped(f, t->notes[i]);
        report_file_text(f, "\n");
    }
}

err report_markdown_body(report_file *f, const report_table *t) {
    size_t *width = calloc(t->n_columns + 1, sizeof *width);
    if (!width) return file_fail(f, ERR_MEMORY, ENOMEM, "cannot format");
    for (size_t j = 0; j < t->n_columns; j++)
        width[j] = column_width(t, j);
    put_row(f, t, t->n_rows, width);
    put_rule(f, t, width);
    for (size_t i = 0; i < t->n_rows; i++) {
        const report_group *g = report_group_at(t, i);
        if (g) put_group_row(f, t, g, width);
        put_row(f, t, i, width);
    }
    free(width);
    put_legend(f, report_table_marks(t));
    put_notes(f, t);
    return report_file_write(f, "", 0);
}

err report_markdown_write(report_file *f, const report_table *t) {
    if (t->title && *t->title) {
        report_file_text(f, "## ");
        put_escaped(f, t->title);
        report_file_text(f, "\n\n");
    }
    return report_markdown_body(f, t);
}
