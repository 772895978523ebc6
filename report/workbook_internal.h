/*
 * workbook_internal.h - a workbook being written: formats (workbook_style.c), one sheet (workbook_sheet.c), the whole
 * (workbook.c).
 */
#ifndef REPORT_WORKBOOK_INTERNAL_H
#define REPORT_WORKBOOK_INTERNAL_H

#include <xlsxwriter.h>

#include "report/writers.h"

enum {
    BOOK_PLACES = 16, /* formats for 0..15 decimals, then one for as many as needed */
    BOOK_MARKS = 4,
    BOOK_NAME_CHARS = 31, /* Excel's limit for the name of a sheet */
    BOOK_NAME_BYTES = 4 * BOOK_NAME_CHARS + 1,
    BOOK_FORMS = 96 /* styles with a number format of their own */
};

typedef enum book_style {
    BOOK_TITLE,
    BOOK_SUBTITLE,
    BOOK_HEAD_TEXT,
    BOOK_HEAD_NUMBER,
    BOOK_TEXT,
    BOOK_TEXT_LONG, /* breaks into lines */
    BOOK_NUMBER,
    BOOK_BLANK,
    BOOK_LINK,
    BOOK_LINK_CELL,
    BOOK_NOTE,
    BOOK_SECTION,   /* heading inside a sheet */
    BOOK_BAND,      /* over the headings of columns that belong together */
    BOOK_HEAD_WORK, /* heading of a working column */
    BOOK_INPUT,     /* to be changed by the reader */
    BOOK_INPUT_TEXT,
    BOOK_STYLES
} book_style;

/** One sheet: a table or, where it is longer than a sheet can be, a part of it. */
typedef struct book_sheet {
    const report_table *table;
    size_t first, n_rows;
    unsigned part; /* 1-based; 0: the whole table */
    char name[BOOK_NAME_BYTES];
} book_sheet;

typedef struct book {
    lxw_workbook *file;
    const char *title;
    lxw_format *style[BOOK_STYLES];
    lxw_format *number[BOOK_MARKS][BOOK_PLACES + 1], *text[BOOK_MARKS]; /* of cells, made when first used */
    struct {
        book_style style;
        const char *form;
        lxw_format *made;
    } form[BOOK_FORMS];
    size_t n_forms;
    book_sheet *sheet;
    size_t n;
    lxw_error failed; /* first error of the library */
} book;

/** Notes the first error of the library. */
void book_check(book *b, lxw_error e);

/** A format that all sheets share. */
lxw_format *book_style_get(book *b, book_style s);
lxw_format *book_number_format(book *b, unsigned mark, int decimals);
lxw_format *book_text_format(book *b, unsigned mark);

/** A style with a number format such as "0.0%"; the text is borrowed. */
lxw_format *book_form_get(book *b, book_style s, const char *form);

/** Title of a sheet's table, with the part where it is one of several; out has `cap` bytes. */
void book_sheet_title(const book_sheet *s, char *out, size_t cap);

/** A further sheet; NULL after an error. */
lxw_worksheet *book_sheet_add(book *b, const char *name);

/** Fills a sheet. */
void book_sheet_write(book *b, lxw_worksheet *ws, const book_sheet *s);

/** Title and creation date. */
void book_set_properties(book *b);

/**
 * Around whatever calls libxlsxwriter: from here on memory that this thread is refused ends the process
 * (report_workbook_no_memory), on account of the file at `path` (borrowed), until it comes with NULL.
 */
void book_needs_memory(const char *path);

/** The workbook, to be written to a path, its parts kept beside it until then. */
lxw_workbook *book_new(const char *path, int constant_memory);

/** Whether a closed workbook is whole, the library's verdict and what it did not notice: the fault is told. */
err book_check_closed(lxw_error failed, const char *shown, const char *path, diags *faults);

/** errno of the first part that could not be kept since the last call, 0: none. */
int book_temp_lost(void);

/** Writes the file out, or gives it up after an error; frees it on both paths. */
err book_close(book *b, const char *path, const char *temporary, diags *faults);

/** Page set-up that all sheets share. */
void book_page_setup(book *b, lxw_worksheet *ws);

#endif
