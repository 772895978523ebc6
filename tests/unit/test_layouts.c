/*
 * test_layouts.c - the search for layouts: equal to a plain loop over everything that could be one, the same for every
 * number of threads, right for the large models; the texts that ask for it.
 */
#include "kernels/reduce/layouts.h"
#include "sweep/auto_layout.h"
#include "sweep/layout.h"
#include "tests/unit/scenario_fixture.h"

enum { CASES = 240, KEPT = 12, ALL_MAX = 20000 };

static uint64_t state;

static int random_below(int n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int)((state >> 33) % (uint64_t)n);
}

static int has(const kern_layout_question *q, kern_split way) {
    const kern_engine *e = q->sc.engine;
    return ((q->sc.mode->train ? e->trains : e->serves) & way) != 0;
}

static int given(const kern_layout_question *q, kern_given bit) {
    return (q->given & bit) != 0;
}

/** The rules of docs/layouts.md, one after the other, on degrees that multiply to the number of GPUs. */
static int valid(const kern_layout_question *q, const kern_layout *l, int gpus) {
    const kern_layout *asked = &q->sc.layout;
    int train = q->sc.mode->train != KERN_INFERENCE;
    if (given(q, KERN_GIVEN_TP) ? l->tp != asked->tp : l->tp > 1 && !has(q, KERN_SPLIT_TP)) return 0;
    if (given(q, KERN_GIVEN_PP) ? l->pp != asked->pp : l->pp > 1 && !has(q, KERN_SPLIT_PP)) return 0;
    if (given(q, KERN_GIVEN_CP) ? l->cp != asked->cp : l->cp > 1 && !has(q, KERN_SPLIT_CP)) return 0;
    if (given(q, KERN_GIVEN_DP) ? l->dp != asked->dp : l->dp > 1 && !has(q, KERN_SPLIT_DP)) return 0;
    if (l->tp > q->node || (gpus > q->node && q->node % l->tp)) return 0;
    if (l->cp > 1 && fmod(q->context, 2 * l->cp) != 0) return 0;
    if (l->dp * l->tp % l->ep) return 0;
    if (given(q, KERN_GIVEN_EP)) {
        if (l->ep != asked->ep) return 0;
    } else if (l->ep > 1) {
        for (uint32_t g = 0; g < q->sc.model->n_groups; g++)
            for (uint32_t p = 0; p < q->sc.model->groups[g].n_parts; p++)
                if (q->sc.model->groups[g].parts[p].experts % l->ep) return 0;
        if (!strstr(q->sc.model->tags, "@moe")) return 0;
        int any = has(q, KERN_SPLIT_EP), all = has(q, KERN_SPLIT_EP_ALL) && l->ep == l->dp * l->tp;
        if (!any && !all && !(has(q, KERN_SPLIT_EP_TP) && l->tp % l->ep == 0)) return 0;
    }
    if (given(q, KERN_GIVEN_ZERO)) return l->zero == asked->zero;
    if (l->zero == 0) return 1;
    if (!train || l->dp * l->cp == 1) return 0;
    if (l->zero == 1) return has(q, KERN_SPLIT_ZERO1);
    if (l->zero == 2) return has(q, KERN_SPLIT_ZERO2) && (l->pp == 1 || has(q, KERN_SPLIT_ZERO2_PP));
    return has(q, KERN_SPLIT_ZERO3) && (l->pp == 1 || has(q, KERN_SPLIT_ZERO3_PP));
}

static kern_layout_choice found[ALL_MAX];
static size_t n_found;
static kern_layout_counts seen;

static void hold(const kern_layout_question *q, const kern_layout *l, int checkpointing, int gpus) {
    static kern_record r;
    kern_scenario sc = q->sc;
    kern_mode mode = *sc.mode;
    kern_layout_choice c = {.layout = *l, .checkpointing = (uint8_t)checkpointing};
    char why[DIAG_TEXT];
    mode.checkpointing = (uint8_t)checkpointing;
    sc.mode = &mode;
    sc.layout = *l;
    seen.looked++;
    if (kern_lower(&sc, &(kern_bounds){q->context, q->batch}, &r, why, NULL, NULL) != ERR_OK) {
        seen.refused++;
        return;
    }
    kern_eval_cell(&r, q->batch, q->context, NULL, &c.charge);
    c.capacity = kern_capacity(&sc, q->gpu, gpus, KERN_USE_FIT);
    seen.fit += c.charge <= c.capacity;
    if (n_found < ALL_MAX) found[n_found++] = c;
}

