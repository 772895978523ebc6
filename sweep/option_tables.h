/*
 * option_tables.h - the tables of options.def, commands.def and option_words.def as data, for those who include it: the
 * parser (options.c) and the maker of manual page and completions (tools/manual.c).
 */
#ifndef SWEEP_OPTION_TABLES_H
#define SWEEP_OPTION_TABLES_H

#include "sweep/options.h"

#include <stddef.h>

enum command_bits {
#define COMMAND(id, args, summary, more) ON_##id = 1 << SWEEP_CMD_##id,
#include "sweep/commands.def"
#undef COMMAND
    ON_RUN = ON_run,
    ON_EVAL = ON_eval,
    ON_EXPLAIN = ON_explain,
    ON_FIT = ON_fit,
    ON_LIST = ON_list,
    ON_ACCURACY = ON_accuracy,
    ON_IMPORT = ON_import,
    ON_MERGE = ON_merge,
    ON_DIFF = ON_diff,
    ON_ALL = ~0
};

typedef enum option_id {
#define OPTION(id, name, letter, arg, commands, help) OPT_##id,
#include "sweep/options.def"
#undef OPTION
    OPTIONS
} option_id;

static const struct option_row {
    const char *name;
    int letter;
    const char *arg;
    int commands;
    const char *help;
} option_rows[OPTIONS] = {
#define OPTION(id, name, letter, arg, commands, help) [OPT_##id] = {name, letter, arg, commands, help},
#include "sweep/options.def"
#undef OPTION
};

static const struct command_row {
    const char *name, *args, *summary, *more;
} command_rows[SWEEP_COMMANDS] = {
#define COMMAND(id, args, summary, more) [SWEEP_CMD_##id] = {#id, args, summary, more},
#include "sweep/commands.def"
#undef COMMAND
};

/* Lists of words end with NULL. */
#define WORDS(id, ...) static const char *const words_##id[] = {__VA_ARGS__, NULL};
#include "sweep/option_words.def"
#undef WORDS

#endif
