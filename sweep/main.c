/*
 * main.c - argv to command; the only place that prints faults and decides the exit status.
 */
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "sweep/command.h"
#include "sweep/ranks.h"

static err (*const run_command[SWEEP_COMMANDS])(sweep_ctx *) = {
#define COMMAND(id, args, summary, more) [SWEEP_CMD_##id] = sweep_cmd_##id,
#include "sweep/commands.def"
#undef COMMAND
};

/** Results that never reached the reader are a failure, even when the command did all it could. */
static err flush_stdout(diags *faults) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return ERR_OK;
    return diag_add(faults, ERR_WRITE, "standard output", 0, 0, NULL, "%s", err_text(ERR_WRITE));
}

static err dispatch(sweep_ctx *ctx, const sweep_options *o) {
    if (o->help) {
        sweep_options_help(stdout, o->command);
        return ERR_OK;
    }
    if (o->version) {
        sweep_options_version(stdout);
        return ERR_OK;
    }
    return run_command[o->command](ctx);
}

/** Of several ranks, only `run` makes use; all else is done by the first. */
static int has_work(const sweep_options *o) {
    return sweep_ranks_me() == 0 || (o->command == SWEEP_CMD_run && !o->help && !o->version);
}

int main(int argc, char **argv) {
    static sweep_ctx ctx; /* the list of faults is large */
    sweep_options options;
    setlocale(LC_ALL, "C");
    arena_init(&ctx.mem, NULL, NULL);
    ctx.options = &options;
    err code = sweep_ranks_begin(&ctx.faults);
    if (code == ERR_OK) code = sweep_options_parse(argc, argv, &options, &ctx.faults);
    if (code == ERR_OK && has_work(&options)) code = dispatch(&ctx, &options);
    err flushed = flush_stdout(&ctx.faults);
    if (code == ERR_OK) code = flushed;
    if (sweep_ranks_speaks()) diags_print(stderr, &ctx.faults);
    arena_fini(&ctx.mem);
    return sweep_ranks_end(err_exit_status(code));
}
