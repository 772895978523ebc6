/*
 * test_sglang.c - pools of SGLang by hand, the static share of every version, and the launch logs of tests/truth.
 */
#include "kernels/reduce/capacity.h"
#include "sweep/accuracy.h"
#include "tests/unit/scenario_fixture.h"

static double kv(const char *words) {
    return scenario_bytes(words, KERN_KV_CACHE);
}

/** 32 layers x 8 heads x (128 + 128) x 2 bytes a token, page 1. */
static void slots_are_tokens(void) {
    TT_BITS(kv("model=llama-3.1-8b engine=sglang context=1001"), 1001 * 131072.0);
    TT_BITS(kv("model=llama-3.1-8b engine=sglang context=1001 batch=3 layout=tp2"), 3 * 1001 * 65536.0);
}

/** Latent vectors are whole on every rank; an FP8 indexer key of 128 has a 32-bit scale. */
static void latent_vectors_are_not_split(void) {
    TT_BITS(kv("model=deepseek-v3 engine=sglang context=1000 layout=tp8"), 1000 * 61 * 1152.0);
    TT_BITS(kv("model=glm-5 engine=sglang context=1000 layout=tp8"), 1000 * 78 * (1152.0 + 132));
}

/**
 * Gemma 3 27B: 10 full and 52 sliding layers of 8192 bytes a token. The full pool decides beyond the window, the
 * sliding one below it; until 0.5.9 all layers were alike.
 */
static void sliding_pool_is_in_proportion(void) {
    const double layer = 8192;
    TT_BITS(kv("model=gemma-3-27b engine=sglang context=8k"), 8192 * (10 * layer + ceil(0.8 * 52 * layer)));
    TT_BITS(kv("model=gemma-3-27b engine=sglang context=512"), 512 * (ceil(10 * layer / 0.8) + 52 * layer));
    TT_BITS(kv("model=gemma-3-27b engine=sglang@0.5.3 context=8k"), 8192 * 62 * layer);
}

/** Two pools, 1 : 0.9. With a long context the KV pool is full first, with a short one that of the states. */
static void states_have_a_pool(void) {
    const char *name = "model=qwen3-next-80b-a3b engine=sglang context=64k";
    TT_BITS(scenario_term(name, "kv.pool"), 24576);
    TT_BITS(scenario_term("model=qwen3-next-80b-a3b engine=none", "kv.state") * 5,
            scenario_term(name, "kv.pool.state"));
    TT_BITS(kv(name), 65536 * (24576 + ceil(0.9 * 24576)));
}

/** Share that a GPU's capacity shows: without what stands beside weights and cache, of what start-up left. */
static double share(const char *words) {
    sweep_scenario sc;
    diags faults = {.n = 0};
    CU_ASSERT_FATAL(scenario_build(words, &sc, &faults) == ERR_OK);
    const kern_engine *e = sc.k.engine;
    double free = sc.gpu->usable_bytes - e->context_bytes - (sc.k.layout.tp > 1 ? e->tp_bytes : 0);
    double capacity = kern_capacity(&sc.k, sc.gpu, sc.gpus, KERN_USE_FIT);
    return round((capacity - kern_standing_bytes(&sc.k)) / free * 1000) / 1000;
}

/** By tensor parallelism, by size of the GPU (81559 MiB: 10 GiB are 0.126), by chunk and graphs. */
static void default_share_by_version(void) {
    static const struct {
        const char *words;
        double share;
    } rows[] = {
        {"model=llama-3.1-8b engine=sglang@0.4.0 gpu=h100-sxm", 0.88},
        {"model=llama-3.1-8b engine=sglang@0.4.0 gpu=h100-sxm layout=tp4", 0.85},
        {"model=llama-3.1-8b engine=sglang@0.4.0 gpu=h100-sxm layout=tp8", 0.81},
        {"model=llama-3.1-8b engine=sglang@0.2.0 gpu=h100-sxm layout=tp8", 0.83},
        {"model=llama-3.1-8b engine=sglang@0.4.7 gpu=h100-sxm", 0.874},
        {"model=llama-3.1-8b engine=sglang gpu=h100-sxm", 0.835},
        {"model=llama-3.1-8b engine=sglang gpu=rtx-4090", 0.847},
        {"model=llama-3.1-8b engine=sglang gpu=h100-sxm max_batched_tokens=2048", 0.874},
        {"model=llama-3.1-8b engine=sglang gpu=h100-sxm memory_utilization=0.7", 0.7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (share(rows[i].words) != rows[i].share) printf("\n%s: %g\n", rows[i].words, share(rows[i].words));
        CU_ASSERT(share(rows[i].words) == rows[i].share);
    }
}

/** The largest batch and context fill the pools, one more does not fit. */
static void limits_are_tight(void) {
    sweep_answer a, more;
    char words[256];
    CU_ASSERT_FATAL(scenario_answer("model=qwen3-next-80b-a3b engine=sglang gpu=h200 layout=tp2 context=8k", &a));
    snprintf(words, sizeof words, "model=qwen3-next-80b-a3b engine=sglang gpu=h200 layout=tp2 context=8k batch=%.0f",
             a.max_batch);
    CU_ASSERT_FATAL(scenario_answer(words, &more));
    CU_ASSERT(a.max_batch > 1 && more.fits && more.headroom < more.component[KERN_KV_CACHE] / a.max_batch);
    CU_ASSERT(a.min_gpus == 2);
}

static void check_term(const report_table *t, const char *term, double rows, double median, double p90) {
    for (size_t i = 0; i < t->n_rows; i++) {
        const report_cell *row = &t->cells[i * t->n_columns];
        if (strcmp(row[1].text, term) != 0) continue;
        CU_ASSERT(row[2].number >= rows && row[3].number == 0 && row[4].number <= median && row[5].number <= p90);
        return;
    }
    CU_FAIL("the term has no rows");
}

static void launch_logs_are_met(void) {
    arena mem;
    diags faults = {.n = 0};
    char *const paths[] = {"tests/truth/sglang_logs.csv"};
    sweep_measured *rows = NULL;
    size_t n = 0;
    arena_init(&mem, NULL, NULL);
    CU_ASSERT_FATAL(sweep_accuracy_load(&mem, fixture_catalogs(), paths, 1, &rows, &n, &faults) == ERR_OK);
    const report_table *t = sweep_accuracy_summary(&mem, rows, n);
    CU_ASSERT_FATAL(t != NULL);
    check_term(t, "kv_cache", 9, 0.1, 1);
    check_term(t, "weights", 12, 2, 8);
    check_term(t, "kv_capacity_tokens", 9, 3, 10);
    arena_fini(&mem);
}

CU_TestInfo sglang_tests[] = {
    {"slots are tokens", slots_are_tokens},
    {"latent vectors are not split", latent_vectors_are_not_split},
    {"the sliding pool is in proportion", sliding_pool_is_in_proportion},
    {"states have a pool", states_have_a_pool},
    {"default share by version", default_share_by_version},
    {"limits are tight", limits_are_tight},
    {"launch logs are met", launch_logs_are_met},
    CU_TEST_INFO_NULL,
};
