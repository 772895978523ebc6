/*
 * test_llamacpp.c - engine llamacpp against what llama.cpp itself says it allocates (tests/truth/llamacpp_*.csv): KV
 * cache and state to the byte, weights within 0.1 %, compute buffers within the spread of their closed forms. Then the
 * mechanisms one by one: pages of cells, windows, unified caches, moments of the graph, types of a mix.
 */
#include <stdlib.h>

#include "kernels/lower/internal.h"
#include "sweep/compare.h"
#include "tests/unit/scenario_fixture.h"

enum { CELLS_MAX = 400 };

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** Relative errors of a file of cells, sorted; the number of them. */
static size_t errors_of(const char *path, double error[CELLS_MAX]) {
    arena mem;
    diags faults = {.n = 0};
    sweep_cell *cells = NULL;
    size_t n = 0;
    arena_init(&mem, NULL, NULL);
    err e = sweep_compare_load(&mem, fixture_catalogs(), path, &cells, &n, &faults);
    if (e != ERR_OK) diags_print(stderr, &faults);
    CU_ASSERT(e == ERR_OK && n <= CELLS_MAX);
    if (e != ERR_OK || n > CELLS_MAX) n = 0;
    for (size_t i = 0; i < n; i++)
        error[i] = fabs(cells[i].value - cells[i].published) / cells[i].published;
    qsort(error, n, sizeof *error, ascending);
    arena_fini(&mem);
    return n;
}

static void cache_exact(void) {
    double error[CELLS_MAX];
    size_t n = errors_of("tests/truth/llamacpp_cache.csv", error);
    CU_ASSERT(n > 100);
    for (size_t i = 0; i < n; i++)
        TT_BITS(error[i], 0);
}

/** Held at quantiles: the shape of one model differs from the released one (falcon-h1-1.5b: 4096 and 4608). */
static void weights_close(void) {
    double error[CELLS_MAX];
    size_t n = errors_of("tests/truth/llamacpp_weights.csv", error);
    CU_ASSERT_FATAL(n > 140);
    CU_ASSERT(error[n / 2] <= 1e-6);
    CU_ASSERT(error[n * 95 / 100] <= 1e-3);
}

static void compute_close(void) {
    double error[CELLS_MAX];
    size_t n = errors_of("tests/truth/llamacpp_compute.csv", error);
    CU_ASSERT_FATAL(n > 100);
    CU_ASSERT(error[n / 2] <= 0.01);
    CU_ASSERT(error[n * 9 / 10] <= 0.08);
}

#define LLAMA "model=llama-3.1-8b weights=q4_k_m engine=llamacpp "

/** 32 layers x (1024 + 1024) elements x 2 bytes per cell; a page is 256 cells. */
static void pages(void) {
    const double page = 256 * 32 * 2048 * 2.0;
    TT_BITS(scenario_bytes(LLAMA "context=1 batch=1", KERN_KV_CACHE), page);
    TT_BITS(scenario_bytes(LLAMA "context=256 batch=3", KERN_KV_CACHE), 3 * page);
    TT_BITS(scenario_bytes(LLAMA "context=257 batch=3", KERN_KV_CACHE), 6 * page);
    TT_BITS(scenario_bytes(LLAMA "context=257 batch=3 kv_unified=yes", KERN_KV_CACHE), 4 * page);
    TT_BITS(scenario_bytes(LLAMA "context=256 kv=q8_0", KERN_KV_CACHE), page / 2 * 34 / 32);
}

/** gemma-2-9b: 21 of 42 layers slide over 4096 tokens, 8 heads of 256 for K and for V. */
static void windows(void) {
    static const char base[] = "model=gemma-2-9b weights=q4_k_m engine=llamacpp context=32k";
    const double cell = 21 * 4096 * 2.0;
    static const struct {
        const char *knobs;
        double full, sliding;
    } cases[] = {
        {"", 32768, 4096 + 512},
        {"batch=4", 4 * 32768.0, 4 * (4096 + 512.0)},
        {"batch=4 kv_unified=yes", 4 * 32768.0, 4 * 4096 + 512.0},
        {"ubatch=2048", 32768, 4096 + 2048},
        {"swa_full=yes", 32768, 32768},
        {"context=2k", 2048, 2048},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char words[256];
        snprintf(words, sizeof words, "%s %s", base, cases[i].knobs);
        TT_BITS(scenario_bytes(words, KERN_KV_CACHE), cell * (cases[i].full + cases[i].sliding));
    }
    TT_BITS(scenario_bytes("model=phi-3-mini-4k weights=q8_0 engine=llamacpp context=4k", KERN_KV_CACHE),
            4096 * 32 * 2 * 3072 * 2.0);
}

