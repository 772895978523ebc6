/*
 * output.h - where a command's table goes: terminal text, CSV or JSON, to standard output or --out.
 */
#ifndef SWEEP_OUTPUT_H
#define SWEEP_OUTPUT_H

#include "report/file.h"
#include "report/table.h"
#include "sweep/command.h"

/** Prints a table as --format says. */
err sweep_output_table(sweep_ctx *ctx, const report_table *t);

/** A table as an array of objects, one a row, keys "title" or "title_unit". */
err sweep_output_json(report_file *f, const report_table *t, diags *faults);

/** Table memory from the arena: cells zeroed, i.e. blank. NULL on failure. */
report_table *sweep_table_new(arena *mem, const report_column *columns, size_t n_columns, size_t n_rows);

/** The cell at (row, column), writable: the table came from sweep_table_new. */
report_cell *sweep_table_cell(const report_table *t, size_t row, size_t column);

/** Sets a cell; text NULL or empty leaves it blank. */
void sweep_cell_text(const report_table *t, size_t row, size_t column, const char *text);
void sweep_cell_number(const report_table *t, size_t row, size_t column, double number);

#endif
