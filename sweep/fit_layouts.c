/*
 * fit_layouts.c - searches layouts for one GPU or, for GPUs of one node size together, for all of them; answers each
 * layout shown like any scenario and prints them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/number.h"
#include "sweep/args.h"
#include "sweep/fit_layouts.h"
#include "sweep/layout.h"
#include "sweep/limits.h"
#include "sweep/output.h"

enum { TOP_OF_ONE = 10 };

/** A layout on GPUs of a kind. */
typedef struct hit {
    const kern_gpu *gpu;
    int gpus;
    kern_layout_choice choice;
    double usd; /* of all of them, 0: not known */
} hit;

typedef struct search {
    sweep_ctx *ctx;
    const sweep_scenario *sc;
    sweep_auto *layouts;
    hit *hit;
    size_t n;
    kern_layout_counts counts;
    char why[DIAG_TEXT]; /* why nothing was found */
} search;

double sweep_fit_price(const kern_gpu *g) {
    return g->street_usd > 0 ? g->street_usd : g->msrp_usd;
}

static void add_hit(search *s, const kern_gpu *gpu, int gpus, const kern_layout_choice *c) {
    s->hit[s->n++] = (hit){gpu, gpus, *c, sweep_fit_price(gpu) * gpus};
}

static double room(const hit *h) {
    return h->choice.capacity - h->choice.charge;
}

static int ascending(double x, double y) {
    return (x > y) - (x < y);
}

/** By headroom, GPUs or price (unknown ones last), then by the others, then by name: a total order. */
static int compare_hits(const hit *a, const hit *b, sweep_objective by) {
    int headroom = ascending(room(b), room(a)), gpus = a->gpus - b->gpus;
    int usd = (a->usd > 0) != (b->usd > 0) ? (a->usd > 0 ? -1 : 1) : ascending(a->usd, b->usd);
    const int order[3][3] = {{headroom, usd, gpus}, {gpus, usd, headroom}, {usd, gpus, headroom}};
    for (int i = 0; i < 3; i++) {
        if (order[by][i]) return order[by][i];
    }
    return strcmp(a->gpu->name, b->gpu->name);
}

static int by_headroom(const void *a, const void *b) {
    return compare_hits(a, b, SWEEP_BEST_HEADROOM);
}
static int by_gpus(const void *a, const void *b) {
    return compare_hits(a, b, SWEEP_BEST_GPUS);
}
static int by_cost(const void *a, const void *b) {
    return compare_hits(a, b, SWEEP_BEST_COST);
}

/** Layouts of one kind of GPU stay in the order of the search, which is that of headroom. */
static void search_one(search *s, size_t top) {
    kern_layout_choice best[KERN_CHOICES_MAX];
    int gpus;
    size_t n = sweep_auto_search(s->layouts, s->sc->gpu, best, top, &gpus, &s->counts, s->why);
    for (size_t i = 0; i < n && best[i].charge <= best[i].capacity; i++)
        add_hit(s, s->sc->gpu, gpus, &best[i]);
    if (s->n || n == 0) return;
    char layout[KERN_LAYOUT_TEXT];
    double gb = report_unit_find("GB")->bytes;
    sweep_layout_text(&best[0].layout, layout);
    snprintf(s->why, DIAG_TEXT, "no layout of %d x %s holds it: the best of %llu, %s, needs %.1f GB per GPU of %.1f",
             gpus, s->sc->gpu->name, (unsigned long long)(s->counts.looked - s->counts.refused), layout,
             best[0].charge / gb, best[0].capacity / gb);
}

/**
 * Whether the layout of least bytes is the best on every GPU of a node size: it is where the capacity is the GPU's and
 * not the layout's.
 */
static int alike(const search *s) {
    return s->sc->k.mode->train != KERN_INFERENCE || s->sc->k.engine->n_reserves == 0;
}

/** Holds GPUs against the layout of least bytes on `gpus` of them; returns how many are still without one. */
static size_t hold(search *s, const kern_gpu **open, size_t n_open, int gpus, const kern_layout_choice *least) {
    size_t left = 0;
    for (size_t i = 0; i < n_open; i++) {
        kern_layout_choice c = *least;
        kern_scenario at = s->sc->k;
        at.layout = c.layout;
        c.capacity = kern_capacity(&at, open[i], gpus, KERN_USE_FIT);
        if (c.charge <= c.capacity) {
            add_hit(s, open[i], gpus, &c);
        } else {
            open[left++] = open[i];
        }
    }
    return left;
}

/** Most memory that one of them has. */
static double largest(const kern_gpu **open, size_t n_open) {
    double most = 0;
    for (size_t i = 0; i < n_open; i++)
        most = fmax(most, open[i]->usable_bytes);
    return most;
}

