/*
 * args.c - AXIS=VALUE arguments to a scenario.
 */
#include <string.h>

#include "common/text.h"
#include "sweep/args.h"
#include "sweep/fit_procure.h"
#include "sweep/layout.h"

/** Names that an argument may have: those of `fit` include a buyer's. */
static const char *name_next(const void *options, size_t i) {
    const char *column = sweep_column_next(NULL, i);
    if (column || ((const sweep_options *)options)->command != SWEEP_CMD_fit) return column;
    return sweep_buying_word(i - SC_COLUMNS);
}

static err take_arg(sweep_ctx *ctx, const char *arg, const char *text[SC_COLUMNS]) {
    const char *eq = strchr(arg, '=');
    char near[DIAG_TEXT / 2];
    if (!eq) return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, arg, "expected AXIS=VALUE");
    char *name = arena_text(&ctx->mem, arg, (size_t)(eq - arg));
    if (!name) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    sweep_column c = sweep_column_find(name);
    if (c == SC_COLUMNS) {
        text_suggest(name, name_next, ctx->options, 2, near, sizeof near);
        return diag_add(&ctx->faults, ERR_KEY, NULL, 0, 0, name, "no such axis or knob%s%s", *near ? ", " : "", near);
    }
    if (text[c]) return diag_add(&ctx->faults, ERR_DUPLICATE, NULL, 0, 0, name, "given twice");
    text[c] = eq + 1;
    return ERR_OK;
}

/** --objective stands for objective=. */
static err take_objective(sweep_ctx *ctx, const char *text[SC_COLUMNS]) {
    const char *objective = ctx->options->objective;
    if (!objective) return ERR_OK;
    if (!sweep_auto_is(text[SC_LAYOUT]))
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "--objective", "is for layout=auto");
    if (text[SC_OBJECTIVE]) return diag_add(&ctx->faults, ERR_DUPLICATE, NULL, 0, 0, "objective", "given twice");
    text[SC_OBJECTIVE] = objective;
    return ERR_OK;
}

err sweep_args_scenario(sweep_ctx *ctx, const char *text[SC_COLUMNS], sweep_scenario *out, sweep_auto *layouts) {
    const sweep_place at = {.file = NULL};
    err first = ERR_OK;
    memset(text, 0, SC_COLUMNS * sizeof *text);
    TRY(sweep_ctx_catalogs(ctx, NULL, 0));
    for (int i = 0; i < ctx->options->n_args; i++) {
        err e = take_arg(ctx, ctx->options->args[i], text);
        if (first == ERR_OK) first = e;
    }
    err e = take_objective(ctx, text);
    if (first == ERR_OK) first = e;
    e = sweep_auto_build(&ctx->catalogs, text, &at, out, layouts, &ctx->faults);
    if (e == ERR_OK && out->older_engine) sweep_ctx_note_engine(ctx, out->older_engine, out->k.engine);
    return first != ERR_OK ? first : e;
}

/** Name of a KV format as one would type it. */
static const char *short_kv(const kern_format *f) {
    return strncmp(f->name, "kv-", 3) == 0 ? f->name + 3 : f->name;
}

const char *sweep_args_describe(sweep_ctx *ctx, const sweep_scenario *sc, const char *layout) {
    const kern_scenario *k = &sc->k;
    char own[KERN_LAYOUT_TEXT];
    sweep_layout_text(&k->layout, own);
    return arena_printf(
        &ctx->mem, "%s, weights %s, kv %s%s%s, context %.0f, batch %.0f, mode %s, layout %s, engine %s%s%s, method %s",
        k->model->name, k->weights->name, short_kv(k->k), k->k == k->v ? "" : ":", k->k == k->v ? "" : short_kv(k->v),
        sc->context, sc->batch, k->mode->name, layout ? layout : own, k->engine->name, *k->engine->version ? "@" : "",
        k->engine->version, k->method->name);
}
