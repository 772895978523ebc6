/*
 * cmd_check.c - `check FILE...`: configs and catalogs validated without running. Every file is looked at, whatever was
 * wrong with the one before; nothing is written but the faults.
 */
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "sweep/command.h"
#include "sweep/config.h"
#include "sweep/facts.h"

static int ends_with(const char *text, const char *end) {
    size_t n = strlen(text), m = strlen(end);
    return n >= m && text_same(text + n - m, end);
}

static err check_config(sweep_ctx *ctx, const char *path) {
    sweep_config cfg;
    TRY(sweep_config_load(&cfg, &ctx->mem, path, &ctx->faults));
    const char **overlays = arena_alloc(&ctx->mem, cfg.catalogs.n + 1, sizeof *overlays);
    if (!overlays) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    for (size_t i = 0; i < cfg.catalogs.n; i++)
        overlays[i] = cfg.catalogs.item[i].text;
    TRY(sweep_ctx_catalogs(ctx, overlays, cfg.catalogs.n));
    err first = ERR_OK;
    for (size_t i = 0; i < cfg.n_sweeps; i++) {
        sweep_plan p;
        err e = sweep_plan_build(&p, &ctx->mem, &ctx->catalogs, &cfg, i, &ctx->faults);
        if (first == ERR_OK) first = e;
    }
    return first;
}

static err check_file(sweep_ctx *ctx, const char *path) {
    if (ends_with(path, ".yaml") || ends_with(path, ".yml")) return check_config(ctx, path);
    int known;
    TRY(sweep_ctx_catalogs(ctx, NULL, 0));
    TRY(sweep_facts_check(ctx, path, &known));
    if (known) return ERR_OK;
    err e = sweep_ctx_catalogs(ctx, &path, 1), f = sweep_facts_check_in(ctx, path);
    return e != ERR_OK ? e : f;
}

/** Names of files are whatever a stranger's folder holds. */
static void tell_ok(const char *path) {
    char name[4096];
    snprintf(name, sizeof name, "%s", path);
    text_make_printable(name);
    printf("%s: ok\n", name);
}

err sweep_cmd_check(sweep_ctx *ctx) {
    err first = ERR_OK;
    if (ctx->options->n_args == 0) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "check",
                        "expected one or more configs (.yaml) or catalogs (.csv, folders)");
    }
    for (int i = 0; i < ctx->options->n_args; i++) {
        err e = check_file(ctx, ctx->options->args[i]);
        if (first == ERR_OK) first = e;
        if (e == ERR_OK && !ctx->options->quiet) tell_ok(ctx->options->args[i]);
    }
    return first;
}
