/*
 * html_report.c - one page with everything: a list of contents, a filter box, all tables, charts drawn inside. Reads
 * finished tables and the SVG files of charts; refuses nothing: a chart without a picture is told in a line.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/html.h"
#include "report/writers.h"
#include "report/writers_internal.h"

enum { SVG_BYTES_MAX = 16 << 20 };

/** The whole file, malloc'ed, with a NUL behind; NULL when it is not there or too large. 0 or errno. */
static int read_picture(const char *path, char **out) {
    *out = NULL;
    FILE *f = fopen(path, "rb");
    if (!f) return errno == ENOENT ? 0 : errno;
    char *text = malloc(SVG_BYTES_MAX + 1);
    size_t n = text ? fread(text, 1, SVG_BYTES_MAX + 1, f) : 0;
    int why = !text ? ENOMEM : ferror(f) ? errno : 0;
    fclose(f);
    if (why || n == 0 || n > SVG_BYTES_MAX) {
        free(text);
        return why;
    }
    text[n] = '\0';
    *out = text;
    return 0;
}

/** Where a name of the picture's own begins: the pieces of text that stand before one. */
static size_t before_name(const char *at) {
    static const char *const before[] = {"id='", "id=\"", "href='#", "href=\"#", "url(#"};
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        if (strncmp(at, before[i], strlen(before[i])) == 0) return strlen(before[i]);
    }
    return 0;
}

/** Writes the svg element; its names get the number of the chart in front, so that two pictures do not share any. */
static void put_picture(report_file *f, const char *svg, size_t number) {
    const char *from = strstr(svg, "<svg"), *plain = from, *at = from;
    while (from && *at) {
        size_t n = before_name(at);
        if (!n || (at > from && isalnum((unsigned char)at[-1]))) {
            at++;
            continue;
        }
        report_file_write(f, plain, (size_t)(at - plain) + n);
        report_file_printf(f, "c%zu-", number);
        at += n;
        plain = at;
    }
    if (from) report_file_text(f, plain);
}

static const char *title_of(const report_item *item) {
    if (!item->table) return item->title;
    return item->table->title && *item->table->title ? item->table->title : item->table->name;
}

static const char *name_of(const report_item *item) {
    return item->table ? item->table->name : item->name;
}

static void put_contents(report_file *f, const report_item *items, size_t n) {
    report_file_text(f, "<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">Contents</h2>\n<ol>\n");
    for (size_t i = 0; i < n; i++) {
        report_file_text(f, items[i].table ? "<li><a href=\"#" : "<li class=\"chart\"><a href=\"#");
        report_name_write(f, name_of(&items[i]));
        report_file_text(f, "\">");
        report_html_text(f, title_of(&items[i]));
        report_file_text(f, "</a></li>\n");
    }
    report_file_text(f, "</ol>\n</nav>\n");
}

/** 0, or errno: the picture is there and cannot be read. */
static int put_chart(report_file *f, const report_item *item, size_t number) {
    char *svg;
    int why = read_picture(item->svg, &svg);
    if (why) return why;
    report_file_printf(f, "<figure class=\"vramsweep chart%s\" id=\"", svg ? " drawn" : "");
    report_name_write(f, item->name);
    report_file_text(f, "\" data-words=\"");
    report_html_text(f, item->words ? item->words : "");
    report_file_text(f, "\">\n<h2 class=\"title\">");
    report_html_text(f, item->title);
    report_file_text(f, "</h2>\n");
    if (svg) {
        report_file_text(f, "<div class=\"drawing\" role=\"img\" tabindex=\"0\" aria-label=\"");
        report_html_text(f, item->title);
        report_file_text(f, "\">\n");
        put_picture(f, svg, number);
        report_file_text(f, "</div>\n");
    } else {
        report_file_text(f, "<p class=\"none\">Not drawn: gnuplot is not installed.</p>\n");
    }
    report_file_text(f, "</figure>\n");
    free(svg);
    return 0;
}

static void put_header(report_file *f, const char *title, const report_item *items, size_t n) {
    size_t tables = 0;
    for (size_t i = 0; i < n; i++)
        tables += items[i].table != NULL;
    report_file_text(f, "<header>\n<h1>");
    report_html_text(f, title);
    report_file_printf(f,
                       "</h1>\n<p>%zu table%s, %zu chart%s. GB is 10<sup>9</sup> bytes, GiB is 2<sup>30</sup>; method, "
                       "units and sources stand below each table.</p>\n",
                       tables, tables == 1 ? "" : "s", n - tables, n - tables == 1 ? "" : "s");
    report_file_text(f, "<div class=\"tools\"><label for=\"filter\">Filter rows</label>"
                        "<input id=\"filter\" type=\"search\" placeholder=\"model, GPU, format &#8230;\" "
                        "autocomplete=\"off\" spellcheck=\"false\">"
                        "<output id=\"found\" for=\"filter\" aria-live=\"polite\"></output></div>\n</header>\n");
}

err report_page_write(const char *path, const char *title, const report_item *items, size_t n, diags *faults) {
    report_file *f;
    TRY(report_file_open(&f, path, faults));
    report_html_open(f, title, "report");
    put_header(f, title, items, n);
    report_file_text(f, "<main>\n");
    put_contents(f, items, n);
    report_file_text(f, "<div>\n<p class=\"none\" id=\"nothing\" hidden>Nothing matches.</p>\n");
    for (size_t i = 0; i < n; i++) {
        if (items[i].table) report_html_table(f, items[i].table);
        int why = items[i].table ? 0 : put_chart(f, &items[i], i);
        if (!why) continue;
        report_file_abort(f);
        return diag_add(faults, why == ENOMEM ? ERR_MEMORY : ERR_WRITE, NULL, 0, 0, NULL, "%.200s: cannot be read: %s",
                        items[i].svg, strerror(why));
    }
    report_file_text(f, "</div>\n</main>\n");
    report_html_close(f);
    return report_file_commit(f, faults);
}
