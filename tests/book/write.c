/*
 * write.c - a made-up report with every kind of hole (no price, no power, no bandwidth, no offer, nothing fits, need of
 * two lines or not known, training), hostile names and ties, and the books of it for changed inputs.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/procurement.h"
#include "tests/book/book.h"

enum { GPUS = 7, OFFERS = 40, CONTEXTS = 3, OPTIONS = 240, PATH = 1024 };

static const char *const models[] = {"alpha-70b", "=1+1 <b>&\"x\"", "\xc3\xa9t\xc3\xa9 7b", "train*~?"};
static const double contexts[CONTEXTS] = {4096, 16384, 65536};

static unsigned state;

/** 0 <= x < n, the same numbers everywhere. */
static unsigned random_below(unsigned n) {
    state = state * 1664525u + 1013904223u;
    return (unsigned)((unsigned long long)(state >> 8) * n >> 24);
}
static int one_in(unsigned n) {
    return random_below(n) == 0;
}
static double between(unsigned low, unsigned high) {
    return low + random_below(high - low);
}

static report_gpu gpu[GPUS];
static report_offer offer[OFFERS + 1]; /* room for one of the reader's own */
static report_load load[OPTIONS][CONTEXTS];
static report_option option[OPTIONS];
static report_answer answer[OPTIONS];
static char gpu_name[GPUS][32];

static void make_gpus(void) {
    for (size_t i = 0; i < GPUS; i++) {
        snprintf(gpu_name[i], sizeof gpu_name[i], "GPU %zu", i + 1);
        gpu[i] = (report_gpu){.name = gpu_name[i],
                              .display = i == 2 ? "" : gpu_name[i],
                              .usable = between(20, 190) * 1e9,
                              .bandwidth = i == 3 ? NAN : between(300, 8000) * 1e9,
                              .watts = i == 4 ? NAN : between(150, 1200),
                              .node = 1u << random_below(4),
                              .price = i == 1 || i == 5 ? NAN : between(2000, 40000) + 0.5,
                              .price_usd = i != 6,
                              .price_date = "2026-01",
                              .price_source = "a list",
                              .price_kind = "street"};
        if (gpu[i].node < 2 && i < 3) gpu[i].node = 8;
    }
}

static void make_offers(void) {
    static const double sizes[] = {1, 1, 2, 4, 8, 8};
    for (size_t i = 0; i < OFFERS; i++) {
        double rate = between(200, 4000) / 1000;
        offer[i] = (report_offer){.provider = i % 5 ? "cloud" : "=cmd|'/C calc'!A0",
                                  .instance = "big.1",
                                  .region = "here",
                                  .date = "2026-02-03",
                                  .source = "its page",
                                  .gpu = random_below(GPUS - 1), /* none of the last */
                                  .gpus = sizes[random_below(6)]};
        offer[i].hour[REPORT_ON_DEMAND] = one_in(4) ? NAN : rate * offer[i].gpus;
        offer[i].hour[REPORT_SPOT] = one_in(2) ? NAN : 0.6 * rate * offer[i].gpus;
        offer[i].hour[REPORT_RESERVED] = one_in(2) ? NAN : 0.7 * rate * offer[i].gpus;
    }
}

/** The longer the context, the fewer users. */
static void make_loads(size_t i) {
    double capacity = gpu[option[i].gpu].usable, need = floor(capacity * between(20, 95) / 100);
    for (size_t k = 0; k < CONTEXTS; k++) {
        double per_user = floor(contexts[k] * between(2000, 40000)), users = floor((capacity - need) / per_user);
        load[i][k] = (report_load){.users = users,
                                   .need = one_in(40) ? NAN : need,
                                   .need_user = per_user,
                                   .cache = one_in(3) ? 123456789 : 0,
                                   .cache_user = per_user * option[i].pp * 0.75,
                                   .capacity = capacity,
                                   .why = "weights alone do not fit"};
        if (one_in(3)) load[i][k].need_2 = floor(need * 1.01), load[i][k].need_2_user = floor(per_user * 0.9);
        if (option[i].trains) load[i][k].users = load[i][k].users >= 1 ? 1 : 0;
    }
}

static void make_options(void) {
    static const double tps[] = {1, 2, 4, 8};
    for (size_t i = 0; i < OPTIONS; i++) {
        int twin = i > 0 && one_in(8); /* the same in everything but its name: ties in cost and on the front */
        int trains = i % 4 == 3;
        option[i] = (report_option){.model = models[i % 4],
                                    .weights = twin ? "fp8" : "bf16",
                                    .kv = i % 7 ? "bf16" : "",
                                    .layout = "a layout",
                                    .gpu = random_below(GPUS),
                                    .tp = tps[random_below(4)],
                                    .pp = 1 + random_below(3),
                                    .read = one_in(20) ? NAN : between(1, 400) * 1e9 + 1,
                                    .load = load[i],
                                    .trains = trains};
        if (one_in(3)) option[i].experts = option[i].read * 0.8, option[i].expert_share = 8.0 / 128;
        make_loads(i);
        if (twin && i >= 4) {
            option[i] = option[i - 4];
            option[i].weights = "a twin";
        }
    }
}

