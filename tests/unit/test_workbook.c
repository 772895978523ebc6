/*
 * test_workbook.c - workbooks part by part: names of sheets, text that looks like formulas, the same bytes every time,
 * refusals. Parts are read with a small reader of zip files.
 */
#include "tests/unit/report_fixture.h"
#include "tests/unit/tt.h"
#include "tests/unit/zip_fixture.h"

#include <sys/stat.h>

static char folder[SCRATCH_PATH], path[2 * SCRATCH_PATH];

static report_table named(const char *name) {
    report_table t = small_table;
    t.name = name;
    return t;
}

static char *write_book(const report_table *const *tables, size_t n_tables, size_t *n) {
    snprintf(path, sizeof path, "%s/book.xlsx", folder);
    diags faults = {0};
    TT_ERR(ERR_OK, report_workbook_write(path, "A title", tables, n_tables, &faults));
    CU_ASSERT_EQUAL(faults.n, 0);
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 1);
    return read_all(path, n);
}

static int count_of(const char *text, const char *word) {
    int n = 0;
    for (; (text = strstr(text, word)); text++)
        n++;
    return n;
}

static void same_bytes(void) {
    size_t n, m;
    const report_table *const tables[] = {&small_table};
    scratch_make(folder);
    char *first = write_book(tables, 1, &n), *second = write_book(tables, 1, &m);
    CU_ASSERT(n == m && memcmp(first, second, n) == 0);
    char *core = zip_part(first, n, "docProps/core.xml");
    CU_ASSERT_PTR_NOT_NULL(strstr(core, "2000-01-01T00:00:00Z"));
    free(core);
    setenv("SOURCE_DATE_EPOCH", "1700000000", 1);
    free(second);
    second = write_book(tables, 1, &m);
    unsetenv("SOURCE_DATE_EPOCH");
    core = zip_part(second, m, "docProps/core.xml");
    CU_ASSERT_PTR_NOT_NULL(strstr(core, "2023-11-14T22:13:20Z"));
    free(core);
    free(first);
    free(second);
    scratch_drop(folder);
}

static void text_is_no_formula(void) {
    static const report_column columns[] = {{"x", "", 0, 1}};
    static const report_cell cells[] = {CELL_TEXT("=1+1"),     CELL_TEXT("+1"),   CELL_TEXT("-1"),
                                        CELL_TEXT("@SUM(A1)"), CELL_TEXT("{=1}"), CELL_NUMBER(NAN, REPORT_PLAIN)};
    const report_table t = {"t", "=2+2", columns, 1, cells, 6, NULL, 0};
    const report_table *const tables[] = {&t};
    size_t n;
    scratch_make(folder);
    char *zip = write_book(tables, 1, &n);
    char *sheet = zip_part(zip, n, "xl/worksheets/sheet2.xml"), *strings = zip_part(zip, n, "xl/sharedStrings.xml");
    CU_ASSERT_PTR_NULL(strstr(sheet, "<f>"));
    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_PTR_NOT_NULL(strstr(strings, cells[i].text));
    free(sheet);
    free(strings);
    free(zip);
    scratch_drop(folder);
}

static void cells_and_layout(void) {
    const report_table *const tables[] = {&small_table};
    size_t n;
    scratch_make(folder);
    char *zip = write_book(tables, 1, &n);
    char *sheet = zip_part(zip, n, "xl/worksheets/sheet2.xml"), *styles = zip_part(zip, n, "xl/styles.xml");
    CU_ASSERT_PTR_NOT_NULL(strstr(sheet, "<v>16.05</v>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(sheet, "<autoFilter ref=\"A4:C7\"/>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(sheet, "state=\"frozen\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(sheet, "orientation=\"landscape\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(styles, "#,##0.0 &quot;\xe2\x9c\x93&quot;"));
    CU_ASSERT_PTR_NOT_NULL(strstr(styles, "FFC6EFCE"));
    free(sheet);
    free(styles);
    free(zip);
    scratch_drop(folder);
}

/** Names that Excel would refuse or that stand twice. */
static void names_of_sheets(void) {
    const report_table made[] = {
        named("a/b[c]*?:\\'"),
        named("contents"),
        named(""),
        named(NULL),
        named("History"),
        named("same"),
        named("SAME"),
        named("a name that is much longer than the limit"),
        named("a name that is much longer than the limit, too"),
        named("\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
              "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
              "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
              "\xf0\x9f\x98\x80\xf0\x9f\x98\x80")};
    static const char *const found[] = {"\"Contents\"",
                                        "\"a-b-c------\"",
                                        "\"contents (2)\"",
                                        "\"Sheet\"",
                                        "\"Sheet (2)\"",
                                        "\"History (2)\"",
                                        "\"same\"",
                                        "\"SAME (2)\"",
                                        "\"a name that is much longer than\"",
                                        "\"a name that is much longer  (2)\""};
    enum { MADE = sizeof made / sizeof *made };
    const report_table *tables[MADE];
    size_t n;
    for (size_t i = 0; i < MADE; i++)
        tables[i] = &made[i];
    scratch_make(folder);
    char *zip = write_book(tables, MADE, &n), *book = zip_part(zip, n, "xl/workbook.xml");
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        if (!strstr(book, found[i])) printf("\nno sheet %s in %s\n", found[i], book);
        CU_ASSERT_PTR_NOT_NULL(strstr(book, found[i]));
    }
    CU_ASSERT_EQUAL(count_of(book, "<sheet name="), MADE + 1);
    free(book);
    free(zip);
    scratch_drop(folder);
}

static void empty_table(void) {
    report_table none = small_table;
    none.n_rows = 0;
    none.title = NULL;
    const report_table *const tables[] = {&none};
    size_t n;
    scratch_make(folder);
    free(write_book(tables, 1, &n));
    free(write_book(tables, 0, &n));
    scratch_drop(folder);
}

static void refused(void) {
    const report_table *const tables[] = {&small_table};
    report_table wide = small_table;
    wide.n_columns = 16385;
    const report_table *const wides[] = {&wide};
    diags faults = {0};
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/file", folder);
    TT_ERR(ERR_LIMIT, report_workbook_write(path, "t", wides, 1, &faults));
    fclose(fopen(path, "w"));
    snprintf(path, sizeof path, "%s/file/below.xlsx", folder);
    TT_ERR(ERR_WRITE, report_workbook_write(path, "t", tables, 1, &faults));
    TT_ERR(ERR_WRITE, report_workbook_write("/dev/full", "t", tables, 1, &faults));
    TT_ERR(ERR_WRITE, report_workbook_write("-", "t", tables, 1, &faults));
    CU_ASSERT_EQUAL(faults.n, 4);
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 1);
    scratch_drop(folder);
}

CU_TestInfo workbook_tests[] = {{"same_bytes", same_bytes},
                                {"text_is_no_formula", text_is_no_formula},
                                {"cells_and_layout", cells_and_layout},
                                {"names_of_sheets", names_of_sheets},
                                {"empty_table", empty_table},
                                {"refused", refused},
                                CU_TEST_INFO_NULL};
