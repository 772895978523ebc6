/*
 * test_min_gpu.c - fewest GPUs: the layout found holds the scenario and nothing smaller on the way does; the text of a
 * table's minimum-GPU column.
 */
#include "kernels/reduce/ladder.h"
#include "sweep/layout.h"
#include "sweep/min_gpu.h"
#include "tests/unit/scenario_fixture.h"

static sweep_scenario sc;

static int fewest(const char *words, char layout[KERN_LAYOUT_TEXT]) {
    diags faults = {.n = 0};
    kern_layout l;
    if (scenario_build(words, &sc, &faults) != ERR_OK || !sc.gpu) return -1;
    int n = kern_min_gpus(&sc.k, sc.gpu, sc.batch, sc.context, &l);
    *layout = 0;
    if (n > 0) sweep_layout_text(&l, layout);
    return n;
}

static void fewest_gpus(void) {
    static const struct {
        const char *words;
        int gpus;
        const char *layout;
    } cases[] = {
        {"model=llama-3.1-8b weights=bf16 gpu=h100-sxm", 1, "tp1"},
        {"model=llama-3.1-8b weights=bf16 gpu=rtx-4090", 1, "tp1"},
        {"model=llama-3.1-70b weights=bf16 gpu=h100-sxm", 2, "tp2"},
        {"model=llama-3.1-70b weights=bf16 context=128k batch=8 gpu=h100-sxm", 8, "tp8"},
        {"model=llama-3.1-405b weights=bf16 gpu=h100-sxm", 16, "tp8-pp2"}, /* two nodes of eight */
        {"model=llama-3.1-405b weights=bf16 gpu=b200", 8, "tp8"},
        {"model=llama-3.1-8b weights=bf16 batch=16m context=64k gpu=h100-sxm", 0, ""},
        /* training shards over data-parallel ranks: 16 bytes x 8.03e9 parameters / 2 */
        {"model=llama-3.1-8b mode=full-adamw-mixed context=1 layout=dp8-zero3 gpu=b200", 1, "zero3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char layout[KERN_LAYOUT_TEXT];
        int n = fewest(cases[i].words, layout);
        if (n != cases[i].gpus) printf("\n%s: %d (%s)\n", cases[i].words, n, layout);
        CU_ASSERT_EQUAL(n, cases[i].gpus);
        TT_TEXT(layout, cases[i].layout);
    }
}

/** What is found fits; the number does not fall with the batch. */
static void found_layout_holds(void) {
    static const char *const models[] = {"llama-3.1-70b", "deepseek-v3", "mixtral-8x22b", "qwen3-235b-a22b"};
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        int before = 0;
        for (int batch = 1; batch <= 1024; batch *= 4) {
            char words[200], layout[KERN_LAYOUT_TEXT];
            sweep_answer a;
            snprintf(words, sizeof words, "model=%s weights=fp8-channel batch=%d gpu=h200-sxm", models[i], batch);
            int n = fewest(words, layout);
            CU_ASSERT(n >= before);
            before = n;
            snprintf(words, sizeof words, "model=%s weights=fp8-channel batch=%d gpu=h200-sxm layout=%s", models[i],
                     batch, layout);
            CU_ASSERT(n <= 0 || (scenario_answer(words, &a) && a.fits && a.min_gpus == n));
            if (n == 0) break;
        }
    }
}

/** Published methods divide the whole model over marketed gigabytes. */
static void published(void) {
    char layout[KERN_LAYOUT_TEXT];
    CU_ASSERT_EQUAL(fewest("model=llama-3.1-70b weights=bf16 method=vram-2026 gpu=h100-sxm", layout), 2);
    CU_ASSERT_EQUAL(fewest("model=llama-3.1-8b weights=bf16 method=vram-2026 gpu=h100-sxm", layout), 1);
}