/** GPUs of one node size, or a single one whose capacity depends on the layout. */
static void search_group(search *s, const kern_gpu **open, size_t n_open, int alone) {
    kern_layout_question q = s->layouts->q;
    q.gpu = alone ? open[0] : NULL;
    q.node = sweep_auto_node(open[0]);
    int all = s->layouts->gpus;
    for (int gpus = s->layouts->objective == SWEEP_BEST_HEADROOM ? all : 1; gpus <= all && n_open; gpus++) {
        kern_layout_choice best;
        if (!kern_layouts_tries(gpus, q.node, all)) continue;
        q.limit = largest(open, n_open);
        if (kern_layouts_best(&q, gpus, &best, 1, &s->counts, s->why)) n_open = hold(s, open, n_open, gpus, &best);
    }
}

static void search_all(search *s, const kern_gpu **group) {
    const sweep_catalogs *c = &s->ctx->catalogs;
    for (size_t i = 0; i < c->gpus.n; i++) {
        int node = sweep_auto_node(c->gpus.rows[i]), seen = 0;
        size_t n = 0;
        for (size_t k = 0; k < i && alike(s) && !seen; k++)
            seen = sweep_auto_node(c->gpus.rows[k]) == node;
        if (seen) continue;
        group[n++] = c->gpus.rows[i];
        for (size_t k = i + 1; k < c->gpus.n && alike(s); k++) {
            if (sweep_auto_node(c->gpus.rows[k]) == node) group[n++] = c->gpus.rows[k];
        }
        search_group(s, group, n, !alike(s));
    }
    static int (*const order[])(const void *, const void *) = {by_headroom, by_gpus, by_cost};
    qsort(s->hit, s->n, sizeof *s->hit, order[s->layouts->objective]);
    if (s->n) return;
    if (s->counts.looked == s->counts.refused) {
        char reason[DIAG_TEXT];
        memcpy(reason, s->why, sizeof reason);
        sweep_auto_none(s->layouts->gpus, reason, s->why);
    } else {
        snprintf(s->why, DIAG_TEXT, "no layout of up to %d GPUs of any kind holds it", s->layouts->gpus);
    }
}

/** Largest micro-batch: any, or one that shares the global batch out. */
static double largest_batch(const search *s, const sweep_scenario *at, const sweep_answer *a) {
    int64_t each = s->layouts->q.global_batch / at->k.layout.dp;
    char why[DIAG_TEXT];
    if (!s->layouts->q.global_batch) return a->max_batch;
    for (int64_t n = 1; n <= each; n++) {
        int64_t batch = each / n;
        kern_scenario k = at->k;
        kern_record r;
        if (each % n || batch > sweep_batch_limit(at->context)) continue;
        if (k.layout.pp > 1) k.layout.micro_batches = (int)n;
        if (n > KERN_DEGREE_MAX || kern_lower(&k, &(kern_bounds){at->context, (double)batch}, &r, why, NULL, NULL))
            continue;
        if (kern_eval_charge(&r, (double)batch, at->context) <= a->usable) return (double)batch;
    }
    return at->batch;
}

enum {
    LAY_GPU,
    LAY_GPUS,
    LAY_NODES,
    LAY_LAYOUT,
    LAY_CHECKPOINTING,
    LAY_COMPONENTS,
    LAY_NEEDS = LAY_COMPONENTS + KERN_COMPONENTS,
    LAY_HEADROOM,
    LAY_BATCH,
    LAY_USD,
    LAY_COLUMNS
};

/** Bytes as GB for people, whole for programs. */
static void set_columns(report_column c[LAY_COLUMNS], int whole, int trains) {
    static const char *const titles[LAY_COLUMNS] = {
        [LAY_GPU] = "gpu",     [LAY_GPUS] = "gpus",         [LAY_NODES] = "nodes", [LAY_LAYOUT] = "layout",
        [LAY_NEEDS] = "total", [LAY_HEADROOM] = "headroom", [LAY_USD] = "price"};
    for (int i = 0; i < LAY_COLUMNS; i++) {
        int bytes = i >= LAY_COMPONENTS && i <= LAY_HEADROOM;
        c[i] = (report_column){titles[i], bytes ? (whole ? "bytes" : "GB") : "", bytes && !whole ? 1 : 0, 0};
    }
    for (int k = 0; k < KERN_COMPONENTS; k++)
        c[LAY_COMPONENTS + k].title = kern_component_name[k];
    c[LAY_GPU].is_text = c[LAY_LAYOUT].is_text = c[LAY_CHECKPOINTING].is_text = 1;
    c[LAY_CHECKPOINTING].title = "checkpointing";
    c[LAY_BATCH].title = trains ? "max_micro_batch" : "max_batch";
    c[LAY_USD].unit = "USD";
}

