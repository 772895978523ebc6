/*
 * cmd_fit.c - `fit AXIS=VALUE...`: for every GPU (or the one given) the fewest that hold the scenario and their layout,
 * fewest GPUs first, then the cheapest, then the smallest memory. GPUs that never hold it are left out. layout=auto
 * goes to fit_layouts.c, users= to fit_procure.c.
 */
#include <stdlib.h>
#include <string.h>

#include "report/number.h"
#include "sweep/args.h"
#include "sweep/fit_layouts.h"
#include "sweep/fit_procure.h"
#include "sweep/layout.h"
#include "sweep/output.h"

/** One hardware option. */
typedef struct option_row {
    const kern_gpu *gpu;
    kern_layout layout;
    int gpus;
    double charge, usable, usd, max_batch, max_context;
} option_row;

/** Fewest GPUs, then price (unknown prices last), then memory, then name: a total order, so the output is stable. */
static int compare_rows(const void *x, const void *y) {
    const option_row *a = x, *b = y;
    if (a->gpus != b->gpus) return a->gpus < b->gpus ? -1 : 1;
    if ((a->usd > 0) != (b->usd > 0)) return a->usd > 0 ? -1 : 1;
    if (a->usd < b->usd || a->usd > b->usd) return a->usd < b->usd ? -1 : 1;
    if (a->usable < b->usable || a->usable > b->usable) return a->usable < b->usable ? -1 : 1;
    return strcmp(a->gpu->name, b->gpu->name);
}

/** Fills a row; 0 when this GPU cannot hold the scenario in any layout tried. */
static int fill_option(const char *const text[SC_COLUMNS], const sweep_scenario *sc, const kern_gpu *gpu,
                       option_row *row) {
    sweep_scenario at = *sc;
    sweep_answer a;
    char why[DIAG_TEXT];
    sweep_scenario_on_gpu(text, gpu, &at);
    row->gpus = kern_min_gpus(&at.k, gpu, sc->batch, sc->context, &row->layout);
    if (row->gpus < 1) return 0;
    at.k.layout = row->layout;
    at.gpu = gpu;
    at.gpus = row->gpus;
    if (sweep_scenario_answer(&at, &a, why) != ERR_OK || !a.fits) return 0;
    row->gpu = gpu;
    row->charge = a.charge;
    row->usable = a.usable;
    row->usd = sweep_fit_price(gpu) * row->gpus;
    row->max_batch = a.max_batch;
    row->max_context = a.max_context;
    return 1;
}

enum { FIT_GPU, FIT_GPUS, FIT_LAYOUT, FIT_NEED, FIT_USABLE, FIT_SHARE, FIT_BATCH, FIT_CONTEXT, FIT_USD, FIT_COLUMNS };

static err print_options(sweep_ctx *ctx, const sweep_scenario *sc, const option_row *rows, size_t n) {
    static const report_column columns[FIT_COLUMNS] = {
        {"gpu", "", 0, 1},      {"gpus", "", 0, 0},  {"layout", "", 0, 1},    {"needs", "GB", 1, 0},
        {"usable", "GB", 1, 0}, {"used", "%", 0, 0}, {"max_batch", "", 0, 0}, {"max_context", "tokens", 0, 0},
        {"price", "USD", 0, 0},
    };
    double gb = report_unit_find("GB")->bytes;
    report_table *t = sweep_table_new(&ctx->mem, columns, FIT_COLUMNS, n);
    if (!t) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    for (size_t i = 0; i < n; i++) {
        char layout[KERN_LAYOUT_TEXT];
        sweep_layout_text(&rows[i].layout, layout);
        sweep_cell_text(t, i, FIT_GPU, rows[i].gpu->name);
        sweep_cell_number(t, i, FIT_GPUS, rows[i].gpus);
        sweep_cell_text(t, i, FIT_LAYOUT, arena_text(&ctx->mem, layout, strlen(layout)));
        sweep_cell_number(t, i, FIT_NEED, rows[i].charge / gb);
        sweep_cell_number(t, i, FIT_USABLE, rows[i].usable / gb);
        sweep_cell_number(t, i, FIT_SHARE, 100 * rows[i].charge / rows[i].usable);
        sweep_cell_number(t, i, FIT_BATCH, rows[i].max_batch);
        sweep_cell_number(t, i, FIT_CONTEXT, rows[i].max_context);
        if (rows[i].usd > 0) sweep_cell_number(t, i, FIT_USD, rows[i].usd);
    }
    t->name = "fit";
    t->title = sweep_args_describe(ctx, sc, NULL);
    return sweep_output_table(ctx, t);
}

