/*
 * workbook_bulk.h - scenario rows by the million as a workbook, in the memory of one row: a header that stays in view,
 * filters, and a further sheet whenever one is full.
 */
#ifndef REPORT_WORKBOOK_BULK_H
#define REPORT_WORKBOOK_BULK_H

#include "common/err.h"

#include <stddef.h>

typedef struct report_bulk report_bulk;

enum { REPORT_SHEET_ROWS = 1048576 /* that a sheet can have */, REPORT_BULK_COLUMNS = 64 };

/**
 * Starts a workbook with sheets of 2..REPORT_SHEET_ROWS rows, header included. Temporary files lie beside `path`.
 * @param header  the columns as a row of CSV without quotes, at most REPORT_BULK_COLUMNS; borrowed
 */
err report_bulk_open(report_bulk **b, const char *path, const char *title, const char *header, size_t sheet_rows,
                     diags *faults);

/** Adds whole rows of CSV in n bytes of text. */
err report_bulk_put(report_bulk *b, const char *rows, size_t n);

/** Writes the file and frees on both paths; errors of its whole life are told here. */
err report_bulk_commit(report_bulk *b, diags *faults);
void report_bulk_abort(report_bulk *b);

#endif
