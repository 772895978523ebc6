/*
 * writers.c - the table of writers: one row for each word that `to:` takes.
 */
#include <string.h>

#include "report/writers_internal.h"

static const report_writer writers[] = {
    {"md", ".md", report_markdown_write},
    {"csv", ".csv", report_csv_write},
};

enum { WRITERS = sizeof writers / sizeof *writers };

const report_writer *report_writer_find(const char *name) {
    for (size_t i = 0; i < WRITERS; i++) {
        if (strcmp(writers[i].name, name) == 0) return &writers[i];
    }
    return NULL;
}

const char *report_writer_name(const void *unused, size_t i) {
    (void)unused;
    return i < WRITERS ? writers[i].name : NULL;
}
