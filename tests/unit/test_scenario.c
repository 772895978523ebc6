/*
 * test_scenario.c - texts to a scenario: defaults, what must be given, names and numbers that are wrong, and the
 * answer.
 */
#include "tests/unit/scenario_fixture.h"

static void defaults(void) {
    static sweep_scenario sc;
    diags faults = {.n = 0};
    TT_ERR(ERR_OK, scenario_build("model=llama-3.1-8b", &sc, &faults));
    TT_TEXT(sc.k.model->name, "llama-3.1-8b");
    TT_TEXT(sc.k.weights->name, "bf16"); /* native, resolved */
    TT_TEXT(sc.k.k->name, "kv-bf16");
    CU_ASSERT(sc.k.v == sc.k.k && sc.context == 8192 && sc.batch == 1);
    TT_TEXT(sc.k.mode->name, "inference");
    TT_TEXT(sc.k.engine->name, "none");
    TT_TEXT(sc.k.method->name, "exact");
    CU_ASSERT(sc.k.layout.tp == 1 && sc.k.layout.zero == 0 && sc.gpu == NULL && sc.gpus == 1);
}

/** Empty texts are defaults as well; every axis goes where it belongs. */
static void every_axis(void) {
    static sweep_scenario sc;
    diags faults = {.n = 0};
    TT_ERR(ERR_OK, scenario_build("model=Qwen/Qwen3-8B weights=q4_k_m kv=q8_0:fp16 context=32k batch=16 layout=tp4-pp2 "
                                  "gpu=h100-sxm mode= engine= method= gpus=",
                                  &sc, &faults));
    TT_TEXT(sc.k.model->name, "qwen3-8b");
    TT_TEXT(sc.k.weights->name, "gguf-q4_k_m");
    TT_TEXT(sc.k.k->name, "kv-q8_0");
    TT_TEXT(sc.k.v->name, "kv-fp16");
    CU_ASSERT(sc.context == 32768 && sc.batch == 16 && sc.k.layout.tp == 4 && sc.k.layout.pp == 2);
    CU_ASSERT(sc.gpu && strcmp(sc.gpu->name, "h100-sxm") == 0 && sc.gpus == 8);
    TT_ERR(ERR_OK, scenario_build("model=llama-3.1-8b mode=qlora-r16", &sc, &faults));
    TT_TEXT(sc.k.weights->name, "nf4-dq"); /* the recipe's base in place of the model's own format */
    TT_ERR(ERR_OK, scenario_build("model=llama-3.1-8b gpu=h100-sxm gpus=3", &sc, &faults));
    CU_ASSERT_EQUAL(sc.gpus, 3);
}

static void faults_by_column(void) {
    static const struct {
        const char *words, *field;
        err code;
        const char *says;
    } cases[] = {
        {"", "model", ERR_MISSING, "must be given"},
        {"model=", "model", ERR_MISSING, "must be given"},
        {"model=lama-3.1-8b", "model", ERR_NAME, "did you mean 'llama-3.1-8b'"},
        {"model=llama-3.1-8b weights=bf17", "weights", ERR_NAME, "did you mean 'bf16'"},
        {"model=llama-3.1-8b kv=fp9", "kv", ERR_NAME, "did you mean 'fp4', 'fp8'"},
        {"model=llama-3.1-8b kv=fp8:", "kv", ERR_NAME, "no KV-cache format is called ''"},
        {"model=llama-3.1-8b kv=fp8:fp8:fp8", "kv", ERR_SYNTAX, "expected one format or K:V"},
        {"model=llama-3.1-8b kv=:fp8", "kv", ERR_NAME, "no KV-cache format is called ''"},
        {"model=llama-3.1-8b context=0", "context", ERR_RANGE, "expected 1..1073741824"},
        {"model=llama-3.1-8b context=2000m", "context", ERR_RANGE, "expected 1..1073741824"},
        {"model=llama-3.1-8b context=8.5k", "context", ERR_SYNTAX, "expected a whole number"},
        {"model=llama-3.1-8b context=-8k", "context", ERR_SYNTAX, "expected a whole number"},
        {"model=llama-3.1-8b context=8GB", "context", ERR_SYNTAX, "expected a whole number"},
        {"model=llama-3.1-8b context=99999999999999999999999", "context", ERR_SYNTAX, "expected a whole number"},
        {"model=llama-3.1-8b batch=0", "batch", ERR_RANGE, "expected 1..16777216"},
        {"model=llama-3.1-8b batch=x", "batch", ERR_SYNTAX, "expected a whole number"},
        {"model=llama-3.1-8b mode=infernce", "mode", ERR_NAME, "did you mean 'inference'"},
        {"model=llama-3.1-8b layout=tp", "layout", ERR_SYNTAX, "a layout is tpN"},
        {"model=llama-3.1-8b engine=vlm", "engine", ERR_NAME, "did you mean 'vllm'"},
        {"model=llama-3.1-8b engine=vllm@0.0.1", "engine", ERR_NAME, "no engine is called 'vllm@0.0.1'"},
        {"model=llama-3.1-8b method=exactly", "method", ERR_NAME, "did you mean 'exact'"},
        {"model=llama-3.1-8b gpu=h100-sxn", "gpu", ERR_NAME, "did you mean 'h100-sxm'"},
        {"model=llama-3.1-8b gpus=0", "gpus", ERR_RANGE, "expected 1 to 65536"},
        {"model=llama-3.1-8b gpus=8.0", "gpus", ERR_RANGE, "found '8.0'"},
    };
    static sweep_scenario sc;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        diags faults = {.n = 0};
        TT_ERR(cases[i].code, scenario_build(cases[i].words, &sc, &faults));
        const diag *d = &faults.item[0];
        int good = faults.n == 1 && d->field && strcmp(d->field, cases[i].field) == 0 && strstr(d->text, cases[i].says);
        if (!good) printf("\n%s: %s: %s\n", cases[i].words, d->field ? d->field : "", d->text);
        CU_ASSERT(good);
        CU_ASSERT(faults.n && d->line == 1 && strcmp(d->file, "test") == 0);
    }
}

