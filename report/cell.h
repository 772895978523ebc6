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

/** The same as a reader is to see it: a dash where a cell is blank for a reason, commas between thousands. */
const char *report_cell_shown(const report_cell *cell, const report_column *column, char *scratch);

/** Number of a footnote as superscript digits; "" for 0. `out`: CELL_NUMBER_BYTES. */
const char *report_note_sign(unsigned number, char *out);

/** The group that begins at a row; NULL when none does. */
const report_group *report_group_at(const report_table *t, size_t row);

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
