/*
 * test_answers.c - scenarios answered from memory against the same scenarios answered one by one, over random rows of
 * right and wrong names, knobs, numbers and GPUs; and the memory itself.
 */
#include "sweep/answers.h"
#include "sweep/eval_row.h"
#include "sweep/memo.h"
#include "tests/unit/scenario_fixture.h"

#include <stdlib.h>

static uint64_t seed = 88172645463325252u;

static uint64_t draw(uint64_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (seed >> 11) % below;
}

enum { WORDS = 9 };

/** What stands in a column, most of it more than once so that it is remembered. */
static const struct {
    sweep_column column;
    const char *word[WORDS];
} pools[] = {
    {SC_ID, {"1", "2", ""}},
    {SC_MODEL, {"llama-3.1-8b", "Qwen3-8B", "deepseek-v3", "gemma-3-27b", "gpt-oss-20b", "nope", "", "llama-3.1-8b"}},
    {SC_WEIGHTS, {"bf16", "native", "q4_k_m", "nf4", "exl2", "", "bf16", "fp8-channel"}},
    {SC_KV, {"bf16", "fp8", "q8_0:fp16", "", "kv", "bf16"}},
    {SC_MODE, {"inference", "full-adamw-mixed", "qlora-r16", "", "", "inference", "inference"}},
    {SC_LAYOUT, {"tp1", "tp2", "tp4-pp2", "dp4-zero3", "tp3", "tp1", "tp8"}},
    {SC_ENGINE, {"none", "vllm", "vllm@0.18.5", "llamacpp", "transformers", "sglang", "torch", "none"}},
    {SC_METHOD, {"exact", "exact", "exact", "exact", "exact", "appendix-b", "lyceum", "exact"}},
    {SC_GPU, {"", "h100-sxm", "rtx-4090", "mi300x", "nope", "", "h100-sxm", "b200-sxm"}},
    {SC_GPUS, {"", "", "", "8", "2", "0"}},
    {SC_TP, {"", "", "", "", "", "2", "65537"}},
    {SC_MEMORY_UTILIZATION, {"", "", "", "", "0.5", "2"}},
    {SC_CHECKPOINTING, {"", "", "", "full", "none"}},
};

enum { POOLS = sizeof pools / sizeof *pools, ROWS = 6000 };

static const char *pick(size_t pool) {
    size_t n = 0;
    while (n < WORDS && pools[pool].word[n])
        n++;
    return pools[pool].word[draw(n)];
}

/** Contexts and batches of every length, some of them no numbers. */
static void put_number(char *out, uint64_t most) {
    uint64_t kind = draw(40);
    unsigned long long n = draw(most) + 1;
    out[0] = 0;
    if (kind == 1) return;
    snprintf(out, 32, kind == 0 ? "x%llu" : kind == 2 ? "0" : kind < 8 ? "%lluk" : "%llu", n);
}

/** The row that a scenario gives, answered or refused. */
static void put_row(report_csv_text *out, err e, const sweep_answer *a, const char *why) {
    static const sweep_list_header none = {.n = 0};
    static const sweep_list_row row = {.fields = 0};
    const sweep_row_style style = {.json = 1, .range = 1};
    out->n = 0;
    sweep_row_put(out, style, &none, &row, e == ERR_OK ? a : NULL, e == ERR_OK ? "ok" : why);
    if (report_csv_room(out, 1)) out->text[out->n] = 0;
}

static void compare(sweep_answers *m, const char *const text[SC_COLUMNS]) {
    static sweep_scenario sc;
    report_csv_text found = {0}, want = {0};
    char why[DIAG_TEXT], plain_why[DIAG_TEXT];
    sweep_answer a, plain;
    sweep_stand_in engine;
    err e = sweep_answers_get(m, text, &a, &engine, why);
    err expected = sweep_answers_plain(fixture_catalogs(), text, &sc, &plain, plain_why);
    TT_ERR(expected, e);
    put_row(&found, e, &a, why);
    put_row(&want, expected, &plain, plain_why);
    TT_TEXT(found.text, want.text);
    CU_ASSERT_EQUAL(engine.asked != NULL, expected == ERR_OK && sc.older_engine != NULL);
    report_csv_text_free(&found);
    report_csv_text_free(&want);
}

