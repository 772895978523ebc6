/*
 * escape.h - text into a markup language: pieces that would mean something are written as something else.
 */
#ifndef REPORT_ESCAPE_H
#define REPORT_ESCAPE_H

#include "report/file.h"

/** A piece of text and what is written instead; of two that match, the first in the table counts. */
typedef struct report_escape {
    const char *from, *to;
} report_escape;

/**
 * Writes text. An underscore between two letters or digits (q4_k_m) stays as it is when `plain_inside`; tabs and what
 * is no text (text_unsafe) become blanks.
 */
void report_escaped(report_file *f, const char *text, const report_escape *table, size_t n, int plain_inside);

#endif