static void all_faults_at_once(void) {
    static sweep_scenario sc;
    diags faults = {.n = 0};
    TT_ERR(ERR_NAME,
           scenario_build("model=x weights=y kv=z context=0 batch=0 mode=m engine=e method=q layout=l", &sc, &faults));
    CU_ASSERT_EQUAL(faults.n, 9);
}

static void columns(void) {
    CU_ASSERT_EQUAL(sweep_column_find("MODEL"), SC_MODEL);
    CU_ASSERT_EQUAL(sweep_column_find("models"), SC_COLUMNS);
    CU_ASSERT_EQUAL(sweep_column_find(""), SC_COLUMNS);
    for (size_t i = 0; i < SC_COLUMNS; i++) {
        CU_ASSERT_EQUAL(sweep_column_find(sweep_column_next(NULL, i)), i);
        CU_ASSERT(*sweep_columns[i].takes);
    }
    CU_ASSERT_PTR_NULL(sweep_column_next(NULL, SC_COLUMNS));
}

/** Total, headroom and fit belong together; without a GPU nothing is held against. */
static void answers(void) {
    sweep_answer a;
    CU_ASSERT_FATAL(scenario_answer("model=llama-3.1-8b weights=bf16 kv=bf16 context=8k gpu=h100-sxm", &a));
    TT_BITS(a.total, 16060522496.0 + 8192 * 131072.0);
    TT_BITS(a.headroom, a.usable - a.total);
    const kern_gpu *h100 = sweep_find_gpu(fixture_catalogs(), "h100-sxm");
    TT_BITS(a.usable, h100->usable_bytes);
    CU_ASSERT(a.fits && a.min_gpus == 1);
    TT_BITS(a.max_batch, floor((a.usable - 16060522496.0) / (8192 * 131072.0)));
    TT_BITS(a.max_context, floor((a.usable - 16060522496.0) / 131072));
    TT_BITS(a.kv_capacity, a.max_context);
    CU_ASSERT_FATAL(scenario_answer("model=llama-3.1-70b weights=bf16 context=8k gpu=h100-sxm", &a));
    CU_ASSERT(!a.fits && a.headroom < 0 && a.min_gpus == 2 && a.max_batch == 0 && a.max_context == 0);
    CU_ASSERT_FATAL(scenario_answer("model=llama-3.1-70b weights=bf16 layout=tp4 gpu=h100-sxm gpus=2", &a));
    CU_ASSERT(!a.fits && a.max_batch == 0); /* fewer GPUs than the layout needs */
}

CU_TestInfo scenario_tests[] = {
    {"defaults", defaults},
    {"every axis", every_axis},
    {"faults by column", faults_by_column},
    {"all faults at once", all_faults_at_once},
    {"columns", columns},
    {"answers", answers},
    CU_TEST_INFO_NULL,
};
