/*
 * test_lower.c - bytes of well-known cases, written out by hand from the released configurations: weights in real
 * formats, caches of every attention kind, sharding, model states of training, and what is refused.
 */
#include "kernels/lower/tensors.h"
#include "tests/unit/scenario_fixture.h"

#define L INT64_C(1)

/** One row: what to evaluate, which component, how many bytes. */
typedef struct bytes_case {
    const char *words;
    double bytes;
} bytes_case;

static void check(const bytes_case *cases, size_t n, kern_component c) {
    for (size_t i = 0; i < n; i++) {
        if (!tt_same_bits(scenario_bytes(cases[i].words, c), cases[i].bytes, cases[i].words, 0)) CU_FAIL("bytes");
    }
    CU_ASSERT(n > 0);
}
#define CHECK(cases, component) check(cases, sizeof cases / sizeof *cases, component)

/* Llama 3.1 8B: parameters of the matrices of a layer, rows of all of them, the vocabulary table. */
#define LLAMA_LINEAR (2 * 4096 * 4096 + 2 * 1024 * 4096 + 3 * 14336 * 4096 * L)
#define LLAMA_ROWS   (4096 + 1024 + 1024 + 4096 + 14336 + 14336 + 4096)
#define LLAMA_TABLE  (128256 * 4096 * L)
#define LLAMA_REST   (2 * (2 * LLAMA_TABLE + 65 * 4096)) /* embedding, head, norms in 16 bit */

static void weights(void) {
    static const bytes_case cases[] = {
        {"model=llama-3.1-8b weights=bf16", 16060522496.0},
        {"model=llama-3.1-8b weights=fp16", 16060522496.0},
        {"model=llama-3.1-8b weights=fp32", 2 * 16060522496.0},
        {"model=llama-3.1-8b weights=int4", 8030261248 / 2.0},
        {"model=llama-3.1-8b weights=fp8", 8030261248.0},
        {"model=llama-3.1-8b weights=fp8-channel", (double)(32 * (LLAMA_LINEAR + 2 * LLAMA_ROWS) + LLAMA_REST)},
        {"model=llama-3.1-8b weights=int4-g128-awq", (double)(32 * LLAMA_LINEAR / 128 * 133 / 2 + LLAMA_REST)},
        {"model=llama-3.1-405b weights=bf16", 2 * 405853388800.0},
        {"model=mixtral-8x7b weights=bf16", 2 * 46702792704.0},
        {"model=mamba-2.8b weights=native", 4 * 2768345600.0},
        /* MTP layers are not loaded for plain inference, vision towers are */
        {"model=qwen3-next-80b-a3b weights=bf16", 2 * (81324862720.0 - 1650471424)},
        {"model=llama-4-scout weights=bf16", 2 * 108641793536.0},
    };
    const kern_model *m = sweep_find_model(fixture_catalogs(), "qwen3-next-80b-a3b");
    CHECK(cases, KERN_WEIGHTS);
    CU_ASSERT_EQUAL(m->params_mtp, 1650471424);
}

/** In 16 bit every model weighs twice its parameters without the MTP layers. */
static void weights_of_all_models(void) {
    const sweep_catalogs *c = fixture_catalogs();
    for (size_t i = 0; i < c->models.n; i++) {
        const kern_model *m = c->models.rows[i];
        char words[256];
        snprintf(words, sizeof words, "model=%s weights=bf16 context=1", m->name);
        TT_BITS(scenario_bytes(words, KERN_WEIGHTS), 2 * (double)(m->params_main + m->params_vision));
        TT_BITS(kern_model_bytes(m, sweep_find_weights(c, "bf16"), 1, 1),
                2 * (double)(m->params_main + m->params_vision + m->params_mtp));
    }
}

/**
 * DeepSeek-V3 as released: matrices of attention and feed-forward in FP8 with a 4-byte scale per 128 x 128 tile, the
 * rest in 16 bit; a Q4_K_M is 4.8944 bits per weight.
 */
static void released_formats(void) {
    const int64_t h = 7168, attention = 1536 * h + 24576 * 1536 + 576 * h + 32768 * 512 + h * 16384;
    const int64_t expert = 3 * 2048 * h, fp8 = 61 * attention + 3 * 3 * 18432 * h + 58 * 257 * expert;
    const int64_t tiles =
        61 * (12 * 56 + 192 * 12 + 5 * 56 + 256 * 4 + 56 * 128) + 3 * 3 * 144 * 56 + 58 * 257 * 3 * 16 * L * 56;
    TT_BITS(scenario_bytes("model=deepseek-v3 weights=native", KERN_WEIGHTS),
            (double)(fp8 + 4 * tiles + 2 * (671026419200 - fp8)));
    TT_REL(scenario_bytes("model=llama-3.1-8b weights=q4_k_m", KERN_WEIGHTS), 4.8944 / 8 * 8030261248, 2e-4);
    TT_REL(scenario_bytes("model=llama-3.1-8b weights=q8_0", KERN_WEIGHTS), 8.5008 / 8 * 8030261248, 2e-4);
    TT_REL(scenario_bytes("model=gpt-oss-20b weights=native", KERN_WEIGHTS), 13.76e9, 2e-3);
}

