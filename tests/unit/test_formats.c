/*
 * test_formats.c - tables as HTML, AsciiDoc, reStructuredText and LaTeX: what each language would act on stays text,
 * footnotes are numbered, groups head their rows, no writer fails silently.
 */
#include <stdlib.h>

#include "report/cell.h"
#include "tests/unit/report_fixture.h"
#include "tests/unit/tt.h"

static const char *const names[] = {"md", "html", "adoc", "rst", "tex", "csv"};

enum { NAMES = sizeof names / sizeof *names };

static const report_cell cells[] = {
    {.kind = REPORT_TEXT, .text = "a"},
    {.kind = REPORT_NUMBER, .number = 1234567.25, .mark = REPORT_TIGHT},
    {.kind = REPORT_TEXT, .text = "b"},
    {.kind = REPORT_BLANK, .text = "why", .note = 1},
};
static const report_column columns[] = {{"name", "", 0, 1}, {"size", "GB", 1, 0}};
static const char *const notes[] = {"because", "general"};
static const report_group groups[] = {{0, "first & <only>"}, {1, "second"}};
static const report_table table = {.name = "a table",
                                   .title = "T",
                                   .columns = columns,
                                   .n_columns = 2,
                                   .cells = cells,
                                   .n_rows = 2,
                                   .notes = notes,
                                   .n_notes = 2,
                                   .n_refs = 1,
                                   .groups = groups,
                                   .n_groups = 2,
                                   .group_title = "kind"};

static char *written(const char *name, const report_table *t, size_t *n) {
    report_file *f;
    char *text = NULL;
    TT_ERR(ERR_OK, report_file_memory(&f, NULL));
    TT_ERR(ERR_OK, report_writer_find(name)->write(f, t));
    TT_ERR(ERR_OK, report_file_take(f, &text, n, NULL));
    return text;
}

static void pieces(void) {
    static const struct {
        const char *writer, *has;
    } rows[] = {
        {"md", "**first &amp; &lt;only&gt;**"},
        {"md", "1,234,567.3 !"},
        {"md", "\xe2\x80\x93\xc2\xb9"},
        {"md", "- \xc2\xb9 because\n- general\n"},
        {"html", "<th scope=\"rowgroup\" colspan=\"2\">first &amp; &lt;only&gt;</th>"},
        {"html", "<td class=\"n tight\" data-v=\"1234567.25\">1,234,567.3 "},
        {"html", "<sup><a href=\"#a-table-note-1\">1</a></sup>"},
        {"html", "<li id=\"a-table-note-1\"><sup>1</sup> because</li>\n<li>general</li>"},
        {"html", "prefers-color-scheme:dark"},
        {"adoc", "[[a-table]]\n.T\n[%header,cols=\"<,>\"]\n|===\n|name |size (GB)\n"},
        {"adoc", "2+s|first &amp; &lt;only&gt;\n"},
        {"adoc", "|\xe2\x80\x93^1^\n"},
        {"rst", ".. _a-table:\n\n.. list-table:: T\n"},
        {"rst", "   * - **first & \\<only\\>**\n     -\n"},
        {"rst", "     - \xe2\x80\x93\xc2\xb9\n"},
        {"tex", "\\multicolumn{2}{l}{\\textbf{first \\& \\textless{}only\\textgreater{}}} \\\\\n"},
        {"tex", "b & --\\textsuperscript{1} \\\\\n"},
        {"tex", "\\textsuperscript{1}~because\\par\ngeneral\\par\n"},
        {"csv", "kind,name,size [GB]\nfirst & <only>,a,1234567.3\nsecond,b,\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n;
        char *text = written(rows[i].writer, &table, &n);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, rows[i].has));
        if (!strstr(text, rows[i].has)) fprintf(stderr, "\n%s has no %s:\n%s", rows[i].writer, rows[i].has, text);
        free(text);
    }
}

/** The small table of the other tests holds what breaks each language. */
static void escapes(void) {
    static const struct {
        const char *writer, *has, *has_not;
    } rows[] = {
        {"html", "&lt;b&gt;`q4_k_m`<br>x_", "<b>`"},
        {"adoc", "llama&#124;3.1", "llama|3.1"},
        {"adoc", "&lt;b&gt;&#96;q4_k_m&#96; x&#95;", "`q4"},
        {"rst", "\\<b\\>\\`q4_k_m\\` x\\_", "- `"},
        {"rst", "* \\- starts with a dash", "* - starts"},
        {"tex", "\\textless{}b\\textgreater{}`q4\\_k\\_m` x\\_", "q4_k"},
        {"tex", "A \\& B", "A & B"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t n;
        char *text = written(rows[i].writer, &small_table, &n);
        CU_ASSERT(strstr(text, rows[i].has) && !strstr(text, rows[i].has_not));
        if (!strstr(text, rows[i].has)) fprintf(stderr, "\n%s has no %s:\n%s", rows[i].writer, rows[i].has, text);
        free(text);
    }
}

static void full_disk(void) {
    for (size_t i = 0; i < NAMES; i++) {
        report_file *f;
        diags faults = {0};
        TT_ERR(ERR_OK, report_file_open(&f, "/dev/full", &faults));
        report_writer_find(names[i])->write(f, &table);
        TT_ERR(ERR_WRITE, report_file_commit(f, &faults));
        CU_ASSERT_EQUAL(faults.n, 1);
    }
}

static void commas(void) {
    static const struct {
        double number;
        int decimals;
        const char *shown;
    } rows[] = {{0, 0, "0"},
                {9999, 0, "9999"},
                {10000, 0, "10,000"},
                {-131072, 0, "-131,072"},
                {1e6, 1, "1,000,000.0"},
                {123456.789, 2, "123,456.79"},
                {999.999, 3, "999.999"},
                {1e15, 0, "1,000,000,000,000,000"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char scratch[CELL_NUMBER_BYTES];
        const report_column c = {"", "", rows[i].decimals, 0};
        const report_cell cell = {.kind = REPORT_NUMBER, .number = rows[i].number};
        TT_TEXT(report_cell_shown(&cell, &c, scratch), rows[i].shown);
    }
    char sign[CELL_NUMBER_BYTES];
    TT_TEXT(report_note_sign(0, sign), "");
    TT_TEXT(report_note_sign(105, sign), "\xc2\xb9\xe2\x81\xb0\xe2\x81\xb5");
}

static void page_kinds(void) {
    CU_ASSERT_PTR_EQUAL(report_writer_of_page("a/b.MD"), report_writer_find("md"));
    CU_ASSERT_PTR_EQUAL(report_writer_of_page("x.markdown"), report_writer_find("md"));
    CU_ASSERT_PTR_EQUAL(report_writer_of_page("x.htm"), report_writer_find("html"));
    CU_ASSERT_PTR_EQUAL(report_writer_of_page("x.asciidoc"), report_writer_find("adoc"));
    CU_ASSERT_PTR_EQUAL(report_writer_of_page("x.tex"), report_writer_find("tex"));
    CU_ASSERT_PTR_NULL(report_writer_of_page("x.csv"));
    CU_ASSERT_PTR_NULL(report_writer_of_page(".md"));
    CU_ASSERT_PTR_NULL(report_writer_of_page("md"));
}

CU_TestInfo formats_tests[] = {{"pieces", pieces}, {"escapes", escapes},       {"full disk", full_disk},
                               {"commas", commas}, {"page kinds", page_kinds}, CU_TEST_INFO_NULL};
