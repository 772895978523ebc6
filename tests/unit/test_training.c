/*
 * test_training.c - the peak of a training step: the moment that decides, states under ZeRO and their types, saved
 * activations per layer kind, logits, pipelines, and a few measured runs.
 */
#include "tests/unit/scenario_fixture.h"

static const double LLAMA = 8030261248.0; /* parameters of llama-3.1-8b, 262144 x 2008 of them in embedding and head */

static double total_of(const char *words) {
    sweep_answer a;
    return scenario_answer(words, &a) ? a.total : -1;
}

/** Small batches: the optimizer step decides, 2 weights + 2 gradients + 4 moments + 2 copies, and no activations. */
static void step_decides(void) {
    static const char words[] = "model=llama-3.1-8b mode=full-adamw-bf16 engine=transformers context=128 batch=1";
    sweep_answer a;
    CU_ASSERT(scenario_answer(words, &a));
    TT_BITS(a.total, 10 * LLAMA);
    TT_BITS(a.component[KERN_ACTIVATIONS], 0);
    TT_BITS(a.component[KERN_OPTIMIZER], 6 * LLAMA);
    CU_ASSERT(scenario_answer("model=llama-3.1-8b mode=full-adamw-bf16 engine=transformers context=64k batch=1", &a));
    TT_BITS(a.component[KERN_GRADIENTS], 0);
    CU_ASSERT(a.component[KERN_ACTIVATIONS] > 6e10);
}

/** 32-bit weights under FSDP: 4 + 4 + 8 + 4 copies on two ranks need what 16-bit weights need on one. */
static void types_follow(void) {
    static const char base[] =
        "model=llama-3.1-8b mode=full-adamw-bf16 engine=transformers context=128 layout=dp2-fsdp";
    char words[256];
    TT_BITS(total_of(base), 5 * LLAMA);
    snprintf(words, sizeof words, "%s param_dtype=fp32", base);
    TT_BITS(total_of(words), 10 * LLAMA);
    snprintf(words, sizeof words, "%s grad_dtype=fp32", base);
    TT_BITS(total_of(words), 10 * LLAMA);
    snprintf(words, sizeof words, "%s optimizer=adamw", base);
    TT_BITS(total_of(words), 5 * LLAMA);
    snprintf(words, sizeof words, "%s master_weights=yes", base);
    TT_BITS(scenario_bytes(words, KERN_OPTIMIZER), (8 + 4 + 4) * LLAMA / 2);
    snprintf(words, sizeof words, "%s optimizer=sgd", base);
    TT_BITS(scenario_bytes(words, KERN_OPTIMIZER), 2 * LLAMA / 2);
    snprintf(words, sizeof words, "%s optimizer=lion", base);
    TT_BITS(scenario_bytes(words, KERN_OPTIMIZER), (2 + 2) * LLAMA / 2);
}

/** `offload` says what lies in host memory: a sharded frozen base, all checkpoints but one, moments and gradients. */
static void offloaded(void) {
    static const char qlora[] = "model=llama-2-7b mode=qlora-r16 engine=transformers layout=dp2-fsdp";
    static const char full[] = "model=llama-3.1-8b mode=full-adamw-mixed engine=torch context=1024 checkpointing=full";
    sweep_scenario sc;
    diags faults = {.n = 0};
    char words[256];
    snprintf(words, sizeof words, "%s offload=weights+states", qlora);
    CU_ASSERT(scenario_term(qlora, "weights.layers") > 0);
    TT_BITS(scenario_term(words, "weights.layers"), 0);
    snprintf(words, sizeof words, "%s offload=checkpoints", full);
    TT_BITS(scenario_term(full, "activations.checkpoints"), 32 * scenario_term(words, "activations.checkpoints"));
    snprintf(words, sizeof words, "%s offload=states", full);
    TT_BITS(scenario_bytes(words, KERN_OPTIMIZER), 0);
    TT_ERR(ERR_NAME, scenario_build("model=llama-2-7b mode=qlora-r16 offload=none+weights", &sc, &faults));
}