/** Fewest GPUs among the counts offered, then the least memory. */
static void column_text(void) {
    static const int64_t counts[] = {1, 4}, any[] = {1, 2, 4, 8};
    const sweep_catalogs *c = fixture_catalogs();
    const kern_gpu *gpus[] = {sweep_find_gpu(c, "h200-sxm"), sweep_find_gpu(c, "h100-sxm")};
    arena mem;
    diags faults = {.n = 0};
    char want[128];
    arena_init(&mem, NULL, NULL);
    sweep_min_gpu s = {.mem = &mem, .gpu = gpus, .n_gpus = 2, .counts = any, .n_counts = 4};
    sweep_point p = {.sc = &sc.k, .context = 8192, .batch = 1};
    TT_ERR(ERR_OK, scenario_build("model=llama-3.1-8b weights=bf16", &sc, &faults));
    snprintf(want, sizeof want, "%s (%g GB)", gpus[1]->display, gpus[1]->marketed_gb);
    TT_TEXT(sweep_min_gpu_text(&s, &p), want); /* both hold it: the smaller */
    TT_ERR(ERR_OK, scenario_build("model=llama-3.1-70b weights=bf16", &sc, &faults));
    s.gpu = &gpus[1];
    s.n_gpus = 1;
    snprintf(want, sizeof want, "2x %s (%g GB)", gpus[1]->display, 2 * gpus[1]->marketed_gb);
    TT_TEXT(sweep_min_gpu_text(&s, &p), want);
    s.counts = counts;
    s.n_counts = 2;
    snprintf(want, sizeof want, "4x %s (%g GB)", gpus[1]->display, 4 * gpus[1]->marketed_gb);
    TT_TEXT(sweep_min_gpu_text(&s, &p), want); /* two are not offered */
    TT_ERR(ERR_OK, scenario_build("model=llama-3.1-405b weights=bf16", &sc, &faults));
    TT_TEXT(sweep_min_gpu_text(&s, &p), "none of those offered");
    arena_fini(&mem);
}

/** A scenario with and without a pipeline, at small and large contexts and batches: how often both can be lowered. */
static int stages_hold_states(const kern_scenario *of, int tp, int pp) {
    static const double cells[][2] = {{1, 1}, {3, 1000}, {16, 8192}, {64, 131072}};
    static kern_record one, many;
    const kern_bounds bounds = {131072, 64};
    char why[DIAG_TEXT];
    kern_scenario k = *of;
    k.layout.tp = tp;
    if (kern_lower(&k, &bounds, &one, why, NULL, NULL) != ERR_OK) return 0;
    k.layout.pp = pp;
    if (kern_lower(&k, &bounds, &many, why, NULL, NULL) != ERR_OK) return 0;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        double charge, states = kern_states_bytes(of, &one, cells[i][0], cells[i][1]);
        kern_eval_cell(&many, cells[i][0], cells[i][1], NULL, &charge);
        if (charge * pp < states)
            printf("\n%s %s %s %s tp%d pp%d: %.0f x %d < %.0f\n", k.model->name, k.weights->name, k.mode->name,
                   k.engine->name, tp, pp, charge, pp, states);
        CU_ASSERT(states > 0 && charge * pp >= states);
    }
    return 1;
}

/** Every model with every engine: the fullest stage holds at least its share of weights, cache and states. */
static void stages_together(void) {
    static const char *const modes[] = {"inference", "full-adamw-mixed", "full-adamw8bit", "lora-r16", "qlora-r16"};
    static const char *const weights[] = {"bf16", "q4_k_m", "int4-g128-awq", "fp8-block128"};
    static const int stages[] = {2, 3, 5, 8, 13, 64};
    const sweep_catalogs *c = fixture_catalogs();
    int lowered = 0;
    for (size_t i = 0; i < 5 * c->models.n * c->engines.n; i++) {
        char words[300];
        diags faults = {.n = 0};
        const kern_engine *e = c->engines.rows[i / 5 % c->engines.n];
        snprintf(words, sizeof words, "model=%s weights=%s mode=%s engine=%s%s%s",
                 c->models.rows[i / 5 / c->engines.n]->name, weights[i % 4], modes[i % 5], e->name,
                 *e->version ? "@" : "", e->version);
        if (scenario_build(words, &sc, &faults) != ERR_OK) continue;
        lowered += stages_hold_states(&sc.k, 1 << i % 3, stages[i % 6]);
    }
    CU_ASSERT(lowered > 2000);
}

CU_TestInfo min_gpu_tests[] = {
    {"fewest GPUs", fewest_gpus},
    {"the layout found holds it", found_layout_holds},
    {"published methods", published},
    {"text of the column", column_text},
    {"stages together hold weights, cache and states", stages_together},
    CU_TEST_INFO_NULL,
};
