/*
 * test_procurement.c - answers against numbers worked by hand: one option with every figure known, what each unknown
 * makes blank, ranks with ties, and the Pareto front against the definition, pair by pair.
 */
#include "report/procurement.h"

#include <stdlib.h>

#include "tests/unit/tt.h"

enum { MANY = 300 };

static const double contexts[] = {4096, 8192};

/* 4 GPUs to a node, 100 GB, 2 TB/s, 500 W, 10,000 each. */
static const report_gpu one_gpu[] = {
    {"g", "G", .usable = 100e9, .bandwidth = 2e12, .watts = 500, .node = 4, .price = 10000, .price_usd = 1}};

static const report_load one_load[] = {
    {.users = 30, .need = 50e9, .need_user = 1e9, .cache = 0, .cache_user = 2e9, .capacity = 90e9},
    {.users = 12, .need = 50e9, .need_user = 3e9, .cache = 1e9, .cache_user = 5e9, .capacity = 90e9},
};

/* A replica of 2 x 2 GPUs: 100 GB of dense weights, 400 GB of experts of which a quarter works for a token. */
static const report_option one_option[] = {{"m", "fp8", "bf16", "tp2-pp2", .tp = 2, .pp = 2, .read = 100e9,
                                            .experts = 400e9, .expert_share = 0.25, .load = one_load}};

static const report_offer offers[] = {
    {"a", "four", "", "2026-01-01", "", 0, 4, {8, 3, NAN}},
    {"b", "one", "", "2026-01-01", "", 0, 1, {0.1, 0.1, 0.1}}, /* tp2 needs two of them in one box */
    {"c", "two", "", "2026-01-01", "", 0, 2, {3.9, NAN, 2}},
};

static const report_inputs inputs = {.users = 25,
                                     .context = 8192,
                                     .months = 36,
                                     .hours_per_day = 12,
                                     .electricity = 0.2,
                                     .pue = 1.5,
                                     .discount = 0.1,
                                     .host = 5000,
                                     .per_usd = 1,
                                     .currency = "USD"};

static report_procurement small(void) {
    return (report_procurement){.inputs = inputs,
                                .context = contexts,
                                .n_contexts = 2,
                                .gpu = one_gpu,
                                .n_gpus = 1,
                                .offer = offers,
                                .n_offers = 3,
                                .option = one_option,
                                .n_options = 1};
}

static report_answer answer(const report_procurement *p) {
    report_answer a;
    TT_ERR(ERR_OK, report_procurement_answer(p, &a));
    return a;
}

/* 25 users at 12 a replica: 3 replicas, 12 GPUs, 6 pairs at 2 a node: 3 nodes; the fullest has 9. */
static void memory(void) {
    report_procurement p = small();
    report_answer a = answer(&p);
    TT_BITS(a.replicas, 3);
    TT_BITS(a.gpus, 12);
    TT_BITS(a.nodes, 3);
    TT_BITS(a.share, 9);
    TT_BITS(a.capacity, 36);
    TT_BITS(a.need, 77e9);
    TT_BITS(a.headroom, 13e9);
    TT_REL(a.used, 77.0 / 90, 1e-15);
    report_load two[2] = {one_load[0], one_load[1]};
    report_option o = one_option[0];
    o.load = two;
    p.option = &o;
    two[1].need_2 = 41e9;
    two[1].need_2_user = 4e9;
    TT_BITS(answer(&p).need, 77e9); /* both lines at 9 */
    p.inputs.users = 36;            /* 12 each: the second is above */
    TT_BITS(answer(&p).need, 89e9);
    p.inputs.users = 3;
    TT_BITS(answer(&p).need, 59e9);
    two[1].need = NAN;
    CU_ASSERT(isnan(answer(&p).need));
    p = small();
    p.inputs.context = 4096; /* 30 a replica: one is enough */
    a = answer(&p);
    TT_BITS(a.gpus, 4);
    TT_BITS(a.need, 75e9);
}

/* 12 x 10,000 less a tenth and 3 x 5,000; 12 x 500 W x 1.5 = 9 kW for 365 hours a month at 0.20. */
static void owning(void) {
    report_procurement p = small();
    report_answer a = answer(&p);
    TT_REL(a.purchase, 123000, 1e-15);
    TT_REL(a.kilowatts, 9, 1e-15);
    TT_REL(a.electricity, 657, 1e-14);
    TT_REL(a.own_month, 123000.0 / 36 + 657, 1e-14);
    p.inputs.per_usd = 0.5;
    TT_REL(answer(&p).purchase, 69000, 1e-15); /* the host is in the inputs' currency */
    report_gpu own = one_gpu[0];
    own.price_usd = 0;
    p.gpu = &own;
    TT_REL(answer(&p).purchase, 123000, 1e-15);
}

