/*
 * test_markdown.c - tables as Markdown and on a terminal: alignment, escaping, signs, cutting.
 */
#include "report/terminal.h"
#include "tests/unit/report_fixture.h"
#include "tests/unit/tt.h"

static const char expected[] = "## A &amp; B\n"
                               "\n"
                               "| model                      | BF16 (GB) | min, GPU  |\n"
                               "|:---------------------------|----------:|:----------|\n"
                               "| llama\\|3.1                 |    16.1 \xe2\x9c\x93 | say \"yes\" |\n"
                               "| &lt;b&gt;\\`q4_k_m\\`<br>x\\_ |  1343.0 \xe2\x9c\x97 | =1+1      |\n"
                               "| \xc3\xa9t\xc3\xa9                        |         \xe2\x80\x93 |           |\n"
                               "\n"
                               "\xe2\x9c\x93 fits, \xe2\x9c\x97 does not fit\n"
                               "\n"
                               "- 1 GB = 10^9 bytes\n"
                               "- \\- starts with a dash\n";

static void whole_table(void) {
    char folder[SCRATCH_PATH];
    scratch_make(folder);
    char *text = write_small(folder, "md"), *again = write_small(folder, "md");
    TT_TEXT(text, expected);
    TT_TEXT(again, expected);
    free(text);
    free(again);
    scratch_drop(folder);
}

static void full_disk(void) {
    report_file *f;
    diags faults = {0};
    TT_ERR(ERR_OK, report_file_open(&f, "/dev/full", &faults));
    report_writer_find("md")->write(f, &small_table);
    TT_ERR(ERR_WRITE, report_file_commit(f, &faults));
    CU_ASSERT_EQUAL(faults.n, 1);
}

static char *on_terminal(int color, size_t places) {
    char *text = NULL;
    size_t n;
    FILE *to = open_memstream(&text, &n);
    TT_ERR(ERR_OK, report_terminal_write_wide(to, &small_table, color, places));
    fclose(to);
    return text;
}

static void terminal_plain(void) {
    char *text = on_terminal(0, 0);
    TT_TEXT(text, "A & B\n"
                  "\n"
                  "model           BF16 [GB]  min, GPU\n"
                  "llama|3.1          16.1 \xe2\x9c\x93  say \"yes\"\n"
                  "<b>`q4_k_m`?x_   1343.0 \xe2\x9c\x97  =1+1\n"
                  "\xc3\xa9t\xc3\xa9                     \xe2\x80\x93  \n"
                  "\n"
                  "1 GB = 10^9 bytes\n"
                  "- starts with a dash\n");
    free(text);
}

static void terminal_cut(void) {
    char *text = on_terminal(0, 32);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "<b>`q4_k_\xe2\x80\xa6"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "1343.0"));
    free(text);
}

/** Colours come and go with the flag; control characters of a text never pass. */
static void terminal_color(void) {
    char *plain = on_terminal(0, 0), *color = on_terminal(1, 0);
    CU_ASSERT_PTR_NULL(strchr(plain, '\033'));
    CU_ASSERT_PTR_NOT_NULL(strstr(color, "\033[31m1343.0"));
    free(plain);
    free(color);
    static const report_column columns[] = {{"a\033[2J", "", 0, 1}};
    static const report_cell cells[] = {CELL_TEXT("\033]0;x\007\xc2\x9b")};
    const report_table t = {"t", "\033c", columns, 1, cells, 1, NULL, 0};
    char *text = NULL;
    size_t n;
    FILE *to = open_memstream(&text, &n);
    TT_ERR(ERR_OK, report_terminal_write_wide(to, &t, 0, 0));
    fclose(to);
    TT_TEXT(text, "?c\n\na?[2J\n?]0;x??\n");
    free(text);
}

static void terminal_full_disk(void) {
    FILE *to = fopen("/dev/full", "w");
    setvbuf(to, NULL, _IONBF, 0);
    TT_ERR(ERR_WRITE, report_terminal_write(to, &small_table, 0));
    fclose(to);
}

static void writer_names(void) {
    CU_ASSERT_PTR_NULL(report_writer_find("xlsx"));
    CU_ASSERT_PTR_NULL(report_writer_find("MD"));
    for (size_t i = 0; report_writer_name(NULL, i); i++)
        CU_ASSERT_PTR_NOT_NULL(report_writer_find(report_writer_name(NULL, i)));
}

CU_TestInfo markdown_tests[] = {{"whole_table", whole_table},       {"full_disk", full_disk},
                                {"terminal_plain", terminal_plain}, {"terminal_cut", terminal_cut},
                                {"terminal_color", terminal_color}, {"terminal_full_disk", terminal_full_disk},
                                {"writer_names", writer_names},     CU_TEST_INFO_NULL};