static void remembered_equals_plain(void) {
    sweep_column columns[POOLS + 2] = {SC_CONTEXT, SC_BATCH};
    for (size_t i = 0; i < POOLS; i++)
        columns[i + 2] = pools[i].column;
    sweep_answers *m = sweep_answers_new(fixture_catalogs(), columns, POOLS + 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    const char *text[SC_COLUMNS] = {NULL};
    char context[32], batch[32];
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t p = 0; p < POOLS; p++) {
            if (i % 50 == 0 || draw(4) == 0) text[pools[p].column] = pick(p);
        }
        put_number(context, i % 7 ? 1 << 17 : UINT64_C(1) << 31);
        put_number(batch, i % 11 ? 256 : UINT64_C(1) << 25);
        text[SC_CONTEXT] = context;
        text[SC_BATCH] = batch;
        compare(m, text);
    }
    sweep_answers_free(m);
}

/** More scenarios than are remembered, each asked twice; and texts longer than a key. */
static void forgets(void) {
    static const sweep_column columns[] = {SC_MODEL, SC_MEMORY_UTILIZATION};
    static char endless[2048];
    sweep_answers *m = sweep_answers_new(fixture_catalogs(), columns, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m);
    const char *text[SC_COLUMNS] = {[SC_MODEL] = "llama-3.1-8b", [SC_GPU] = "h100-sxm", [SC_CONTEXT] = "1k"};
    char share[32];
    for (int i = 0; i < 80000; i++) {
        snprintf(share, sizeof share, "0.%06d", 500000 + i / 2);
        text[SC_MEMORY_UTILIZATION] = share;
        if (i % 100 < 2) {
            compare(m, text);
        } else {
            char why[DIAG_TEXT];
            sweep_answer a;
            sweep_stand_in engine;
            TT_ERR(ERR_OK, sweep_answers_get(m, text, &a, &engine, why));
        }
    }
    memset(endless, 'x', sizeof endless - 1);
    text[SC_MODEL] = endless;
    compare(m, text);
    sweep_answers_free(m);
}

static void memo_finds_what_it_was_given(void) {
    sweep_memo m;
    CU_ASSERT_FATAL(sweep_memo_init(&m));
    char key[16] = "";
    for (int i = 0; i < 4000; i++) {
        size_t n = (size_t)snprintf(key, sizeof key, "%x", i);
        CU_ASSERT_PTR_NULL(sweep_memo_find(&m, key, n));
        int *value = sweep_memo_add(&m, key, n, sizeof *value);
        CU_ASSERT_PTR_NOT_NULL_FATAL(value);
        CU_ASSERT_EQUAL(*value, 0);
        *value = i;
    }
    for (int i = 0; i < 4000; i++) {
        size_t n = (size_t)snprintf(key, sizeof key, "%x", i);
        const int *value = sweep_memo_find(&m, key, n);
        CU_ASSERT(value && *value == i);
    }
    CU_ASSERT_PTR_NULL(sweep_memo_find(&m, "1\0", 2));
    CU_ASSERT(!sweep_memo_full(&m));
    sweep_memo_clear(&m);
    CU_ASSERT_PTR_NULL(sweep_memo_find(&m, "1", 1));
    sweep_memo_fini(&m);
}

CU_TestInfo answers_tests[] = {
    {"remembered equals plain", remembered_equals_plain},
    {"forgets when there is too much", forgets},
    {"memo finds what it was given", memo_finds_what_it_was_given},
    CU_TEST_INFO_NULL,
};
