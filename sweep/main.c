/*
 * main.c - argv to command; the only place that prints faults and decides the exit status.
 */
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/stop.h"
#include "report/writers.h"
#include "sweep/command.h"
#include "sweep/json_memory.h"
#include "sweep/ranks.h"

static err (*const run_command[SWEEP_COMMANDS])(sweep_ctx *) = {
#define COMMAND(id, args, summary, more) [SWEEP_CMD_##id] = sweep_cmd_##id,
#include "sweep/commands.def"
#undef COMMAND
};

static sweep_ctx ctx; /* the list of faults is large */

/** Results that never reached the reader are a failure, even when the command did all it could. */
static err flush_stdout(void) {
    if (fflush(stdout) == 0 && !ferror(stdout)) return ERR_OK;
    return diag_add(&ctx.faults, ERR_WRITE, "standard output", 0, 0, NULL, "%s", err_text(ERR_WRITE));
}

static err dispatch(const sweep_options *o) {
    if (o->help) {
        sweep_options_help(stdout, o->command);
        return ERR_OK;
    }
    if (o->version) {
        sweep_options_version(stdout);
        return ERR_OK;
    }
    return run_command[o->command](&ctx);
}

/** Of several ranks, only `run` makes use; all else is done by the first. */
static int has_work(const sweep_options *o) {
    return sweep_ranks_me() == 0 || (o->command == SWEEP_CMD_run && !o->help && !o->version);
}

/** Who says why the process ends: the first to come to it. */
enum { NOBODY, MAIN, LISTENER, SAID };
static atomic_int teller;

static int speaks(int who) {
    int nobody = NOBODY;
    return atomic_compare_exchange_strong(&teller, &nobody, who);
}

/** Ctrl-C while the command is at something that does not ask: all is undone, this is the end. */
static void end_process(int signal_number) {
    static const struct timespec moment = {0, 1000000};
    char text[128];
    struct pollfd to = {.fd = STDERR_FILENO, .events = POLLOUT};
    int n = snprintf(text, sizeof text, "vramsweep: %s\n", err_text(ERR_INTERRUPTED));
    int tell = speaks(LISTENER);
    while (teller == MAIN && poll(&to, 1, 0) == 1) /* it is at its last words, which a full pipe must not hold */
        nanosleep(&moment, NULL);
    tell &= poll(&to, 1, 0) == 1;
    ssize_t told = tell ? write(STDERR_FILENO, text, (size_t)n) : 0; /* whoever closed it does not want to know */
    (void)told;
    _exit(128 + signal_number);
}

/** The last words: the faults, once. */
static void tell_faults(err code) {
    int mine = speaks(MAIN);
    if (stop_asked() && code != ERR_OK && code != ERR_INTERRUPTED) /* gnuplot was sent it, too: why it failed */
        diag_add(&ctx.faults, ERR_INTERRUPTED, NULL, 0, 0, NULL, "%s", err_text(ERR_INTERRUPTED));
    if (mine && sweep_ranks_speaks()) diags_print(stderr, &ctx.faults);
    if (mine) teller = SAID;
}

/** A workbook that cannot be gone on with; exit undoes what was begun (common/stop.c). */
static void end_without_memory(const char *file) {
    diag_add(&ctx.faults, ERR_MEMORY, NULL, 0, 0, NULL, "%.200s: %s", file, err_text(ERR_MEMORY));
    tell_faults(ERR_MEMORY);
    exit(stop_exit_status(err_exit_status(ERR_MEMORY)));
}

int main(int argc, char **argv) {
    sweep_options options;
    stop_block();
    sweep_json_watch();
    report_workbook_no_memory(end_without_memory);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of write */
    setlocale(LC_ALL, "C");
    arena_init(&ctx.mem, NULL, NULL);
    ctx.options = &options;
    err code = sweep_ranks_begin(&ctx.faults);
    stop_listen(sweep_ranks_n() > 1 ? NULL : end_process); /* ranks have to end together */
    if (code == ERR_OK) code = sweep_options_parse(argc, argv, &options, &ctx.faults);
    if (code == ERR_OK && has_work(&options)) code = dispatch(&options);
    err flushed = flush_stdout();
    if (code == ERR_OK) code = flushed;
    tell_faults(code);
    stop_hold(); /* from here on this is the thread that ends the process */
    arena_fini(&ctx.mem);
    return sweep_ranks_end(stop_exit_status(err_exit_status(code)));
}