/** Logits of a whole micro-batch or of one row per slot; without flash attention the scores decide. */
static void moments(void) {
    const double u = 512, hidden = 4096, inner = 14336, vocab = 128256;
    TT_BITS(scenario_bytes(LLAMA "context=4k", KERN_ACTIVATIONS), 4 * u * (vocab + hidden));
    TT_BITS(scenario_bytes(LLAMA "context=4k outputs_max=1", KERN_ACTIVATIONS),
            4 * u * (3 * inner + 3 * hidden) + 2 * u * 4096);
    TT_BITS(scenario_bytes(LLAMA "context=256", KERN_ACTIVATIONS), 4 * 256 * (vocab + hidden));
    TT_BITS(scenario_bytes(LLAMA "context=32k flash_attn=no", KERN_ACTIVATIONS),
            4 * u * (32 * 32768.0 + 2 * hidden + 2 * hidden + 2 * 1024) + 4 * u * 32768);
}

/** A record's phases are its moments: each holds the same weights and cache. */
static void phases_agree(void) {
    static sweep_scenario sc;
    static kern_record r;
    diags faults = {.n = 0};
    char why[DIAG_TEXT];
    CU_ASSERT_FATAL(scenario_build("model=qwen3-next-80b-a3b weights=q4_k_m engine=llamacpp kv=q8_0 context=8k "
                                   "outputs_max=1 batch=4",
                                   &sc, &faults) == ERR_OK);
    CU_ASSERT_FATAL(kern_lower(&sc.k, &(kern_bounds){sc.context, sc.batch}, &r, why, NULL, NULL) == ERR_OK);
    CU_ASSERT(r.n_phases > 1);
    for (unsigned p = 0; p < r.n_phases; p++) {
        double weights = 0, first = 0;
        for (unsigned i = 0; i < r.n_terms; i++) {
            if (r.term[i].component != KERN_WEIGHTS) continue;
            if (r.term[i].phase == p) weights += r.term[i].coef;
            if (r.term[i].phase == 0) first += r.term[i].coef;
        }
        TT_BITS(weights, first);
    }
}

/** Whole files, tensors only [bytes]: totals that the loader prints. */
static void file_sizes(void) {
    static const struct {
        const char *model, *mix;
        double gib, off;
    } files[] = {
        {"llama-2-7b", "q4_k_m", 3.80, 0.002},       {"mistral-7b-v0.2", "q5_k_m", 4.78, 0.002},
        {"qwen2.5-7b", "q4_0", 4.12, 0.002},         {"llama-3.2-3b", "q3_k_m", 1.56, 0.004},
        {"deepseek-v3", "q8_0", 664.29, 0.002},      {"llama-3.2-1b", "q8_0", 1.22, 0.005},
        {"qwen2.5-coder-32b", "q8_0", 32.42, 0.002}, {"gemma-2-9b", "q4_k_m", 5.36, 0.002},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        sweep_scenario sc;
        diags faults = {.n = 0};
        char words[128];
        snprintf(words, sizeof words, "model=%s weights=%s", files[i].model, files[i].mix);
        CU_ASSERT_FATAL(scenario_build(words, &sc, &faults) == ERR_OK);
        TT_REL(kern_model_bytes(sc.k.model, sc.k.weights, sc.k.model->gguf_mtp, 0) / 0x1p30, files[i].gib,
               files[i].off);
    }
}

