/*
 * csv_rows.h - reads a CSV file row by row through libcsv in strict mode: header first. Refuses what no catalog needs:
 * invalid UTF-8, line breaks inside fields, fields over 64 KiB, more than 2,000,000 rows, rows of another length.
 */
#ifndef SWEEP_CSV_ROWS_H
#define SWEEP_CSV_ROWS_H

#include "common/err.h"

#include <stddef.h>

enum { SWEEP_CSV_FIELD_MAX = 1 << 16, SWEEP_CSV_COLUMNS_MAX = 256, SWEEP_CSV_ROWS_MAX = 2000000 };

/** Called for the header (line 1) and every row; fields are valid during the call only. Returns 0 to stop. */
typedef int (*sweep_csv_row)(void *ctx, int line, const char *const *field, size_t n);

/** Reads a file. Faults of the file itself go to the list; the callback adds its own. */
err sweep_csv_read(const char *path, sweep_csv_row row, void *ctx, diags *faults);

#endif
