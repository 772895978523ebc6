/*
 * test_procure.c - options against brute force: users of a replica by trying every number of them, needs at every one,
 * layouts by a plain double loop; bytes of a step by hand; a buyer's prices, currencies, newest offers; questions that
 * nothing answers.
 */
#include "sweep/procure.h"

#include "kernels/eval/eval.h"
#include "kernels/lower/lower.h"
#include "kernels/reduce/capacity.h"
#include "sweep/layout.h"
#include "tests/unit/catalog_fixture.h"
#include "tests/unit/scenario_fixture.h"
#include "tests/unit/tt.h"

enum { SCAN_MOST = 3000, ALL_GPUS = 256 };

/** A question over one scenario; everything it points to lives as long as it does. */
typedef struct asking {
    arena mem;
    diags faults;
    sweep_scenario sc;
    sweep_work work;
    const kern_gpu *gpu[ALL_GPUS];
    double context[2];
    size_t i_context[2];
    sweep_procure q;
} asking;

static const char *const no_text[SC_COLUMNS];

/** `words` make the scenario, `gpus` are names with blanks between, NULL: all; contexts 8k and 32k. */
static err ask(asking *a, const sweep_catalogs *c, const char *words, const char *gpus, int64_t users) {
    memset(a, 0, sizeof *a);
    arena_init(&a->mem, NULL, NULL);
    TRY(scenario_build(words, &a->sc, &a->faults));
    a->work = (sweep_work){.combo.sc = a->sc.k, .weights = a->sc.k.weights->name, .kv = "bf16"};
    a->context[0] = 8192;
    a->context[1] = 32768;
    a->q = (sweep_procure){.mem = &a->mem,
                           .faults = &a->faults,
                           .catalogs = c,
                           .work = &a->work,
                           .n_works = 1,
                           .gpu = a->gpu,
                           .context = a->context,
                           .i_context = a->i_context,
                           .n_contexts = 2,
                           .batch = a->sc.batch,
                           .text = no_text,
                           .shown_context = 32768};
    sweep_buying_default(&a->q.buying);
    a->q.buying.users[0] = users;
    a->q.buying.n_users = 1;
    a->q.buying.per_usd = 1;
    for (size_t i = 0; i < c->gpus.n; i++) {
        char one[80], all[400];
        snprintf(one, sizeof one, " %s ", c->gpus.rows[i]->name);
        snprintf(all, sizeof all, " %s ", gpus ? gpus : one);
        if (strstr(all, one)) a->gpu[a->q.n_gpus++] = c->gpus.rows[i];
    }
    return ERR_OK;
}

static void end(asking *a) {
    arena_fini(&a->mem);
}

static const report_option *find(const asking *a, const kern_gpu *gpu, int tp, int pp) {
    for (size_t i = 0; i < a->q.report.n_options; i++) {
        const report_option *o = &a->q.report.option[i];
        if (a->q.gpu[o->gpu] == gpu && o->tp >= tp && o->tp <= tp && o->pp >= pp && o->pp <= pp) return o;
    }
    return NULL;
}

/** Charge of b sequences, with the engine's defaults on that GPU; -1: refused. */
static double charge_at(const asking *a, const kern_gpu *gpu, int tp, int pp, double b, double s, double *capacity) {
    static sweep_scenario at;
    kern_record r;
    char why[DIAG_TEXT];
    double bytes;
    at.k = a->sc.k;
    sweep_scenario_on_gpu(no_text, gpu, &at);
    at.k.layout = (kern_layout){.tp = tp, .pp = pp, .dp = 1, .ep = 1, .cp = 1};
    *capacity = kern_capacity(&at.k, gpu, tp * pp, KERN_USE_SERVE);
    if (kern_lower(&at.k, &(kern_bounds){s, b}, &r, why, NULL, NULL) != ERR_OK) return -1;
    kern_eval_cell(&r, b, s, NULL, &bytes);
    return bytes;
}

static double need_at(const report_load *l, double b) {
    double x = l->need + l->need_user * b, y = l->need_2 + l->need_2_user * b;
    return y > x ? y : x;
}