/** Types of single tensors where rules of a mix depend on the model: q8_0, q5_k, ... */
static void mix_rules(void) {
    static const struct {
        const char *model, *mix, *type;
        uint8_t role;
        int64_t layer, layers;
    } cases[] = {
        {"qwen2-0.5b", "iq2_m", "ggml-q8_0", KERN_ROLE_EMBED, 0, 1}, /* tied, rows of 896 */
        {"qwen2-1.5b", "iq2_m", "ggml-q5_k", KERN_ROLE_EMBED, 0, 1}, /* tied, rows of 1536 */
        {"mixtral-8x7b", "iq3_m", "ggml-q4_k", KERN_ROLE_DOWN, 6, 32},
        {"mixtral-8x7b", "iq3_m", "ggml-iq3_s", KERN_ROLE_DOWN, 7, 32},
        {"llama-3.1-8b", "iq3_m", "ggml-iq3_s", KERN_ROLE_DOWN, 6, 32},
        {"mixtral-8x7b", "q3_k_l", "ggml-q3_k", KERN_ROLE_O, 0, 32},
        {"llama-3.1-8b", "q3_k_l", "ggml-q5_k", KERN_ROLE_O, 0, 32},
        {"llama-3.1-8b", "iq4_nl", "ggml-q5_k", KERN_ROLE_DOWN, 3, 32},
        {"llama-3.1-8b", "iq4_nl", "ggml-iq4_nl", KERN_ROLE_DOWN, 4, 32},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const sweep_catalogs *c = fixture_catalogs();
        const kern_model *m = sweep_find_model(c, cases[i].model);
        const kern_format *mix = sweep_find_weights(c, cases[i].mix);
        CU_ASSERT_FATAL(m && mix);
        int64_t cols = cases[i].role == KERN_ROLE_DOWN ? m->intermediate : m->hidden;
        const kern_tensor t = {.cls = KERN_CLASS_MLP, .role = cases[i].role, .rows = 256, .cols = cols, .count = 1};
        const kern_format *f = kern_tensor_format(mix, m, &t, cols, cases[i].layer, cases[i].layers);
        CU_ASSERT_STRING_EQUAL(f->name, cases[i].type);
    }
}

/** Released files: towers and MTP layers belong to a checkpoint, towers not to a GGUF file. */
static void released_files(void) {
    static const struct {
        const char *words;
        double params; /* those of the catalog row that the file holds */
    } cases[] = {
        {"model=qwen3.6-27b weights=bf16", 27781427952.0},
        {"model=qwen3.6-27b weights=gguf-bf16", 26895998464.0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sweep_scenario sc;
        diags faults = {.n = 0};
        char why[DIAG_TEXT];
        const char *field;
        double bytes = 0;
        int stated;
        CU_ASSERT_FATAL(scenario_build(cases[i].words, &sc, &faults) == ERR_OK);
        TT_ERR(ERR_OK, sweep_quantity_value(&sc, "checkpoint", "bytes", &bytes, &stated, why, &field));
        TT_REL(bytes / 2, cases[i].params, 1e-3);
    }
}

static void refused(void) {
    static sweep_scenario sc;
    sweep_answer a;
    diags faults = {.n = 0};
    char why[DIAG_TEXT] = "";
    CU_ASSERT(scenario_build(LLAMA "tp=2", &sc, &faults) == ERR_OK);
    CU_ASSERT(sweep_scenario_answer(&sc, &a, why) == ERR_SCENARIO);
    CU_ASSERT(strstr(why, "ppN") != NULL);
}

/** Layer split: two devices hold less each than one, and together more. */
static void layer_split(void) {
    double one = scenario_bytes(LLAMA "context=8k", KERN_WEIGHTS);
    double two = scenario_bytes(LLAMA "context=8k pp=2", KERN_WEIGHTS);
    CU_ASSERT(two < one && 2 * two >= one);
}

CU_TestInfo llamacpp_tests[] = {{"KV cache and state of real runs, to the byte", cache_exact},
                                {"weights on the device", weights_close},
                                {"compute buffers", compute_close},
                                {"pages of cells", pages},
                                {"sliding windows", windows},
                                {"moments of the graph", moments},
                                {"phases hold the same weights", phases_agree},
                                {"sizes of GGUF files", file_sizes},
                                {"rules of mixes", mix_rules},
                                {"released files", released_files},
                                {"what layer split cannot do", refused},
                                {"layer split", layer_split},
                                CU_TEST_INFO_NULL};