/** LitGPT: bitsandbytes before 0.43.2 keeps the inputs of 4-bit matrices, 4 h + 2 F of what LoRA on Q and V keeps not.
 */
static void litgpt(void) {
    static const char base[] = "model=llama-2-7b checkpointing=none lora_targets=qv";
    const double h = 4096, f = 11008, layers = 32;
    char words[256];
    snprintf(words, sizeof words, "%s mode=lora-r16 engine=litgpt", base);
    TT_BITS(scenario_term(words, "activations.saved"), layers * (22 * h + 6 * f + 4 * 32));
    snprintf(words, sizeof words, "%s mode=qlora-r16 engine=litgpt@2024.03", base);
    TT_BITS(scenario_term(words, "activations.saved"), layers * (24 * h + 8 * f + 4 * 32));
    snprintf(words, sizeof words, "%s mode=qlora-r16 engine=litgpt@2025.01", base);
    TT_BITS(scenario_term(words, "activations.saved"), layers * (22 * h + 6 * f + 4 * 32));
}

static void states_elsewhere(void) {
    TT_BITS(scenario_bytes("model=llama-3.1-8b mode=full-adamw-mixed-offload engine=deepspeed", KERN_OPTIMIZER), 0);
    TT_BITS(scenario_term("model=llama-3.1-8b mode=full-adamw-bf16-fused engine=torch", "gradients"), 0);
    TT_BITS(scenario_term("model=llama-3.1-8b mode=full-adamw-bf16-offload engine=torch", "weights.trained"), 0);
}