static int by_headroom(const void *x, const void *y) {
    const kern_layout_choice *a = x, *b = y;
    double room = (b->capacity - b->charge) - (a->capacity - a->charge);
    const int steps[] = {a->layout.pp - b->layout.pp,     a->layout.tp - b->layout.tp,
                         a->layout.cp - b->layout.cp,     a->layout.ep - b->layout.ep,
                         a->layout.zero - b->layout.zero, a->checkpointing - b->checkpointing};
    if (room > 0 || room < 0) return room > 0 ? 1 : -1;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (steps[i]) return steps[i];
    return 0;
}

/** Everything that could be a layout, in no clever order. */
static void search_plainly(const kern_layout_question *q, int gpus) {
    int train = q->sc.mode->train != KERN_INFERENCE, fixed = !train || given(q, KERN_GIVEN_CHECKPOINTING);
    n_found = 0;
    seen = (kern_layout_counts){0, 0, 0, 0};
    for (int i = 0; i < gpus * gpus * gpus; i++) {
        kern_layout l = q->sc.layout;
        l.tp = i % gpus + 1, l.pp = i / gpus % gpus + 1, l.cp = i / gpus / gpus + 1;
        if (gpus % ((int64_t)l.tp * l.pp * l.cp)) continue;
        l.dp = gpus / (l.tp * l.pp * l.cp);
        if (!given(q, KERN_GIVEN_SP)) l.sequence_parallel = train && l.tp > 1 && has(q, KERN_SPLIT_SP);
        for (l.ep = 1; l.ep <= gpus; l.ep++)
            for (l.zero = 0; l.zero <= 3; l.zero++)
                for (int c = 0; c < 3 && valid(q, &l, gpus); c++)
                    if (!fixed || c == q->sc.mode->checkpointing) hold(q, &l, c, gpus);
    }
    qsort(found, n_found, sizeof *found, by_headroom);
}

static int same_choice(const kern_layout_choice *a, const kern_layout_choice *b) {
    return by_headroom(a, b) == 0 && a->charge == b->charge && a->capacity == b->capacity &&
           a->layout.dp == b->layout.dp && a->layout.sequence_parallel == b->layout.sequence_parallel;
}

/** A model, an engine, a mode and some GPUs at random; sometimes with degrees that are given. */
static kern_layout_question random_question(int *gpus) {
    static const char *const models[] = {"llama-3.1-8b", "mixtral-8x7b", "qwen3-30b-a3b", "deepseek-v2-lite",
                                         "gpt-oss-20b",  "qwen3-0.6b",   "gemma-3-4b"};
    static const char *const modes[] = {"full-adamw-mixed", "pretrain-adamw-mixed", "lora-r16",
                                        "inference",        "full-adamw8bit",       "full-adamw-bf16-offload"};
    static const int counts[] = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32}, nodes[] = {1, 2, 4, 8};
    const sweep_catalogs *c = fixture_catalogs();
    kern_layout_question q = {.node = nodes[random_below(4)], .batch = 1 + random_below(3)};
    q.sc = (kern_scenario){.model = sweep_find_model(c, models[random_below(7)]),
                           .weights = sweep_find_weights(c, "bf16"),
                           .k = sweep_find_kv(c, "bf16"),
                           .v = sweep_find_kv(c, "bf16"),
                           .mode = sweep_find_mode(c, modes[random_below(6)]),
                           .engine = c->engines.rows[random_below((int)c->engines.n)],
                           .method = sweep_find_method(c, "exact"),
                           .layout = {.tp = 1 + random_below(2), .pp = 1, .dp = 1, .ep = 2, .cp = 1, .zero = 1}};
    q.gpu = c->gpus.rows[random_below((int)c->gpus.n)];
    q.context = 1 << (6 + random_below(8));
    if (random_below(3) == 0) q.given = (unsigned)random_below(256);
    *gpus = counts[random_below(10)];
    return q;
}

/** With a limit of any size the layouts within it are the same, from the best on. Returns those passed over. */
static uint64_t passes_over(kern_layout_question *q, int gpus) {
    static kern_layout_choice best[KEPT];
    kern_layout_counts counts = {0, 0, 0, 0};
    char why[DIAG_TEXT];
    const kern_gpu *gpu = q->gpu;
    if (!n_found) return 0;
    q->gpu = NULL;
    q->limit = found[(size_t)random_below((int)n_found)].charge;
    size_t n = kern_layouts_best(q, gpus, best, KEPT, &counts, why), within = 0;
    for (size_t k = 0; k < n_found; k++)
        found[k].capacity = 0;
    qsort(found, n_found, sizeof *found, by_headroom);
    while (within < n_found && within < KEPT && found[within].charge <= q->limit)
        within++;
    CU_ASSERT(n >= within && counts.looked == seen.looked);
    for (size_t k = 0; k < within && k < n; k++)
        CU_ASSERT(same_choice(&best[k], &found[k]));
    q->gpu = gpu;
    q->limit = 0;
    return counts.passed;
}

