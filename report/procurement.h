/*
 * procurement.h - hardware options for a workload: what is known of each (facts, prices and memory per context), what
 * the buyer chooses (inputs), and what follows (answers). report_procurement_answer works in C the steps that the
 * workbook holds as live formulas; the two are kept equal by a test. NaN is "not known" and stays blank in every
 * report.
 */
#ifndef REPORT_PROCUREMENT_H
#define REPORT_PROCUREMENT_H

#include <stddef.h>

#include "common/err.h"

#define REPORT_DAYS_A_MONTH (365.0 / 12)

typedef enum report_tariff { REPORT_ON_DEMAND, REPORT_SPOT, REPORT_RESERVED, REPORT_TARIFFS } report_tariff;

/** What decides the rank. CHEAPEST: the least of purchase, on demand and reserved; spot may be taken away. */
typedef enum report_basis {
    REPORT_BASIS_CHEAPEST,
    REPORT_BASIS_PURCHASE,
    REPORT_BASIS_ON_DEMAND,
    REPORT_BASIS_SPOT,
    REPORT_BASIS_RESERVED,
    REPORT_BASES
} report_basis;
extern const char *const report_basis_name[REPORT_BASES];
extern const char *const report_tariff_name[REPORT_TARIFFS];

/** What the buyer chooses: one named cell each in the workbook. Money is in `currency`. */
typedef struct report_inputs {
    double users;         /* concurrent users = sequences, 1..10^9 */
    double context;       /* [tokens] one of the contexts */
    double months;        /* over which a purchase is spread, >= 1 */
    double hours_per_day; /* of use, 0 < h <= 24: power, on demand and spot; reserved is paid around the clock */
    double electricity;   /* per kWh, NaN: not given */
    double pue;           /* power of the site over power of the GPUs, >= 1 */
    double discount;      /* share off the purchase price of GPUs, 0..1 */
    double host;          /* price of a node without its GPUs, 0: GPUs only */
    double per_usd;       /* units of `currency` for one US dollar; 1 for USD */
    const char *currency; /* "USD" */
    report_basis basis;
    double min_tokens; /* [1/s] options with a lower ceiling per user are not proposed; ranks do not know it */
} report_inputs;

/** A price to rent an instance for an hour, in USD as the catalog has it. */
typedef struct report_offer {
    const char *provider, *instance, *region, *date, *source;
    size_t gpu;                  /* which of the report's GPUs */
    double gpus;                 /* of the instance */
    double hour[REPORT_TARIFFS]; /* [USD] whole instance, NaN: not offered */
} report_offer;

/** A GPU of the report. */
typedef struct report_gpu {
    const char *name, *display;
    double usable;                                      /* [bytes] that a process can allocate */
    double bandwidth;                                   /* [bytes/s], NaN */
    double watts;                                       /* NaN */
    double node;                                        /* GPUs of a node, at least 1 */
    double price;                                       /* of one, NaN */
    double price_usd;                                   /* 1: `price` is in USD, 0: in the inputs' currency */
    const char *price_date, *price_source, *price_kind; /* "street", "list", "own list"; NULL: no price */
} report_gpu;

/**
 * One context of an option. All whole numbers. The cache is linear in the sequences b, the need is the larger of two
 * lines, need + need_user x b and need_2 + need_2_user x b: which stage of a pipeline is the fullest changes with b.
 */
typedef struct report_load {
    double users;               /* sequences that one replica holds, 0: none */
    double need, need_user;     /* [bytes] of the fullest GPU of a replica; need NaN: no such lines */
    double need_2, need_2_user; /* the second line; 0, 0: there is one line */
    double cache,
        cache_user;  /* [bytes] of KV cache and state that a step reads, one tensor-parallel rank, all stages */
    double capacity; /* [bytes] that need is held against */
    const char *why; /* users == 0: the reason */
} report_load;

/** A way to run the workload: a model in a format on replicas of tp x pp GPUs of a kind. */
typedef struct report_option {
    const char *model, *weights, *kv, *layout;
    size_t gpu;              /* which of the report's GPUs */
    double tp, pp;           /* a replica is tp x pp GPUs, tp of them in one node */
    double read;             /* [bytes] of weights that every step reads, one tensor-parallel rank, all stages; NaN */
    double experts;          /* [bytes] of routed experts on that rank, all stages; 0: none */
    double expert_share;     /* experts per token / experts, 0: none */
    const report_load *load; /* (n_contexts) */
    int trains;              /* one replica whatever the users; nothing per user, no tokens/s */
} report_option;