/** Bytes per token of one layer of Llama 3.1 8B: h 4096, 1024 of K and of V, 32 heads, inner width 14336. */
static void saved_per_layer(void) {
    static const char base[] = "model=llama-3.1-8b mode=full-adamw-mixed context=1024";
    const double h = 4096, kv = 1024, f = 14336, layers = 32;
    static const struct {
        const char *knobs, *formula;
        double h, kv, f, lse;
    } cases[] = {
        {"engine=megatron checkpointing=none", "activations.saved", 12, 4, 6, 128},
        {"engine=megatron checkpointing=none tp=4", "activations.saved", 8 + 4 / 4.0, 4 / 4.0, 6 / 4.0, 32},
        {"engine=megatron checkpointing=none tp=4 sequence_parallel=yes", "activations.saved", 3, 1, 1.5, 32},
        {"engine=megatron checkpointing=none cp=2", "activations.saved", 14, 4, 6, 128},
        {"engine=transformers checkpointing=none", "activations.saved", 24, 4, 8, 128},
        {"engine=torch checkpointing=none", "activations.saved", 12, 4, 6, 128},
        {"engine=torch checkpointing=none compile=no", "activations.saved", 20, 4, 8, 128},
        {"engine=torch checkpointing=selective", "activations.saved", 8, 2, 2, 0},
        {"engine=torch checkpointing=full", "activations.checkpoints", 2, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char words[256];
        snprintf(words, sizeof words, "%s %s", base, cases[i].knobs);
        double bytes = cases[i].h * h + cases[i].kv * kv + cases[i].f * f + cases[i].lse;
        TT_BITS(scenario_term(words, cases[i].formula), layers * bytes);
    }
}

/** Eager attention adds 6 bytes per head, token and token; context parallelism keeps the product of local and all. */
static void scores(void) {
    static const char words[] =
        "model=llama-3.1-8b mode=full-adamw-mixed engine=none attention=eager checkpointing=none";
    char split[256];
    TT_BITS(scenario_term(words, "activations.scores"), 6.0 * 32 * 32);
    snprintf(split, sizeof split, "%s cp=4", words);
    TT_BITS(scenario_term(split, "activations.scores"), 4 * 6.0 * 32 * 32);
}

static void logits(void) {
    static const char base[] = "model=llama-3.1-8b mode=full-adamw-mixed engine=megatron context=1024";
    static const struct {
        const char *knobs;
        double bytes;
    } cases[] = {{"loss=eager", 6.0 * 128256},
                 {"loss=fused-ce", 2.0 * 128256},
                 {"loss=fused-linear", 0},
                 {"loss=compiled", 10.0 * 128256},
                 {"loss=eager tp=4", 6.0 * 128256 / 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char words[256];
        snprintf(words, sizeof words, "%s %s", base, cases[i].knobs);
        TT_BITS(scenario_term(words, "activations.logits"), cases[i].bytes);
    }
}

/** 1F1B: the first of four stages holds four micro-batches of a quarter of the layers, the last one. */
static void pipeline(void) {
    static const char one[] = "model=llama-3.1-8b mode=full-adamw-megatron engine=megatron checkpointing=none";
    char four[256];
    snprintf(four, sizeof four, "%s pp=4", one);
    TT_BITS(scenario_term(four, "activations.saved"), scenario_term(one, "activations.saved"));
}

/** Interleaved schedules, in chunks of half a rank's layers: 2 (p - 1 - i) + (v - 1) p + 1, and never more than exist.
 */
static void interleaved(void) {
    static const char base[] = "model=llama-3.1-8b mode=full-adamw-megatron engine=megatron checkpointing=none";
    static const struct {
        const char *knobs;
        double layers; /* micro-batches x layers held */
    } cases[] = {{"stage=first", 4 * 8},
                 {"stage=last", 8},
                 {"stage=first vpp=2", 11 * 4},
                 {"stage=last vpp=2", 5 * 4},
                 {"stage=first vpp=2 micro_batches=4", 8 * 4},
                 {"stage=first micro_batches=2", 2 * 8}};
    double whole = scenario_term(base, "activations.saved");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char words[256];
        snprintf(words, sizeof words, "%s pp=4 %s", base, cases[i].knobs);
        TT_REL(scenario_term(words, "activations.saved"), whole / 32 * cases[i].layers, 1e-12);
    }
}

/** FSDP2 in a pipeline: a buffer per micro-batch and neighbour, the logits of the others on the last stage. */
static void pipeline_buffers(void) {
    static const char base[] = "model=llama-3.1-8b mode=full-adamw-fp32 pp=4 dp=2 zero=3 micro_batches=8";
    char words[256];
    snprintf(words, sizeof words, "%s engine=torch stage=first", base);
    TT_BITS(scenario_term(words, "activations.received"), 8 * 2 * 4096.0);
    snprintf(words, sizeof words, "%s engine=torch stage=last vpp=2", base);
    TT_BITS(scenario_term(words, "activations.received"), 3 * 8 * 2 * 4096.0);
    TT_BITS(scenario_term(words, "activations.outputs"), 0);
    snprintf(words, sizeof words, "%s engine=torch@2.9 stage=last", base);
    TT_BITS(scenario_term(words, "activations.outputs"), 7 * 2 * 128256.0);
}

/**
 * Experts of Mixtral under expert parallelism: whole, or cut between two ranks that then share fewer replicas. Megatron
 * cuts them unless told otherwise.
 */
static void cut_experts(void) {
    static const char base[] = "model=mixtral-8x7b mode=full-adamw-megatron engine=megatron tp=2 dp=4 ep=4 zero=1";
    const double expert = 3.0 * 4096 * 14336;
    char whole[256], cut[256];
    snprintf(whole, sizeof whole, "%s etp=1", base);
    snprintf(cut, sizeof cut, "%s etp=2", base);
    TT_BITS(scenario_term(whole, "weights.trained") - scenario_term(cut, "weights.trained"), 32 * 2 * expert);
    TT_BITS(scenario_term(whole, "optimizer.moments"), scenario_term(cut, "optimizer.moments"));
    TT_BITS(total_of(base), total_of(cut));
}

/** One unused gradient per shape: of a dense network, a shared and a routed expert, gate and up as one matrix. */
static void dummies(void) {
    static const char words[] = "model=deepseek-v2-lite mode=full-adamw-megatron engine=megatron pp=2 stage=first";
    const double h = 2048, q = h * 16 * 192, down = h * (512 + 64), up = 512.0 * 16 * 256, out = 16 * 128 * h;
    TT_BITS(scenario_term(words, "overhead.dummy-gradients"),
            2 * (q + down + up + out + 3 * h * (10944 + 2816 + 1408)));
}

/** Masks go with biased norms, or as told: 1 byte per hidden unit after attention and after the feed-forward network.
 */
static void dropout(void) {
    static const char base[] = "model=llama-3.1-8b mode=full-adamw-megatron engine=megatron checkpointing=none";
    char words[256];
    snprintf(words, sizeof words, "%s dropout=yes", base);
    TT_BITS(scenario_term(words, "activations.saved") - scenario_term(base, "activations.saved"), 32 * 2 * 4096.0);
    snprintf(words, sizeof words, "%s dropout=no", base);
    TT_BITS(total_of(words), total_of(base));
}

/** FSDP gathers embedding and head, and one layer; a frozen base in its own format. */
static void gathered(void) {
    const double root = 2 * 128256 * 4096.0 + 4096, layer = (LLAMA - root) / 32;
    TT_BITS(scenario_term("model=llama-3.1-8b mode=full-adamw-fp32 engine=torch layout=dp8-fsdp", "weights.gathered"),
            2 * (root + layer));
    TT_BITS(scenario_term("model=llama-3.1-8b mode=full-adamw-fp32 engine=torch layout=dp8-zero2", "weights.gathered"),
            2 * LLAMA);
    double nf4 =
        scenario_term("model=llama-3.1-8b mode=qlora-r16 engine=transformers layout=dp8-fsdp", "weights.gathered");
    CU_ASSERT(nf4 > 2 * root && nf4 < 2 * root + layer);
    TT_BITS(scenario_term("model=llama-3.1-8b mode=qlora-r16 engine=transformers", "activations.dequantized"),
            2.0 * 4096 * 14336);
}

/** Peaks that PyTorch counted as allocated, [GiB]; sources: tests/truth/training_fms.csv. */
static void measured(void) {
    static const struct {
        const char *words;
        double gib;
    } runs[] = {
        {"model=llama-3-8b mode=full-adamw-bf16 engine=transformers batch=4 loss=fused-ce", 74.802},
        {"model=llama-3-8b weights=bf16 mode=lora-r16 lora_targets=attention engine=transformers batch=8 loss=fused-ce",
         54.964},
        {"model=llama-3-8b mode=full-adamw-fp32 engine=transformers batch=16 layout=dp4-fsdp loss=fused-linear",
         56.165},
        {"model=mixtral-8x7b weights=bf16 mode=lora-r16 lora_targets=attention engine=transformers batch=4 "
         "layout=dp2-fsdp loss=eager",
         60.398},
        {"model=llama-2-70b weights=nf4-dq mode=qlora-r16 lora_targets=attention engine=transformers batch=4 "
         "loss=eager",
         63.448},
    };
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        char words[256];
        snprintf(words, sizeof words, "%s context=4096", runs[i].words);
        TT_REL(total_of(words), runs[i].gib * 0x1p30, 0.03);
    }
}

