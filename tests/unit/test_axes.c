/*
 * test_axes.c - numbers and ranges against tables, globs and tags against a walk over the catalog, merging and labels.
 */
#include "tests/unit/plan_fixture.h"
#include "tests/unit/tt.h"

#include "common/text.h"

#include <CUnit/CUnit.h>

/** Values of one axis as `a b c`, or the code of the fault. */
static void number_cases(void) {
    static const struct {
        const char *axis, *items, *expected;
    } cases[] = {
        {"context", "8k", "8k"},
        {"context", "[32k, 8k, 8192, 8k]", "8k 32k"},
        {"context", "1k..8k x2", "1k 2k 4k 8k"},
        {"context", "1k..7k x2", "1k 2k 4k"},
        {"context", "2k..8k +2k", "2k 4k 6k 8k"},
        {"context", "2k..8k+2k", "2k 4k 6k 8k"},
        {"context", "1 .. 100 x10", "1 10 100"},
        {"context", "[1000, 1024, 1536, 1m, 3m]", "1000 1k 1536 1m 3m"},
        {"context", "512k..1m x2", "512k 1m"},
        {"context", "8k..8k x2", "8k"},
        {"context", "[2k, 1k..4k x2]", "1k 2k 4k"},
        {"batch", "[1024, 1k, 8]", "8 1024"},
        {"batch", "1..4 +1", "1 2 3 4"},
        {"context", "[0]", "!"},
        {"context", "1k..2k", "!"},
        {"context", "2k..1k x2", "!"},
        {"context", "1..1024m +1", "!"},
        {"context", "1..70000 +1", "!"},
        {"context", "1025m", "!"},
        {"batch", "16385k", "!"},
        {"context", "1k.. x2", "!"},
        {"context", "..1k x2", "!"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[200], found[400] = "";
        plan_fixture f;
        fixture_init(&f);
        snprintf(yaml, sizeof yaml, "sweep:\n  model: x\n  %s: %s\n", cases[i].axis, cases[i].items);
        CU_ASSERT_EQUAL_FATAL(fixture_config(&f, yaml), ERR_OK);
        const sweep_axis axis = sweep_axis_find(cases[i].axis);
        double *value = NULL;
        const char *const *label = NULL;
        size_t n = 0;
        if (sweep_axis_numbers(&f.mem, axis, &f.cfg.sweeps[0].axis[axis], "t", &value, &label, &n, &f.faults)) {
            strcpy(found, "!");
            CU_ASSERT_EQUAL(f.faults.n, 1);
        }
        for (size_t k = 0; k < n; k++)
            snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s", k ? " " : "", label[k]);
        CU_ASSERT_STRING_EQUAL(found, cases[i].expected);
        if (strcmp(found, cases[i].expected) != 0) fprintf(stderr, "\n%s: %s\n", cases[i].items, found);
        for (size_t k = n; k < ((n + 7) & ~(size_t)7); k++)
            CU_ASSERT_EQUAL(value[k], value[n - 1]);
        CU_ASSERT_EQUAL((size_t)value % 64, 0);
        fixture_fini(&f);
    }
}

/** Expands the items of one axis of a sweep. */
static err expand(plan_fixture *f, const char *axis_name, const char *items, const sweep_value **v, size_t *n) {
    char yaml[400];
    snprintf(yaml, sizeof yaml, "sweep:\n  %s: %s\n%s", axis_name, items,
             strcmp(axis_name, "model") == 0 ? "" : "  model: x\n");
    CU_ASSERT_EQUAL_FATAL(fixture_config(f, yaml), ERR_OK);
    const sweep_axis axis = sweep_axis_find(axis_name);
    *n = 0;
    return sweep_axis_values(&f->mem, fixture_catalogs(), axis, &f->cfg.sweeps[0].axis[axis], "t", v, n, &f->faults);
}

static void labels_kept(void) {
    static const struct {
        const char *axis, *items, *expected;
    } cases[] = {
        {"model", "[meta-llama/Llama-3.1-8B-Instruct, llama-3.1-8b, LLAMA-3.1-70B]",
         "meta-llama/Llama-3.1-8B-Instruct LLAMA-3.1-70B"},
        {"weights", "[q4_k_m, gguf-q4_k_m, native, bf16]", "q4_k_m native bf16"},
        {"weights", "[\"q4_k_*\"]", "q4_k_m q4_k_s"},
        {"kv", "[bf16, q8_0:fp16, q8_0, \"q8_0:q8_0\"]", "bf16 q8_0:fp16 q8_0"},
        {"layout", "[tp1, tp8, pp2-tp4, tp4-pp2]", "tp1 tp8 pp2-tp4"},
        {"method", "[exact, appendix-b]", "exact appendix-b"},
        {"gpu", "[h100-sxm, H100-SXM]", "h100-sxm"},
        {"engine", "none", "none"},
        {"engine", "\"NON?\"", "none"},
        {"mode", "[\"lora-r16*\", lora-r16]", "lora-r16 lora-r16-attention lora-r16-dropout lora-r16-qv"},
        {"method", "[exact, \"vram-*\", \"lyc*\"]", "exact vram-2026 vram-2026-plus20 lyceum lyceum-8bit-adam"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const sweep_value *v = NULL;
        char found[400] = "";
        size_t n;
        plan_fixture f;
        fixture_init(&f);
        CU_ASSERT_EQUAL(expand(&f, cases[i].axis, cases[i].items, &v, &n), ERR_OK);
        for (size_t k = 0; k < n; k++)
            snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s", k ? " " : "", v[k].label);
        CU_ASSERT_STRING_EQUAL(found, cases[i].expected);
        if (strcmp(found, cases[i].expected) != 0) fprintf(stderr, "\n%s: %s\n", cases[i].items, found);
        fixture_fini(&f);
    }
}

/** Whether the values are the models that `picks` picks, each once, by name. */
static int are_models(const sweep_value *v, size_t n, int (*picks)(const kern_model *)) {
    const sweep_catalogs *c = fixture_catalogs();
    size_t expected = 0;
    for (size_t i = 0; i < c->models.n; i++)
        expected += picks(c->models.rows[i]) != 0;
    for (size_t k = 0; k < n; k++) {
        if (!picks(v[k].row.model) || (k > 0 && text_order(v[k - 1].label, v[k].label) >= 0)) return 0;
    }
    return n == expected;
}

static int is_qwen3(const kern_model *m) {
    return strncmp(m->name, "qwen3-", 6) == 0;
}

static int is_moe(const kern_model *m) {
    return strstr(m->tags, "@moe ") != NULL;
}

/** A glob gives exactly the rows whose name it matches, by name. */
static void globs(void) {
    const sweep_catalogs *c = fixture_catalogs();
    const sweep_value *v = NULL;
    size_t n;
    plan_fixture f;
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    fixture_init(&f);
    CU_ASSERT_EQUAL(expand(&f, "model", "\"QWEN3-*\"", &v, &n), ERR_OK);
    CU_ASSERT(n > 5);
    CU_ASSERT(are_models(v, n, is_qwen3));
    CU_ASSERT_EQUAL(expand(&f, "model", "[qwen3-8b, \"*\", \"*\"]", &v, &n), ERR_OK);
    CU_ASSERT_EQUAL(n, c->models.n);
    CU_ASSERT_STRING_EQUAL(v[0].label, "qwen3-8b");
    fixture_fini(&f);
}

static void tags(void) {
    const sweep_catalogs *c = fixture_catalogs();
    const sweep_value *v = NULL;
    size_t n;
    plan_fixture f;
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    fixture_init(&f);
    CU_ASSERT_EQUAL(expand(&f, "model", "[\"@moe\"]", &v, &n), ERR_OK);
    CU_ASSERT(are_models(v, n, is_moe));
    CU_ASSERT(n > 5 && n < c->models.n);
    CU_ASSERT_EQUAL(expand(&f, "gpu", "[\"@consumer\", rtx-4090]", &v, &n), ERR_OK);
    CU_ASSERT(n > 5 && n < c->gpus.n);
    CU_ASSERT_EQUAL(f.faults.n, 0);
    CU_ASSERT_EQUAL(expand(&f, "gpu", "\"@consumr\"", &v, &n), ERR_NAME);
    CU_ASSERT_PTR_NOT_NULL(strstr(f.faults.item[0].text, "@consumer"));
    CU_ASSERT_EQUAL(expand(&f, "layout", "\"tp*\"", &v, &n), ERR_NAME);
    fixture_fini(&f);
}

/** All bad items of an axis are reported in one run. */
static void all_faults(void) {
    const sweep_value *v = NULL;
    size_t n;
    plan_fixture f;
    fixture_init(&f);
    CU_ASSERT_EQUAL(expand(&f, "model", "[aaaa, llama-3.1-8b, bbbb, \"c*c*c\"]", &v, &n), ERR_NAME);
    CU_ASSERT_EQUAL(f.faults.n, 3);
    fixture_fini(&f);
}

CU_TestInfo axes_tests[] = {{"numbers and ranges", number_cases},
                            {"labels kept", labels_kept},
                            {"globs", globs},
                            {"tags", tags},
                            {"all faults", all_faults},
                            CU_TEST_INFO_NULL};
