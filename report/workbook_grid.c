/*
 * workbook_grid.c - headings, widths, cells and names of a grid. Reads values through the grid's columns, writes
 * through libxlsxwriter; the first error is kept in the book. Text is always written as text.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/cell.h"
#include "report/workbook_grid.h"

enum { MARGIN = 3, WIDTH_MAX = 46, LINE_HEIGHT = 14, HEAD_LINES = 3 };

lxw_row_t book_grid_first(const grid *g) {
    return g->head_row + 1;
}

lxw_row_t book_grid_last(const grid *g) {
    return g->head_row + (lxw_row_t)(g->n_rows ? g->n_rows : 1);
}

lxw_col_t book_grid_find(const grid *g, const char *key) {
    size_t i = 0;
    while (i + 1 < g->n_columns && strcmp(g->column[i].key, key) != 0)
        i++;
    return (lxw_col_t)i;
}

/** "title (unit)", the unit with the report's currency. */
static void head_text(const grid *g, const grid_column *c, char *out, size_t cap) {
    size_t n = (size_t)snprintf(out, cap, "%s%s", c->title, *c->unit ? " (" : "");
    for (const char *at = c->unit; *at && n + 2 < cap; at++) {
        if (*at == '$') {
            n += (size_t)snprintf(out + n, cap - n, "%.16s", g->money);
        } else {
            out[n++] = *at;
        }
    }
    snprintf(out + n, cap - n, "%s", *c->unit ? ")" : "");
}

/** Places of a number in its format, with room to grow tenfold. */
static double number_width(double x, const char *form) {
    const char *point = form ? strchr(form, '.') : NULL;
    double digits = x >= 1 || x <= -1 ? floor(log10(fabs(x))) + 2 : 2;
    return digits + floor((digits - 1) / 3) + (point ? (double)strspn(point + 1, "0#") + 1 : 0);
}

static double column_width(const grid *g, const grid_column *c) {
    double most = c->width;
    for (size_t i = 0; i < g->n_rows; i++) {
        grid_value v = c->value(g->of, i);
        double width = v.text                                        ? (double)report_text_width(v.text)
                       : isfinite(v.number) && fabs(v.number) < 1e15 ? number_width(v.number, c->form)
                                                                     : 0;
        most = fmax(most, width + MARGIN);
    }
    return fmin(most, WIDTH_MAX);
}

static void put_head(book *b, lxw_worksheet *ws, const grid *g, lxw_col_t col) {
    char head[256], clean[GRID_TEXT_BYTES];
    const grid_column *c = &g->column[col];
    lxw_row_col_options fold = {.hidden = LXW_TRUE, .level = 1};
    double width = column_width(g, c);
    int working = (c->flags & GRID_WORKING) != 0;
    head_text(g, c, head, sizeof head);
    book_text_clean(head, clean);
    book_put_text(b, ws, g->head_row, col, clean,
                  book_style_get(b, working   ? BOOK_HEAD_WORK
                                    : c->form ? BOOK_HEAD_NUMBER
                                              : BOOK_HEAD_TEXT));
    if (g->banded) {
        book_check(b, c->group
                          ? worksheet_write_string(ws, g->head_row - 1, col, c->group, book_style_get(b, BOOK_BAND))
                          : worksheet_write_blank(ws, g->head_row - 1, col, book_style_get(b, BOOK_BAND)));
    }
    book_check(b, worksheet_set_column_opt(ws, col, col, width, NULL, working && g->folded ? &fold : NULL));
}

static lxw_format *cell_format(book *b, const grid *g, const grid_column *c, size_t row) {
    int input = row < g->n_own ? !c->formula && !(c->flags & GRID_WORKING) : (c->flags & GRID_INPUT) != 0;
    if (c->form) return book_form_get(b, input ? BOOK_INPUT : BOOK_NUMBER, c->form);
    return book_style_get(b, input ? BOOK_INPUT_TEXT : c->flags & GRID_WRAP ? BOOK_TEXT_LONG : BOOK_TEXT);
}

static void put_cell(book *b, lxw_worksheet *ws, const grid *g, lxw_col_t col, size_t i) {
    char formula[GRID_TEXT_BYTES];
    const grid_column *c = &g->column[col];
    lxw_row_t row = book_grid_first(g) + (lxw_row_t)i;
    lxw_format *f = cell_format(b, g, c, i);
    grid_value v = c->value(g->of, i);
    if (!c->formula || (c->flags & GRID_OWN && i >= g->n_own)) {
        book_put_value(b, ws, row, col, v, f);
        return;
    }
    book_grid_formula(g, c->formula, row, formula);
    if (c->flags & GRID_ARRAY) {
        book_check(b, worksheet_write_array_formula_num(ws, row, col, row, col, formula, f, v.number));
    } else {
        book_put_formula(b, ws, row, col, formula, v, f);
    }
}

static void name_columns(book *b, const grid *g) {
    char name[64];
    for (size_t j = 0; j < g->n_columns; j++) {
        if (!(g->column[j].flags & GRID_NAMED)) continue;
        snprintf(name, sizeof name, "%s_%s", g->prefix, g->column[j].key);
        book_name_range(b, name, g->sheet, book_grid_first(g), (lxw_col_t)j, book_grid_last(g), (lxw_col_t)j);
    }
}

/** What unfolds the working columns stands over the column behind them. */
static void put_handle(book *b, lxw_worksheet *ws, const grid *g) {
    lxw_row_col_options handle = {.collapsed = LXW_TRUE};
    lxw_col_t behind = (lxw_col_t)g->n_columns;
    book_check(b, worksheet_set_column_opt(ws, behind, behind, LXW_DEF_COL_WIDTH, NULL, &handle));
}

void book_grid_write(book *b, lxw_worksheet *ws, const grid *g) {
    book_check(b, worksheet_set_row(ws, g->head_row, LINE_HEIGHT * HEAD_LINES + 5, NULL));
    for (size_t j = 0; j < g->n_columns; j++)
        put_head(b, ws, g, (lxw_col_t)j);
    if (g->folded) put_handle(b, ws, g);
    for (size_t i = 0; i < g->n_rows && b->failed == LXW_NO_ERROR; i++) {
        for (size_t j = 0; j < g->n_columns; j++)
            put_cell(b, ws, g, (lxw_col_t)j, i);
    }
    name_columns(b, g);
}