/** More context, batch or coarser checkpointing never costs less, in any engine that trains. */
static void never_less(void) {
    static const char *const engines[] = {"none", "transformers", "torch", "deepspeed", "megatron"};
    static const char *const models[] = {"llama-3.1-8b", "deepseek-v3", "qwen3-30b-a3b", "gemma-3-27b"};
    static const char *const ladder[] = {"checkpointing=full", "checkpointing=selective", "checkpointing=none"};
    for (size_t e = 0; e < sizeof engines / sizeof *engines; e++) {
        for (size_t m = 0; m < sizeof models / sizeof *models; m++) {
            double before = 0;
            for (int step = 0; step < 5; step++) {
                char words[256];
                snprintf(words, sizeof words, "model=%s mode=full-adamw-mixed engine=%s context=%d batch=%d %s",
                         models[m], engines[e], step < 1 ? 1024 : 4096, step < 2 ? 2 : 4,
                         ladder[step < 2 ? 0 : step - 2]);
                double now = total_of(words);
                CU_ASSERT(now >= before && before >= 0);
                before = now;
            }
        }
    }
}

/** Explaining keeps every term apart: no model of the catalog may need more than a record holds. */
static void terms_suffice(void) {
    const sweep_catalogs *c = fixture_catalogs();
    for (size_t i = 0; i < c->models.n; i++) {
        char words[256], why[DIAG_TEXT] = "";
        sweep_scenario sc;
        kern_record r;
        diags faults = {.n = 0};
        scenario_sum sum = {.name = "gradients"};
        if (c->models.rows[i]->layers < 8) continue;
        snprintf(words, sizeof words, "model=%s mode=full-adamw-fp32 engine=torch layout=pp8-dp4-fsdp attention=eager",
                 c->models.rows[i]->name);
        CU_ASSERT(scenario_build(words, &sc, &faults) == ERR_OK);
        CU_ASSERT(kern_lower(&sc.k, &(kern_bounds){4096, 1}, &r, why, scenario_add, &sum) == ERR_OK);
        if (*why) printf("\n%s: %s\n", words, why);
    }
}

