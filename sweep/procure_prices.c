/*
 * procure_prices.c - what the GPUs of a report cost: a buyer's own list first, then the street price of gpus.csv, then
 * its list price; and the newest offer of each instance in prices.csv. What nobody has written down stays blank.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "sweep/procure.h"

static const kern_purchase *purchase_of(const sweep_catalogs *c, const kern_gpu *gpu) {
    for (size_t i = 0; i < c->n_purchases; i++) {
        if (c->purchases[i].gpu == gpu) return &c->purchases[i];
    }
    return NULL;
}

/** A price of the buyer's list; its currency must be one that the report can tell. */
static err take_own(sweep_procure *q, const kern_purchase *own, report_gpu *g) {
    int usd = text_same(own->currency, "USD");
    if (!usd && !text_same(own->currency, q->buying.currency)) {
        return diag_add(q->faults, ERR_RANGE, own->file, own->line, 0, "currency",
                        "'%.20s' is neither USD nor the report's %.20s", own->currency, q->buying.currency);
    }
    g->price = own->price;
    g->price_usd = usd;
    g->price_date = own->date;
    g->price_source = own->source;
    g->price_kind = "own list";
    return ERR_OK;
}

static void take_catalog(const kern_gpu *gpu, report_gpu *g) {
    int street = gpu->street_usd > 0;
    if (!street && gpu->msrp_usd <= 0) return;
    g->price = street ? gpu->street_usd : gpu->msrp_usd;
    g->price_usd = 1;
    g->price_date = street ? gpu->price_date : gpu->msrp_date;
    g->price_source = gpu->source;
    g->price_kind = street ? "street" : "list";
}

static double known(double value) {
    return value > 0 ? value : NAN;
}

static err add_gpus(sweep_procure *q) {
    report_gpu *out = arena_alloc(q->mem, q->n_gpus + 1, sizeof *out);
    err first = ERR_OK;
    if (!out) return sweep_procure_no_memory(q);
    for (size_t i = 0; i < q->n_gpus; i++) {
        const kern_gpu *gpu = q->gpu[i];
        const kern_purchase *own = purchase_of(q->catalogs, gpu);
        out[i] = (report_gpu){gpu->name,
                              gpu->display,
                              gpu->usable_bytes,
                              known(gpu->bandwidth_gbps * 1e9),
                              known(gpu->tdp_w),
                              gpu->max_per_node > 0 ? gpu->max_per_node : 1,
                              NAN,
                              1};
        err e = own ? take_own(q, own, &out[i]) : (take_catalog(gpu, &out[i]), ERR_OK);
        if (first == ERR_OK) first = e;
    }
    q->report.gpu = out;
    q->report.n_gpus = q->n_gpus;
    return first;
}

/** By GPU, then by name: where two ask the same, the first is shown, however the catalog is ordered. */
static int by_name(const void *a, const void *b) {
    const report_offer *x = a, *y = b;
    if (x->gpu != y->gpu) return x->gpu < y->gpu ? -1 : 1;
    int order = text_order(x->provider, y->provider);
    if (!order) order = text_order(x->instance, y->instance);
    return order ? order : text_order(x->region, y->region);
}

static err add_offers(sweep_procure *q) {
    const sweep_catalogs *c = q->catalogs;
    report_offer *out = arena_alloc(q->mem, c->n_prices + 1, sizeof *out);
    size_t n = 0;
    if (!out) return sweep_procure_no_memory(q);
    for (size_t i = 0; i < c->n_prices; i++) {
        const kern_price *p = &c->prices[i];
        size_t gpu = 0;
        while (gpu < q->n_gpus && q->gpu[gpu] != p->gpu)
            gpu++;
        if (gpu == q->n_gpus || p->outdated) continue;
        out[n++] =
            (report_offer){p->provider, p->instance,
                           p->region,   p->date,
                           p->source,   gpu,
                           p->gpus,     {known(p->usd_hour), known(p->usd_hour_spot), known(p->usd_hour_reserved)}};
    }
    qsort(out, n, sizeof *out, by_name);
    q->report.offer = out;
    q->report.n_offers = n;
    return ERR_OK;
}

err sweep_procure_prices(sweep_procure *q) {
    TRY(add_gpus(q));
    return add_offers(q);
}
