/*
 * workbook_grid.h - a table whose columns are rows of a C table: facts, inputs and live formulas with their values.
 * Formulas are written once for a column: `[key]` is the cell of column `key` in the same row; columns marked
 * GRID_NAMED are ranges prefix_key that every sheet may use.
 */
#ifndef REPORT_WORKBOOK_GRID_H
#define REPORT_WORKBOOK_GRID_H

#include "report/workbook_internal.h"

enum {
    GRID_NAMED = 1,
    GRID_ARRAY = 2,   /* the formula goes through whole ranges; its value is a number */
    GRID_WORKING = 4, /* steps on the way, folded away and not printed */
    GRID_INPUT = 8,
    GRID_WRAP = 16,
    GRID_OWN = 32, /* the formula stands in the reader's own rows only */
    GRID_TEXT_BYTES = 1024
};

/** Of a cell: a number, or a text when `text` is not NULL; NaN is blank. */
typedef struct grid_value {
    double number;
    const char *text;
} grid_value;

typedef struct grid_column {
    const char *key, *group; /* group: band over the heading, NULL: goes on */
    const char *title, *unit;
    const char *form;    /* number format; NULL: text */
    double width;        /* at least, in characters */
    unsigned flags;      /* GRID_... */
    const char *formula; /* NULL: a fact */
    grid_value (*value)(const void *of, size_t row);
} grid_column;

typedef struct grid {
    const char *sheet, *prefix; /* letters only */
    const grid_column *column;
    size_t n_columns, n_rows;
    size_t n_own; /* rows at the top that are left to the reader */
    lxw_row_t head_row;
    int banded;        /* bands in the row above the headings */
    const void *of;    /* for `value` */
    const char *money; /* stands for $ in units */
} grid;

static inline grid_value grid_number(double x) {
    return (grid_value){x, NULL};
}
static inline grid_value grid_text(const char *text) {
    return (grid_value){0, text ? text : ""};
}

/** Headings, cells, widths and names of a grid. */
void book_grid_write(book *b, lxw_worksheet *ws, const grid *g);

/** Which column has the key. */
lxw_col_t book_grid_find(const grid *g, const char *key);

/** Rows of the body. */
lxw_row_t book_grid_first(const grid *g);
lxw_row_t book_grid_last(const grid *g);

/** A template with the cells of a row put in; `out` has GRID_TEXT_BYTES. */
void book_grid_formula(const grid *g, const char *formula, lxw_row_t row, char *out);

/** Text of strangers as a cell takes it: no control characters, no more bytes than GRID_TEXT_BYTES. */
void book_text_clean(const char *text, char *out);

/** Cells with the value that viewers without a calculator show. */
void book_put_text(book *b, lxw_worksheet *ws, lxw_row_t row, lxw_col_t col, const char *text, lxw_format *f);
void book_put_value(book *b, lxw_worksheet *ws, lxw_row_t row, lxw_col_t col, grid_value v, lxw_format *f);
void book_put_formula(book *b, lxw_worksheet *ws, lxw_row_t row, lxw_col_t col, const char *formula, grid_value v,
                      lxw_format *f);

/** Cells whose values are chosen from a range; messages are those of the rule. */
void book_put_choice(book *b, lxw_worksheet *ws, lxw_row_t row, lxw_col_t col, lxw_row_t last_row, const char *range,
                     lxw_data_validation rule);

/** A named cell or range of a sheet. */
void book_name_range(book *b, const char *name, const char *sheet, lxw_row_t row, lxw_col_t col, lxw_row_t last_row,
                     lxw_col_t last_col);

#endif
