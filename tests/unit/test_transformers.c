/*
 * test_transformers.c - moments of generate() by hand: cache, logits, attention and feed-forward of a prompt.
 */
#include "tests/unit/scenario_fixture.h"

static double kv(const char *words) {
    return scenario_bytes(words, KERN_KV_CACHE);
}

static double activations(const char *words) {
    return scenario_bytes(words, KERN_ACTIVATIONS);
}

/** Exact bytes, no pages; 32 layers x 4096 bytes a token. */
static void cache_is_exact(void) {
    TT_BITS(kv("model=llama-3.1-8b engine=transformers context=1001"), 1001 * 131072.0);
    TT_BITS(kv("model=llama-3.1-8b engine=transformers context=1001 batch=2 layout=tp2"), 2 * 1001 * 65536.0);
}

/** 27 layers x 16 heads x (128 + 64 keys and 128 values) x 2 bytes. */
static void latent_attention_is_expanded(void) {
    TT_BITS(kv("model=deepseek-v2-lite engine=transformers context=100"), 100 * 27 * 16 * 320 * 2.0);
}

/**
 * Versions before 4.45 have logits of the whole prompt, 6 bytes an entry, beside a hidden state; later ones the last
 * row, and the widest moment is the feed-forward: four hidden states and three tensors of 14336.
 */
static void logits_by_version(void) {
    TT_BITS(activations("model=llama-3.1-8b engine=transformers@4.42.0 context=1k"), 1024 * (128256 * 6.0 + 2 * 4096));
    TT_BITS(activations("model=llama-3.1-8b engine=transformers context=1k"), 1024 * (6 * 14336.0 + 8 * 4096));
    TT_BITS(scenario_term("model=llama-3.1-8b engine=transformers context=1k", "activations.prompt-logits"),
            128256 * 6.0);
}

static double beside_weights(const char *words) {
    sweep_answer a;
    return scenario_answer(words, &a) ? a.total - a.component[KERN_WEIGHTS] - a.component[KERN_OVERHEAD] : -1;
}

/** Keeping the last row only was measured to divide what Llama 3 8B takes beside its weights by 3.62. */
static void last_row_saves_what_was_measured(void) {
    double before = beside_weights("model=llama-3-8b engine=transformers@4.42.0 context=4k");
    double after = beside_weights("model=llama-3-8b engine=transformers@4.45.0 context=4k");
    CU_ASSERT(fabs(before / after / 3.62 - 1) < 0.02);
}

/** Before 4.42 a decoding step of Llama 2 7B, 524288 bytes of cache and 32000 logits a token, holds the cache twice. */
static void decoding_copies_the_cache(void) {
    TT_BITS(beside_weights("model=llama-2-7b engine=transformers@4.36.0 context=4k"),
            4096 * (2 * 524288.0 + 4 * 32000));
    CU_ASSERT(beside_weights("model=llama-2-7b engine=transformers@4.42.0 context=4k") < 4096 * 1.5 * 524288);
}

/** 32 heads x 10 bytes a score and a mask of 2; flash attention has neither. */
static void eager_attention_is_quadratic(void) {
    const char *eager = "model=llama-3.1-8b engine=transformers context=4k attention=eager";
    TT_BITS(scenario_term(eager, "activations.eager"), 32 * 10);
    TT_BITS(scenario_term(eager, "activations.mask"), 2);
    TT_BITS(scenario_term("model=llama-3.1-8b engine=transformers context=4k", "activations.eager"), 0);
    CU_ASSERT(activations(eager) > 4096.0 * 4096 * 320);
}

/** sdpa repeats 8 KV heads to 32 until 4.56: 32 x 128 x 2 bytes each for K and V. */
static void keys_are_repeated_by_version(void) {
    const char *before = "model=llama-3.1-8b engine=transformers@4.45.0 attention=sdpa";
    const char *after = "model=llama-3.1-8b engine=transformers@4.56.0 attention=sdpa";
    TT_BITS(scenario_term(before, "activations.attention") - scenario_term(after, "activations.attention"), 2 * 8192);
}

/** Gemma 3 27B: sliding layers forget while decoding, but a prompt's views keep all of it. */
static void sliding_layers_forget_while_decoding(void) {
    sweep_scenario sc;
    kern_record r;
    diags faults = {.n = 0};
    char why[DIAG_TEXT];
    double least = INFINITY, most = 0;
    CU_ASSERT_FATAL(scenario_build("model=gemma-3-27b engine=transformers context=8k", &sc, &faults) == ERR_OK);
    CU_ASSERT_FATAL(kern_lower(&sc.k, &(kern_bounds){8192, 1}, &r, why, NULL, NULL) == ERR_OK);
    CU_ASSERT_EQUAL(r.n_phases, 4);
    for (unsigned p = 0; p < r.n_phases; p++) {
        double sum = 0;
        for (unsigned i = 0; i < r.n_terms; i++) {
            const kern_term *t = &r.term[i];
            if (t->phase == p && t->component == KERN_KV_CACHE) sum += t->coef * fmin(8192, t->cap_s);
        }
        least = fmin(least, sum);
        most = fmax(most, sum);
    }
    TT_BITS(most, 8192.0 * 62 * 8192);
    TT_BITS(least, 8192.0 * (10 * 8192 + 52 * 1024));
}

/** Serving has a context, a training peak is stated without. */
static void context_is_of_serving(void) {
    CU_ASSERT(scenario_bytes("model=llama-3.1-8b engine=transformers", KERN_OVERHEAD) > 0);
    TT_BITS(scenario_bytes("model=llama-3.1-8b engine=transformers mode=full-adamw-bf16", KERN_OVERHEAD), 0);
}

static void limits_are_tight(void) {
    sweep_answer a, at;
    char words[256];
    CU_ASSERT_FATAL(scenario_answer("model=llama-3.1-8b engine=transformers gpu=h100-sxm context=32k", &a));
    snprintf(words, sizeof words, "model=llama-3.1-8b engine=transformers gpu=h100-sxm context=%.0f", a.max_context);
    CU_ASSERT_FATAL(scenario_answer(words, &at));
    CU_ASSERT(at.fits && a.min_gpus == 1 && a.max_batch >= 1);
    snprintf(words, sizeof words, "model=llama-3.1-8b engine=transformers gpu=h100-sxm context=%.0f",
             a.max_context + 1);
    CU_ASSERT(scenario_answer(words, &at) && !at.fits);
}

CU_TestInfo transformers_tests[] = {
    {"the cache is exact", cache_is_exact},
    {"latent attention is expanded", latent_attention_is_expanded},
    {"logits by version", logits_by_version},
    {"the last row saves what was measured", last_row_saves_what_was_measured},
    {"decoding copies the cache", decoding_copies_the_cache},
    {"eager attention is quadratic", eager_attention_is_quadratic},
    {"keys are repeated by version", keys_are_repeated_by_version},
    {"sliding layers forget while decoding", sliding_layers_forget_while_decoding},
    {"the context is of serving", context_is_of_serving},
    {"limits are tight", limits_are_tight},
    CU_TEST_INFO_NULL,
};
