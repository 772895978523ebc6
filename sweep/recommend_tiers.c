/*
 * recommend_tiers.c - cards of the sweep by what they cost, and for each weight format the largest of its models that
 * one card holds. Prices are those of the catalog: street, else list; cards without one are left out.
 */
#include "sweep/recommend.h"

#include <stdlib.h>
#include <string.h>

#include "report/number.h"
#include "sweep/measure.h"
#include "sweep/output.h"

enum { TIER_GPU, TIER_PRICE, TIER_MEMORY, TIER_FORMATS };

/** State of one table. */
typedef struct tiers {
    sweep_run *run;
    const sweep_report *r;
    sweep_pick pick;
    const kern_gpu **card; /* with a price, by price */
    size_t n_cards;
    report_table *table;
} tiers;

static double price_of(const kern_gpu *g) {
    return g->street_usd > 0 ? g->street_usd : g->msrp_usd;
}

static int compare_cards(const void *x, const void *y) {
    const kern_gpu *a = *(const kern_gpu *const *)x, *b = *(const kern_gpu *const *)y;
    if (price_of(a) < price_of(b) || price_of(a) > price_of(b)) return price_of(a) < price_of(b) ? -1 : 1;
    if (a->usable_bytes < b->usable_bytes || a->usable_bytes > b->usable_bytes)
        return a->usable_bytes > b->usable_bytes ? -1 : 1;
    return strcmp(a->name, b->name);
}

static err find_cards(tiers *t) {
    t->card = arena_alloc(&t->run->ctx->mem, t->pick.n[SWEEP_GPU] + 1, sizeof *t->card);
    if (!t->card) return sweep_run_no_memory(t->run);
    for (size_t i = 0; i < t->pick.n[SWEEP_GPU]; i++) {
        const kern_gpu *g = t->pick.plan->gpu[t->pick.index[SWEEP_GPU][i]];
        if (price_of(g) > 0) t->card[t->n_cards++] = g;
    }
    qsort(t->card, t->n_cards, sizeof *t->card, compare_cards);
    return ERR_OK;
}

static size_t tier_of(const tiers *t, const kern_gpu *g) {
    size_t i = 0;
    while (i < t->r->n_min_gpu_counts && price_of(g) > (double)t->r->min_gpu_counts[i])
        i++;
    return i;
}

/** "Up to 500 USD", "501 to 1,000 USD", "Over 50,000 USD". */
static const char *tier_name(const tiers *t, size_t tier) {
    char low[REPORT_GROUPED] = "", high[REPORT_GROUPED] = "";
    const int64_t *bound = t->r->min_gpu_counts;
    size_t n = t->r->n_min_gpu_counts;
    if (tier < n) report_grouped_text((double)bound[tier], high);
    if (tier > 0) report_grouped_text((double)bound[tier - 1], low);
    if (n == 0) return "All prices";
    if (tier == 0) return arena_printf(&t->run->ctx->mem, "Up to %s USD", high);
    if (tier == n) return arena_printf(&t->run->ctx->mem, "Over %s USD", low);
    return arena_printf(&t->run->ctx->mem, "Over %s to %s USD", low, high);
}

/** The largest model that the card holds in a format; NULL when none. */
static const kern_model *largest(const tiers *t, const kern_gpu *g, size_t format) {
    const kern_model *best = NULL;
    for (size_t i = 0; i < t->pick.n[SWEEP_MODEL]; i++) {
        sweep_spot cell = {{0}};
        sweep_combo combo;
        double left;
        char why[DIAG_TEXT];
        cell.at[SWEEP_MODEL] = i;
        cell.at[SWEEP_WEIGHTS] = format;
        if (!sweep_pick_combo(&t->pick, &cell, &combo)) continue;
        const kern_model *m = combo.sc.model;
        const sweep_point p = {&combo.sc, sweep_pick_context(&t->pick, &cell), sweep_pick_batch(&t->pick, &cell), g, 1};
        if ((best && m->params_total <= best->params_total) || (m->max_context && p.context > (double)m->max_context))
            continue;
        if (sweep_measure_value(SWEEP_HEADROOM, &p, 0, &left, why) == ERR_OK && left >= 0) best = m;
    }
    return best;
}

