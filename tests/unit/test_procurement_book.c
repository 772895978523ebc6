/*
 * test_procurement_book.c - the procurement workbook as a file: complete, the same bytes every time, live formulas with
 * values, names and validations, charts that hold their points, text of strangers as text, too many rows refused.
 * That the formulas are right is tested with LibreOffice (tools/book-test.sh).
 */
#include <math.h>
#include <sys/stat.h>

#include "report/procurement.h"
#include "tests/unit/report_fixture.h"
#include "tests/unit/zip_fixture.h"

static char folder[SCRATCH_PATH], path[2 * SCRATCH_PATH];

static const double contexts[] = {4096, 8192};
static const report_gpu gpus[] = {
    {"g", "G", .usable = 100e9, .bandwidth = 2e12, .watts = 500, .node = 8, .price = 10000, .price_usd = 1},
    {"h", NULL, .usable = 50e9, .bandwidth = NAN, .watts = NAN, .node = 1, .price = NAN},
};
static const report_load loads[2][2] = {
    {{.users = 30, .need = 50e9, .need_user = 1e9, .cache_user = 2e9, .capacity = 90e9},
     {.users = 12, .need = 50e9, .need_user = 3e9, .cache = 1e9, .cache_user = 5e9, .capacity = 90e9}},
    {{.users = 1, .need = 40e9, .need_user = 1e9, .capacity = 45e9}, {.capacity = 45e9, .why = "too small"}},
};
static const report_option options[] = {
    {"m", "fp8", "bf16", "tp2", .tp = 2, .pp = 1, .read = 100e9, .load = loads[0]},
    {"m", "fp8", "bf16", "tp1", .gpu = 1, .tp = 1, .pp = 1, .read = 50e9, .load = loads[1]},
};
static const report_offer offers[] = {{"a", "four", "here", "2026-01-01", "s", 0, 4, {8, 3, NAN}}};
static const char *const notes[] = {"a note"};
static report_answer answers[2];

static report_procurement small(void) {
    report_procurement p = {.name = "small",
                            .title = "Small",
                            .inputs = {.users = 25,
                                       .context = 8192,
                                       .months = 36,
                                       .hours_per_day = 12,
                                       .electricity = 0.2,
                                       .pue = 1.5,
                                       .per_usd = 1,
                                       .currency = "USD"},
                            .context = contexts,
                            .n_contexts = 2,
                            .gpu = gpus,
                            .n_gpus = 2,
                            .offer = offers,
                            .n_offers = 1,
                            .option = options,
                            .n_options = 2,
                            .answer = answers,
                            .notes = notes,
                            .n_notes = 1};
    TT_ERR(ERR_OK, report_procurement_answer(&p, answers));
    return p;
}

static char *write_book(const report_procurement *p, size_t *n) {
    diags faults = {0};
    snprintf(path, sizeof path, "%s/book.xlsx", folder);
    TT_ERR(ERR_OK, report_procurement_book(path, p, &faults));
    CU_ASSERT_EQUAL(faults.n, 0);
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 1);
    return read_all(path, n);
}

/** What a part of the book must have. */
static void has(const char *zip, size_t n, const char *part, const char *piece) {
    char *text = zip_part(zip, n, part);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, piece));
    if (!strstr(text, piece)) printf("\n%s: no %s\n", part, piece);
    free(text);
}

static void parts(void) {
    static const struct {
        const char *part, *piece;
    } wanted[] = {
        {"xl/workbook.xml", "name=\"Inputs\""},
        {"xl/workbook.xml", "name=\"Sources\""},
        {"xl/workbook.xml", "<definedName name=\"users\">Inputs!$B$7</definedName>"},
        {"xl/workbook.xml", "<definedName name=\"cost_basis\">Inputs!$B$16</definedName>"},
        {"xl/workbook.xml", "<definedName name=\"offer_gpus\">Cloud!$E$7:$E$17</definedName>"},
        {"xl/workbook.xml", "_xlnm.Print_Titles"},
        {"xl/worksheets/sheet1.xml", "<dataValidation type=\"whole\""},
        {"xl/worksheets/sheet1.xml", "<formula1>contexts</formula1>"},
        {"xl/worksheets/sheet1.xml", "\"cheapest,purchase,on-demand,spot,reserved\""},
        {"xl/worksheets/sheet1.xml", "<f>IF($U23=0,\"\",INDEX(option_cost,$U23))</f>"},
        {"xl/worksheets/sheet2.xml", "<autoFilter ref=\"A6:"},
        {"xl/worksheets/sheet2.xml", "state=\"frozen\""},
        {"xl/worksheets/sheet2.xml", "<conditionalFormatting"},
        {"xl/worksheets/sheet2.xml", "fitToWidth=\"3\""},
        {"xl/worksheets/sheet2.xml", "<f t=\"array\" ref="},
        {"xl/worksheets/sheet4.xml", "Your price"},
        {"xl/charts/chart1.xml", "<c:v>6 \xc3\x97 G, fp8</c:v>"},
        {"xl/charts/chart2.xml", "<c:scatterChart>"},
        {"xl/charts/chart3.xml", "Users held against cost"},
        {"xl/charts/chart4.xml", "Headroom"},
    };
    size_t n;
    scratch_make(folder);
    report_procurement p = small();
    char *zip = write_book(&p, &n);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        has(zip, n, wanted[i].part, wanted[i].piece);
    free(zip);
    scratch_drop(folder);
}

