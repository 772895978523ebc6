/*
 * test_measure.c - every measure of tables and charts against the number it stands for.
 */
#include "sweep/measure.h"
#include "tests/unit/scenario_fixture.h"

static sweep_scenario sc;

/** A measure of a scenario; NAN when it has no number. */
static double measure(const char *words, sweep_measure m, int document) {
    diags faults = {.n = 0};
    char why[DIAG_TEXT];
    double value = NAN;
    if (scenario_build(words, &sc, &faults) != ERR_OK) return NAN;
    const sweep_point p = {&sc.k, sc.context, sc.batch, sc.gpu, sc.gpus};
    return sweep_measure_value(m, &p, document, &value, why) == ERR_OK ? value : NAN;
}

static const char llama[] = "model=llama-3.1-8b weights=bf16 context=8k batch=2 gpu=h100-sxm";

static void memory(void) {
    const double weights = 16060522496.0, cache = 2 * 8192 * 131072.0;
    const double usable = sweep_find_gpu(fixture_catalogs(), "h100-sxm")->usable_bytes;
    TT_BITS(measure(llama, SWEEP_TOTAL, 0), weights + cache);
    TT_BITS(measure(llama, SWEEP_WEIGHTS_BYTES, 0), weights);
    TT_BITS(measure(llama, SWEEP_KV_CACHE, 0), cache);
    TT_BITS(measure(llama, SWEEP_MODEL_STATES, 0), weights);
    TT_BITS(measure(llama, SWEEP_ACTIVATIONS, 0), 0);
    TT_BITS(measure(llama, SWEEP_OVERHEAD, 0), 0);
    TT_BITS(measure(llama, SWEEP_GRADIENTS, 0), 0);
    TT_BITS(measure(llama, SWEEP_OPTIMIZER, 0), 0);
    TT_BITS(measure(llama, SWEEP_KV_PER_TOKEN, 0), 131072);
    TT_BITS(measure(llama, SWEEP_HEADROOM, 0), usable - weights - cache);
}

static void counts(void) {
    const double usable = sweep_find_gpu(fixture_catalogs(), "h100-sxm")->usable_bytes;
    TT_BITS(measure(llama, SWEEP_MAX_BATCH, 0), floor((usable - 16060522496.0) / (8192 * 131072.0)));
    TT_BITS(measure(llama, SWEEP_MAX_CONTEXT, 0), floor((usable - 16060522496.0) / (2 * 131072.0)));
    TT_BITS(measure(llama, SWEEP_MIN_GPUS, 0), 1);
    TT_BITS(measure(llama, SWEEP_CROSSOVER_CONTEXT, 0), ceil(16060522496.0 / (2 * 131072.0)));
    TT_BITS(measure("model=mamba-2.8b", SWEEP_CROSSOVER_CONTEXT, 0), 0); /* never */
    TT_BITS(measure("model=mamba-2.8b", SWEEP_KV_PER_TOKEN, 0), 0);
}

/** The cheapest price of one GPU for an hour, whoever asks it. */
static void cost(void) {
    static const char pair[] = "model=llama-3.1-8b weights=bf16 context=8k gpu=h100-sxm layout=tp2";
    const sweep_catalogs *c = fixture_catalogs();
    double cheapest = INFINITY;
    for (size_t i = 0; i < c->n_prices; i++) {
        const kern_price *p = &c->prices[i];
        if (strcmp(p->gpu->name, "h100-sxm") == 0 && p->usd_hour > 0) cheapest = fmin(cheapest, p->usd_hour / p->gpus);
    }
    CU_ASSERT(cheapest > 0.5 && cheapest < 20);
    TT_REL(measure(pair, SWEEP_COST_PER_USER, 0), 2 * cheapest * 730 / measure(pair, SWEEP_MAX_BATCH, 0), 1e-15);
    CU_ASSERT(isnan(measure("model=llama-3.1-405b weights=bf16 gpu=h100-sxm", SWEEP_COST_PER_USER, 0))); /* none fits */
    CU_ASSERT(isnan(measure("model=llama-3.2-1b gpu=apple-m2-pro-32gb", SWEEP_COST_PER_USER, 0)));       /* no price */
}