/** What follows from inputs and an option; NaN: blank. */
typedef struct report_answer {
    double replicas, gpus, nodes;
    double share;                  /* sequences on the fullest replica */
    double capacity;               /* users that all replicas hold */
    double need, headroom;         /* [bytes] of the fullest GPU */
    double used;                   /* need / capacity of the GPU, 0..1 */
    double purchase;               /* GPUs after discount, and hosts */
    double kilowatts, electricity; /* of the GPUs and the site; per month */
    double own_month;              /* purchase / months + electricity */
    double hour[REPORT_TARIFFS], month[REPORT_TARIFFS];
    double cost;                       /* per month, by the basis, to the cent */
    double cost_user;                  /* cost / users */
    double break_even[REPORT_TARIFFS]; /* [months] until renting would have cost as much as the purchase */
    double tokens_user, tokens;        /* [1/s] ceiling of decoding, per user and together */
    double rank;                       /* 1 + options of the same model that cost less */
    int pareto; /* no other option of the model is as good in cost, capacity and headroom and better in one */
} report_answer;

typedef struct report_procurement {
    const char *name, *title;
    report_inputs inputs;
    const double *context; /* (n_contexts) [tokens], rising */
    size_t n_contexts;
    const report_gpu *gpu;
    size_t n_gpus;
    const report_offer *offer;
    size_t n_offers;
    const report_option *option; /* best rank first at these inputs */
    size_t n_options;
    const report_answer *answer; /* (n_options) at these inputs */
    const char *const *notes;
    size_t n_notes;
} report_procurement;

/**
 * Works out the answers, in this order; a NaN on the way makes what hangs on it NaN.
 *
 *   replicas  = ceil(users / load.users); 1 when training       load: that of the inputs' context; users 0: all NaN
 *   gpus      = replicas x tp x pp
 *   nodes     = ceil(replicas x pp / floor(node / tp))
 *   share     = ceil(users / replicas)
 *   capacity  = replicas x load.users
 *   need      = max(load.need + load.need_user x share, load.need_2 + load.need_2_user x share)
 *   headroom  = load.capacity - need;  used = need / load.capacity
 *   purchase  = gpus x price x (1 - discount) + nodes x host    price in the inputs' currency
 *   kilowatts = gpus x watts x pue / 1000
 *   electricity = kilowatts x hours_per_day x 365 / 12 x electricity price
 *   own_month = purchase / months + electricity      electricity: left out here and below when no price of it is given
 *   hour[t]   = least over offers of the GPU with gpus >= tp of ceil(replicas x pp / floor(offer gpus / tp)) x rate
 *   month[t]  = hour[t] x hours_per_day (reserved: 24) x 365 / 12
 *   cost      = round to 0.01 of what the basis names + 1e-8: a half cent goes up in every arithmetic
 *   cost_user = cost / users
 *   break_even[t] = purchase / (month[t] - electricity), blank unless positive
 *   tokens_user = bandwidth / (read + experts x (1 - (1 - expert_share)^(share / pp))
 *                              + (cache + cache_user x share) / pp)
 *   tokens    = tokens_user x users
 *
 * The ceiling counts bytes read at full context and nothing else: no launch, no communication, no arithmetic. Training
 * has no cost_user and no tokens. An option whose cost, capacity or headroom is blank is not on the Pareto front and
 * keeps none off it; without a cost it has no rank.
 *
 * @param answer out (n_options): rank and pareto included
 * @return ERR_OK, ERR_MEMORY: then ranks and front are not set
 */
err report_procurement_answer(const report_procurement *p, report_answer *answer);

/**
 * The offer that hour[t] is of, the first of equal ones, and how many instances of it; NULL: there is none.
 * @param replicas  of the option's answer
 */
const report_offer *report_procurement_offer(const report_procurement *p, const report_option *o, double replicas,
                                             report_tariff t, double *count);

/**
 * Writes the workbook: inputs, options, memory, prices, cloud prices, charts, sources; formulas live, their values
 * those of p->answer.
 *
 * @return ERR_OK, ERR_LIMIT (too many rows), ERR_MEMORY, ERR_WRITE; faults say what
 */
err report_procurement_book(const char *path, const report_procurement *p, diags *faults);

#endif
