/*
 * workbook_sheet.c - one table as a sheet: title, link back, header, cells, legend, footnotes, and how it prints. Reads
 * a table, writes through libxlsxwriter; text is always written as text, never as a formula.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/cell.h"
#include "report/workbook_internal.h"

enum {
    TITLE_ROW,
    LINK_ROW,
    HEAD_ROW = 3,
    BODY_ROW,
    WIDTH_MIN = 9,
    WIDTH_MAX = 54,
    HEAD_WRAP = 18,      /* longer headings may break into lines */
    MARGIN = 4,          /* characters: both margins of a cell; the filter button hides as much of a heading */
    WIDTH_SAMPLE = 5000, /* rows looked at for widths */
    ROW_HEIGHT = 17,
    LINE_HEIGHT = 14,
    NOTE_HEIGHT = 13,
    HEIGHT_MAX = 400,    /* Excel's limit is 409 */
    NOTE_WIDTH_MIN = 70, /* notes of narrow tables reach beyond the last column */
    PAPER_A4 = 9
};

void book_sheet_title(const book_sheet *s, char *out, size_t cap) {
    const char *title = s->table->title ? s->table->title : s->name;
    if (s->part) {
        snprintf(out, cap, "%s (part %u)", title, s->part);
    } else {
        snprintf(out, cap, "%s", title);
    }
}

static void head_text(const report_column *c, char *out, size_t cap) {
    if (*c->unit) {
        snprintf(out, cap, "%s (%s)", c->title, c->unit);
    } else {
        snprintf(out, cap, "%s", c->title);
    }
}

/** Width of a heading: its longest word when it may break, else all of it. */
static size_t head_width(const char *head) {
    size_t longest = 0, whole = report_text_width(head);
    char word[256];
    if (whole <= HEAD_WRAP) return whole;
    for (const char *at = head; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        snprintf(word, sizeof word, "%.*s", (int)n, at);
        size_t width = report_text_width(word);
        longest = width > longest ? width : longest;
        at += n;
    }
    size_t half = whole / 2 + 1;
    return longest > half ? longest : half;
}

/** As the number shows, thousands separators and sign included. */
static size_t shown_width(const report_cell *cell, const report_column *c) {
    char scratch[CELL_NUMBER_BYTES];
    size_t n = report_text_width(report_cell_text(cell, c, scratch));
    if (cell->kind == REPORT_NUMBER) n += strcspn(scratch, ".") / 3;
    return n + (cell->mark ? 2 : 0);
}

static double column_width(const book_sheet *s, size_t column) {
    char head[512];
    const report_table *t = s->table;
    head_text(&t->columns[column], head, sizeof head);
    size_t most = head_width(head) + MARGIN;
    for (size_t i = 0; i < s->n_rows && i < WIDTH_SAMPLE; i++) {
        size_t width = shown_width(&t->cells[(s->first + i) * t->n_columns + column], &t->columns[column]) + MARGIN;
        most = width > most ? width : most;
    }
    return (double)(most < WIDTH_MIN ? WIDTH_MIN : most > WIDTH_MAX ? WIDTH_MAX : most);
}

/** Lines that a text takes in a column; most letters are narrower than the digits that widths are counted in. */
static double lines_of(const char *text, double width) {
    return fmax(ceil(0.92 * (double)report_text_width(text) / (width - MARGIN / 2.0)), 1);
}

/** Sets all widths; returns their sum. */
static double set_widths(book *b, lxw_worksheet *ws, const book_sheet *s, double *width) {
    double sum = 0;
    for (size_t j = 0; j < s->table->n_columns; j++) {
        width[j] = column_width(s, j);
        sum += width[j];
        book_check(b, worksheet_set_column(ws, (lxw_col_t)j, (lxw_col_t)j, width[j], NULL));
    }
    return sum;
}

static void put_title(book *b, lxw_worksheet *ws, const book_sheet *s) {
    char title[1024];
    book_sheet_title(s, title, sizeof title);
    book_check(b, worksheet_set_row(ws, TITLE_ROW, 26, NULL));
    book_check(b, worksheet_write_string(ws, TITLE_ROW, 0, title, book_style_get(b, BOOK_TITLE)));
    book_check(b, worksheet_write_url(ws, LINK_ROW, 0, "internal:'Contents'!A1", book_style_get(b, BOOK_LINK)));
    book_check(b, worksheet_write_string(ws, LINK_ROW, 0, "Contents", book_style_get(b, BOOK_LINK)));
}

static void put_heads(book *b, lxw_worksheet *ws, const book_sheet *s, const double *width) {
    char head[512];
    double lines = 1;
    for (size_t j = 0; j < s->table->n_columns; j++) {
        const report_column *c = &s->table->columns[j];
        head_text(c, head, sizeof head);
        lines = fmax(lines, lines_of(head, width[j]));
        book_check(b, worksheet_write_string(ws, HEAD_ROW, (lxw_col_t)j, head,
                                             book_style_get(b, c->is_text ? BOOK_HEAD_TEXT : BOOK_HEAD_NUMBER)));
    }
    book_check(b, worksheet_set_row(ws, HEAD_ROW, LINE_HEIGHT * lines + 5, NULL));
}

static lxw_error put_cell(book *b, lxw_worksheet *ws, lxw_row_t row, lxw_col_t col, const report_cell *cell,
                          const report_column *c, int is_long) {
    if (cell->kind == REPORT_TEXT && cell->text && *cell->text) {
        lxw_format *f = is_long ? book_style_get(b, BOOK_TEXT_LONG) : book_text_format(b, cell->mark);
        return worksheet_write_string(ws, row, col, cell->text, f);
    }
    if (cell->kind == REPORT_NUMBER && isfinite(cell->number)) {
        return worksheet_write_number(ws, row, col, cell->number, book_number_format(b, cell->mark, c->decimals));
    }
    if (cell->kind == REPORT_BLANK && cell->text) {
        return worksheet_write_string(ws, row, col, CELL_DASH, book_style_get(b, BOOK_BLANK));
    }
    return worksheet_write_blank(ws, row, col, book_text_format(b, REPORT_PLAIN));
}

