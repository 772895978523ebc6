/*
 * procure_notes.c - what stands below the tables of a procurement: the values that all rows share, what the buyer said,
 * where prices are from and of when, what the columns mean and leave out.
 */
#include "sweep/procure_table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/number.h"

/** Notes being collected; failed: no memory. */
typedef struct notes {
    const sweep_procure *q;
    const char **note;
    size_t n;
    int failed;
} notes;

static void add(notes *n, const char *text) {
    if (!text) n->failed = 1;
    if (text && n->n < SWEEP_PROCURE_NOTES) n->note[n->n++] = text;
}

static const char *fewest_digits(double value, char *out) {
    report_double_text(value, out);
    return out;
}

/** "engine vllm@0.19.0, weights fp8, KV bf16", as far as all rows have the same. */
static const char *shared(const notes *n) {
    const sweep_procure *q = n->q;
    const kern_engine *e = q->work->combo.sc.engine;
    int version = e->version && *e->version, weights = 1, kv = q->work->combo.sc.mode->train == KERN_INFERENCE;
    for (size_t i = 1; i < q->n_works; i++) {
        weights &= q->work[i].weights == q->work->weights;
        kv &= q->work[i].kv == q->work->kv;
    }
    return arena_printf(q->mem, "mode %s, engine %s%s%s%s%s%s%s", q->work->combo.sc.mode->name, e->name,
                        version ? "@" : "", version ? e->version : "", weights ? ", weights " : "",
                        weights ? q->work->weights : "", kv ? ", KV " : "", kv ? q->work->kv : "");
}

static void add_scenario(notes *n) {
    const sweep_procure *q = n->q;
    const char *values = shared(n);
    if (!values) {
        n->failed = 1;
    } else if (q->work->combo.sc.mode->train != KERN_INFERENCE) {
        add(n, arena_printf(q->mem, "Every row: %s, micro-batch %.0f; one replica on the fewest GPUs that hold a step.",
                            values, q->batch));
    } else {
        add(n, arena_printf(q->mem,
                            "Every row: %s; replicas of at most %lld GPU%s. Users are sequences at the same time, each "
                            "of full length.",
                            values, (long long)q->buying.max_gpus, q->buying.max_gpus == 1 ? "" : "s"));
    }
}

static void add_inputs(notes *n) {
    const sweep_buying *b = &n->q->buying;
    char months[32], hours[32], price[32], pue[32], discount[32], host[32], rate[32];
    const char *power = isnan(b->electricity)
                            ? "electricity not counted"
                            : arena_printf(n->q->mem, "electricity at %s a kWh and PUE %s",
                                           fewest_digits(b->electricity, price), fewest_digits(b->pue, pue));
    const char *currency = strcmp(b->currency, "USD") == 0 ? "USD"
                                                           : arena_printf(n->q->mem, "%s (%s for one USD)", b->currency,
                                                                          fewest_digits(b->per_usd, rate));
    add(n, power && currency
               ? arena_printf(n->q->mem,
                              "Money in %s. Own: purchase over %s months, %s; %s hours of use a day; %s %% off GPUs; "
                              "%s for each node without its GPUs.",
                              currency, fewest_digits(b->months, months), power, fewest_digits(b->hours_per_day, hours),
                              fewest_digits(100 * b->discount, discount), fewest_digits(b->host, host))
               : NULL);
}

static void add_ranking(notes *n, sweep_procure_view view) {
    static const char *const by[REPORT_BASES] = {"the least of owning, on-demand and reserved", "owning",
                                                 "on-demand instances", "spot instances", "reserved instances"};
    const sweep_procure *q = n->q;
    const char *each = q->n_gpus == 1 ? "" : " Each GPU and format by its best layout.";
    char tokens[32];
    add(n, arena_printf(q->mem, "By cost a month: %s.%s%s", by[q->buying.basis], each,
                        view == SWEEP_VIEW_PEOPLE ? " Front: no other option of the model is as good in cost, users "
                                                    "held and headroom and better in one."
                                                  : ""));
    if (view == SWEEP_VIEW_TERMINAL) {
        add(n, "own, rent (on demand): a month; user: cost of one a month; even: months until renting costs as much as "
               "the purchase.");
    } else {
        add(n, "Break-even: months until on-demand renting would have cost as much as the purchase.");
    }
    if (q->buying.min_tokens > 0) {
        add(n, arena_printf(q->mem, "Left out: options whose ceiling is below %s tokens per second and user.",
                            fewest_digits(q->buying.min_tokens, tokens)));
    }
}

/** Dates from the first to the last, as texts. */
typedef struct span {
    const char *from, *to;
} span;

static void widen(span *s, const char *date) {
    if (!date || !*date) return;
    if (!s->from || strcmp(date, s->from) < 0) s->from = date;
    if (!s->to || strcmp(date, s->to) > 0) s->to = date;
}

/** "2025 to 2026-08", or the one date. */
static const char *dates(const notes *n, const span *s) {
    return strcmp(s->from, s->to) == 0 ? s->from : arena_printf(n->q->mem, "%s to %s", s->from, s->to);
}

/** Only GPUs that an option uses count. */
static void add_prices(notes *n) {
    const report_procurement *p = &n->q->report;
    span own = {0}, bought = {0}, rented = {0};
    for (size_t i = 0; i < p->n_options; i++) {
        const report_gpu *g = &p->gpu[p->option[i].gpu];
        if (g->price_kind) widen(strcmp(g->price_kind, "own list") == 0 ? &own : &bought, g->price_date);
    }
    for (size_t i = 0; i < p->n_offers; i++)
        widen(&rented, p->offer[i].date);
    const char *text = "Purchase prices:", *when = own.from ? dates(n, &own) : NULL;
    if (when) text = arena_printf(n->q->mem, "%s own list (%s)%s", text, when, bought.from ? ", else" : ".");
    when = bought.from ? dates(n, &bought) : NULL;
    if (when && text) text = arena_printf(n->q->mem, "%s gpus.csv, street price, else list price (%s).", text, when);
    add(n, own.from || bought.from ? text : "Purchase prices: none known.");
    when = rented.from ? dates(n, &rented) : NULL;
    add(n, when ? arena_printf(n->q->mem,
                               "Cloud prices: prices.csv, the cheapest instances of that GPU, each at its newest date "
                               "(%s). On-demand and spot for the hours of use, reserved around the clock. Blank: no "
                               "price known.",
                               when)
                : "Cloud prices: none known.");
}

static void add_meanings(notes *n) {
    if (n->q->work->combo.sc.mode->train != KERN_INFERENCE) return;
    add(n, "Tokens: a ceiling of decoding by memory bandwidth, not a promise: weights and cache are read once a step, "
           "experts as many as a batch is expected to meet; no launch, communication or arithmetic.");
    if (n->q->n_bent)
        add(n, arena_printf(n->q->mem,
                            "%zu combinations of layout and context need memory that is no straight line over "
                            "users: their headroom is blank.",
                            n->q->n_bent));
}

size_t sweep_procure_notes(const sweep_procure *q, sweep_procure_view view, const char *note[SWEEP_PROCURE_NOTES]) {
    notes n = {.q = q, .note = note};
    add_scenario(&n);
    add_inputs(&n);
    add_ranking(&n, view);
    add_prices(&n);
    add_meanings(&n);
    return n.failed ? 0 : n.n;
}
