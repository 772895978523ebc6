/*
 * writers.c - the table of writers: one row for each word that `to:` takes.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "report/cell.h"
#include "report/html.h"
#include "report/writers_internal.h"

static const report_writer writers[] = {
    {"md", ".md", report_markdown_write, report_markdown_body, "<!-- ", " -->", {".markdown", NULL}},
    {"html", ".html", report_html_write, report_html_table, "<!-- ", " -->", {".htm", NULL}},
    {"adoc", ".adoc", report_asciidoc_write, report_asciidoc_write, "// ", "", {".asciidoc", NULL}},
    {"rst", ".rst", report_rst_write, report_rst_write, ".. ", "", {NULL, NULL}},
    {"tex", ".tex", report_latex_write, report_latex_write, "% ", "", {NULL, NULL}},
    {"csv", ".csv", report_csv_write, NULL, "", "", {NULL, NULL}},
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

static int has_suffix(const char *path, const char *suffix) {
    if (!suffix) return 0;
    size_t n = strlen(path), m = strlen(suffix);
    return n > m && strcasecmp(path + n - m, suffix) == 0;
}

const report_writer *report_writer_of_page(const char *path) {
    for (size_t i = 0; i < WRITERS; i++) {
        const report_writer *w = &writers[i];
        if (!w->insert) continue;
        if (has_suffix(path, w->suffix) || has_suffix(path, w->also[0]) || has_suffix(path, w->also[1])) return w;
    }
    return NULL;
}

void report_name_write(report_file *f, const char *name) {
    for (; *name; name++)
        report_file_write(f, isalnum((unsigned char)*name) || strchr("._-", *name) ? name : "-", 1);
}

void report_small_print_write(report_file *f, const report_table *t, void (*put_sign)(report_file *, size_t note),
                              void (*put_text)(report_file *, const char *)) {
    unsigned marks = report_table_marks(t);
    int n = 0;
    for (unsigned m = REPORT_FITS; m <= REPORT_FITS_NOT; m++) {
        if (!(marks & 1u << m)) continue;
        report_file_printf(f, "%s%s %s", n++ ? ", " : "\n", report_mark_sign(m), report_mark_meaning(m));
    }
    report_file_text(f, n ? "\n" : "");
    for (size_t i = 0; i < t->n_notes; i++) {
        report_file_text(f, i ? "* " : "\n* ");
        if (i < t->n_refs) put_sign(f, i + 1);
        put_text(f, t->notes[i]);
        report_file_text(f, "\n");
    }
}