static void equals_a_plain_loop(void) {
    static kern_layout_choice best[KEPT];
    CU_ASSERT_PTR_NOT_NULL_FATAL(fixture_catalogs());
    state = 7;
    uint64_t layouts = 0, passed = 0;
    for (int i = 0; i < CASES; i++) {
        int gpus;
        char why[DIAG_TEXT];
        kern_layout_question q = random_question(&gpus);
        if (!q.sc.model) continue;
        search_plainly(&q, gpus);
        for (q.threads = 1; q.threads <= 3; q.threads += 2) {
            kern_layout_counts counts = {0, 0, 0, 0};
            size_t n = kern_layouts_best(&q, gpus, best, KEPT, &counts, why);
            CU_ASSERT_EQUAL(n, n_found < KEPT ? n_found : KEPT);
            CU_ASSERT(counts.looked == seen.looked && counts.refused == seen.refused && counts.fit == seen.fit);
            for (size_t k = 0; k < n; k++)
                CU_ASSERT(same_choice(&best[k], &found[k]));
        }
        layouts += seen.looked;
        passed += passes_over(&q, gpus);
    }
    CU_ASSERT(layouts > 2000 && passed > 100);
}

/** The best layouts of 4,096 GPUs hold the model, and their evaluation by name gives the same bytes. */
static void large_models(void) {
    static const char *const words[] = {"model=llama-3.1-405b mode=full-adamw-mixed engine=megatron",
                                        "model=deepseek-v3 mode=full-adamw-mixed engine=megatron",
                                        "model=deepseek-v3 mode=pretrain-adamw-mixed engine=none"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        static sweep_scenario sc;
        kern_layout_choice best[KEPT];
        kern_layout_counts counts = {0, 0, 0, 0};
        diags faults = {.n = 0};
        sweep_answer a;
        char why[DIAG_TEXT], text[1024], layout[KERN_LAYOUT_TEXT];
        TT_ERR(ERR_OK, scenario_build(words[i], &sc, &faults));
        kern_layout_question q = {.sc = sc.k, .node = 8, .context = 8192, .batch = 1};
        q.gpu = sweep_find_gpu(fixture_catalogs(), "h100-sxm");
        size_t n = kern_layouts_best(&q, 4096, best, KEPT, &counts, why);
        CU_ASSERT_EQUAL_FATAL(n, KEPT);
        CU_ASSERT(counts.looked > 1000 && counts.refused < counts.looked && counts.fit > KEPT);
        for (size_t k = 0; k < n; k++) {
            CU_ASSERT(best[k].charge <= best[k].capacity && kern_layout_gpus(&best[k].layout) == 4096);
            sweep_layout_text(&best[k].layout, layout);
            snprintf(text, sizeof text, "%s layout=%s checkpointing=%s gpu=h100-sxm gpus=4096", words[i], layout,
                     sweep_checkpointing_name[best[k].checkpointing]);
            CU_ASSERT(scenario_answer(text, &a) && a.fits && a.total == best[k].charge);
        }
    }
}

static err build_auto(const char *words, sweep_scenario *sc, sweep_auto *a, diags *faults) {
    static char copy[1024];
    const char *text[SC_COLUMNS] = {NULL};
    const sweep_place at = {.file = NULL};
    snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " ")) {
        char *eq = strchr(word, '=');
        *eq = 0;
        text[sweep_column_find(word)] = eq + 1;
    }
    return sweep_auto_build(fixture_catalogs(), text, &at, sc, a, faults);
}

static void refusals(void) {
    static const struct {
        const char *words, *field, *says;
        err code;
    } cases[] = {
        {"layout=auto", "gpus", "needs the number of GPUs", ERR_MISSING},
        {"layout=auto gpus=0", "gpus", "expected 1 to 65536", ERR_RANGE},
        {"layout=auto gpus=65537", "gpus", "expected 1 to 65536", ERR_RANGE},
        {"layout=auto gpus=8 method=lyceum", "layout", "method=exact", ERR_RANGE},
        {"layout=auto gpus=8 objective=speed", "objective", "headroom, gpus or cost", ERR_TYPE},
        {"layout=auto gpus=8 global_batch=64", "global_batch", "the mode serves", ERR_RANGE},
        {"layout=auto gpus=8 mode=lora-r16 engine=torch global_batch=0", "global_batch", "expected 1 to", ERR_RANGE},
        {"layout=auto gpus=8 mode=lora-r16 engine=torch global_batch=8 micro_batches=2", "global_batch",
         "decides micro_batches", ERR_RANGE},
        {"layout=auto gpus=8 mode=lora-r16 engine=vllm", "layout", "engine vllm has no train_layouts", ERR_RANGE},
        {"layout=tp2 global_batch=8", "global_batch", "is for layout=auto", ERR_RANGE},
    };
    static sweep_scenario sc;
    sweep_auto a;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        diags faults = {.n = 0};
        char words[256];
        snprintf(words, sizeof words, "model=llama-3.1-8b %s", cases[i].words);
        TT_ERR(cases[i].code, build_auto(words, &sc, &a, &faults));
        CU_ASSERT_EQUAL_FATAL(faults.n, 1);
        TT_TEXT(faults.item[0].field, cases[i].field);
        CU_ASSERT_PTR_NOT_NULL(strstr(faults.item[0].text, cases[i].says));
    }
    diags faults = {.n = 0}; /* lists that choose nothing know no such layout */
    TT_ERR(ERR_SYNTAX, scenario_build("model=llama-3.1-8b layout=auto gpus=8", &sc, &faults));
}