/** Answers a hit like any scenario and puts it into row i. */
static err put_hit(search *s, report_table *t, size_t i, double unit) {
    const hit *h = &s->hit[i];
    sweep_scenario at = *s->sc;
    sweep_answer a;
    char why[DIAG_TEXT], layout[KERN_LAYOUT_TEXT];
    if (s->sc->k.mode == &s->sc->mode) at.k.mode = &at.mode;
    if (s->sc->k.engine == &s->sc->engine) at.k.engine = &at.engine;
    sweep_auto_take(&at, &h->choice, h->gpus);
    at.gpu = h->gpu;
    err e = sweep_scenario_answer(&at, &a, why);
    if (e != ERR_OK) return diag_add(&s->ctx->faults, e, NULL, 0, 0, "scenario", "%s", why);
    kern_layout shown = at.k.layout;
    int node = sweep_auto_node(h->gpu), nodes = (h->gpus + node - 1) / node;
    sweep_layout_text(&shown, layout);
    sweep_cell_text(t, i, LAY_GPU, h->gpu->name);
    sweep_cell_number(t, i, LAY_GPUS, h->gpus);
    sweep_cell_number(t, i, LAY_NODES, nodes);
    sweep_cell_text(t, i, LAY_LAYOUT, arena_text(&s->ctx->mem, layout, strlen(layout)));
    if (at.mode.train != KERN_INFERENCE)
        sweep_cell_text(t, i, LAY_CHECKPOINTING, sweep_checkpointing_name[h->choice.checkpointing]);
    for (unsigned k = 0; k < KERN_COMPONENTS; k++)
        sweep_cell_number(t, i, LAY_COMPONENTS + k, a.component[k] / unit);
    sweep_cell_number(t, i, LAY_NEEDS, a.total / unit);
    sweep_cell_number(t, i, LAY_HEADROOM, floor(a.headroom) / unit);
    sweep_cell_number(t, i, LAY_BATCH, largest_batch(s, &at, &a));
    if (h->usd > 0) sweep_cell_number(t, i, LAY_USD, h->usd);
    return ERR_OK;
}

/** What was looked at, below the table. */
static const char *count_note(const search *s) {
    const kern_layout_counts *c = &s->counts;
    const char *text = arena_printf(
        &s->ctx->mem, "%llu layouts looked at: %llu not allowed by the model, %llu too large by their states alone",
        (unsigned long long)c->looked, (unsigned long long)c->refused, (unsigned long long)c->passed);
    if (!text || !s->sc->gpu) return text;
    return arena_printf(&s->ctx->mem, "%s, %llu hold it", text, (unsigned long long)c->fit);
}

static err print_hits(search *s, size_t rows) {
    sweep_ctx *ctx = s->ctx;
    int whole = ctx->options->format == SWEEP_FORMAT_CSV || ctx->options->format == SWEEP_FORMAT_JSON;
    report_column columns[LAY_COLUMNS];
    const char *notes[1] = {count_note(s)};
    set_columns(columns, whole, s->sc->k.mode->train != KERN_INFERENCE);
    report_table *t = sweep_table_new(&ctx->mem, columns, LAY_COLUMNS, rows);
    if (!t || !notes[0]) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    for (size_t i = 0; i < rows; i++)
        TRY(put_hit(s, t, i, whole ? 1 : report_unit_find("GB")->bytes));
    t->name = "layouts";
    t->title = sweep_args_describe(ctx, s->sc, "auto");
    t->notes = notes;
    t->n_notes = 1;
    return sweep_output_table(ctx, t);
}

err sweep_fit_layouts(sweep_ctx *ctx, const sweep_scenario *sc, sweep_auto *layouts) {
    search s = {.ctx = ctx, .sc = sc, .layouts = layouts};
    size_t n = ctx->catalogs.gpus.n, top = (size_t)ctx->options->top;
    const kern_gpu **group = arena_alloc(&ctx->mem, n + 1, sizeof *group);
    s.hit = arena_alloc(&ctx->mem, n + KERN_CHOICES_MAX, sizeof *s.hit);
    if (!group || !s.hit) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    layouts->q.threads = ctx->options->threads;
    if (sc->gpu) {
        search_one(&s, top ? top : TOP_OF_ONE);
    } else {
        search_all(&s, group);
    }
    if (s.n == 0) return diag_add(&ctx->faults, ERR_SCENARIO, NULL, 0, 0, "fit", "%s", s.why);
    return print_hits(&s, top && top < s.n ? top : s.n);
}
