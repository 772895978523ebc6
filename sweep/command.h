/*
 * command.h - what every command gets: options, catalogs, one arena, one list of faults. A command returns an err and
 * writes results to stdout or files; messages go through the faults, which main prints.
 */
#ifndef SWEEP_COMMAND_H
#define SWEEP_COMMAND_H

#include "common/arena.h"
#include "sweep/catalog.h"
#include "sweep/options.h"

typedef struct sweep_ctx {
    const sweep_options *options;
    arena mem;
    sweep_catalogs catalogs; /* loaded by sweep_ctx_catalogs */
    diags faults;
} sweep_ctx;

/** Loads the shipped catalogs, then `more` overlays (of a config), then those of the command line. */
err sweep_ctx_catalogs(sweep_ctx *ctx, const char *const *more, size_t n_more);

/** Tells that an engine's version is not in the catalog and which older row stands for it. */
void sweep_ctx_note_engine(sweep_ctx *ctx, const char *asked, const kern_engine *used);

#define COMMAND(id, args, summary, more) err sweep_cmd_##id(sweep_ctx *ctx);
#include "sweep/commands.def"
#undef COMMAND

#endif