/* Every number of sequences up to the most: it fits and takes what the lines say; one more does not fit. */
static void check_load(const asking *a, const report_option *o, size_t context) {
    const kern_gpu *gpu = a->q.gpu[o->gpu];
    const report_load *l = &o->load[context];
    double capacity, most = l->users < SCAN_MOST ? l->users : SCAN_MOST;
    int wrong = 0;
    for (double b = 1; b <= most; b += b < 300 ? 1 : 37) {
        double found = charge_at(a, gpu, (int)o->tp, (int)o->pp, b, a->context[context], &capacity);
        wrong += found > capacity || capacity > l->capacity || capacity < l->capacity;
        wrong += !isnan(l->need) && (need_at(l, b) < found || need_at(l, b) > found);
    }
    wrong += charge_at(a, gpu, (int)o->tp, (int)o->pp, l->users + 1, a->context[context], &capacity) <= capacity;
    if (wrong) printf("\n%s %s %s: %d wrong\n", o->model, gpu->name, o->layout, wrong);
    CU_ASSERT_EQUAL(wrong, 0);
}

static const char *const workloads[] = {
    "model=llama-3.3-70b weights=fp8 engine=vllm",         "model=qwen3-235b-a22b weights=int4-g128-awq engine=sglang",
    "model=gemma-3-27b weights=q4_k_m engine=llamacpp",    "model=deepseek-v3 weights=fp8-block128 engine=vllm",
    "model=llama-3.1-8b weights=bf16 engine=transformers", "model=qwen3.5-35b-a3b weights=bf16 engine=none",
};
enum { WORKLOADS = sizeof workloads / sizeof *workloads };

static void loads(void) {
    asking a;
    for (size_t w = 0; w < WORKLOADS; w++) {
        TT_ERR(ERR_OK, ask(&a, fixture_catalogs(), workloads[w], "h100-sxm rtx-4090 b200 rtx-3060-12gb", 100));
        TT_ERR(ERR_OK, sweep_procure_make(&a.q));
        CU_ASSERT(a.q.report.n_options > 5);
        for (size_t i = 0; i < a.q.report.n_options; i++) {
            for (size_t c = 0; c < 2; c++)
                check_load(&a, &a.q.report.option[i], c);
        }
        end(&a);
    }
}

/** The widest tensor parallelism that divides the node and that the model allows. */
static int widest(const asking *a, const kern_gpu *gpu) {
    double capacity;
    int tp = gpu->max_per_node;
    while (tp > 1 && (gpu->max_per_node % tp || charge_at(a, gpu, tp, 1, 1, 8192, &capacity) < 0))
        tp--;
    return a->sc.k.engine->serves & KERN_SPLIT_TP ? tp : 1;
}

/** As docs/procurement.md has it. */
static int is_tried(const asking *a, const kern_gpu *gpu, int tp, int pp) {
    int node = gpu->max_per_node, gpus = tp * pp;
    if (tp > node || (tp > 1 && !(a->sc.k.engine->serves & KERN_SPLIT_TP))) return 0;
    if (pp == 1) return node % tp == 0 || tp == 2 || tp == 4 || tp == 8 || tp == 16 || tp == 32 || tp == 64;
    if (!(a->sc.k.engine->serves & KERN_SPLIT_PP) || tp != widest(a, gpu)) return 0;
    return gpus <= node ? node % gpus == 0 : gpus % node == 0;
}

/* Every layout of up to 64 GPUs that is tried and holds a sequence is an option; no other is. */
static void layouts(void) {
    asking a;
    for (size_t w = 0; w < WORKLOADS; w++) {
        size_t n = 0;
        int wrong = 0;
        TT_ERR(ERR_OK, ask(&a, fixture_catalogs(), workloads[w], NULL, 100));
        TT_ERR(ERR_OK, sweep_procure_make(&a.q));
        for (size_t g = 0; g < a.q.n_gpus; g++) {
            for (int tp = 1; tp <= 64; tp++) {
                for (int pp = 1; tp * pp <= 64; pp++) {
                    double capacity, charge = is_tried(&a, a.gpu[g], tp, pp)
                                                  ? charge_at(&a, a.gpu[g], tp, pp, 1, 8192, &capacity)
                                                  : -1;
                    int holds = charge >= 0 && charge <= capacity;
                    if (holds != (find(&a, a.gpu[g], tp, pp) != NULL)) {
                        if (!wrong++) printf("\n%s: tp%d pp%d on %s\n", workloads[w], tp, pp, a.gpu[g]->name);
                    }
                    n += (size_t)holds;
                }
            }
        }
        CU_ASSERT_EQUAL(wrong, 0);
        CU_ASSERT_EQUAL(n, a.q.report.n_options);
        end(&a);
    }
}