/* On demand 3 boxes of four at 8 or 6 boxes of two at 3.9; reserved is paid around the clock. */
static void renting(void) {
    report_procurement p = small();
    report_answer a = answer(&p);
    TT_REL(a.hour[REPORT_ON_DEMAND], 23.4, 1e-15);
    TT_REL(a.hour[REPORT_SPOT], 9, 1e-15);
    TT_REL(a.hour[REPORT_RESERVED], 12, 1e-15);
    TT_REL(a.month[REPORT_ON_DEMAND], 23.4 * 365, 1e-14);
    TT_REL(a.month[REPORT_SPOT], 9 * 365, 1e-14);
    TT_REL(a.month[REPORT_RESERVED], 12 * 730, 1e-14);
    TT_REL(a.break_even[REPORT_ON_DEMAND], 123000 / (23.4 * 365 - 657), 1e-14);
    double count;
    const report_offer *f = report_procurement_offer(&p, p.option, a.replicas, REPORT_ON_DEMAND, &count);
    CU_ASSERT(f == &offers[2]);
    TT_BITS(count, 6);
    CU_ASSERT(report_procurement_offer(&p, p.option, a.replicas, REPORT_RESERVED, &count) == &offers[2]);
    p.inputs.per_usd = 2;
    TT_REL(answer(&p).hour[REPORT_SPOT], 18, 1e-15);
    p.inputs.per_usd = 1;
    p.inputs.electricity = 10; /* 32,850 a month: renting never costs more */
    CU_ASSERT(isnan(answer(&p).break_even[REPORT_ON_DEMAND]));
}

static void basis(void) {
    static const double want[REPORT_BASES] = {4073.67, 123000.0 / 36 + 657, 8541, 3285, 8760};
    report_procurement p = small();
    for (int b = 0; b < REPORT_BASES; b++) {
        p.inputs.basis = (report_basis)b;
        report_answer a = answer(&p);
        TT_REL(a.cost, round(want[b] * 100) / 100, 1e-14);
        TT_REL(a.cost_user, a.cost / 25, 1e-15);
    }
}

/* Shares of 9 / 2 sequences read 1 - 0.75^4.5 of the experts, and the cache of half the sequences. */
static void decoding(void) {
    report_procurement p = small();
    report_answer a = answer(&p);
    double bytes = 100e9 + 400e9 * (1 - pow(0.75, 4.5)) + (1e9 + 9 * 5e9) / 2;
    TT_REL(a.tokens_user, 2e12 / bytes, 1e-14);
    TT_REL(a.tokens, 25 * 2e12 / bytes, 1e-14);
}

static void unknowns(void) {
    report_procurement p = small();
    report_gpu gpu = one_gpu[0];
    p.gpu = &gpu;
    p.inputs.electricity = NAN;
    report_answer a = answer(&p);
    CU_ASSERT(isnan(a.electricity));
    TT_REL(a.own_month, 123000.0 / 36, 1e-15);
    TT_REL(a.break_even[REPORT_SPOT], 123000 / (9 * 365.0), 1e-14);
    gpu.price = NAN;
    a = answer(&p);
    CU_ASSERT(isnan(a.purchase) && isnan(a.own_month) && isnan(a.break_even[REPORT_SPOT]));
    TT_REL(a.cost, 8541, 1e-14); /* renting has a price */
    p.n_offers = 0;
    a = answer(&p);
    CU_ASSERT(isnan(a.hour[0]) && isnan(a.month[2]) && isnan(a.cost) && isnan(a.cost_user) && isnan(a.rank));
    CU_ASSERT_EQUAL(a.pareto, 0);
    TT_BITS(a.gpus, 12);
    gpu.bandwidth = gpu.watts = NAN;
    a = answer(&p);
    CU_ASSERT(isnan(a.tokens) && isnan(a.tokens_user) && isnan(a.kilowatts));
}

