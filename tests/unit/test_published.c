/*
 * test_published.c - every number carried over from the published documents comes out with the verdict carried beside
 * it; what the documents have no rules for is refused; faults of cells files say where and what.
 */
#include "kernels/eval/eval.h"
#include "kernels/lower/lower.h"
#include "sweep/compare.h"
#include "tests/unit/tt.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

/** What a document's file must hold: figures by verdict. */
static const struct document {
    const char *name;
    size_t count[VERDICTS];
} documents[] = {
    {"appendix-b", {122, 1, 1, 0}},
    {"orbit2x", {45, 10, 27, 8}},
    {"lyceum", {6, 0, 1, 0}},
    {"vram-2026", {32, 0, 4, 0}},
};
enum { DOCUMENTS = sizeof documents / sizeof *documents };

typedef struct published {
    arena mem;
    diags faults;
    sweep_catalogs catalogs;
    char cells[100];
} published;

/** Catalogs with a document's overlay, NULL for none. */
static err load(published *p, const char *document) {
    char overlay[80] = "";
    const char *overlays[] = {overlay};
    memset(p, 0, sizeof *p);
    arena_init(&p->mem, NULL, NULL);
    if (document) {
        snprintf(overlay, sizeof overlay, "configs/published/%s", document);
        snprintf(p->cells, sizeof p->cells, "%s/cells.csv", overlay);
    }
    err code = sweep_catalogs_load(&p->catalogs, &p->mem, "configs/catalogs", overlays, document != NULL, &p->faults);
    if (code != ERR_OK) diags_print(stderr, &p->faults);
    return code;
}

static void check_cells(const struct document *d, const sweep_cell *cells, size_t n) {
    size_t count[VERDICTS] = {0};
    for (size_t i = 0; i < n; i++) {
        count[cells[i].verdict]++;
        int same = strcmp(cells[i].text[CELL_VERDICT], sweep_verdict_name[cells[i].verdict]) == 0;
        if (!same)
            fprintf(stderr, "%s: carried %s, computed %s: published %s, ours %.9g\n", cells[i].text[CELL_ID],
                    cells[i].text[CELL_VERDICT], sweep_verdict_name[cells[i].verdict], cells[i].text[CELL_PUBLISHED],
                    cells[i].value);
        CU_ASSERT(same);
        CU_ASSERT(cells[i].verdict == VERDICT_REPRODUCED || *cells[i].text[CELL_CAUSE]);
        CU_ASSERT(*cells[i].text[CELL_SOURCE] != 0);
    }
    CU_ASSERT(memcmp(count, d->count, sizeof count) == 0);
}

static void every_cell(void) {
    size_t all = 0;
    for (int i = 0; i < DOCUMENTS; i++) {
        published p;
        sweep_cell *cells = NULL;
        size_t n = 0;
        err code = load(&p, documents[i].name);
        if (code == ERR_OK) code = sweep_compare_load(&p.mem, &p.catalogs, p.cells, &cells, &n, &p.faults);
        CU_ASSERT(code == ERR_OK);
        if (code != ERR_OK) diags_print(stderr, &p.faults);
        if (code == ERR_OK) check_cells(&documents[i], cells, n);
        all += n;
        arena_fini(&p.mem);
    }
    CU_ASSERT(all == 257);
}

/** Row of a table whose first cell is `id`; -1 when there is none. */
static long row_of(const report_table *t, const char *id) {
    for (size_t i = 0; i < t->n_rows; i++)
        if (strcmp(t->cells[i * t->n_columns].text, id) == 0) return (long)i;
    return -1;
}

static void discrepancy_table(void) {
    for (int i = 0; i < DOCUMENTS; i++) {
        published p;
        report_table all = {0}, differ = {0};
        sweep_cell *cells = NULL;
        size_t n = 0;
        if (load(&p, documents[i].name) != ERR_OK ||
            sweep_compare_build(&p.mem, &p.catalogs, p.cells, "published", &all, &differ, &p.faults) != ERR_OK ||
            sweep_cells_read(&p.mem, p.cells, &cells, &n, &p.faults) != ERR_OK) {
            CU_FAIL("not loaded");
            arena_fini(&p.mem);
            continue;
        }
        CU_ASSERT(all.n_rows == n);
        CU_ASSERT(differ.n_rows == n - documents[i].count[VERDICT_REPRODUCED]);
        CU_ASSERT_STRING_EQUAL(differ.name, "published-discrepancies");
        for (size_t c = 0; c < n; c++) {
            int listed = row_of(&differ, cells[c].text[CELL_ID]) >= 0;
            CU_ASSERT(listed == (strcmp(cells[c].text[CELL_VERDICT], "reproduced") != 0));
        }
        arena_fini(&p.mem);
    }
}