/** Single tensors: blocks, square tiles with cut edges, scales per row and tensor, naive bits. */
static void tensor_bytes(void) {
    const sweep_catalogs *c = fixture_catalogs();
    const kern_format *f = sweep_find_weights(c, "fp8-block128");
    TT_BITS(kern_tensor_bytes(f, 128, 128), 16384 + 4);
    TT_BITS(kern_tensor_bytes(f, 129, 128), 129 * 128 + 2 * 4);
    TT_BITS(kern_tensor_bytes(f, 1, 1), 1 + 4);
    TT_BITS(kern_tensor_bytes(sweep_find_weights(c, "ggml-q4_0"), 3, 64), 3 * 2 * 18);
    TT_BITS(kern_tensor_bytes(sweep_find_weights(c, "ggml-q4_0"), 3, 65), 3 * 3 * 18);
    TT_BITS(kern_tensor_bytes(sweep_find_weights(c, "int3"), 1, 3), 2);
    TT_BITS(kern_tensor_bytes(sweep_find_weights(c, "fp8-channel"), 10, 5), 10 * 5 + 10 * 2);
    TT_BITS(kern_tensor_bytes(sweep_find_weights(c, "int4-g128-awq"), 1, 128), 67); /* 66.5 rounded up */
}

static void caches(void) {
    static const bytes_case cases[] = {
        {"model=llama-3.1-8b context=1", 131072},
        {"model=llama-3.1-8b context=8k", 8192 * 131072.0},
        {"model=llama-3.1-8b context=8191 batch=7", 8191 * 7 * 131072.0},
        {"model=llama-3.1-8b context=1 kv=fp8", 65536},
        {"model=llama-3.1-8b context=1 kv=fp32", 262144},
        {"model=llama-3.1-8b context=1 kv=q8_0:fp16", 32 * (1024 / 32 * 34 + 2048)},
        {"model=llama-3.1-8b context=1 kv=int4", 32 * 2 * 512},
        {"model=llama-3.1-8b context=1 kv=int4-token-head", 32 * 2 * (512 + 8 * 4)}, /* a scale per head and token */
        {"model=deepseek-v3 context=1", 70272},                                      /* 61 x (512 + 64) x 2 */
        {"model=deepseek-v3 context=1k batch=3", 3072 * 70272.0},
        {"model=deepseek-v3.2 context=1", 61 * (576 + 128) * 2}, /* with the indexer's keys */
        {"model=gemma-3-27b context=1000", 62 * 8192 * 1000.0},
        {"model=gemma-3-27b context=8k", 8192 * (10 * 8192.0 + 52 * 1024)},
        {"model=llama-4-scout context=8k", 4096 * 48 * 8192.0},
        {"model=llama-4-scout context=10000", 4096 * (12 * 10000.0 + 36 * 8192)},
        {"model=gpt-oss-20b context=128", 2048 * 24 * 128},
        {"model=gpt-oss-20b context=128k batch=2", 2 * 2048 * 12 * (131072.0 + 128)},
        {"model=gemma-3n-e4b context=100", 2048 * 20 * 100}, /* 15 of 35 layers share a cache */
        {"model=hunyuan-large context=100", 32 * 2 * 8 * 80 * 2 * 100},
        {"model=t5-small context=100", 6 * 2 * 512 * 2 * 100}, /* the decoder's own attention */
        /* recurrent layers: a state per sequence whatever the context is; fp32 state, 16-bit convolution */
        {"model=qwen3.5-35b-a3b context=1", 30 * (32 * 128 * 128 * 4 + 64 * 128 * 3 * 2) + 10 * 2048},
        {"model=qwen3.5-35b-a3b context=1k batch=5", 5 * (30 * (2097152 + 49152.0) + 10 * 2048 * 1024)},
        {"model=mamba-2.8b context=1", 64 * (5120 * 16 * 4 + 5120 * 3 * 2)},
        {"model=mamba-2.8b context=1m", 64 * (5120 * 16 * 4 + 5120 * 3 * 2)},
    };
    CHECK(cases, KERN_KV_CACHE);
}

