/*
 * writers_internal.h - the write functions behind the rows of writers.c.
 */
#ifndef REPORT_WRITERS_INTERNAL_H
#define REPORT_WRITERS_INTERNAL_H

#include "report/writers.h"

err report_csv_write(report_file *f, const report_table *t);
err report_markdown_write(report_file *f, const report_table *t);
err report_markdown_body(report_file *f, const report_table *t); /* without the title */
err report_html_write(report_file *f, const report_table *t);
err report_asciidoc_write(report_file *f, const report_table *t);
err report_rst_write(report_file *f, const report_table *t);
err report_latex_write(report_file *f, const report_table *t);

/** A name as an anchor: letters, digits, '.', '_' and '-' stay, the rest becomes '-'. */
void report_name_write(report_file *f, const char *name);

/**
 * Below a table: what its marks mean, then its notes as a list. put_sign writes the number of a note that cells refer
 * to, put_text escapes.
 */
void report_small_print_write(report_file *f, const report_table *t, void (*put_sign)(report_file *, size_t note),
                              void (*put_text)(report_file *, const char *));

#endif
