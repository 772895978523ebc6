/*
 * test_plan.c - decoding covers every combination once and in order, defaults, native weights, finding values, bounds.
 */
#include "tests/unit/plan_fixture.h"
#include "tests/unit/tt.h"

#include <CUnit/CUnit.h>

/** Index -> digits -> index is the identity, so every combination comes exactly once, the last axis fastest. */
static void decoding(void) {
    plan_fixture f;
    sweep_combo c;
    fixture_init(&f);
    CU_ASSERT_EQUAL_FATAL(fixture_plan(&f, "sweep:\n  model: [qwen3-8b, llama-3.1-8b, qwen3-32b]\n"
                                           "  weights: [bf16, nf4]\n  kv: [bf16, fp16, q8_0]\n"
                                           "  layout: [tp1, tp2, tp4, tp8, pp2]\n  method: [exact, appendix-b]\n"),
                          ERR_OK);
    CU_ASSERT_EQUAL(f.plan.n_combos, 3 * 2 * 3 * 5 * 2);
    for (uint64_t i = 0; i < f.plan.n_combos; i++) {
        uint64_t back = 0;
        CU_ASSERT_EQUAL(sweep_plan_combo(&f.plan, i, &c), 1);
        for (unsigned a = 0; a < SWEEP_CATEGORIES; a++) {
            CU_ASSERT(c.at[a] < f.plan.n[a]);
            back = back * f.plan.n[a] + c.at[a];
        }
        CU_ASSERT_EQUAL(back, i);
        CU_ASSERT_PTR_EQUAL(c.sc.model, f.plan.value[SWEEP_MODEL][c.at[SWEEP_MODEL]].row.model);
        CU_ASSERT_PTR_EQUAL(c.sc.weights, f.plan.value[SWEEP_WEIGHTS][c.at[SWEEP_WEIGHTS]].row.format);
        CU_ASSERT_PTR_EQUAL(c.sc.method, f.plan.value[SWEEP_METHOD][c.at[SWEEP_METHOD]].row.method);
    }
    fixture_fini(&f);
}

static void defaults(void) {
    static const char *const expected[SWEEP_GPU] = {"exact", "none", "inference", "llama-3.1-8b", "native", "bf16",
                                                    "tp1",   "8k",   "1"};
    plan_fixture f;
    fixture_init(&f);
    CU_ASSERT_EQUAL_FATAL(fixture_plan(&f, "sweep: {model: llama-3.1-8b}"), ERR_OK);
    for (unsigned a = 0; a < SWEEP_GPU; a++) {
        CU_ASSERT_EQUAL(f.plan.n[a], 1);
        CU_ASSERT_STRING_EQUAL(sweep_plan_label(&f.plan, (sweep_axis)a, 0), expected[a]);
    }
    CU_ASSERT_EQUAL(f.plan.n[SWEEP_GPU], 0);
    CU_ASSERT_EQUAL(f.plan.gpus, 0);
    CU_ASSERT_EQUAL(f.plan.context[0], 8192);
    fixture_fini(&f);
}

/** `native` is the model's own format; a recipe with a quantized base puts that in its place. */
static void native_weights(void) {
    const sweep_catalogs *c = fixture_catalogs();
    plan_fixture f;
    sweep_combo combo;
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    fixture_init(&f);
    CU_ASSERT_EQUAL_FATAL(fixture_plan(&f, "sweep: {model: [llama-3.1-8b, deepseek-v3], mode: [inference, qlora-r16]}"),
                          ERR_OK);
    for (uint64_t i = 0; i < f.plan.n_combos; i++) {
        sweep_plan_combo(&f.plan, i, &combo);
        CU_ASSERT_NOT_EQUAL(combo.sc.weights->kind, KERN_FORMAT_NATIVE);
        CU_ASSERT_PTR_EQUAL(combo.sc.weights,
                            combo.sc.mode->base ? combo.sc.mode->base : sweep_native_format(c, combo.sc.model));
    }
    CU_ASSERT_PTR_NOT_NULL(combo.sc.mode->base);
    fixture_fini(&f);
}

static void finding(void) {
    static const struct {
        sweep_axis axis;
        const char *text;
        int expected;
    } cases[] = {
        {SWEEP_MODEL, "llama-3.1-8b", 1},   {SWEEP_MODEL, "meta-llama/llama-3.1-8b", 1},
        {SWEEP_MODEL, "llama-3.1-70b", -1}, {SWEEP_MODEL, "nothing", -1},
        {SWEEP_WEIGHTS, "GGUF-Q4_K_M", 1},  {SWEEP_KV, "bf16", 0},
        {SWEEP_LAYOUT, "pp2-tp4", 1},       {SWEEP_CONTEXT, "8192", 1},
        {SWEEP_CONTEXT, "8k", 1},           {SWEEP_CONTEXT, "8x", -1},
        {SWEEP_CONTEXT, "16k", -1},         {SWEEP_BATCH, "1", 0},
        {SWEEP_GPU, "RTX-4090", 1},         {SWEEP_GPU, "b200", -1},
    };
    plan_fixture f;
    fixture_init(&f);
    CU_ASSERT_EQUAL_FATAL(fixture_plan(&f, "sweep:\n  model: [qwen3-8b, llama-3.1-8b]\n  weights: [bf16, q4_k_m]\n"
                                           "  layout: [tp1, tp4-pp2]\n  context: [4k, 8k]\n"
                                           "  gpu: [h100-sxm, rtx-4090]\n"),
                          ERR_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT_EQUAL(sweep_plan_find(&f.plan, cases[i].axis, cases[i].text), cases[i].expected);
        if (sweep_plan_find(&f.plan, cases[i].axis, cases[i].text) != cases[i].expected)
            fprintf(stderr, "\nfind %s\n", cases[i].text);
    }
    fixture_fini(&f);
}

/** Products are bounded before anything walks them. */
static void bounds(void) {
    static const char *const too_large[] = {
        "sweep: {model: \"*\", weights: \"*\", kv: \"*\", mode: \"*\", engine: \"*\", method: \"*\", layout: [tp1, "
        "tp2, "
        "tp4, tp8, pp2, pp4, pp8, dp2, dp4, dp8, cp2, cp4, cp8, tp2-pp2, tp2-pp4, tp4-pp2, tp8-pp2, tp8-pp4, tp8-pp8, "
        "tp16, tp16-pp2, tp32, tp64, tp2-dp2, tp2-dp4, tp2-dp8, tp4-dp2, tp4-dp4, tp4-dp8, tp8-dp2, tp8-dp4, tp8-dp8]}",
        "sweep: {model: \"*\", weights: \"*\", context: 1..60000 +1, batch: 1..60000 +1, gpu: \"*\"}",
        "sweep: {model: llama-3.1-8b, context: 1m, batch: 2m}",
    };
    for (size_t i = 0; i < sizeof too_large / sizeof *too_large; i++) {
        plan_fixture f;
        fixture_init(&f);
        const err code = fixture_plan(&f, too_large[i]);
        CU_ASSERT(i < 2 || code == ERR_LIMIT);
        CU_ASSERT(code == ERR_LIMIT || code == ERR_OK);
        CU_ASSERT_EQUAL(f.faults.n, code != ERR_OK);
        fixture_fini(&f);
    }
}

CU_TestInfo plan_tests[] = {{"decoding", decoding}, {"defaults", defaults}, {"native weights", native_weights},
                            {"finding", finding},   {"bounds", bounds},     CU_TEST_INFO_NULL};