/** Only what the engine allocates by itself spreads; nothing does where it is counted, and no range is made up. */
static void range(void) {
    static const char vllm[] = "model=llama-3.1-8b engine=vllm context=8k";
    double total = measure(vllm, SWEEP_TOTAL, 0), own = measure(vllm, SWEEP_ACTIVATIONS, 0);
    own += measure(vllm, SWEEP_OVERHEAD, 0);
    double low = measure(vllm, SWEEP_TOTAL_LOW, 0), high = measure(vllm, SWEEP_TOTAL_HIGH, 0);
    TT_BITS(low, total - own + floor(own * sc.k.engine->spread_low));
    TT_BITS(high, total - own + ceil(own * sc.k.engine->spread_high));
    CU_ASSERT(sc.k.engine->spread_high > 1 && low <= total && total < high);
    TT_BITS(measure(llama, SWEEP_TOTAL_LOW, 0), measure(llama, SWEEP_TOTAL, 0));
    TT_BITS(measure(llama, SWEEP_TOTAL_HIGH, 0), measure(llama, SWEEP_TOTAL, 0));
}

/** A context that the engine's measured figures leave out spreads by itself; an engine nobody measured has no range. */
static void range_of_context(void) {
    static const char served[] = "model=llama-3.1-8b engine=llamacpp context=8k";
    double total = measure(served, SWEEP_TOTAL, 0), own = measure(served, SWEEP_ACTIVATIONS, 0);
    own += measure(served, SWEEP_OVERHEAD, 0);
    kern_engine e = *sc.k.engine;
    double context = e.context_bytes, component[KERN_COMPONENTS] = {0}, low, high;
    CU_ASSERT(context > 0 && context < own && e.context_low < 1 && e.context_high > 1);
    TT_BITS(measure(served, SWEEP_TOTAL_HIGH, 0),
            total - own + ceil((own - context) * e.spread_high + context * e.context_high));
    TT_BITS(measure(served, SWEEP_TOTAL_LOW, 0),
            total - own + floor((own - context) * e.spread_low + context * e.context_low));
    e.spread_high = 0;
    sc.k.engine = &e;
    CU_ASSERT_EQUAL(kern_total_range(&sc.k, component, &low, &high), 0);
}

/** The next token costs nothing more once the windows are full. */
static void next_token(void) {
    TT_BITS(measure("model=gpt-oss-20b context=127", SWEEP_KV_PER_TOKEN, 0), 24 * 2048);
    TT_BITS(measure("model=gpt-oss-20b context=128", SWEEP_KV_PER_TOKEN, 0), 12 * 2048);
}

/** A document that adds GiB to GB counts its cache with 10^9 / 2^30. */
static void document_units(void) {
    static const char words[] = "model=llama-3.1-8b weights=bf16 method=appendix-b context=8k";
    double bytes = measure(words, SWEEP_KV_CACHE, 0);
    TT_BITS(bytes, 8192 * 131072.0);
    TT_REL(measure(words, SWEEP_KV_CACHE, 1), bytes * 1e9 / 0x1p30, 1e-12);
    TT_BITS(measure(words, SWEEP_WEIGHTS_BYTES, 1), measure(words, SWEEP_WEIGHTS_BYTES, 0));
}

static void refused(void) {
    CU_ASSERT(isnan(measure("model=llama-3.1-8b", SWEEP_MAX_BATCH, 0)));
    CU_ASSERT(isnan(measure("model=llama-3.1-8b", SWEEP_HEADROOM, 0)));
    CU_ASSERT(isnan(measure("model=llama-3.1-8b layout=tp3", SWEEP_TOTAL, 0)));
}

static void kinds(void) {
    int memory_kinds = 0;
    for (int m = 0; m < SWEEP_MEASURES; m++) {
        memory_kinds += sweep_measure_is_memory((sweep_measure)m);
        CU_ASSERT(sweep_measures[m].name && *sweep_measures[m].name);
    }
    CU_ASSERT_EQUAL(memory_kinds, SWEEP_MEASURES - 5);
    CU_ASSERT_EQUAL(sweep_measure_kind(SWEEP_COST_PER_USER), SWEEP_OF_USD);
    CU_ASSERT(sweep_measure_is_memory(SWEEP_HEADROOM) && !sweep_measure_is_memory(SWEEP_CROSSOVER_CONTEXT));
}

CU_TestInfo measure_tests[] = {
    {"range", range},
    {"range_of_context", range_of_context},
    {"memory", memory},
    {"counts", counts},
    {"cost", cost},
    {"next token", next_token},
    {"document units", document_units},
    {"refused", refused},
    {"kinds", kinds},
    CU_TEST_INFO_NULL,
};
