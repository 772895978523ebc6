/*
 * facts.c - which files of facts there are, and where.
 */
#include "sweep/facts.h"

#include <string.h>
#include <unistd.h>

static const struct fact_file {
    const char *name;
    err (*check)(sweep_ctx *ctx, const char *path);
} files[] = {
    {"quality.csv", sweep_quality_check},
    {"recommendations.csv", sweep_cases_check},
    {"images.csv", sweep_images_check},
};

const char *sweep_facts_name(size_t i) {
    return i < sizeof files / sizeof *files ? files[i].name : NULL;
}

const char *sweep_facts_path(sweep_ctx *ctx, const char *name) {
    return arena_printf(&ctx->mem, "%s/%s", ctx->catalogs.home, name);
}

err sweep_facts_check_in(sweep_ctx *ctx, const char *dir) {
    err first = ERR_OK;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *path = arena_printf(&ctx->mem, "%s/%s", dir, files[i].name);
        if (!path) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
        err e = access(path, F_OK) == 0 ? files[i].check(ctx, path) : ERR_OK;
        if (first == ERR_OK) first = e;
    }
    return first;
}

err sweep_facts_check(sweep_ctx *ctx, const char *path, int *known) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    *known = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (strcmp(name, files[i].name) != 0) continue;
        *known = 1;
        return files[i].check(ctx, path);
    }
    return ERR_OK;
}