static err make_table(tiers *t) {
    size_t n = TIER_FORMATS + t->pick.n[SWEEP_WEIGHTS];
    report_column *c = arena_alloc(&t->run->ctx->mem, n, sizeof *c);
    if (!c) return sweep_run_no_memory(t->run);
    c[TIER_GPU] = (report_column){"Card", "", 0, 1};
    c[TIER_PRICE] = (report_column){"Price", "USD", 0, 0};
    c[TIER_MEMORY] = (report_column){"Memory", "GB", 0, 0};
    for (size_t i = TIER_FORMATS; i < n; i++) {
        const char *label = sweep_pick_label(&t->pick, SWEEP_WEIGHTS, i - TIER_FORMATS);
        c[i] = (report_column){label, "", 0, 1};
    }
    t->table = sweep_table_new(&t->run->ctx->mem, c, n, t->n_cards);
    return t->table ? ERR_OK : sweep_run_no_memory(t->run);
}

static void fill_row(tiers *t, size_t row) {
    const kern_gpu *g = t->card[row];
    sweep_cell_text(t->table, row, TIER_GPU, g->display);
    sweep_cell_number(t->table, row, TIER_PRICE, price_of(g));
    sweep_cell_number(t->table, row, TIER_MEMORY, g->marketed_gb);
    for (size_t i = 0; i < t->pick.n[SWEEP_WEIGHTS]; i++) {
        const kern_model *m = largest(t, g, i);
        if (m) {
            sweep_cell_text(t->table, row, TIER_FORMATS + i, m->display);
        } else {
            sweep_table_cell(t->table, row, TIER_FORMATS + i)->text = "none of the models fits";
        }
    }
}

static const char *setting_note(const tiers *t) {
    static const sweep_axis named[] = {SWEEP_MODE, SWEEP_KV, SWEEP_CONTEXT, SWEEP_BATCH, SWEEP_ENGINE};
    const char *text = "Largest by parameters among the models of the sweep, on one card:";
    for (size_t i = 0; i < sizeof named / sizeof *named && text; i++)
        text = arena_printf(&t->run->ctx->mem, "%s%s %s %s", text, i ? "," : "", sweep_axis_name[named[i]],
                            sweep_pick_label(&t->pick, named[i], 0));
    return text ? arena_printf(&t->run->ctx->mem, "%s.", text) : NULL;
}

static err write_tiers(tiers *t) {
    report_group *g = arena_alloc(&t->run->ctx->mem, t->n_cards + 1, sizeof *g);
    size_t n = 0;
    const char *notes[] = {setting_note(t),
                           "Prices: gpus.csv, street price, else list price, with its date and source there."};
    if (!g || !notes[0]) return sweep_run_no_memory(t->run);
    for (size_t i = 0; i < t->n_cards; i++) {
        if (i && tier_of(t, t->card[i]) == tier_of(t, t->card[i - 1])) continue;
        g[n++] = (report_group){i, tier_name(t, tier_of(t, t->card[i]))};
        if (!g[n - 1].label) return sweep_run_no_memory(t->run);
    }
    const sweep_draft draft = {t->table, "Cards by price and the largest model each holds", "tier", g, n, notes, 2};
    return sweep_recommend_write(t->run, t->r, &draft);
}

err sweep_recommend_tiers(sweep_run *run, const sweep_report *r) {
    static const sweep_axis free[] = {SWEEP_MODEL, SWEEP_WEIGHTS, SWEEP_GPU};
    tiers t = {.run = run, .r = r};
    TRY(sweep_pick_build(&t.pick, &run->ctx->mem, &run->plans[r->i_sweep], run->cfg, r, &run->ctx->faults));
    TRY(sweep_pick_single(&t.pick, free, 3, run->cfg, r, &run->ctx->faults));
    TRY(find_cards(&t));
    TRY(make_table(&t));
    for (size_t i = 0; i < t.n_cards; i++)
        fill_row(&t, i);
    return write_tiers(&t);
}
