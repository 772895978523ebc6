/*
 * csv_text.h - a growing buffer of rows: CSV fields quoted only where RFC 4180 needs it, JSON strings, whole numbers
 * without printf.
 * One owner per buffer; threads fill their own and the owner writes them in order.
 */
#ifndef REPORT_CSV_TEXT_H
#define REPORT_CSV_TEXT_H

#include <stddef.h>

/** Zero-initialise. After `failed` (out of memory) every call is a no-op. */
typedef struct report_csv_text {
    char *text;
    size_t n, cap;
    int failed;
} report_csv_text;

void report_csv_text_free(report_csv_text *t);

/** Raw text. */
void report_csv_raw(report_csv_text *t, const char *text);

/** One field, quoted when it holds a comma, a quote, a line break or a blank at either end. */
void report_csv_field(report_csv_text *t, const char *text);

/**
 * The same for spreadsheets: a text that one would compute (`=`, `+`, `-`, `@` in front, also behind a semicolon or a
 * tab, which some take for the end of a cell) gets an apostrophe before that sign. Plain numbers stay as they are.
 */
void report_csv_inert(report_csv_text *t, const char *text);

/** A JSON string with its quotes; the text is UTF-8. */
void report_json_string(report_csv_text *t, const char *text);

/** Room for `bytes` more bytes, for a formatter that writes itself and then adds to `n`; NULL when memory is gone. */
char *report_csv_room(report_csv_text *t, size_t bytes);

/** A whole number, -2^53..2^53. */
void report_csv_whole(report_csv_text *t, double value);

#endif
