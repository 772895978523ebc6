/*
 * test_skip.c - compiled skip rules against a naive reading of the same rules, over every cell of a small sweep.
 */
#include "sweep/skip.h"
#include "tests/unit/plan_fixture.h"
#include "tests/unit/tt.h"

#include "common/text.h"

#include <CUnit/CUnit.h>

static const char sweep_text[] = "sweep:\n  model: [llama-3.1-8b, qwen3-8b, qwen3-30b-a3b]\n  weights: [bf16, nf4]\n"
                                 "  kv: [bf16, q8_0:fp16]\n  layout: [tp1, tp2]\n  engine: [none]\n"
                                 "  context: 1k..8k x2\n  batch: [1, 8, 16]\n  gpu: [h100-sxm, rtx-4090]\n";

/** One naive test: is value `i` of `axis` what `op` and `word` say? Labels are the names here. */
static int naive_term(const sweep_plan *p, sweep_axis axis, size_t i, const char *op, const char *word) {
    const char *label = sweep_plan_label(p, axis, i);
    uint64_t x = 0, y = 0;
    text_count(label, &x);
    text_count(word, &y);
    if (strcmp(op, "<") == 0) return x < y;
    if (strcmp(op, "<=") == 0) return x <= y;
    if (strcmp(op, ">") == 0) return x > y;
    if (strcmp(op, ">=") == 0) return x >= y;
    int same = axis == SWEEP_CONTEXT || axis == SWEEP_BATCH ? x == y : text_glob(word, label);
    if (word[0] == '@') same = sweep_axis_find("model") == axis && strcmp(label, "qwen3-30b-a3b") == 0;
    return strcmp(op, "=") == 0 ? same : !same;
}

/** A rule as text and as up to three terms. */
typedef struct rule_case {
    const char *text;
    struct {
        sweep_axis axis;
        const char *op, *word, *or_word;
    } term[3];
} rule_case;

static const rule_case rules[] = {
    {"weights=nf4", {{SWEEP_WEIGHTS, "=", "nf4", NULL}}},
    {"weights!=nf4", {{SWEEP_WEIGHTS, "!=", "nf4", NULL}}},
    {"model=qwen3-*", {{SWEEP_MODEL, "=", "qwen3-*", NULL}}},
    {"model=@moe & layout=tp1", {{SWEEP_MODEL, "=", "@moe", NULL}, {SWEEP_LAYOUT, "=", "tp1", NULL}}},
    {"kv=q8_0:fp16&weights=bf16|nf4", {{SWEEP_KV, "=", "q8_0:fp16", NULL}, {SWEEP_WEIGHTS, "=", "bf16", "nf4"}}},
    {"context>2k", {{SWEEP_CONTEXT, ">", "2k", NULL}}},
    {"context >= 2048 & context < 8k", {{SWEEP_CONTEXT, ">=", "2k", NULL}, {SWEEP_CONTEXT, "<", "8k", NULL}}},
    {"batch<=8 & gpu=rtx-*", {{SWEEP_BATCH, "<=", "8", NULL}, {SWEEP_GPU, "=", "rtx-*", NULL}}},
    {"batch!=8 & batch!=16", {{SWEEP_BATCH, "!=", "8", NULL}, {SWEEP_BATCH, "!=", "16", NULL}}},
    {"context=1k|8k & gpu!=h100-sxm", {{SWEEP_CONTEXT, "=", "1k", "8k"}, {SWEEP_GPU, "!=", "h100-sxm", NULL}}},
    {"model=llama-3.1-405b", {{SWEEP_MODEL, "=", "llama-3.1-405b", NULL}}},
};

static size_t index_of(const uint32_t at[SWEEP_CATEGORIES], const size_t inner[3], sweep_axis axis) {
    return axis < SWEEP_CATEGORIES ? at[axis] : inner[axis - SWEEP_CATEGORIES];
}

