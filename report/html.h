/*
 * html.h - pieces of HTML pages: text, a table, what stands before and after. Nothing in a page asks for another file.
 */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include "report/escape.h"
#include "report/table.h"

/** Text, safe in elements and in quoted attributes. */
void report_html_text(report_file *f, const char *text);

/** The table as a figure, without page around it. */
err report_html_table(report_file *f, const report_table *t);

/** Everything up to the body's first element: title, style. `kind`: class of the body. */
void report_html_open(report_file *f, const char *title, const char *kind);

/** The script and the end of the page. */
err report_html_close(report_file *f);

#endif
