/*
 * options.c - argv to options through getopt_long, with the tables of options.def and commands.def.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "kernels/eval/eval.h"
#include "sweep/option_tables.h"

#ifndef VRAMSWEEP_VERSION
#define VRAMSWEEP_VERSION "0.1.0"
#endif

static const char *command_name(const void *unused, size_t i) {
    (void)unused;
    return i < SWEEP_COMMANDS ? command_rows[i].name : NULL;
}

static err find_command(const char *name, sweep_command *out, diags *faults) {
    char near[DIAG_TEXT / 2];
    for (unsigned i = 0; i < SWEEP_COMMANDS; i++) {
        if (strcmp(name, command_rows[i].name) != 0) continue;
        *out = (sweep_command)i;
        return ERR_OK;
    }
    text_suggest(name, command_name, NULL, 2, near, sizeof near);
    return diag_add(faults, ERR_USAGE, NULL, 0, 0, "command", "unknown command '%s'%s%s; see 'vramsweep --help'", name,
                    *near ? ", " : "", near);
}

/** Index of `value` in a NULL-terminated list of words, or a fault. */
static err choose(const char *option, const char *value, const char *const *words, int *out, diags *faults) {
    char allowed[DIAG_TEXT / 2] = "";
    size_t at = 0;
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], value) == 0) {
            *out = i;
            return ERR_OK;
        }
        int k = snprintf(allowed + at, sizeof allowed - at, "%s%s", i ? ", " : "", words[i]);
        if (k > 0 && (size_t)k < sizeof allowed - at) at += (size_t)k;
    }
    return diag_add(faults, ERR_USAGE, NULL, 0, 0, option, "found '%s', expected one of %s", value, allowed);
}

static err set_number(const char *option, const char *value, int most, int *out, diags *faults) {
    int64_t n;
    if (text_int(value, &n) && n >= 1 && n <= most) {
        *out = (int)n;
        return ERR_OK;
    }
    return diag_add(faults, ERR_USAGE, NULL, 0, 0, option, "found '%s', expected 1 to %d", value, most);
}

/** K/N */
static err set_shard(sweep_options *o, const char *value, diags *faults) {
    char first[24];
    const char *slash = strchr(value, '/');
    int64_t k, n;
    snprintf(first, sizeof first, "%.*s", slash ? (int)(slash - value) : 0, value);
    if (slash && text_int(first, &k) && text_int(slash + 1, &n) && k >= 1 && k <= n && n <= SWEEP_SHARDS_MAX) {
        o->shard = (uint64_t)k;
        o->shards = (uint64_t)n;
        return ERR_OK;
    }
    return diag_add(faults, ERR_USAGE, NULL, 0, 0, "--shard", "found '%s', expected K/N with 1 <= K <= N <= %d", value,
                    SWEEP_SHARDS_MAX);
}

static err set_isa(const char *where, const char *name, diags *faults) {
    char why[DIAG_TEXT / 2];
    if (kern_ops_choose(name, why, sizeof why) == ERR_OK) return ERR_OK;
    return diag_add(faults, ERR_USAGE, NULL, 0, 0, where, "%s", why);
}

static err add_overlay(sweep_options *o, const char *path, diags *faults) {
    if (o->n_overlays == SWEEP_OVERLAYS_MAX) {
        return diag_add(faults, ERR_LIMIT, NULL, 0, 0, "--catalogs", "more than %d overlays", SWEEP_OVERLAYS_MAX);
    }
    o->overlays[o->n_overlays++] = path;
    return ERR_OK;
}

static err set_option(sweep_options *o, option_id id, const char *value, diags *faults) {
    int chosen = 0, rows_only;
    err e = ERR_OK;
    switch (id) {
    case OPT_catalogs:
        return add_overlay(o, value, faults);
    case OPT_out:
        o->out = value;
        break;
    case OPT_threads:
        return set_number("--threads", value, SWEEP_THREADS_MAX, &o->threads, faults);
    case OPT_shard:
        return set_shard(o, value, faults);
    case OPT_isa:
        return set_isa("--isa", value, faults);
    case OPT_progress:
        e = choose("--progress", value, words_progress, &chosen, faults);
        o->progress = (sweep_progress_when)chosen;
        break;
    case OPT_format:
        rows_only = o->command == SWEEP_CMD_eval || o->command == SWEEP_CMD_run;
        e = choose("--format", value, rows_only ? words_format_rows : words_format, &chosen, faults);
        o->format = !rows_only ? (sweep_format)chosen : chosen ? SWEEP_FORMAT_JSONL : SWEEP_FORMAT_CSV;
        break;
    case OPT_summary:
        e = choose("--summary", value, words_summary, &chosen, faults);
        o->summary = (sweep_summary)chosen;
        break;
    case OPT_rows:
        o->rows = 1;
        break;
    case OPT_check:
        o->check = 1;
        break;
    case OPT_dry_run:
        o->dry_run = 1;
        break;
    case OPT_force:
        o->force = 1;
        break;
    case OPT_outside:
        o->outside = 1;
        break;
    case OPT_range:
        o->range = 1;
        break;
    case OPT_objective:
        o->objective = value;
        break;
    case OPT_top:
        return set_number("--top", value, SWEEP_TOP_MAX, &o->top, faults);
    case OPT_charts:
        o->charts = value;
        break;
    case OPT_assume:
        o->assume = 1;
        break;
    case OPT_files_from:
        o->files_from = value;
        break;
    case OPT_quiet:
        o->quiet = 1;
        break;
    case OPT_help:
        o->help = 1;
        break;
    case OPT_version:
        o->version = 1;
        break;
    case OPTIONS:
        break;
    }
    return e;
}

