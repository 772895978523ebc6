/*
 * workbook_cells.c - single cells and names of a workbook: text of strangers made fit for a cell, formulas with the
 * value that viewers without a calculator show, templates of formulas filled in.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/cell.h"
#include "report/workbook_grid.h"

/** What XML can hold: no control characters, halves of pairs, stray bytes. */
static int can_stand(unsigned code, size_t bytes) {
    if (code < ' ' || code == 0x7f || code == 0xfffe || code == 0xffff || code > 0x10ffff) return 0;
    return !(code >= 0xd800 && code <= 0xdfff) && !(code >= 0x80 && bytes == 1);
}

void book_text_clean(const char *text, char *out) {
    size_t n = 0;
    while (*text) {
        const char *at = text;
        unsigned code = report_text_next(&text);
        size_t bytes = (size_t)(text - at);
        if (n + bytes >= GRID_TEXT_BYTES) break;
        if (!can_stand(code, bytes)) {
            out[n++] = ' ';
        } else {
            memcpy(out + n, at, bytes);
            n += bytes;
        }
    }
    out[n] = '\0';
}

void book_put_text(book *b, lxw_worksheet *ws, lxw_row_t row, lxw_col_t col, const char *text, lxw_format *f) {
    char clean[GRID_TEXT_BYTES];
    book_text_clean(text, clean);
    book_check(b, *clean ? worksheet_write_string(ws, row, col, clean, f) : worksheet_write_blank(ws, row, col, f));
}

void book_put_value(book *b, lxw_worksheet *ws, lxw_row_t row, lxw_col_t col, grid_value v, lxw_format *f) {
    if (v.text) {
        book_put_text(b, ws, row, col, v.text, f);
    } else if (isfinite(v.number)) {
        book_check(b, worksheet_write_number(ws, row, col, v.number, f));
    } else {
        book_check(b, worksheet_write_blank(ws, row, col, f));
    }
}

void book_put_formula(book *b, lxw_worksheet *ws, lxw_row_t row, lxw_col_t col, const char *formula, grid_value v,
                      lxw_format *f) {
    char clean[GRID_TEXT_BYTES] = "";
    if (!v.text && isfinite(v.number)) {
        book_check(b, worksheet_write_formula_num(ws, row, col, formula, f, v.number));
        return;
    }
    if (v.text) book_text_clean(v.text, clean);
    book_check(b, worksheet_write_formula_str(ws, row, col, formula, f, clean));
}

/** The library (1.1.4) leaks the formula of a list; the same text as a custom rule, made a list afterwards, it frees.
 */
void book_put_choice(book *b, lxw_worksheet *ws, lxw_row_t row, lxw_col_t col, lxw_row_t last_row, const char *range,
                     lxw_data_validation rule) {
    rule.validate = LXW_VALIDATION_TYPE_CUSTOM_FORMULA;
    rule.value_formula = (char *)range;
    lxw_error e = worksheet_data_validation_range(ws, row, col, last_row, col, &rule);
    lxw_data_val_obj *last = NULL;
    for (lxw_data_val_obj *at = STAILQ_FIRST(ws->data_validations); at; at = STAILQ_NEXT(at, list_pointers))
        last = at;
    if (e == LXW_NO_ERROR && last) last->validate = LXW_VALIDATION_TYPE_LIST_FORMULA;
    book_check(b, e);
}

void book_name_range(book *b, const char *name, const char *sheet, lxw_row_t row, lxw_col_t col, lxw_row_t last_row,
                     lxw_col_t last_col) {
    char range[LXW_MAX_CELL_RANGE_LENGTH], text[128];
    if (row == last_row && col == last_col) {
        lxw_rowcol_to_cell_abs(range, row, col, LXW_TRUE, LXW_TRUE);
    } else {
        lxw_rowcol_to_range_abs(range, row, col, last_row, last_col);
    }
    snprintf(text, sizeof text, "=%s!%s", sheet, range);
    book_check(b, workbook_define_name(b->file, name, text));
}

/** The reference that stands for `[key]`, key being n bytes: its column fixed, its row free. */
static void reference(const grid *g, const char *key, size_t n, lxw_row_t row, char *out) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)n, key);
    lxw_rowcol_to_cell_abs(out, row, book_grid_find(g, name), LXW_FALSE, LXW_TRUE);
}

void book_grid_formula(const grid *g, const char *formula, lxw_row_t row, char *out) {
    size_t n = 0;
    for (const char *at = formula; *at && n + LXW_MAX_CELL_NAME_LENGTH + 1 < GRID_TEXT_BYTES; at++) {
        if (*at == '[') {
            size_t bytes = strcspn(at + 1, "]");
            reference(g, at + 1, bytes, row, out + n);
            n += strlen(out + n);
            at += bytes + 1;
        } else {
            out[n++] = *at;
        }
    }
    out[n] = '\0';
}