static report_procurement make(unsigned seed) {
    static const char *const notes[] = {"A note that names what is not counted.", "=HYPERLINK(\"http://x\")"};
    state = seed;
    make_gpus();
    make_offers();
    make_options();
    return (report_procurement){.name = "made-up",
                                .title = "A made-up report <&>",
                                .inputs = {.users = 100,
                                           .context = contexts[1],
                                           .months = 36,
                                           .hours_per_day = 24,
                                           .electricity = 0.25,
                                           .pue = 1.3,
                                           .discount = 0,
                                           .host = 20000,
                                           .per_usd = 0.92,
                                           .currency = "EUR"},
                                .context = contexts,
                                .n_contexts = CONTEXTS,
                                .gpu = gpu,
                                .n_gpus = GPUS,
                                .offer = offer,
                                .n_offers = OFFERS,
                                .option = option,
                                .n_options = OPTIONS,
                                .answer = answer,
                                .notes = notes,
                                .n_notes = 2};
}

/* ---- changed sets ---- */

/**
 * What a reader changes: an input by its name, the price of a GPU or the rate of an offer by its number, or an offer of
 * his own, of a GPU by its number and of so many.
 */
typedef struct change {
    const char *what;
    double value; /* NaN: emptied */
} change;

enum { CHANGES = 8 };
static const struct {
    report_basis basis;
    change change[CHANGES];
} sets[] = {
    {REPORT_BASIS_CHEAPEST, {{"users", 1234}, {"months", 24}, {"hours_per_day", 7.5}}},
    {REPORT_BASIS_CHEAPEST, {{"context", 4096}, {"electricity", 0.31}, {"pue", 1.55}, {"users", 7}}},
    {REPORT_BASIS_CHEAPEST, {{"context", 65536}, {"discount", 0.15}, {"host_price", 31000}, {"per_usd", 1.1}}},
    {REPORT_BASIS_PURCHASE, {{"price 1", 12345.67}, {"price 2", 999}, {"electricity", NAN}}},
    {REPORT_BASIS_SPOT, {{"min_tokens", 60}, {"users", 350}}},
    {REPORT_BASIS_RESERVED, {{"rate 3", 1.25}, {"rate 4", 0.5}, {"rate 5", 0.75}, {"months", 12}}},
    {REPORT_BASIS_ON_DEMAND, {{"offer 1 8", 3.777}, {"users", 220}}},
    {REPORT_BASIS_ON_DEMAND,
     {{"users", 1e6}, {"hours_per_day", 1}, {"per_usd", 150}, {"discount", 1}, {"host_price", 0}}},
};

/** The same change for the C program. */
static void apply(report_procurement *p, const change *c) {
    report_inputs *in = &p->inputs;
    const struct {
        const char *name;
        double *at;
    } inputs[] = {{"users", &in->users},
                  {"context", &in->context},
                  {"months", &in->months},
                  {"hours_per_day", &in->hours_per_day},
                  {"electricity", &in->electricity},
                  {"pue", &in->pue},
                  {"discount", &in->discount},
                  {"host_price", &in->host},
                  {"per_usd", &in->per_usd},
                  {"min_tokens", &in->min_tokens}};
    unsigned number, size;
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        if (strcmp(inputs[i].name, c->what) == 0) *inputs[i].at = c->value;
    }
    if (sscanf(c->what, "price %u", &number) == 1) {
        gpu[number - 1].price = c->value;
        gpu[number - 1].price_usd = 0;
    }
    if (sscanf(c->what, "offer %u %u", &number, &size) == 2) {
        p->n_offers = OFFERS + 1;
        offer[OFFERS] = (report_offer){.provider = "", .instance = "", .gpu = number - 1, .gpus = size};
        offer[OFFERS].hour[REPORT_ON_DEMAND] = c->value;
        offer[OFFERS].hour[REPORT_SPOT] = offer[OFFERS].hour[REPORT_RESERVED] = NAN;
    }
    if (sscanf(c->what, "rate %u", &number) == 1) offer[number - 1].hour[REPORT_RESERVED] = c->value;
}

static int write_one(const report_procurement *p, const char *folder, const char *name) {
    char path[PATH];
    diags faults = {0};
    snprintf(path, sizeof path, "%s/%s.xlsx", folder, name);
    err e = report_procurement_answer(p, answer);
    if (e == ERR_OK) e = report_procurement_book(path, p, &faults);
    diags_print(stderr, &faults);
    return e != ERR_OK;
}

static int write_set(unsigned seed, size_t i, const char *folder) {
    char path[PATH], name[32];
    report_procurement p = make(seed);
    snprintf(name, sizeof name, "set-%zu", i + 1);
    snprintf(path, sizeof path, "%s/%s.edits", folder, name);
    FILE *edits = fopen(path, "w");
    if (!edits) return 1;
    if (sets[i].basis != p.inputs.basis) fprintf(edits, "cost_basis %s\n", report_basis_name[sets[i].basis]);
    p.inputs.basis = sets[i].basis;
    for (const change *c = sets[i].change; c < sets[i].change + CHANGES && c->what; c++) {
        apply(&p, c);
        fprintf(edits, isnan(c->value) ? "%s -\n" : "%s %.15g\n", c->what, c->value);
    }
    return fclose(edits) != 0 || write_one(&p, folder, name);
}

int book_write(const char *folder, unsigned seed) {
    report_procurement p = make(seed);
    int bad = write_one(&p, folder, "base");
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        bad |= write_set(seed, i, folder);
    return bad;
}
