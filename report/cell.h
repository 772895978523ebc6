/*
 * cell.h - what every table writer needs to know about a cell: its text, its sign, how wide it shows.
 */
#ifndef REPORT_CELL_H
#define REPORT_CELL_H

#include "report/table.h"

enum { CELL_NUMBER_BYTES = 64 };

/** Shown where a cell is blank for a reason. */
#define CELL_DASH "\xe2\x80\x93"

/** Text of a cell: its own, or the number in `scratch` (CELL_NUMBER_BYTES) as its column rounds; "" when blank. */
const char *report_cell_text(const report_cell *cell, const report_column *column, char *scratch);

/** The sign of a mark: "" for plain ones. One column wide. */
const char *report_mark_sign(unsigned mark);

/** What a mark means, for legends; "" for plain ones. */
const char *report_mark_meaning(unsigned mark);

/** Bit i is set when a cell of the table has mark i. */
unsigned report_table_marks(const report_table *t);

/** Places a text takes on a fixed grid: code points, combining marks not counted, wide East Asian ones twice. */
size_t report_text_width(const char *text);

/** Reads one code point of valid UTF-8 at *at and moves on; a stray byte counts as itself. */
unsigned report_text_next(const char **at);

#endif