static void verdicts(void) {
    static const struct {
        double published;
        int decimals;
        double value;
        sweep_verdict verdict;
    } cases[] = {
        {202, 0, 202.5, VERDICT_REPRODUCED}, /* half down to even */
        {88, 0, 87.5, VERDICT_REPRODUCED},   /* half up */
        {240.8, 1, 240.75, VERDICT_REPRODUCED}, {202, 0, 202.6, VERDICT_WITHIN},
        {200, 0, 210, VERDICT_WITHIN},          {200, 0, 210.1, VERDICT_CONTRADICTS},
        {0.016, 3, 0.0167772, VERDICT_WITHIN},  {128, 0, 119.21, VERDICT_CONTRADICTS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT(sweep_verdict_of(cases[i].published, cases[i].decimals, cases[i].value) == cases[i].verdict);
}

/** Scenario texts that differ from the defaults. */
typedef struct scenario_texts {
    const char *model, *weights, *mode, *layout, *engine, *method, *context, *batch;
} scenario_texts;

static err build(published *p, const scenario_texts *t, sweep_scenario *sc) {
    const char *text[SC_COLUMNS] = {
        [SC_MODEL] = t->model,   [SC_WEIGHTS] = t->weights, [SC_MODE] = t->mode,       [SC_LAYOUT] = t->layout,
        [SC_ENGINE] = t->engine, [SC_METHOD] = t->method,   [SC_CONTEXT] = t->context, [SC_BATCH] = t->batch};
    const sweep_place at = {.file = "test"};
    return sweep_scenario_build(&p->catalogs, text, &at, sc, &p->faults);
}

static void refused(void) {
    static const struct {
        scenario_texts t;
        const char *says;
    } cases[] = {
        {{"llama-3.1-8b", "bf16", NULL, "tp2", NULL, "appendix-b", NULL, NULL}, "the layout must be tp1"},
        {{"llama-3.1-8b", "bf16", NULL, NULL, "vllm", "orbit2x", NULL, NULL}, "no rules for engine vllm"},
        {{"llama-3.1-8b", "bf16", "lora-r16", NULL, NULL, "lyceum", NULL, NULL}, "no rule for LoRA"},
        {{"llama-3.1-8b", "bf16", "lora-r16", NULL, NULL, "orbit2x-mixed", NULL, NULL}, "no rule for LoRA"},
    };
    published p;
    CU_ASSERT_FATAL(load(&p, NULL) == ERR_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sweep_scenario sc;
        kern_record r;
        char why[DIAG_TEXT] = "";
        CU_ASSERT_FATAL(build(&p, &cases[i].t, &sc) == ERR_OK);
        CU_ASSERT(kern_lower(&sc.k, &(kern_bounds){8192, 1}, &r, why, NULL, NULL) == ERR_SCENARIO);
        CU_ASSERT(strstr(why, cases[i].says) != NULL);
    }
    arena_fini(&p.mem);
}

/** The document compares its GB of activations, which are GiB, with 60 % of its GB of states. */
static void activation_cap(void) {
    const scenario_texts t = {"llama-3-8b", "bf16", "full-adamw-bf16", NULL, NULL, "appendix-b", "128k", "64"};
    published p;
    sweep_scenario sc;
    kern_record r;
    char why[DIAG_TEXT];
    double component[KERN_COMPONENTS], charge;
    CU_ASSERT_FATAL(load(&p, "appendix-b") == ERR_OK && build(&p, &t, &sc) == ERR_OK);
    CU_ASSERT_FATAL(kern_lower(&sc.k, &(kern_bounds){131072, 64}, &r, why, NULL, NULL) == ERR_OK);
    kern_eval_cell(&r, 64, 131072, component, &charge);
    CU_ASSERT_DOUBLE_EQUAL(component[KERN_ACTIVATIONS] / 1073741824, 0.6 * 128, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(charge / 1e9, 1.6 * 128, 1e-6);
    arena_fini(&p.mem);
}

static void bad_files(void) {
    static const struct {
        const char *file;
        err code;
        int line;
        const char *says;
    } cases[] = {
        {"unknown-column", ERR_KEY, 1, "did you mean 'model'"},
        {"missing-unit", ERR_MISSING, 1, "missing"},
        {"unknown-quantity", ERR_NAME, 2, "did you mean 'total'"},
        {"wrong-unit", ERR_NAME, 2, "'requests' is no unit of total"},
        {"no-gpu", ERR_MISSING, 2, "kv_budget needs a GPU"},
        {"no-number", ERR_TYPE, 2, "'about 1' is no decimal number"},
        {"short-row", ERR_SYNTAX, 2, "4 fields, the header has 5"},
        {"unknown-verdict", ERR_NAME, 2, "expected reproduced"},
        {"no-lora", ERR_SCENARIO, 2, "no rule for LoRA"},
        {"open-quote", ERR_SYNTAX, 0, "inside a quoted field"},
        {"not-utf8", ERR_ENCODING, 2, "UTF-8"},
        {"empty", ERR_SYNTAX, 1, "the file is empty"},
        {"absent", ERR_OPEN, 0, "No such file"},
    };
    published p;
    CU_ASSERT_FATAL(load(&p, NULL) == ERR_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[100];
        sweep_cell *cells = NULL;
        size_t n = 0;
        diags faults = {.n = 0};
        snprintf(path, sizeof path, "tests/data/cells/%s.csv", cases[i].file);
        CU_ASSERT(sweep_compare_load(&p.mem, &p.catalogs, path, &cells, &n, &faults) == cases[i].code);
        CU_ASSERT_FATAL(faults.n >= 1);
        if (!strstr(faults.item[0].text, cases[i].says)) fprintf(stderr, "%s: %s\n", path, faults.item[0].text);
        CU_ASSERT(strstr(faults.item[0].text, cases[i].says) != NULL);
        CU_ASSERT(cases[i].line == 0 || faults.item[0].line == cases[i].line);
    }
    arena_fini(&p.mem);
}

CU_TestInfo published_tests[] = {{"every cell has its verdict", every_cell},
                                 {"discrepancy table", discrepancy_table},
                                 {"verdict rule", verdicts},
                                 {"refused combinations", refused},
                                 {"activation cap", activation_cap},
                                 {"bad cells files", bad_files},
                                 CU_TEST_INFO_NULL};