/** getopt tables of the options that the command takes; value of an option is 256 + its id. */
static void make_getopt(int mask, struct option *longs, char *shorts) {
    size_t n = 0, k = 0;
    for (int i = 0; i < OPTIONS; i++) {
        if (!(option_rows[i].commands & mask)) continue;
        longs[n++] =
            (struct option){option_rows[i].name, option_rows[i].arg ? required_argument : no_argument, NULL, 256 + i};
        if (!option_rows[i].letter) continue;
        shorts[k++] = (char)option_rows[i].letter;
        if (option_rows[i].arg) shorts[k++] = ':';
    }
    shorts[k] = 0;
    longs[n] = (struct option){0};
}

static int id_of_letter(int letter) {
    for (int i = 0; i < OPTIONS; i++) {
        if (option_rows[i].letter == letter) return i;
    }
    return -1;
}

static err bad_option(int argc, char **argv, int kind, diags *faults) {
    const char *what = optind > 0 && optind <= argc ? argv[optind - 1] : "";
    if (kind == ':') return diag_add(faults, ERR_USAGE, NULL, 0, 0, what, "the option needs a value");
    return diag_add(faults, ERR_USAGE, NULL, 0, 0, what,
                    "unknown option here, or a value it does not take; see --help");
}

static err parse_options(int argc, char **argv, int mask, sweep_options *o, diags *faults) {
    struct option longs[OPTIONS + 1];
    char shorts[2 * OPTIONS + 2] = ":";
    err first = ERR_OK;
    make_getopt(mask, longs, shorts + 1);
    opterr = 0;
    optind = 1;
    for (int got; (got = getopt_long(argc, argv, shorts, longs, NULL)) != -1;) {
        err e;
        if (got == '?' || got == ':') {
            e = bad_option(argc, argv, got, faults);
        } else {
            int id = got >= 256 ? got - 256 : id_of_letter(got);
            e = set_option(o, (option_id)id, optarg, faults);
        }
        if (first == ERR_OK) first = e;
    }
    o->args = argv + optind;
    o->n_args = argc - optind;
    return first;
}

err sweep_options_parse(int argc, char **argv, sweep_options *o, diags *faults) {
    const char *isa = getenv("VRAMSWEEP_ISA");
    memset(o, 0, sizeof *o);
    o->command = SWEEP_COMMANDS;
    if (isa && *isa) TRY(set_isa("VRAMSWEEP_ISA", isa, faults));
    if (argc < 2) return diag_add(faults, ERR_USAGE, NULL, 0, 0, NULL, "no command given; see 'vramsweep --help'");
    if (argv[1][0] == '-') {
        TRY(parse_options(argc, argv, ~0, o, faults));
        if (o->help || o->version) return ERR_OK;
        return diag_add(faults, ERR_USAGE, NULL, 0, 0, NULL, "the command comes first: vramsweep COMMAND [OPTION]...");
    }
    TRY(find_command(argv[1], &o->command, faults));
    return parse_options(argc - 1, argv + 1, 1 << o->command, o, faults);
}

static void help_options(FILE *to, int mask) {
    fprintf(to, "\nOptions:\n");
    for (int i = 0; i < OPTIONS; i++) {
        char left[48];
        if (!(option_rows[i].commands & mask)) continue;
        snprintf(left, sizeof left, "%c%c%s --%s%s%s", option_rows[i].letter ? '-' : ' ',
                 option_rows[i].letter ? option_rows[i].letter : ' ', option_rows[i].letter ? "," : " ",
                 option_rows[i].name, option_rows[i].arg ? "=" : "", option_rows[i].arg ? option_rows[i].arg : "");
        fprintf(to, "  %-22s  %s\n", left, option_rows[i].help);
    }
}

void sweep_options_help(FILE *to, sweep_command command) {
    if (command < SWEEP_COMMANDS) {
        const struct command_row *c = &command_rows[command];
        fprintf(to, "Usage: vramsweep %s [OPTION]... %s\n\n%s.\n%s%s", c->name, c->args, c->summary,
                *c->more ? "\n" : "", c->more);
        help_options(to, 1 << command);
        return;
    }
    fprintf(to, "Usage: vramsweep COMMAND [OPTION]... [ARGUMENT]...\n\n"
                "Sweeps LLM GPU-memory scenarios and writes tables, workbooks and charts.\n\nCommands:\n");
    for (unsigned i = 0; i < SWEEP_COMMANDS; i++)
        fprintf(to, "  %-22s  %s\n", command_rows[i].name, command_rows[i].summary);
    help_options(to, ~0);
    fprintf(to, "\n'vramsweep COMMAND --help' tells more. Exit status: 0 done, 1 failed while running, 2 bad usage,\n"
                "config or catalog, 3 differs, 130 stopped by Ctrl-C (128 and the signal).\n");
}

void sweep_options_version(FILE *to) {
    int runs = 0;
    fprintf(to, "vramsweep %s\nkernels:", VRAMSWEEP_VERSION);
    for (unsigned i = 0; kern_ops_name(i, &runs); i++) {
        const char *name = kern_ops_name(i, &runs);
        fprintf(to, " %s%s", name,
                strcmp(name, kern_ops_get()->name) == 0 ? " (in use)"
                : runs                                  ? ""
                                                        : " (not on this machine)");
    }
    fprintf(to, "\n");
}