/* Best rank first, then GPUs: nobody stands before one who is better. */
static void order(void) {
    asking a;
    TT_ERR(ERR_OK, ask(&a, fixture_catalogs(), workloads[0], NULL, 1000));
    TT_ERR(ERR_OK, sweep_procure_make(&a.q));
    const report_answer *x = a.q.report.answer;
    for (size_t i = 1; i < a.q.report.n_options; i++) {
        CU_ASSERT(!(x[i].rank < x[i - 1].rank) && !(isnan(x[i - 1].rank) && !isnan(x[i].rank)));
        CU_ASSERT(!(x[i].rank <= x[i - 1].rank) || x[i].gpus >= x[i - 1].gpus);
    }
    end(&a);
}

/* Layouts that are given are the only ones; a GPU whose node is too small for one is passed over. */
static void given_layouts(void) {
    asking a;
    const kern_gpu *h100 = sweep_find_gpu(fixture_catalogs(), "h100-sxm");
    TT_ERR(ERR_OK, ask(&a, fixture_catalogs(), workloads[0], "h100-sxm rtx-3060-12gb", 10));
    sweep_work two[] = {a.work, a.work};
    two[0].given = two[1].given = 1;
    two[0].combo.sc.layout = (kern_layout){.tp = 4, .pp = 2, .dp = 1, .ep = 1, .cp = 1};
    two[1].combo.sc.layout = (kern_layout){.tp = 8, .pp = 1, .dp = 1, .ep = 1, .cp = 1};
    a.q.work = two;
    a.q.n_works = 2;
    TT_ERR(ERR_OK, sweep_procure_make(&a.q));
    CU_ASSERT_EQUAL(a.q.report.n_options, 2);
    CU_ASSERT(find(&a, h100, 4, 2) && find(&a, h100, 8, 1));
    two[1].combo.sc.layout.dp = 2;
    TT_ERR(ERR_RANGE, sweep_procure_make(&a.q));
    end(&a);
}

/* Llama 3.1 8B in bf16: 32 layers, hidden 4096, 8 KV heads of 128, inner 14336, vocabulary 128256. */
static void a_step(void) {
    static sweep_scenario sc;
    diags faults = {.n = 0};
    kern_decode d;
    double layer = 2 * 4096.0 * 4096 + 2 * 1024.0 * 4096 + 3 * 14336.0 * 4096 + 2 * 4096;
    TT_ERR(ERR_OK, scenario_build("model=llama-3.1-8b weights=bf16 kv=fp8", &sc, &faults));
    kern_lower_decode(&sc.k, 1000, &d);
    TT_BITS(d.weights, 2 * (32 * layer + 128256.0 * 4096 + 4096));
    TT_BITS(d.experts, 0);
    TT_BITS(d.expert_share, 0);
    TT_BITS(d.cache_user, 32 * 2 * 1024 * 1000.0);
    sc.k.layout.tp = 8;
    kern_lower_decode(&sc.k, 1000, &d); /* norms are on every rank, one KV head each */
    TT_BITS(d.weights, 2 * (32 * ((layer - 2 * 4096) / 8 + 2 * 4096) + 128512.0 / 8 * 4096 + 4096));
    TT_BITS(d.cache_user, 32 * 2 * 128 * 1000.0);
}

/* Mixtral 8x7B: 2 of 8 experts, 32 layers of 8 x 3 x 14336 x 4096. Gemma 3 1B is tied: its table is the head. */
static void a_step_of_others(void) {
    static sweep_scenario sc;
    diags faults = {.n = 0};
    kern_decode d;
    TT_ERR(ERR_OK, scenario_build("model=mixtral-8x7b weights=fp16", &sc, &faults));
    kern_lower_decode(&sc.k, 1, &d);
    TT_BITS(d.experts, 2 * 32.0 * 8 * 3 * 14336 * 4096);
    TT_BITS(d.expert_share, 0.25);
    TT_ERR(ERR_OK, scenario_build("model=gemma-3-1b weights=bf16", &sc, &faults));
    kern_lower_decode(&sc.k, 1, &d);
    TT_BITS(d.weights, 2 * (double)sc.k.model->params_total);
    TT_ERR(ERR_OK, scenario_build("model=deepseek-v3.2 weights=native", &sc, &faults));
    kern_lower_decode(&sc.k, 8192, &d);
    CU_ASSERT(isnan(d.cache_user) && d.experts > 0); /* sparse attention */
    TT_REL(d.expert_share, 8.0 / 256, 1e-15);
}