static void refused(void) {
    sweep_scenario sc;
    kern_record r;
    char why[DIAG_TEXT];
    diags faults = {.n = 0};
    TT_ERR(ERR_OK, scenario_build("model=llama-3.1-8b mode=lora-r16 engine=vllm", &sc, &faults));
    TT_ERR(ERR_SCENARIO, kern_lower(&sc.k, &(kern_bounds){4096, 1}, &r, why, NULL, NULL));
    TT_TEXT(why, "engine vllm does not train, and the mode is lora-r16");
}

/** Hybrid sharding keeps to a node of 8 GPUs, whatever the replicas; tp takes its part of the node. */
static void hybrid_sharding(void) {
    static const char base[] = "model=llama-3.1-8b mode=full-adamw-mixed engine=torch context=1k layout=";
    static const struct {
        const char *hybrid, *same_as;
    } cases[] = {{"dp8-hsdp", "dp8-fsdp"},
                 {"dp16-hsdp", "dp8-fsdp"},
                 {"dp12-hsdp", "dp6-fsdp"},
                 {"tp2-dp16-hsdp", "tp2-dp4-fsdp"},
                 {"tp8-dp4-hsdp", "tp8-dp1"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char hybrid[160], same[160];
        snprintf(hybrid, sizeof hybrid, "%s%s", base, cases[i].hybrid);
        snprintf(same, sizeof same, "%s%s", base, cases[i].same_as);
        TT_BITS(scenario_bytes(hybrid, KERN_OPTIMIZER), scenario_bytes(same, KERN_OPTIMIZER));
    }
}

CU_TestInfo training_tests[] = {{"the optimizer step decides small batches", step_decides},
                                {"types of gradients and moments follow", types_follow},
                                {"states on the host or freed at once", states_elsewhere},
                                {"what lies in host memory", offloaded},
                                {"LitGPT and its 4-bit matrices", litgpt},
                                {"saved activations per layer", saved_per_layer},
                                {"scores of eager attention", scores},
                                {"logits by loss", logits},
                                {"micro-batches in flight", pipeline},
                                {"interleaved schedules", interleaved},
                                {"buffers of FSDP2 pipelines", pipeline_buffers},
                                {"experts cut between ranks", cut_experts},
                                {"unused gradients by shape", dummies},
                                {"dropout masks", dropout},
                                {"gathered weights", gathered},
                                {"measured runs", measured},
                                {"more never costs less", never_less},
                                {"terms suffice for every model", terms_suffice},
                                {"engines that do not train", refused},
                                {"hybrid sharding", hybrid_sharding},
                                CU_TEST_INFO_NULL};
