/*
 * test_knobs.c - each knob sets what it says and nothing of the catalogs; a bad value is told what is allowed.
 */
#include "tests/unit/scenario_fixture.h"

static sweep_scenario sc;

static int build(const char *words) {
    char line[512];
    diags faults = {.n = 0};
    snprintf(line, sizeof line, "model=llama-3.1-8b mode=full-adamw-mixed engine=vllm %s", words);
    err e = scenario_build(line, &sc, &faults);
    if (e != ERR_OK) printf("\n%s: %s\n", words, faults.item[0].text);
    return e == ERR_OK;
}

static void layout_knobs(void) {
    CU_ASSERT(build("layout=tp2-dp2 tp=4 pp=2 dp=8 ep=3 cp=5 zero=1 sequence_parallel=yes"));
    const kern_layout *l = &sc.k.layout;
    CU_ASSERT(l->tp == 4 && l->pp == 2 && l->dp == 8 && l->ep == 3 && l->cp == 5 && l->zero == 1);
    CU_ASSERT_EQUAL(l->sequence_parallel, 1);
    CU_ASSERT(build("layout=tp2-dp2 dp=4"));
    CU_ASSERT(sc.k.layout.tp == 2 && sc.k.layout.dp == 4); /* what is not given stays */
    CU_ASSERT_EQUAL(sc.gpus, 8);                           /* GPUs needed follow the knobs */
}

static void mode_knobs(void) {
    CU_ASSERT(build("optimizer=adafactor param_dtype=fp32 grad_dtype=bf16 master_weights=no checkpointing=selective "
                    "attention=eager loss=chunked lora_rank=8k lora_targets=qv"));
    const kern_mode *m = sc.k.mode, *row = sweep_find_mode(fixture_catalogs(), "full-adafactor");
    CU_ASSERT(m == &sc.mode && m->param_bytes == 4 && m->grad_bytes == 2 && m->master_bytes == 0);
    CU_ASSERT(m->checkpointing == KERN_CKPT_SELECTIVE && m->attention == KERN_ATTN_EAGER);
    CU_ASSERT(m->loss == KERN_LOSS_CHUNKED && m->lora_rank == 8192);
    CU_ASSERT(m->lora_targets >> KERN_ROLE_Q & 1 && !(m->lora_targets >> KERN_ROLE_O & 1));
    TT_TEXT(m->optimizer, "adafactor");
    CU_ASSERT(row && m->state_bytes == row->state_bytes && m->row_state_bytes == row->row_state_bytes);
    CU_ASSERT(build("master_weights=yes grad_dtype=FP32"));
    CU_ASSERT(sc.k.mode->master_bytes == 4 && sc.k.mode->grad_bytes == 4 && sc.k.mode->param_bytes == 2);
    row = sweep_find_mode(fixture_catalogs(), "full-adamw-mixed");
    CU_ASSERT(row->grad_bytes == 2 && row->loss == KERN_LOSS_EAGER); /* the catalog is as it was */
}

static void engine_knobs(void) {
    CU_ASSERT(build("max_batched_tokens=16k max_seqs=7 ubatch=512 outputs_max=3 memory_utilization=0.5 flash_attn=yes "
                    "kv_unified=1 swa_full=true cuda_graphs=no"));
    const kern_engine *e = sc.k.engine;
    CU_ASSERT(e == &sc.engine && e->max_batched_tokens == 16384 && e->max_seqs == 7 && e->ubatch == 512);
    CU_ASSERT(e->outputs_max == 3 && e->memory_utilization == 0.5 && e->flash_attn == 1 && e->kv_unified == 1);
    CU_ASSERT(e->swa_full == 1 && e->cuda_graphs == 0);
    TT_TEXT(e->name, "vllm");
    CU_ASSERT(build(""));
    CU_ASSERT(sc.k.engine != &sc.engine && sc.k.mode != &sc.mode); /* no knobs, no copies */
}

static void bad_values(void) {
    static const char *const cases[][3] = {
        {"tp", "0", "expected 1 to 65536"},
        {"tp", "65537", "expected 1 to 65536"},
        {"pp", "two", "expected 1 to 65536"},
        {"dp", "-1", "expected 1 to 65536"},
        {"ep", "1.5", "expected 1 to 65536"},
        {"cp", "8k", "expected 1 to 65536"},
        {"zero", "4", "expected 0 to 3"},
        {"sequence_parallel", "maybe", "expected: yes or no"},
        {"param_dtype", "int4", "expected: fp32, bf16"},
        {"grad_dtype", "2", "expected: fp32, bf16"},
        {"master_weights", "fp32", "expected: yes or no"},
        {"checkpointing", "half", "expected: none, selective or full"},
        {"attention", "paged", "expected: flash, sdpa or eager"},
        {"loss", "l2", "expected: eager, fused-ce, chunked, fused-linear or compiled"},
        {"lora_rank", "0", "expected 1 to 65536"},
        {"lora_targets", "q,v", "expected all-linear, attention, qv"},
        {"optimizer", "adam9000", "no training mode has the optimizer 'adam9000'"},
        {"max_batched_tokens", "0", "expected 1 to 1073741824"},
        {"max_seqs", "x", "expected 1 to 16777216"},
        {"ubatch", "-5", "expected 1 to 1073741824"},
        {"outputs_max", "1e3", "expected 1 to 1073741824"},
        {"memory_utilization", "0", "expected: share of the GPU"},
        {"memory_utilization", "1.01", "expected: share of the GPU"},
        {"memory_utilization", "90%", "expected: share of the GPU"},
        {"memory_utilization", "nan", "expected: share of the GPU"},
        {"flash_attn", "2", "expected: yes or no"},
        {"kv_unified", "on", "expected: "},
        {"swa_full", "-", "expected: "},
        {"cuda_graphs", "off", "expected: yes or no"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[256];
        diags faults = {.n = 0};
        snprintf(line, sizeof line, "model=llama-3.1-8b %s=%s", cases[i][0], cases[i][1]);
        CU_ASSERT(scenario_build(line, &sc, &faults) != ERR_OK);
        const diag *d = &faults.item[0];
        int good = faults.n == 1 && d->field && strcmp(d->field, cases[i][0]) == 0 && strstr(d->text, cases[i][2]);
        if (!good) printf("\n%s: %s: %s\n", line, d->field ? d->field : "", faults.n ? d->text : "taken");
        CU_ASSERT(good);
    }
}

/** Degrees within their own bounds that need too many GPUs together. */
static void too_many_gpus(void) {
    static const char *const cases[] = {"tp=65536 dp=2", "pp=65536 cp=65536 dp=65536 tp=65536", "ep=65536 pp=2",
                                        "tp=256 pp=257"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[256];
        diags faults = {.n = 0};
        snprintf(line, sizeof line, "model=llama-3.1-8b %s", cases[i]);
        TT_ERR(ERR_RANGE, scenario_build(line, &sc, &faults));
        CU_ASSERT(faults.n == 1 && strstr(faults.item[0].text, "more than 65536 GPUs"));
    }
}

static void several_faults(void) {
    diags faults = {.n = 0};
    TT_ERR(ERR_RANGE, scenario_build("model=llama-3.1-8b tp=0 loss=x optimizer=y lora_targets=z", &sc, &faults));
    CU_ASSERT_EQUAL(faults.n, 4);
}

CU_TestInfo knobs_tests[] = {
    {"layout", layout_knobs},
    {"mode", mode_knobs},
    {"engine", engine_knobs},
    {"bad values", bad_values},
    {"too many GPUs", too_many_gpus},
    {"several faults", several_faults},
    CU_TEST_INFO_NULL,
};
