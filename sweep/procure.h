/*
 * procure.h - hardware options for a workload: every GPU x model in its formats x replica layout, what a replica holds
 * at each context, what hardware costs to buy and to rent. Fills a report_procurement (report/procurement.h), best
 * option first, and keeps why a GPU holds a model in no layout.
 */
#ifndef SWEEP_PROCURE_H
#define SWEEP_PROCURE_H

#include "kernels/record.h"
#include "report/procurement.h"
#include "sweep/buying.h"
#include "sweep/plan.h"

enum { SWEEP_OPTIONS_MAX = 1 << 17, SWEEP_PAIRS_MAX = 1 << 20 };

/** A model in formats, with engine and mode. The layout is where a search begins when the mode trains. */
typedef struct sweep_work {
    sweep_combo combo;
    const char *weights, *kv;
    int given; /* serving: the layout is the replica to look at, else those that sweep_procure_tries_... allow */
} sweep_work;

/** A GPU that holds a model in no replica tried. */
typedef struct sweep_refusal {
    size_t work, gpu;
    const char *layout;    /* that misses least, or the first one refused; empty: a search found none */
    double gpus;           /* of it, NaN */
    double need, capacity; /* [bytes] of its fullest GPU with one sequence, NaN: not lowered */
    const char *why;
} sweep_refusal;

typedef struct sweep_procure {
    arena *mem;
    diags *faults;
    const char *file; /* for faults: the config, or NULL */
    int line, column;
    const sweep_catalogs *catalogs;
    const sweep_plan *plan; /* whose skip rules count, or NULL */
    const sweep_work *work; /* those of a model and formats that differ in their layout stand together */
    size_t n_works;
    const kern_gpu *const *gpu;
    const long *i_gpu; /* in the plan */
    size_t n_gpus;
    const double *context; /* rising */
    const size_t *i_context;
    size_t n_contexts;
    double batch; /* training: micro-batch */
    size_t i_batch;
    const char *const *text; /* knobs that were given (SC_COLUMNS), all NULL: none */
    sweep_buying buying;
    double shown_context;
    /* out */
    report_procurement report;
    sweep_refusal *refusal;
    size_t n_refusals;
    size_t n_bent; /* loads that are no line over the sequences */
} sweep_procure;

/** Does it all. The report and what it points to live in `mem`. */
err sweep_procure_make(sweep_procure *q);

/**
 * Replica layouts that are looked at. Within a node tp alone, where it divides the node or is a power of two; with the
 * largest of them that the model allows and that divides the node, pipelines over parts of the node and whole nodes.
 */
int sweep_procure_tries_tp(int tp, int node, int most);
int sweep_procure_tries_pp(int tp, int pp, int node, int most);

/** The fault that memory is gone. */
err sweep_procure_no_memory(const sweep_procure *q);

/** Prices of the report's GPUs and offers of them; a price in a currency that is neither USD nor ours is a fault. */
err sweep_procure_prices(sweep_procure *q);

/** Options with their loads, in the order of works and GPUs, and the refusals. */
err sweep_procure_options(sweep_procure *q);

/** The other users' answers to the same options: (n_options), best first through `order`. */
err sweep_procure_order(const report_procurement *p, report_answer *answer, size_t *order);

/** Fills a load from the record of a replica on a GPU with this capacity. *bent: set when it is no line. */
void sweep_procure_load(const kern_record *r, double s, double capacity, report_load *out, int *bent);

#endif