static void same_bytes(void) {
    size_t n, m;
    scratch_make(folder);
    report_procurement p = small();
    char *first = write_book(&p, &n), *second = write_book(&p, &m);
    CU_ASSERT(n == m && memcmp(first, second, n) == 0);
    has(first, n, "docProps/core.xml", "2000-01-01T00:00:00Z");
    free(first);
    free(second);
    scratch_drop(folder);
}

/** No formula of ours holds a word of theirs, and their words stay words. */
static void hostile(void) {
    static const char *const evil = "=cmd|'/C calc'!A0<&>\"\x01\xff\xed\xa0\x80";
    report_gpu gpu = gpus[0];
    report_offer offer = offers[0];
    report_option option = options[0];
    char *parts_of[8] = {0}, part[64], *longest = calloc(1, 70000);
    size_t n, n_parts = 0;
    memset(longest, 'x', 69999);
    report_procurement p = small();
    p.n_gpus = p.n_options = 1;
    gpu.name = gpu.display = gpu.price_source = gpu.price_date = gpu.price_kind = evil;
    offer.provider = offer.instance = offer.region = offer.source = offer.date = evil;
    option.model = option.weights = option.kv = evil;
    option.layout = longest;
    p.gpu = &gpu;
    p.offer = &offer;
    p.option = &option;
    p.title = evil;
    p.inputs.currency = "=1+1&\"<";
    p.notes = &evil;
    scratch_make(folder);
    TT_ERR(ERR_OK, report_procurement_answer(&p, answers));
    char *zip = write_book(&p, &n);
    for (int i = 1; i <= 7; i++) {
        snprintf(part, sizeof part, "xl/worksheets/sheet%d.xml", i);
        parts_of[n_parts++] = zip_part(zip, n, part);
    }
    parts_of[n_parts++] = zip_part(zip, n, "xl/charts/chart1.xml");
    for (size_t i = 0; i < n_parts; i++) {
        CU_ASSERT_PTR_NOT_NULL_FATAL(parts_of[i]);
        CU_ASSERT_PTR_NULL(strstr(parts_of[i], "<f>cmd"));
        CU_ASSERT_PTR_NULL(strstr(parts_of[i], "<f>1+1"));
        CU_ASSERT_PTR_NULL(strchr(parts_of[i], '\x01'));
        CU_ASSERT_PTR_NULL(strchr(parts_of[i], '\xff'));
        free(parts_of[i]);
    }
    has(zip, n, "xl/sharedStrings.xml", "=cmd|'/C calc'!A0&lt;&amp;&gt;");
    free(zip);
    free(longest);
    scratch_drop(folder);
}

/** Nothing known and nothing fits: a book all the same. */
static void empty(void) {
    size_t n;
    scratch_make(folder);
    report_procurement p = small();
    p.n_options = p.n_offers = p.n_gpus = p.n_notes = 0;
    free(write_book(&p, &n));
    p = small();
    p.inputs.context = 5;
    p.inputs.electricity = NAN;
    p.title = p.name = p.inputs.currency = NULL;
    TT_ERR(ERR_OK, report_procurement_answer(&p, answers));
    char *zip = write_book(&p, &n);
    has(zip, n, "xl/worksheets/sheet2.xml", "<v>does not fit at this context</v>");
    has(zip, n, "xl/worksheets/sheet1.xml", "<v>nothing to rank</v>");
    free(zip);
    scratch_drop(folder);
}

static void refused(void) {
    static const struct {
        size_t options, contexts, gpus, offers;
    } many[] = {{5001, 1, 1, 1}, {5000, 201, 1, 1}, {1, 1001, 1, 1}, {1, 1, 10001, 1}, {1, 1, 1, 50001}};
    diags faults = {0};
    scratch_make(folder);
    snprintf(path, sizeof path, "%s/book.xlsx", folder);
    for (size_t i = 0; i < sizeof many / sizeof *many; i++) {
        report_procurement p = small();
        p.n_options = many[i].options;
        p.n_contexts = many[i].contexts;
        p.n_gpus = many[i].gpus;
        p.n_offers = many[i].offers;
        TT_ERR(ERR_LIMIT, report_procurement_book(path, &p, &faults));
    }
    report_procurement p = small();
    TT_ERR(ERR_WRITE, report_procurement_book("/dev/full", &p, &faults));
    TT_ERR(ERR_WRITE, report_procurement_book("-", &p, &faults));
    CU_ASSERT_EQUAL(faults.n, 7);
    CU_ASSERT_EQUAL(scratch_count(folder, 0), 0);
    scratch_drop(folder);
}

CU_TestInfo procurement_book_tests[] = {{"parts", parts}, {"same_bytes", same_bytes}, {"hostile", hostile},
                                        {"empty", empty}, {"refused", refused},       CU_TEST_INFO_NULL};