/** The first GPU's price of a question on an H100 over catalogs with a list laid over. */
static err price_of(const char *list, const char *currency, double per_usd, report_gpu *out, char **told) {
    catalog_fixture f;
    asking a;
    catalog_init(&f);
    const char *path = catalog_write(&f, "acme-purchases.csv", list, strlen(list));
    err e = catalog_load(&f, &path, path != NULL);
    if (e == ERR_OK) {
        ask(&a, fixture_catalogs(), workloads[0], NULL, 1);
        a.gpu[0] = sweep_find_gpu(&f.c, "h100-sxm");
        a.q.n_gpus = 1;
        a.q.catalogs = &f.c;
        a.q.buying.currency = currency;
        a.q.buying.per_usd = per_usd;
        e = sweep_procure_prices(&a.q);
        if (e == ERR_OK) *out = *a.q.report.gpu;
        f.faults = a.faults;
        end(&a);
    }
    *told = fixture_text(&f.faults);
    catalog_fini(&f);
    return e;
}

#define HEADER "gpu,price,currency,date,source\n"

static void own_prices(void) {
    report_gpu g;
    char *told;
    TT_ERR(ERR_OK, price_of(HEADER "H100-SXM,21000,EUR,2026-10,offer 17\n", "EUR", 0.9, &g, &told));
    TT_BITS(g.price, 21000);
    TT_BITS(g.price_usd, 0);
    free(told);
    TT_ERR(ERR_OK, price_of(HEADER "h100-sxm,21000,USD,2026-10,offer 17\n", "EUR", 0.9, &g, &told));
    TT_BITS(g.price_usd, 1);
    free(told);
    TT_ERR(ERR_OK, price_of(HEADER "a100-80gb-sxm,9000,USD,2026-10,offer 17\n", "USD", 1, &g, &told));
    CU_ASSERT(g.price > 0 && strcmp(g.price_kind, "street") == 0); /* none of its own */
    free(told);
}