static void chosen(void) {
    static const struct {
        const char *words, *layout;
        int gpus;
    } cases[] = {
        {"model=llama-3.1-70b engine=llamacpp gpu=rtx-4090 gpus=16 context=32k objective=gpus", "pp8", 8},
        {"model=llama-3.1-70b gpu=h100-sxm gpus=8 tp=4 objective=headroom pp=1", "tp4-cp2", 8},
        {"model=llama-3.1-8b gpu=h100-sxm gpus=8 objective=gpus", "tp1", 1},
        {"model=mixtral-8x7b engine=vllm gpu=h100-sxm gpus=8 pp=1 dp=1 ep=8", "tp8-ep8", 8},
        {"model=llama-3.1-70b mode=full-adamw-mixed engine=deepspeed gpu=h100-sxm gpus=64", "dp64-zero3", 64},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        static sweep_scenario sc;
        sweep_auto a;
        diags faults = {.n = 0};
        char why[DIAG_TEXT] = "", layout[KERN_LAYOUT_TEXT];
        char words[256];
        snprintf(words, sizeof words, "layout=auto %s", cases[i].words);
        TT_ERR(ERR_OK, build_auto(words, &sc, &a, &faults));
        TT_ERR(ERR_OK, sweep_auto_choose(&a, &sc, why));
        sweep_layout_text(&sc.k.layout, layout);
        TT_TEXT(layout, cases[i].layout);
        CU_ASSERT_EQUAL(sc.gpus, cases[i].gpus);
    }
}

/** The global batch is shared out whole: dp x micro-batch x number of micro-batches. */
static void global_batch(void) {
    static sweep_scenario sc;
    sweep_auto a;
    kern_layout_choice best[KERN_CHOICES_MAX];
    kern_layout_counts counts = {0, 0, 0, 0};
    diags faults = {.n = 0};
    char why[DIAG_TEXT];
    int gpus;
    TT_ERR(ERR_OK, build_auto("model=llama-3.1-8b mode=full-adamw-mixed engine=megatron layout=auto gpus=64 batch=2 "
                              "global_batch=24 gpu=h100-sxm",
                              &sc, &a, &faults));
    size_t n = sweep_auto_search(&a, sc.gpu, best, KERN_CHOICES_MAX, &gpus, &counts, why);
    CU_ASSERT(n > 10);
    for (size_t i = 0; i < n; i++) {
        const kern_layout *l = &best[i].layout;
        CU_ASSERT(24 % l->dp == 0 && 24 / l->dp % 2 == 0);
        CU_ASSERT(l->micro_batches == (l->pp > 1 ? 24 / l->dp / 2 : 0));
    }
}

/** Numbers of GPUs that are tried ascend by parts of a node, nodes, and 32 steps to a doubling. */
static void sizes(void) {
    int n = 0;
    for (int gpus = 1; gpus <= 4096; gpus++)
        n += kern_layouts_tries(gpus, 8, 4096);
    CU_ASSERT_EQUAL(n, 3 + 63 + 3 * 32 + 1);
    CU_ASSERT(kern_layouts_tries(2, 8, 12) && !kern_layouts_tries(3, 8, 12) && kern_layouts_tries(12, 8, 12));
    CU_ASSERT(kern_layouts_tries(504, 8, 4096) && kern_layouts_tries(512, 8, 4096) &&
              !kern_layouts_tries(520, 8, 4096));
}

CU_TestInfo layouts_tests[] = {{"equals a plain loop", equals_a_plain_loop},
                               {"large models", large_models},
                               {"refusals", refusals},
                               {"chosen", chosen},
                               {"global batch", global_batch},
                               {"sizes", sizes},
                               CU_TEST_INFO_NULL};
