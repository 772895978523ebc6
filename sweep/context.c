/*
 * context.c - loads the catalogs a command works on: shipped, then a config's, then the command line's.
 */
#include <string.h>

#include "sweep/command.h"

err sweep_ctx_catalogs(sweep_ctx *ctx, const char *const *more, size_t n_more) {
    const sweep_options *o = ctx->options;
    const char *home;
    TRY(sweep_catalogs_home(&home, &ctx->mem, &ctx->faults));
    const char **all = arena_alloc(&ctx->mem, n_more + o->n_overlays + 1, sizeof *all);
    if (!all) return diag_add(&ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    if (n_more) memcpy(all, more, n_more * sizeof *all);
    memcpy(all + n_more, o->overlays, o->n_overlays * sizeof *all);
    return sweep_catalogs_load(&ctx->catalogs, &ctx->mem, home, all, n_more + o->n_overlays, &ctx->faults);
}

void sweep_ctx_note_engine(sweep_ctx *ctx, const char *asked, const kern_engine *used) {
    diag_add(&ctx->faults, ERR_OK, NULL, 0, 0, "note",
             "engine %.60s is not in the catalog; the nearest older row, %s@%s, is used", asked, used->name,
             used->version);
}
