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
    uint16_t note;    /* number of the footnote it refers to, 1..n_refs; 0: none */
} report_cell;

typedef struct report_column {
    const char *title; /* "BF16" */
    const char *unit;  /* "GB", "GiB", "tokens", "" */
    int decimals;      /* of numbers */
    int is_text;       /* left-aligned */
} report_column;

/** Rows from `first` to the next group's, under a heading of their own. */
typedef struct report_group {
    size_t first;
    const char *label;
} report_group;

typedef struct report_table {
    const char *name; /* file stem and sheet name: inference-8k */
    const char *title;
    const report_column *columns;
    size_t n_columns;
    const report_cell *cells; /* (n_rows, n_columns) row-major */
    size_t n_rows;
    const char *const *notes; /* footnotes, one line each */
    size_t n_notes;
    size_t n_refs;              /* the first so many notes are numbered from 1: cells refer to them */
    const report_group *groups; /* ascending, the first one at row 0; n_groups 0: not grouped */
    size_t n_groups;
    int keep_formulas;       /* CSV: texts that a spreadsheet would compute stay as they are */
    const char *group_title; /* what the groups are: "family"; a column of the writers whose lines are all data */
} report_table;

#endif
