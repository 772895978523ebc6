/*
 * writers_internal.h - the write functions behind the rows of writers.c.
 */
#ifndef REPORT_WRITERS_INTERNAL_H
#define REPORT_WRITERS_INTERNAL_H

#include "report/writers.h"

err report_csv_write(report_file *f, const report_table *t);
err report_markdown_write(report_file *f, const report_table *t);

#endif