/** The scenario of the arguments that are left when the words of a buyer are taken out. */
static err read_args(sweep_ctx *ctx, const char *text[SC_COLUMNS], sweep_scenario *sc, sweep_auto *layouts,
                     sweep_buying *buying, int *buys) {
    const sweep_options *all = ctx->options;
    sweep_options others = *all;
    char **rest = arena_alloc(&ctx->mem, (size_t)all->n_args + 1, sizeof *rest);
    if (!rest) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    err first = sweep_buying_words(ctx, buying, rest, &others.n_args, buys);
    others.args = rest;
    ctx->options = &others;
    err e = sweep_args_scenario(ctx, text, sc, layouts);
    ctx->options = all;
    if (first != ERR_OK || e != ERR_OK) return first != ERR_OK ? first : e;
    const char *many = text[SC_GPUS] ? "gpus" : text[SC_BATCH] && sc->k.mode->train == KERN_INFERENCE ? "batch" : NULL;
    if (*buys && many) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, many, "users= asks how many; max_gpus= bounds a replica");
    }
    if (!*buys || !layouts->asked) return ERR_OK;
    return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "layout",
                    "auto is not for users=: without layout= those that make sense are looked at");
}

/** The fewest GPUs of every kind, or of the one asked for. */
static err fit_gpus(sweep_ctx *ctx, const char *const text[SC_COLUMNS], sweep_scenario *sc) {
    sweep_answer probe;
    char why[DIAG_TEXT];
    size_t n = 0;
    const kern_gpu *asked = sc->gpu;
    sc->gpu = NULL;
    err e = sweep_scenario_answer(sc, &probe, why);
    if (e != ERR_OK) return diag_add(&ctx->faults, e, NULL, 0, 0, "scenario", "%s", why);
    option_row *rows = arena_alloc(&ctx->mem, ctx->catalogs.gpus.n + 1, sizeof *rows);
    if (!rows) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    for (size_t i = 0; i < ctx->catalogs.gpus.n; i++) {
        const kern_gpu *gpu = ctx->catalogs.gpus.rows[i];
        if (!asked || gpu == asked) n += (size_t)fill_option(text, sc, gpu, &rows[n]);
    }
    if (n == 0) {
        return diag_add(&ctx->faults, ERR_SCENARIO, NULL, 0, 0, "fit",
                        "no layout tried holds %.1f GB per GPU at tp1%s%s",
                        probe.charge / report_unit_find("GB")->bytes, asked ? " on " : "", asked ? asked->name : "");
    }
    qsort(rows, n, sizeof *rows, compare_rows);
    return print_options(ctx, sc, rows, n);
}

err sweep_cmd_fit(sweep_ctx *ctx) {
    const char *text[SC_COLUMNS];
    sweep_scenario sc;
    sweep_auto layouts;
    sweep_buying buying;
    int buys;
    TRY(read_args(ctx, text, &sc, &layouts, &buying, &buys));
    if (layouts.asked) return sweep_fit_layouts(ctx, &sc, &layouts);
    return buys ? sweep_fit_procure(ctx, text, &sc, &buying) : fit_gpus(ctx, text, &sc);
}