static void sharded_caches(void) {
    static const bytes_case cases[] = {
        {"model=llama-3.1-8b context=1 layout=tp2", 65536},
        {"model=llama-3.1-8b context=1 layout=tp8", 16384},
        {"model=llama-3.1-8b context=1 layout=tp16", 16384}, /* a KV head cannot be cut */
        {"model=llama-3.1-8b context=1 layout=tp32", 16384},
        {"model=deepseek-v3 context=1 layout=tp8", 70272}, /* latent caches are on every rank */
        {"model=llama-3.1-8b context=8193 layout=cp2", 4097 * 131072.0},
        {"model=llama-3.1-8b context=1 layout=pp4", 131072 / 4},
        {"model=llama-3.1-8b context=1 layout=pp3", 131072 / 32 * 11}, /* the fullest stage has 11 layers */
        {"model=qwen3.5-35b-a3b context=1 layout=tp2", 30 * (2097152 + 49152) / 2 + 10 * 1024},
        {"model=gemma-3-27b context=8k layout=tp4", 2048 * (10 * 8192.0 + 52 * 1024)},
    };
    CHECK(cases, KERN_KV_CACHE);
}

static void sharded_weights(void) {
    const int64_t layer = LLAMA_LINEAR + 2 * 4096, mixtral = 3 * 14336 * 4096 * L;
    const int64_t attention = 2 * 4096 * 4096 + 2 * 1024 * 4096;
    const bytes_case cases[] = {
        {"model=llama-3.1-8b weights=bf16 layout=tp8",
         (double)(2 * (32 * (LLAMA_LINEAR / 8 + 8192) + 2 * (128512 / 8) * 4096 * L + 4096))},
        /* 16 ranks share 8 KV heads: one head each; the vocabulary is padded to 1024 */
        {"model=llama-3.1-8b weights=bf16 layout=tp16",
         (double)(2 * (32 * (2 * 256 * 4096 + 2 * 128 * 4096 + 3 * 896 * 4096 + 8192) + 2 * 8064 * 4096 * L + 4096))},
        {"model=llama-3.1-8b weights=bf16 layout=pp4", (double)(2 * (8 * layer + LLAMA_TABLE + 4096))},
        {"model=llama-3.1-8b weights=bf16 layout=pp3", (double)(2 * (11 * layer + LLAMA_TABLE))},
        {"model=llama-3.1-8b weights=bf16 layout=pp32", (double)(2 * (layer + LLAMA_TABLE + 4096))},
        {"model=llama-3.1-8b weights=bf16 layout=dp8", 16060522496.0}, /* replicas */
        {"model=mixtral-8x7b weights=bf16 layout=ep8",
         (double)(2 * (32 * (attention + mixtral + 8 * 4096 + 8192) + 2 * 32000 * 4096 * L + 4096))},
        {"model=mixtral-8x7b weights=bf16 layout=ep4",
         (double)(2 * (32 * (attention + 2 * mixtral + 8 * 4096 + 8192) + 2 * 32000 * 4096 * L + 4096))},
        {"model=mixtral-8x7b weights=bf16 layout=tp8",
         (double)(2 * (32 * (attention / 8 + mixtral + 8 * 4096 + 8192) + 2 * 32256 / 8 * 4096 * L + 4096))},
        {"model=mixtral-8x7b weights=bf16 layout=tp8-ep8",
         (double)(2 * (32 * (attention / 8 + mixtral + 8 * 4096 + 8192) + 2 * 32256 / 8 * 4096 * L + 4096))},
    };
    CHECK(cases, KERN_WEIGHTS);
    /* a tied table lies on the first and the last stage */
    const kern_model *m = sweep_find_model(fixture_catalogs(), "llama-3.2-1b");
    int64_t tied =
        2 * (kern_tensors_params(m->groups[0].tensors, m->groups[0].n_tensors) * 4 + 128256 * 2048 * L + 2048);
    TT_BITS(scenario_bytes("model=llama-3.2-1b weights=bf16 layout=pp4", KERN_WEIGHTS), (double)tied);
}

/** Full training, 8.03e9 parameters in mixed precision on 8 ranks: 2 + 2 + 8 + 4 bytes, divided stage by stage. */
static void zero_stages(void) {
    static const char *const terms[] = {"weights.trained", "gradients", "optimizer.moments", "optimizer.master"};
    static const double bytes[] = {2, 2, 8, 4};
    static const int first_stage[] = {3, 2, 1, 1};
    for (int stage = 0; stage <= 3; stage++) {
        char words[160];
        snprintf(words, sizeof words, "model=llama-3.1-8b mode=full-adamw-mixed context=1 dp=8 zero=%d", stage);
        for (int t = 0; t < 4; t++) {
            double want = bytes[t] * 8030261248.0 / (stage >= first_stage[t] ? 8 : 1);
            TT_REL(scenario_term(words, terms[t]), want, 1e-9);
        }
    }
    TT_REL(scenario_term("model=llama-3.1-8b mode=full-adamw-mixed context=1 layout=dp8-fsdp", "weights.trained"),
           2 * 8030261248.0 / 8, 1e-9);
}

