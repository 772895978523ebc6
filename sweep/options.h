/*
 * options.h - the command line: one table of options, one of commands.
 */
#ifndef SWEEP_OPTIONS_H
#define SWEEP_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "common/err.h"

typedef enum sweep_command {
#define COMMAND(id, args, summary, more) SWEEP_CMD_##id,
#include "sweep/commands.def"
#undef COMMAND
    SWEEP_COMMANDS
} sweep_command;

enum { SWEEP_OVERLAYS_MAX = 64, SWEEP_THREADS_MAX = 1024, SWEEP_TOP_MAX = 64, SWEEP_SHARDS_MAX = 100000 };

typedef enum sweep_progress_when {
    SWEEP_PROGRESS_AUTO,
    SWEEP_PROGRESS_ALWAYS,
    SWEEP_PROGRESS_NEVER
} sweep_progress_when;
typedef enum sweep_format {
    SWEEP_FORMAT_TEXT,
    SWEEP_FORMAT_CSV,
    SWEEP_FORMAT_JSON,
    SWEEP_FORMAT_MD,
    SWEEP_FORMAT_JSONL
} sweep_format;

/** What a run tells at its end. */
typedef enum sweep_summary { SWEEP_SUMMARY_TEXT, SWEEP_SUMMARY_JSON, SWEEP_SUMMARY_CHANGES } sweep_summary;

/** Parsed command line; strings are borrowed from argv. */
typedef struct sweep_options {
    sweep_command command;
    int help, version, quiet, rows, assume, range, dry_run, check, force, outside;
    const char *overlays[SWEEP_OVERLAYS_MAX];
    size_t n_overlays;
    const char *out;        /* NULL: default */
    const char *charts;     /* NULL: none */
    const char *files_from; /* NULL: none */
    const char *objective;  /* of layout=auto, NULL: default */
    int top;                /* layouts shown, 0: default */
    int threads;            /* 0: one per processor */
    uint64_t shard, shards; /* --shard K/N, counted from 1; 0: the whole run */
    sweep_progress_when progress;
    sweep_format format;
    sweep_summary summary;
    char *const *args; /* positional arguments */
    int n_args;
} sweep_options;

/** Parses argv; permutes it as getopt does. Faults go to the list; chooses the kernels for --isa / VRAMSWEEP_ISA. */
err sweep_options_parse(int argc, char **argv, sweep_options *o, diags *faults);

/** Help of the program (command SWEEP_COMMANDS) or of one command. */
void sweep_options_help(FILE *to, sweep_command command);

/** Version, kernels that run here, libraries. */
void sweep_options_version(FILE *to);

#endif