static void bad_prices(void) {
    static const struct {
        const char *list, *told;
    } cases[] = {
        {HEADER "a100-80gb-sxm,1,USD,2026,x\nh100-sxm,21000,GBP,2026-10,offer\n",
         ":3: currency: 'GBP' is neither USD nor the report's EUR"},
        {HEADER "h100-sxm,0,USD,2026,x\n", ":2: price: found '0', expected a number from 0.01"},
        {HEADER "h100-xsm,1,USD,2026,x\n", ":2: gpu: no GPU is called 'h100-xsm'"},
        {HEADER "h100-sxm,1,USD,2026,x\nh100,2,USD,2026,x\n", ":3: gpu: h100-sxm has a price in line 2 already"},
        {"gpu,price,currency,source\nh100-sxm,1,USD,x\n", ":1: date: the column is missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        report_gpu g;
        char *told;
        CU_ASSERT(price_of(cases[i].list, "EUR", 0.9, &g, &told) != ERR_OK);
        if (!strstr(told, cases[i].told)) printf("\nfound %s\nexpected ...%s\n", told, cases[i].told);
        CU_ASSERT(strstr(told, cases[i].told) != NULL);
        free(told);
    }
}

/* Of several dates of an instance the newest counts, for one that is only older too; what is not offered is blank. */
static void newest_offers(void) {
    static const char list[] =
        "provider,instance,gpu,gpu_count,usd_per_hour_on_demand,usd_per_hour_spot,usd_per_hour_reserved,region,date,"
        "source\nacme,one,h100-sxm,1,5,,,x,2026-01,s\nacme,one,h100-sxm,1,4,,,x,2026-03-02,s\n"
        "acme,one,h100-sxm,1,3,,,x,2026-03,s\nacme,two,h100-sxm,8,,9,,x,2020,s\n";
    catalog_fixture f;
    asking a;
    size_t seen = 0;
    catalog_init(&f);
    const char *path = catalog_write(&f, "acme-prices.csv", list, strlen(list));
    TT_ERR(ERR_OK, catalog_load(&f, &path, 1));
    TT_ERR(ERR_OK, ask(&a, &f.c, workloads[0], "h100-sxm", 1));
    TT_ERR(ERR_OK, sweep_procure_prices(&a.q));
    for (size_t i = 0; i < a.q.report.n_offers; i++) {
        const report_offer *o = &a.q.report.offer[i];
        if (strcmp(o->provider, "acme") != 0) continue;
        seen++;
        if (strcmp(o->instance, "one") == 0) TT_BITS(o->hour[REPORT_ON_DEMAND], 4);
        if (strcmp(o->instance, "two") == 0) CU_ASSERT(isnan(o->hour[REPORT_ON_DEMAND]) && o->hour[REPORT_SPOT] > 8);
    }
    CU_ASSERT_EQUAL(seen, 2);
    end(&a);
    catalog_fini(&f);
}

/* Nothing holds it: no options, a reason for each GPU with what is needed and there. */
static void no_options(void) {
    asking a;
    TT_ERR(ERR_OK, ask(&a, fixture_catalogs(), workloads[3], "rtx-3060-12gb rtx-4090", 1));
    a.q.buying.max_gpus = 4;
    TT_ERR(ERR_OK, sweep_procure_make(&a.q));
    CU_ASSERT_EQUAL(a.q.report.n_options, 0);
    CU_ASSERT_EQUAL(a.q.n_refusals, 2);
    for (size_t i = 0; i < a.q.n_refusals; i++)
        CU_ASSERT(a.q.refusal[i].need > a.q.refusal[i].capacity && a.q.refusal[i].capacity > 0);
    end(&a);
    TT_ERR(ERR_OK, ask(&a, fixture_catalogs(), "model=gpt2 weights=bf16", "h100-sxm", 1)); /* made for 1,024 tokens */
    TT_ERR(ERR_OK, sweep_procure_make(&a.q));
    CU_ASSERT_EQUAL(a.q.report.n_options, 0);
    CU_ASSERT(a.q.n_refusals == 1 && strstr(a.q.refusal[0].why, "context") && isnan(a.q.refusal[0].need));
    end(&a);
    TT_ERR(ERR_OK, ask(&a, fixture_catalogs(), "model=llama-3.1-8b method=lyceum", "h100-sxm", 1));
    TT_ERR(ERR_RANGE, sweep_procure_make(&a.q));
    end(&a);
}

static void a_billion_users(void) {
    asking a;
    TT_ERR(ERR_OK, ask(&a, fixture_catalogs(), workloads[0], "h100-sxm b200", 1000000000));
    TT_ERR(ERR_OK, sweep_procure_make(&a.q));
    CU_ASSERT(a.q.report.n_options > 5);
    for (size_t i = 0; i < a.q.report.n_options; i++) {
        const report_answer *x = &a.q.report.answer[i];
        if (a.q.report.option[i].load[1].users < 1) continue;
        CU_ASSERT(x->capacity >= 1e9 && x->cost > 1e6 && isfinite(x->cost) && x->headroom >= 0);
    }
    end(&a);
}

/* One replica on the fewest GPUs of the ladder, whatever the users. */
static void training(void) {
    asking a;
    const kern_gpu *h100 = sweep_find_gpu(fixture_catalogs(), "h100-sxm");
    kern_layout layout;
    TT_ERR(ERR_OK, ask(&a, fixture_catalogs(), "model=llama-3.1-8b mode=full-adamw-mixed engine=megatron batch=1",
                       "h100-sxm rtx-3060-12gb", 7));
    TT_ERR(ERR_OK, sweep_procure_make(&a.q));
    CU_ASSERT(a.q.report.n_options >= 1);
    int fewest = kern_min_gpus(&a.sc.k, h100, 1, 32768, &layout), found = 0;
    for (size_t i = 0; i < a.q.report.n_options; i++) {
        const report_option *o = &a.q.report.option[i];
        const report_answer *x = &a.q.report.answer[i];
        CU_ASSERT(o->trains && isnan(x->tokens) && isnan(x->cost_user));
        found |= a.q.gpu[o->gpu] == h100 && x->gpus >= fewest && x->gpus <= fewest && x->headroom >= 0;
    }
    CU_ASSERT(found);
    end(&a);
}

CU_TestInfo procure_tests[] = {
    {"users and needs at every number", loads},
    {"every layout that holds it", layouts},
    {"best first", order},
    {"given layouts", given_layouts},
    {"bytes of a step", a_step},
    {"bytes of a step: experts, tied, sparse", a_step_of_others},
    {"prices of one's own", own_prices},
    {"prices that cannot be used", bad_prices},
    {"newest offers", newest_offers},
    {"nothing holds it", no_options},
    {"a billion users", a_billion_users},
    {"training", training},
    CU_TEST_INFO_NULL,
};
