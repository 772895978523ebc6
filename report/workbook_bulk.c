/*
 * workbook_bulk.c - CSV rows into sheets through libxlsxwriter's constant-memory mode, which keeps one row and writes
 * the others to a temporary file. Numbers are written as numbers, all else as text; what is empty has no cell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/workbook_bulk.h"
#include "report/workbook_internal.h"

enum { FIELD_MAX = 4096, NUMBER_WIDTH = 19, NAME_WIDTH = 16, HEAD_HEIGHT = 20 };

/** Columns of whole numbers: those that end so, and these. */
static const char *const endings[] = {"_bytes", "_tokens"};
static const char *const numbers[] = {"context", "batch", "gpus", "min_gpus", "max_batch", "max_context"};

struct report_bulk {
    book book;
    report_file *file;
    char *path;
    const char *header;
    unsigned char is_text[REPORT_BULK_COLUMNS];
    lxw_col_t columns;
    const char *temporary;
    lxw_worksheet *sheet;
    lxw_format *text, *number;
    lxw_row_t row, row_max; /* next of the sheet, rows of a whole one */
    unsigned sheets;
    char field[FIELD_MAX];
};

/** The field at *at without its quotes; *at moves behind the comma or row end after it. NULL: longer than any is. */
static const char *next_field(report_bulk *b, const char **at, const char *end) {
    const char *from = *at;
    size_t n = 0;
    int quoted = from < end && *from == '"';
    for (from += quoted; from < end && (quoted || (*from != ',' && *from != '\n')); from++) {
        if (*from == '"' && (from + 1 == end || *++from != '"')) break;
        if (n + 1 == FIELD_MAX) return NULL;
        b->field[n++] = *from;
    }
    b->field[n] = '\0';
    *at = from < end ? from + 1 : end;
    return b->field;
}

/** Whole numbers below 2^53 with a sign. */
static double number_of(const char *text) {
    int minus = *text == '-';
    double x = 0;
    for (text += minus; *text; text++)
        x = 10 * x + (*text - '0');
    return minus ? -x : x;
}

static int is_number(const char *name) {
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t m = strlen(endings[i]);
        if (n > m && strcmp(name + n - m, endings[i]) == 0) return 1;
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(name, numbers[i]) == 0) return 1;
    }
    return 0;
}

/** The columns and what they hold. */
static void read_header(report_bulk *b) {
    const char *at = b->header, *end = at + strlen(at);
    while (at < end && b->columns < REPORT_BULK_COLUMNS)
        b->is_text[b->columns++] = (unsigned char)!is_number(next_field(b, &at, end));
}

static void put_header(report_bulk *b) {
    const char *at = b->header, *end = at + strlen(at);
    for (lxw_col_t c = 0; c < b->columns; c++) {
        int is_text = b->is_text[c];
        book_check(&b->book, worksheet_set_column(b->sheet, c, c, is_text ? NAME_WIDTH : NUMBER_WIDTH,
                                                  is_text ? b->text : b->number));
        book_check(&b->book,
                   worksheet_write_string(b->sheet, 0, c, next_field(b, &at, end),
                                          book_style_get(&b->book, is_text ? BOOK_HEAD_TEXT : BOOK_HEAD_NUMBER)));
    }
}

/** Filters over all rows of the sheet. */
static void end_sheet(report_bulk *b) {
    if (b->sheet) book_check(&b->book, worksheet_autofilter(b->sheet, 0, 0, b->row - 1, (lxw_col_t)(b->columns - 1)));
}

static void start_sheet(report_bulk *b) {
    char name[32];
    end_sheet(b);
    b->sheets++;
    snprintf(name, sizeof name, b->sheets > 1 ? "scenarios (%u)" : "scenarios", b->sheets);
    b->sheet = book_sheet_add(&b->book, name);
    b->row = 1;
    if (!b->sheet) return;
    book_check(&b->book, worksheet_set_row(b->sheet, 0, HEAD_HEIGHT, NULL));
    worksheet_freeze_panes(b->sheet, 1, 0);
    put_header(b);
}

static err put_row(report_bulk *b, const char **at, const char *end) {
    if (b->row == b->row_max) start_sheet(b);
    for (lxw_col_t c = 0; c < b->columns && b->book.failed == LXW_NO_ERROR; c++) {
        const char *field = next_field(b, at, end);
        if (!field) book_check(&b->book, LXW_ERROR_MAX_STRING_LENGTH_EXCEEDED);
        if (!field || !*field) continue;
        book_check(&b->book, b->is_text[c] ? worksheet_write_string(b->sheet, b->row, c, field, NULL)
                                           : worksheet_write_number(b->sheet, b->row, c, number_of(field), NULL));
    }
    b->row++;
    return b->book.failed == LXW_NO_ERROR ? ERR_OK : ERR_WRITE;
}

err report_bulk_put(report_bulk *b, const char *rows, size_t n) {
    const char *end = rows + n;
    err e = ERR_OK;
    book_needs_memory(b->path);
    while (rows < end && e == ERR_OK)
        e = put_row(b, &rows, end);
    book_needs_memory(NULL);
    return e;
}

static void bulk_free(report_bulk *b) {
    if (b->book.file) lxw_workbook_free(b->book.file);
    if (b->file) report_file_abort(b->file);
    free(b->path);
    free(b);
}

static lxw_format *plain_format(report_bulk *b, const char *number) {
    lxw_format *f = workbook_add_format(b->book.file);
    format_set_num_format(f, number);
    return f;
}

static void start_book(report_bulk *b) {
    book_needs_memory(b->path);
    b->book.file = book_new(b->temporary, 1);
    book_set_properties(&b->book);
    b->text = plain_format(b, "@");
    b->number = plain_format(b, "#,##0");
    start_sheet(b);
    book_needs_memory(NULL);
}

err report_bulk_open(report_bulk **out, const char *path, const char *title, const char *header, size_t sheet_rows,
                     diags *faults) {
    report_bulk *b = calloc(1, sizeof *b);
    if (!b) return diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%.200s: %s", path, err_text(ERR_MEMORY));
    b->book.title = title ? title : "Scenarios";
    b->row_max = (lxw_row_t)sheet_rows;
    b->header = header;
    read_header(b);
    b->path = strdup(path);
    err e = b->path ? report_file_reserve(&b->file, path, &b->temporary, faults) : ERR_OK;
    if (b->file) {
        start_book(b);
        *out = b;
        return ERR_OK;
    }
    bulk_free(b);
    return e != ERR_OK ? e : diag_add(faults, ERR_MEMORY, NULL, 0, 0, NULL, "%.200s: %s", path, err_text(ERR_MEMORY));
}

err report_bulk_commit(report_bulk *b, diags *faults) {
    book_needs_memory(b->path);
    end_sheet(b);
    if (b->book.failed == LXW_NO_ERROR) {
        book_check(&b->book, workbook_close(b->book.file));
        b->book.file = NULL;
    }
    book_needs_memory(NULL);
    err e = book_check_closed(b->book.failed, b->path, b->temporary, faults);
    if (e == ERR_OK) {
        e = report_file_commit(b->file, faults);
        b->file = NULL;
    }
    bulk_free(b);
    return e;
}

void report_bulk_abort(report_bulk *b) {
    if (b) bulk_free(b);
}