static int naive(const sweep_plan *p, const rule_case *r, const uint32_t at[SWEEP_CATEGORIES], const size_t inner[3]) {
    for (unsigned t = 0; t < 3 && r->term[t].op; t++) {
        const sweep_axis axis = r->term[t].axis;
        const size_t i = index_of(at, inner, axis);
        int holds = naive_term(p, axis, i, r->term[t].op, r->term[t].word);
        if (r->term[t].or_word) {
            const int other = naive_term(p, axis, i, r->term[t].op, r->term[t].or_word);
            holds = r->term[t].op[0] == '!' ? holds && other : holds || other;
        }
        if (!holds) return 0;
    }
    return 1;
}

/** Compares rules[from..to) over every cell. */
static void compare(size_t from, size_t to) {
    char yaml[2000];
    size_t wrong = 0, inner[3];
    plan_fixture f;
    sweep_combo c;
    fixture_init(&f);
    strcpy(yaml, sweep_text);
    strcat(yaml, "  skip:\n");
    for (size_t i = from; i < to; i++)
        sprintf(yaml + strlen(yaml), "    - \"%s\"\n", rules[i].text);
    CU_ASSERT_EQUAL_FATAL(fixture_plan(&f, yaml), ERR_OK);
    const sweep_plan *p = &f.plan;
    for (uint64_t i = 0; i < p->n_combos; i++) {
        const int kept = sweep_plan_combo(p, i, &c);
        for (inner[0] = 0; inner[0] < p->n[SWEEP_CONTEXT]; inner[0]++)
            for (inner[1] = 0; inner[1] < p->n[SWEEP_BATCH]; inner[1]++)
                for (inner[2] = 0; inner[2] < p->n[SWEEP_GPU]; inner[2]++) {
                    int expected = 0;
                    for (size_t r = from; r < to; r++)
                        expected |= naive(p, &rules[r], c.at, inner);
                    wrong += expected != (!kept || sweep_plan_skips(p, &c, inner[0], inner[1], (long)inner[2]));
                }
    }
    CU_ASSERT_EQUAL(wrong, 0);
    if (wrong) fprintf(stderr, "\nrules %zu..%zu: %zu cells differ\n", from, to, wrong);
    fixture_fini(&f);
}

static void each_rule(void) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        compare(i, i + 1);
}

static void rules_together(void) {
    compare(0, sizeof rules / sizeof *rules);
}

/** The hot path asks cells only where a rule names an inner axis; without a GPU, rules about GPUs do not apply. */
static void cells_asked(void) {
    plan_fixture f;
    sweep_combo c;
    char yaml[1000];
    fixture_init(&f);
    CU_ASSERT_EQUAL(fixture_plan(&f, sweep_text), ERR_OK);
    CU_ASSERT_EQUAL(sweep_plan_skips_cells(&f.plan), 0);
    snprintf(yaml, sizeof yaml, "%s  skip: [weights=nf4]\n", sweep_text);
    CU_ASSERT_EQUAL(fixture_plan(&f, yaml), ERR_OK);
    CU_ASSERT_EQUAL(sweep_plan_skips_cells(&f.plan), 0);
    snprintf(yaml, sizeof yaml, "%s  skip: [gpu!=h100-sxm]\n", sweep_text);
    CU_ASSERT_EQUAL(fixture_plan(&f, yaml), ERR_OK);
    CU_ASSERT_EQUAL(sweep_plan_skips_cells(&f.plan), 1);
    CU_ASSERT_EQUAL(sweep_plan_combo(&f.plan, 0, &c), 1);
    CU_ASSERT_EQUAL(sweep_plan_skips(&f.plan, &c, 0, 0, -1), 0);
    CU_ASSERT_EQUAL(sweep_plan_skips(&f.plan, &c, 0, 0, 0), 0);
    CU_ASSERT_EQUAL(sweep_plan_skips(&f.plan, &c, 0, 0, 1), 1);
    fixture_fini(&f);
}

CU_TestInfo skip_tests[] = {
    {"each rule", each_rule}, {"rules together", rules_together}, {"cells asked", cells_asked}, CU_TEST_INFO_NULL};
