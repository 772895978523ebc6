/*
 * test_vllm.c - pages of vLLM by hand, padding of hybrids. Launch logs: test_truth.c.
 */
#include "tests/unit/scenario_fixture.h"
#include "tests/unit/tt.h"

#include "sweep/catalog.h"
#include "sweep/scenario.h"

typedef struct fixture {
    arena mem;
    sweep_catalogs catalogs;
    diags faults;
} fixture;

static int load(fixture *f) {
    f->faults.n = 0;
    arena_init(&f->mem, NULL, NULL);
    return sweep_catalogs_load(&f->catalogs, &f->mem, "configs/catalogs", NULL, 0, &f->faults) == ERR_OK;
}

/** Component of a scenario under vLLM, 0 when it is refused. */
static double component(fixture *f, const char *model, const char *context, const char *layout, kern_component c) {
    const char *text[SC_COLUMNS] = {[SC_MODEL] = model,
                                    [SC_CONTEXT] = context,
                                    [SC_LAYOUT] = layout,
                                    [SC_WEIGHTS] = "bf16",
                                    [SC_ENGINE] = "vllm@0.19.0"};
    const sweep_place at = {.file = NULL};
    sweep_scenario sc;
    sweep_answer a;
    char why[DIAG_TEXT];
    if (sweep_scenario_build(&f->catalogs, text, &at, &sc, &f->faults) != ERR_OK) return 0;
    return sweep_scenario_answer(&sc, &a, why) == ERR_OK ? a.component[c] : 0;
}

/** 32 layers x 16 tokens a page x 4096 bytes: the 17th token opens a page. */
static void full_attention_is_paged(void) {
    fixture f;
    CU_ASSERT_FATAL(load(&f));
    const double page = 32.0 * 16 * 4096;
    TT_BITS(component(&f, "llama-3.1-8b", "16", "tp1", KERN_KV_CACHE), page);
    TT_BITS(component(&f, "llama-3.1-8b", "17", "tp1", KERN_KV_CACHE), 2 * page);
    TT_BITS(component(&f, "llama-3.1-8b", "16", "tp2", KERN_KV_CACHE), page / 2);
    arena_fini(&f.mem);
}

/**
 * Gemma 2 9B: 21 full and 21 sliding layers, 8 KV heads of 256, 8192 bytes a token and layer. At 8K the window of 4096
 * and 8192 batched tokens keep all tokens, and one page more.
 */
static void sliding_layers_keep_a_page_more(void) {
    fixture f;
    CU_ASSERT_FATAL(load(&f));
    const double page = 16.0 * 8192, full = 21 * 512 * page, sliding = 21 * 513 * page;
    TT_BITS(component(&f, "gemma-2-9b", "8k", "tp1", KERN_KV_CACHE), full + sliding);
    arena_fini(&f.mem);
}

/** Gemma 3 27B: 10 full layers make groups of 10; 52 sliding ones are padded to 60. 16 KV heads of 128: 8192 bytes. */
static void hybrids_are_padded_to_groups(void) {
    fixture f;
    CU_ASSERT_FATAL(load(&f));
    const double page = 16.0 * 8192;
    TT_BITS(component(&f, "gemma-3-27b", "8k", "tp1", KERN_KV_CACHE), 10 * 512 * page + 60 * 513 * page);
    arena_fini(&f.mem);
}

/** GPUs with less than 70 GiB, and every A100, start with 2048 tokens and 256 sequences unless told otherwise. */
static void small_gpus(void) {
    static const char base[] = "model=llama-3.1-8b engine=vllm";
    static const struct {
        const char *knobs, *same_as;
    } cases[] = {{"", "max_batched_tokens=8192 max_seqs=1024"},
                 {"gpu=h100-sxm", "max_batched_tokens=8192 max_seqs=1024"},
                 {"gpu=l40s", "max_batched_tokens=2048 max_seqs=256"},
                 {"gpu=a100-80gb-sxm", "max_batched_tokens=2048 max_seqs=256"},
                 {"gpu=l40s max_seqs=1024", "max_batched_tokens=2048 max_seqs=1024"},
                 {"gpu=l40s max_batched_tokens=8192", "max_batched_tokens=8192 max_seqs=256"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char a[256], b[256];
        snprintf(a, sizeof a, "%s %s", base, cases[i].knobs);
        snprintf(b, sizeof b, "%s %s", base, cases[i].same_as);
        TT_BITS(scenario_bytes(a, KERN_ACTIVATIONS), scenario_bytes(b, KERN_ACTIVATIONS));
    }
}

CU_TestInfo vllm_tests[] = {
    {"full attention is paged", full_attention_is_paged},
    {"sliding layers keep a page more", sliding_layers_keep_a_page_more},
    {"hybrids are padded to groups", hybrids_are_padded_to_groups},
    {"defaults of small GPUs", small_gpus},
    CU_TEST_INFO_NULL,
};
