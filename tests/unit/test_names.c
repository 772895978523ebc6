/*
 * test_names.c - what may be left out of a name and what may not: versions of a model, organisations, prefixes of
 * formats, hyphens of cards. Names that would mean two rows mean none.
 */
#include "sweep/catalog_internal.h"
#include "tests/unit/catalog_fixture.h"
#include "tests/unit/tt.h"

static void bare_names(void) {
    static const char *const cases[][2] = {
        {"meta-llama/Llama-3.1-8B-Instruct", "Llama-3.1-8B"},
        {"Mistral-7B-Instruct-v0.3", "Mistral-7B-v0.3"},
        {"a/b/Llama-2-7b-chat-hf", "Llama-2-7b"},
        {"gemma-3-4b-PT", "gemma-3-4b"},
        {"it", "it"},
        {"base-model", "base-model"},
        {"italian-basement", "italian-basement"},
        {"org/", NULL},
        {"", NULL},
        {"-it", NULL},
    };
    char out[SWEEP_BARE], text[2 * SWEEP_BARE];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int found = sweep_bare_name(cases[i][0], out);
        CU_ASSERT_EQUAL(found, cases[i][1] != NULL);
        if (found) TT_TEXT(out, cases[i][1]);
    }
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    CU_ASSERT_EQUAL(sweep_bare_name(text, out), 0);
}

static void models(void) {
    static const char *const cases[][2] = {
        {"mistralai/Mistral-7B-Instruct-v0.3", "mistral-7b-v0.3"},
        {"unsloth/Mistral-Nemo-Base-2407", "mistral-nemo-12b"},
        {"google/gemma-3-4b-pt", "gemma-3-4b"},
        {"Qwen/Qwen3-30B-A3B-Instruct-2507", "qwen3-30b-a3b"},
        {"Qwen/Qwen2.5-Coder-14B-Instruct", "qwen2.5-14b"},
        {"ai21labs/Jamba-v0.1", "jamba-1.5-mini"},
        {"google-t5/t5-base", "t5-base"},
        {"t5", NULL},
        {"bert-uncased", NULL},
        {"flan-t5", NULL},
    };
    const sweep_catalogs *c = fixture_catalogs();
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const kern_model *m = sweep_find_model(c, cases[i][0]);
        CU_ASSERT_EQUAL(m != NULL, cases[i][1] != NULL);
        if (m && cases[i][1]) TT_TEXT(m->name, cases[i][1]);
    }
}

/** Two rows that differ only in the words left out: each by its own name, neither by the bare one. */
static void two_meanings(void) {
    static const char text[] =
        "name,display_name,family,hf_id,params_total,params_total_exact,hidden_size,num_layers,vocab_size,"
        "tie_embeddings,gated_mlp,attn_bias,qk_norm,norm,max_position,native,layer_groups,source\n"
        "one,One,acme,acme/Twin-chat,1,no,8,1,8,yes,yes,none,none,rms,64,bf16,1*mlp(i=8),s\n"
        "two,Two,acme,acme/Twin-it,1,no,8,1,8,yes,yes,none,none,rms,64,bf16,1*mlp(i=8),s\n";
    catalog_fixture f;
    catalog_init(&f);
    const char *path = catalog_write(&f, "models.csv", text, sizeof text - 1);
    TT_ERR(ERR_OK, catalog_load(&f, &path, 1));
    const kern_model *one = sweep_find_model(&f.c, "acme/twin-chat"), *two = sweep_find_model(&f.c, "ACME/Twin-it");
    CU_ASSERT(one && two && one != two);
    CU_ASSERT_PTR_NULL(sweep_find_model(&f.c, "acme/Twin"));
    CU_ASSERT_PTR_NULL(sweep_find_model(&f.c, "twin-instruct"));
    catalog_fini(&f);
}

static void formats(void) {
    static const struct {
        const char *asked, *weights, *kv;
    } cases[] = {
        {"f16", "gguf-f16", "kv-fp16"},     {"f32", "fp32", "fp32"},
        {"int4", "int4", "kv-int4"},        {"fp4", "fp4", "kv-fp4"},
        {"int8", "int8", "kv-int8-tensor"}, {"fp8", "fp8", "kv-fp8"},
    };
    const sweep_catalogs *c = fixture_catalogs();
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const kern_format *w = sweep_find_weights(c, cases[i].asked), *k = sweep_find_kv(c, cases[i].asked);
        TT_TEXT(w ? w->name : NULL, cases[i].weights);
        TT_TEXT(k ? k->name : NULL, cases[i].kv);
    }
}

static void cards(void) {
    static const char *const cases[][2] = {
        {"rtx4090", "rtx-4090"},          {"H100", "h100-sxm"},      {"h800", "h800-sxm"}, {"a100", "a100-80gb-sxm"},
        {"m4-max", "apple-m4-max-128gb"}, {"gb10", "dgx-spark-gb10"}};
    const sweep_catalogs *c = fixture_catalogs();
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const kern_gpu *g = sweep_find_gpu(c, cases[i][0]);
        TT_TEXT(g ? g->name : NULL, cases[i][1]);
    }
    const kern_gpu *ultra = sweep_find_gpu(c, "b300");
    CU_ASSERT(ultra && strstr(ultra->tags, " @blackwell ") && strstr(ultra->tags, " @blackwell-ultra "));
}

CU_TestInfo names_tests[] = {
    {"bare names", bare_names}, {"models", models}, {"two meanings", two_meanings},
    {"formats", formats},       {"cards", cards},   CU_TEST_INFO_NULL,
};