/** A row, as high as its longest text needs. */
static void put_row(book *b, lxw_worksheet *ws, const book_sheet *s, size_t i, const double *width) {
    const report_table *t = s->table;
    const report_cell *cells = &t->cells[(s->first + i) * t->n_columns];
    lxw_row_t row = (lxw_row_t)(BODY_ROW + i);
    double lines = 1;
    for (size_t j = 0; j < t->n_columns; j++) {
        double own = cells[j].kind == REPORT_TEXT && cells[j].text ? lines_of(cells[j].text, width[j]) : 1;
        lines = fmax(lines, own);
        book_check(b, put_cell(b, ws, row, (lxw_col_t)j, &cells[j], &t->columns[j], own > 1));
    }
    if (lines > 1) book_check(b, worksheet_set_row(ws, row, fmin(LINE_HEIGHT * lines + 3, HEIGHT_MAX), NULL));
}

static void put_cells(book *b, lxw_worksheet *ws, const book_sheet *s, const double *width) {
    worksheet_set_default_row(ws, ROW_HEIGHT, LXW_FALSE);
    for (size_t i = 0; i < s->n_rows && b->failed == LXW_NO_ERROR; i++)
        put_row(b, ws, s, i, width);
}

/** A footnote over the width of the table, as high as its lines. */
static void put_note(book *b, lxw_worksheet *ws, lxw_row_t row, size_t n_columns, double width, const char *text) {
    double lines = ceil((double)report_text_width(text) / (width * 1.05));
    book_check(b, worksheet_set_row(ws, row, fmin(NOTE_HEIGHT * fmax(lines, 1) + 2, HEIGHT_MAX), NULL));
    if (n_columns < 2) {
        book_check(b, worksheet_write_string(ws, row, 0, text, book_style_get(b, BOOK_NOTE)));
    } else {
        book_check(
            b, worksheet_merge_range(ws, row, 0, row, (lxw_col_t)(n_columns - 1), text, book_style_get(b, BOOK_NOTE)));
    }
}

/** Legend of the marks and footnotes, a row below the table. Excel's default column is 8.43 wide. */
static void put_notes(book *b, lxw_worksheet *ws, const book_sheet *s, double width) {
    lxw_row_t row = (lxw_row_t)(BODY_ROW + s->n_rows + 1);
    size_t columns = s->table->n_columns;
    unsigned marks = report_table_marks(s->table);
    char legend[160] = "";
    if (width < NOTE_WIDTH_MIN) {
        size_t more = (size_t)ceil((NOTE_WIDTH_MIN - width) / LXW_DEF_COL_WIDTH);
        columns += more;
        width += (double)more * LXW_DEF_COL_WIDTH;
    }
    for (unsigned m = REPORT_FITS; m <= REPORT_FITS_NOT; m++) {
        size_t n = strlen(legend);
        if (!(marks & 1u << m)) continue;
        snprintf(legend + n, sizeof legend - n, "%s%s %s", n ? ",  " : "", report_mark_sign(m), report_mark_meaning(m));
    }
    if (*legend) put_note(b, ws, row++, columns, width, legend);
    for (size_t i = 0; i < s->table->n_notes; i++)
        put_note(b, ws, row++, columns, width, s->table->notes[i]);
}

void book_page_setup(book *b, lxw_worksheet *ws) {
    worksheet_gridlines(ws, LXW_HIDE_ALL_GRIDLINES);
    worksheet_set_landscape(ws);
    worksheet_set_paper(ws, PAPER_A4);
    worksheet_fit_to_pages(ws, 1, 0);
    worksheet_set_margins(ws, 0.5, 0.5, 0.6, 0.7);
    book_check(b, worksheet_set_footer(ws, "&L&8&A&R&8Page &P of &N"));
}

lxw_worksheet *book_sheet_add(book *b, const char *name) {
    book_check(b, workbook_validate_sheet_name(b->file, name));
    lxw_worksheet *ws = b->failed == LXW_NO_ERROR ? workbook_add_worksheet(b->file, name) : NULL;
    if (!ws) book_check(b, LXW_ERROR_CREATING_TMPFILE); /* of a sheet in constant memory */
    return ws;
}

void book_sheet_write(book *b, lxw_worksheet *ws, const book_sheet *s) {
    lxw_col_t last = (lxw_col_t)(s->table->n_columns ? s->table->n_columns - 1 : 0);
    double *width = calloc(s->table->n_columns + 1, sizeof *width);
    if (!width) {
        book_check(b, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return;
    }
    double sum = set_widths(b, ws, s, width);
    put_title(b, ws, s);
    put_heads(b, ws, s, width);
    put_cells(b, ws, s, width);
    put_notes(b, ws, s, sum);
    free(width);
    worksheet_freeze_panes(ws, BODY_ROW, s->table->n_columns > 1 && s->table->columns[0].is_text);
    if (s->n_rows) {
        book_check(b, worksheet_autofilter(ws, HEAD_ROW, 0, (lxw_row_t)(HEAD_ROW + s->n_rows), last));
        book_check(b, worksheet_ignore_errors(ws, LXW_IGNORE_NUMBER_STORED_AS_TEXT, "A1:XFD1048576"));
    }
    book_check(b, worksheet_repeat_rows(ws, HEAD_ROW, HEAD_ROW));
    book_page_setup(b, ws);
}