static void nothing_fits(void) {
    report_procurement p = small();
    report_load none[2] = {one_load[0], one_load[1]};
    report_option o = one_option[0];
    none[1].users = 0;
    o.load = none;
    p.option = &o;
    report_answer a = answer(&p);
    CU_ASSERT(isnan(a.replicas) && isnan(a.gpus) && isnan(a.nodes) && isnan(a.share) && isnan(a.capacity));
    CU_ASSERT(isnan(a.need) && isnan(a.headroom) && isnan(a.used) && isnan(a.purchase) && isnan(a.kilowatts));
    CU_ASSERT(isnan(a.cost) && isnan(a.rank) && isnan(a.tokens) && isnan(a.break_even[0]));
    CU_ASSERT_EQUAL(a.pareto, 0);
    p.inputs.context = 5000; /* none of the report's */
    CU_ASSERT(isnan(answer(&p).gpus));
    p.n_options = 0;
    TT_ERR(ERR_OK, report_procurement_answer(&p, NULL));
}

static void training(void) {
    report_procurement p = small();
    report_option o = one_option[0];
    o.trains = 1;
    p.option = &o;
    report_answer a = answer(&p);
    TT_BITS(a.gpus, 4);
    CU_ASSERT(isnan(a.cost_user) && isnan(a.tokens) && isnan(a.tokens_user));
    TT_BITS(a.rank, 1);
}

/* A billion users at 12 a replica. */
static void a_billion(void) {
    report_procurement p = small();
    p.inputs.users = 1e9;
    report_answer a = answer(&p);
    TT_BITS(a.replicas, 83333334);
    TT_BITS(a.gpus, 333333336);
    TT_BITS(a.share, 12);
    TT_REL(a.purchase, 333333336 * 9000.0 + 83333334 * 5000.0, 1e-15);
}

/* Options of two models with costs, capacities and headrooms of few values, so that many tie. */
typedef struct crowd {
    report_gpu gpu[MANY];
    report_load load[MANY];
    report_option option[MANY];
    report_answer answer[MANY];
} crowd;

static void make_crowd(crowd *c) {
    unsigned seed = 7;
    for (size_t i = 0; i < MANY; i++) {
        int r[4];
        for (int k = 0; k < 4; k++)
            r[k] = (int)((seed = seed * 1103515245u + 12345u) >> 16) % 6;
        c->gpu[i] = one_gpu[0];
        c->gpu[i].price = r[0] ? 1000 * r[0] : NAN;
        c->load[i] = (report_load){.users = 100 + r[1], .need = 10, .capacity = r[2] == 5 ? NAN : 100 + r[2]};
        c->option[i] = (report_option){r[3] % 2 ? "x" : "y", "", "", "", i, 1, 1, .load = &c->load[i]};
    }
}

static int beats(const report_answer *x, const report_answer *y) {
    return x->cost <= y->cost && x->capacity >= y->capacity && x->headroom >= y->headroom &&
           (x->cost < y->cost || x->capacity > y->capacity || x->headroom > y->headroom);
}

static void ranks_and_front(void) {
    crowd *c = calloc(1, sizeof *c);
    CU_ASSERT_FATAL(c != NULL);
    make_crowd(c);
    report_procurement p = {.inputs = inputs,
                            .context = contexts + 1,
                            .n_contexts = 1,
                            .gpu = c->gpu,
                            .n_gpus = MANY,
                            .option = c->option,
                            .n_options = MANY};
    TT_ERR(ERR_OK, report_procurement_answer(&p, c->answer));
    for (size_t i = 0; i < MANY; i++) {
        const report_answer *a = &c->answer[i];
        int cheaper = 0, front = !isnan(a->cost) && !isnan(a->headroom);
        for (size_t k = 0; k < MANY; k++) {
            if (c->option[k].model != c->option[i].model) continue;
            cheaper += c->answer[k].cost < a->cost;
            if (beats(&c->answer[k], a)) front = 0;
        }
        CU_ASSERT_EQUAL(a->pareto, front);
        CU_ASSERT(isnan(a->cost) ? isnan(a->rank) : a->rank == 1 + cheaper);
    }
    free(c);
}

CU_TestInfo procurement_tests[] = {
    {"GPUs, nodes and memory", memory},
    {"purchase and electricity", owning},
    {"renting", renting},
    {"cost by basis", basis},
    {"ceiling of decoding", decoding},
    {"what is not known stays blank", unknowns},
    {"nothing fits", nothing_fits},
    {"training", training},
    {"a billion users", a_billion},
    {"ranks and Pareto front", ranks_and_front},
    CU_TEST_INFO_NULL,
};
