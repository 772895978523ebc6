/*
 * table.h - a finished table: typed columns, cells, footnotes. Writers (markdown, csv, xlsx, ...) print it; whoever
 * builds it owns the memory (an arena) and the writers borrow.
 */
#ifndef REPORT_TABLE_H
#define REPORT_TABLE_H

#include <stddef.h>
#include <stdint.h>

typedef enum report_kind { REPORT_BLANK, REPORT_TEXT, REPORT_NUMBER } report_kind;

/** What a cell means beside its value: writers colour it or add a sign. */
typedef enum report_mark { REPORT_PLAIN, REPORT_FITS, REPORT_TIGHT, REPORT_FITS_NOT } report_mark;

typedef struct report_cell {
    uint8_t kind, mark;
    double number;    /* in the unit of its column */
    const char *text; /* REPORT_TEXT, or why a blank is blank (may be NULL) */
} report_cell;

typedef struct report_column {
    const char *title; /* "BF16" */
    const char *unit;  /* "GB", "GiB", "tokens", "" */
    int decimals;      /* of numbers */
    int is_text;       /* left-aligned */
} report_column;

typedef struct report_table {
    const char *name; /* file stem and sheet name: inference-8k */
    const char *title;
    const report_column *columns;
    size_t n_columns;
    const report_cell *cells; /* (n_rows, n_columns) row-major */
    size_t n_rows;
    const char *const *notes; /* footnotes, one line each */
    size_t n_notes;
} report_table;

#endif