static void adapters(void) {
    /* rank x (in + out) over q, k, v, o, gate, up, down of 32 layers */
    const double all = 16.0 * 32 * (8192 + 5120 + 5120 + 8192 + 3 * 18432), qv = 16.0 * 32 * (8192 + 5120);
    static const char lora[] = "model=llama-3.1-8b weights=bf16 mode=lora-r16 context=1";
    TT_BITS(scenario_term(lora, "weights.adapter"), 4 * all);
    TT_BITS(scenario_term(lora, "gradients"), 4 * all);
    TT_BITS(scenario_term(lora, "optimizer.moments"), 8 * all);
    TT_BITS(scenario_term("model=llama-3.1-8b weights=bf16 mode=lora-r16-qv context=1", "weights.adapter"), 4 * qv);
    TT_BITS(scenario_term("model=llama-3.1-8b mode=lora-r16 lora_rank=64 context=1", "gradients"), 4 * 4 * all);
    TT_BITS(scenario_term("model=llama-3.1-8b mode=lora-r16 lora_targets=qv context=1", "gradients"), 4 * qv);
    static sweep_scenario sc;
    diags faults = {.n = 0};
    TT_ERR(ERR_OK, scenario_build(lora, &sc, &faults));
    TT_BITS(kern_trainable_params(&sc.k), all);
    TT_ERR(ERR_OK, scenario_build("model=llama-3.1-8b mode=full-sgd", &sc, &faults));
    TT_BITS(kern_trainable_params(&sc.k), 8030261248.0);
    TT_ERR(ERR_OK, scenario_build("model=llama-3.1-8b", &sc, &faults));
    TT_BITS(kern_trainable_params(&sc.k), 0);
}

static void refusals(void) {
    static const struct {
        const char *words;
        err code;
        const char *says;
    } cases[] = {
        {"model=llama-3.1-8b layout=tp3", ERR_SCENARIO, "tp3 does not divide the 32 attention heads"},
        {"model=llama-3.1-8b layout=tp64", ERR_SCENARIO, "tp64 does not divide"},
        {"model=qwen2.5-7b layout=tp7", ERR_SCENARIO, "do not divide one another"},
        {"model=llama-3.1-8b layout=pp33", ERR_SCENARIO, "pp33 is more than the 32 layers"},
        {"model=llama-3.1-8b layout=ep2", ERR_SCENARIO, "ep2 needs experts"},
        {"model=mixtral-8x7b layout=ep16", ERR_SCENARIO, "ep16 is more than the 8 experts"},
        {"model=llama-3.1-8b layout=dp8-zero1", ERR_SCENARIO, "shard a training run"},
        {"model=llama-3.1-8b weights=exl2", ERR_SCENARIO, "exl2 has no fixed size"},
        {"model=llama-3.1-8b context=1024m batch=16m", ERR_RANGE, "more than 2^40 tokens"},
        {"model=gpt-3-175b context=64k batch=16m", ERR_RANGE, "beyond 2^53"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static sweep_scenario sc;
        diags faults = {.n = 0};
        sweep_answer a;
        char why[DIAG_TEXT] = "";
        err built = scenario_build(cases[i].words, &sc, &faults);
        if (built != ERR_OK) printf("\n%s: %s\n", cases[i].words, faults.item[0].text);
        TT_ERR(ERR_OK, built);
        if (built != ERR_OK) continue;
        TT_ERR(cases[i].code, sweep_scenario_answer(&sc, &a, why));
        if (!strstr(why, cases[i].says)) printf("\n%s: %s\n", cases[i].words, why);
        CU_ASSERT_PTR_NOT_NULL(strstr(why, cases[i].says));
    }
}

CU_TestInfo lower_tests[] = {
    {"weights", weights},
    {"weights of all models", weights_of_all_models},
    {"released formats", released_formats},
    {"single tensors", tensor_bytes},
    {"caches", caches},
    {"sharded caches", sharded_caches},
    {"sharded weights", sharded_weights},
    {"ZeRO stages", zero_stages},
    {"adapters", adapters},
    {"refusals", refusals},
    CU_TEST_INFO_NULL,
};
