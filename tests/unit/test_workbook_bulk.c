/*
 * test_workbook_bulk.c - scenario rows as sheets: numbers and texts, empty cells, quotes, further sheets, the header
 * that stays, the same bytes every time, a full disk.
 */
#include "report/scenario_csv.h"
#include "report/workbook_bulk.h"
#include "tests/unit/report_fixture.h"
#include "tests/unit/zip_fixture.h"

static char folder[SCRATCH_PATH], path[2 * SCRATCH_PATH];

static const char rows[] =
    "llama,bf16,bf16,1024,1,inference,tp1,none,exact,h100-sxm,8,9007199254740991,2,0,0,0,5,7,100,-93,no,,1,2,,ok\n"
    "\"=a,\"\"b\"\"\",bf16,bf16,,,inference,tp1,none,exact,,,,,,,,,,,,,,,,,\"two\nlines, <of> text\"\n";

/** Writes `times` times the two rows, in one piece or row by row. */
static char *write_rows(size_t sheet_rows, int times, size_t *n) {
    report_bulk *b;
    diags faults = {0};
    const char *second = strchr(rows, '\n') + 1;
    snprintf(path, sizeof path, "%s/bulk.xlsx", folder);
    TT_ERR(ERR_OK, report_bulk_open(&b, path, "A title", report_rows_header(), sheet_rows, &faults));
    for (int i = 0; i < times; i++) {
        if (i % 2) {
            TT_ERR(ERR_OK, report_bulk_put(b, rows, strlen(rows)));
            continue;
        }
        TT_ERR(ERR_OK, report_bulk_put(b, rows, (size_t)(second - rows)));
        TT_ERR(ERR_OK, report_bulk_put(b, second, strlen(second)));
    }
    TT_ERR(ERR_OK, report_bulk_commit(b, &faults));
    CU_ASSERT_EQUAL(faults.n, 0);
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 1);
    return read_all(path, n);
}

static void has(const char *xml, const char *piece) {
    CU_ASSERT_PTR_NOT_NULL(strstr(xml, piece));
    if (!strstr(xml, piece)) printf("\nnot there: %s\n", piece);
}

static void cells(void) {
    size_t n = 0, m = 0;
    scratch_make(folder);
    char *book = write_rows(REPORT_SHEET_ROWS, 1, &n), *again = write_rows(REPORT_SHEET_ROWS, 1, &m);
    CU_ASSERT(n == m && memcmp(book, again, n) == 0);
    char *sheet = zip_part(book, n, "xl/worksheets/sheet1.xml");
    CU_ASSERT_PTR_NOT_NULL_FATAL(sheet);
    has(sheet, "<c r=\"D2\" s=\"4\"><v>1024</v></c>");
    has(sheet, "<v>9007199254740991</v>");
    has(sheet, "<v>-93</v>");
    has(sheet, "<t>no</t>");
    has(sheet, "<t>=a,\"b\"</t>");
    has(sheet, "<t>two\nlines, &lt;of&gt; text</t>");
    has(sheet, "state=\"frozen\"");
    has(sheet, "<autoFilter ref=\"A1:Z3\"/>");
    CU_ASSERT_PTR_NULL(strstr(sheet, "r=\"D3\""));
    CU_ASSERT_PTR_NULL(strstr(sheet, "r=\"AA"));
    free(sheet);
    free(book);
    free(again);
    scratch_drop(folder);
}

static void further_sheets(void) {
    size_t n = 0;
    scratch_make(folder);
    char *book = write_rows(4, 4, &n); /* eight rows, three to a sheet */
    char *names = zip_part(book, n, "xl/workbook.xml");
    CU_ASSERT_PTR_NOT_NULL_FATAL(names);
    has(names, "name=\"scenarios\"");
    has(names, "name=\"scenarios (2)\"");
    has(names, "name=\"scenarios (3)\"");
    CU_ASSERT_PTR_NULL(strstr(names, "(4)"));
    char *first = zip_part(book, n, "xl/worksheets/sheet1.xml"), *last = zip_part(book, n, "xl/worksheets/sheet3.xml");
    has(first, "<autoFilter ref=\"A1:Z4\"/>");
    has(last, "<autoFilter ref=\"A1:Z3\"/>");
    has(last, "<t>kv_capacity_tokens</t>");
    free(names);
    free(first);
    free(last);
    free(book);
    scratch_drop(folder);
}

/** Nothing is left behind, and what is no regular file is refused. */
static void given_up(void) {
    report_bulk *b;
    diags faults = {0};
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/bulk.xlsx", folder);
    TT_ERR(ERR_OK, report_bulk_open(&b, path, NULL, report_rows_header(), REPORT_SHEET_ROWS, &faults));
    TT_ERR(ERR_OK, report_bulk_put(b, rows, strlen(rows)));
    report_bulk_abort(b);
    report_bulk_abort(NULL);
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 0);
    TT_ERR(ERR_WRITE, report_bulk_open(&b, "/dev/full", NULL, report_rows_header(), REPORT_SHEET_ROWS, &faults));
    CU_ASSERT_EQUAL(faults.n, 1);
    scratch_drop(folder);
}

CU_TestInfo workbook_bulk_tests[] = {
    {"cells", cells}, {"further sheets", further_sheets}, {"given up", given_up}, CU_TEST_INFO_NULL};
