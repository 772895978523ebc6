/*
 * manual.c - writes the manual page or a shell's completion to standard output: `manual man|bash|zsh`. Everything that
 * options, commands and scenario columns are comes from the tables that the program itself uses; only what no table
 * holds (environment, files, examples) is text here.
 */
#include <stdio.h>
#include <string.h>

#include "sweep/option_tables.h"

static const struct column_row {
    const char *name, *fallback, *takes;
} columns[] = {
#define COLUMN(id, name, fallback, takes) {name, fallback, takes},
#include "sweep/columns.def"
#undef COLUMN
};

static const struct code_row {
    int status;
    const char *sentence;
} codes[] = {
#define ERR(code, status, sentence) {status, sentence},
#include "common/err.def"
#undef ERR
};

enum { COLUMNS = sizeof columns / sizeof *columns, CODES = sizeof codes / sizeof *codes };

/** Lists of words by the option that takes them. */
static const struct word_row {
    const char *option;
    int commands;
    const char *const *words;
} word_rows[] = {{"format", ~(ON_EVAL | ON_RUN), words_format},
                 {"format", ON_EVAL | ON_RUN, words_format_rows},
                 {"progress", ~0, words_progress},
                 {"summary", ~0, words_summary}};

enum { WORD_ROWS = sizeof word_rows / sizeof *word_rows };

static const char *const *words_of(const char *option, int command) {
    for (int i = 0; i < WORD_ROWS; i++) {
        if (strcmp(word_rows[i].option, option) == 0 && (word_rows[i].commands & command)) return word_rows[i].words;
    }
    return NULL;
}

/* ---- manual page ---- */

/** Text for roff: backslashes and hyphens are escaped, a line never starts with a control character. */
static void roff(const char *text) {
    int start = 1;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\'')) printf("\\&");
        start = *text == '\n';
        if (*text == '\\') {
            printf("\\e");
        } else if (*text == '-') {
            printf("\\-");
        } else {
            putchar(*text);
        }
    }
}

static void bold(const char *text) {
    printf("\\fB");
    roff(text);
    printf("\\fR");
}

static void option_head(const struct option_row *o) {
    printf(".TP\n");
    if (o->letter) printf("\\fB\\-%c\\fR, ", o->letter);
    printf("\\fB\\-\\-");
    roff(o->name);
    printf("\\fR");
    if (o->arg) {
        printf("=\\fI");
        roff(o->arg);
        printf("\\fR");
    }
    printf("\n");
}

static void option_list(int mask) {
    for (int i = 0; i < OPTIONS; i++) {
        if (!(option_rows[i].commands & mask) || (mask != ON_ALL && option_rows[i].commands == ON_ALL)) continue;
        option_head(&option_rows[i]);
        roff(option_rows[i].help);
        printf(".\n");
    }
}

static void man_commands(void) {
    printf(".SH COMMANDS\n");
    for (int i = 0; i < SWEEP_COMMANDS; i++) {
        const struct command_row *c = &command_rows[i];
        printf(".SS ");
        bold(c->name);
        printf(" [\\fIOPTION\\fR]... \\fI");
        roff(c->args);
        printf("\\fR\n");
        roff(c->summary);
        printf(".\n");
        if (*c->more) {
            printf(".PP\n");
            roff(c->more);
        }
        option_list(1 << i);
    }
}

static void man_columns(void) {
    printf(".SH SCENARIOS\nThe columns of\n.B eval\nand the names in \\fIAXIS=VALUE\\fR of\n.BR explain \" and \" fit "
           ":\n");
    for (int i = 0; i < COLUMNS; i++) {
        printf(".TP\n");
        bold(columns[i].name);
        printf("\n");
        roff(columns[i].takes);
        if (*columns[i].fallback) {
            printf("; default: ");
            roff(columns[i].fallback);
        }
        printf(".\n");
    }
}

static void man_status(void) {
    static const char *const before[] = {"", "failed while running: ", "nothing was done: ", ""};
    printf(".SH EXIT STATUS\n");
    for (int status = 0; status <= 3; status++) {
        int n = 0;
        printf(".TP\n.B %d\n%s", status, before[status]);
        for (int i = 0; i < CODES; i++) {
            if (codes[i].status != status) continue;
            printf("%s", n++ ? "; " : "");
            roff(codes[i].sentence);
        }
        printf(".\n");
    }
}

static void man_rest(void) {
    static const char *const environment[][2] = {
        {"VRAMSWEEP_CATALOGS", "folder of the shipped catalogs; default: beside the program"},
        {"VRAMSWEEP_ISA", "kernels to run, like --isa"},
        {"GNUPLOT", "the program that draws charts; default: gnuplot on the PATH"},
        {"GNUPLOT_SECONDS", "how long it may take for a chart before it is stopped; default: 60"},
        {"NO_COLOR", "no colours on the terminal"},
        {"SOURCE_DATE_EPOCH", "date that workbooks carry, in seconds since 1970"}};
    printf(".SH ENVIRONMENT\n");
    for (size_t i = 0; i < sizeof environment / sizeof *environment; i++) {
        printf(".TP\n.B %s\n", environment[i][0]);
        roff(environment[i][1]);
        printf(".\n");
    }
    printf(".SH FILES\n.TP\n.I out/NAME/\nresults of the config NAME.yaml.\n.TP\n.I out/NAME/.vramsweep/\n"
           "manifest, lock and journal of the folder: what a run needs to know what is stale and to replace\n"
           "all files as one set.\n"
           ".SH EXAMPLES\n.nf\nvramsweep run quick\\-reference.yaml\n"
           "vramsweep run nightly.yaml \\-q \\-\\-summary changes\nvramsweep diff old/ new/ \\-\\-format md\n"
           "vramsweep fit model=llama\\-3.3\\-70b weights=fp8\\-channel context=32k batch=8\n.fi\n");
}

static void man(void) {
    printf(".\\\" Made from the tables of options and commands; do not edit.\n"
           ".TH VRAMSWEEP 1 \"\" \"vramsweep %s\" \"User Commands\"\n"
           ".SH NAME\nvramsweep \\- sweep LLM GPU\\-memory scenarios into tables, workbooks and charts\n"
           ".SH SYNOPSIS\n.B vramsweep\n\\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n"
           ".SH DESCRIPTION\nHow much GPU memory a language model needs, on which hardware, for how many users at how\n"
           "long a context: for every model, weight format, KV\\-cache format, context, batch, training recipe and\n"
           "parallel layout at once. Results go to standard output or files, messages to standard error.\n",
           VRAMSWEEP_VERSION);
    man_commands();
    printf(".SH COMMON OPTIONS\n");
    for (int i = 0; i < OPTIONS; i++) {
        if (option_rows[i].commands != ON_ALL) continue;
        option_head(&option_rows[i]);
        roff(option_rows[i].help);
        printf(".\n");
    }
    man_columns();
    man_status();
    man_rest();
}

/* ---- completions ---- */

/** Options of a command, blanks between; those with a value end in '='. */
static void option_words(int mask) {
    for (int i = 0; i < OPTIONS; i++) {
        if (option_rows[i].commands & mask) printf(" --%s%s", option_rows[i].name, option_rows[i].arg ? "=" : "");
    }
}

static void word_list(const char *const *words) {
    for (; *words; words++)
        printf(" %s", *words);
}

static int takes_scenario(const struct command_row *c) {
    return strstr(c->args, "AXIS=VALUE") != NULL;
}

/** `models|gpus|...`: arguments that are words of a list. */
static int takes_words(const struct command_row *c) {
    return strchr(c->args, '|') != NULL;
}

static void argument_words(const struct command_row *c) {
    if (takes_words(c)) {
        printf(" ");
        for (const char *at = c->args; *at; at++)
            putchar(*at == '|' ? ' ' : *at);
    }
    for (int i = 0; i < COLUMNS && takes_scenario(c); i++)
        printf(" %s=", columns[i].name);
}

/** Axes whose values the program itself can list: axis, what to list. */
static const char *const listed[][2] = {{"model", "models"},  {"gpu", "gpus"},   {"weights", "weights"},
                                        {"kv", "kv"},         {"mode", "modes"}, {"engine", "engines"},
                                        {"method", "methods"}};

enum { LISTED = sizeof listed / sizeof *listed };

static void bash(void) {
    printf("# bash completion of vramsweep, made from its tables of options and commands; do not edit.\n"
           "_vramsweep() {\n"
           "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} words= "
           "key=\n"
           "    COMPREPLY=()\n"
           "    # readline splits at '=': put the option or axis and its value together again\n"
           "    if [[ $cur == = ]]; then\n        key=$prev cur=\n"
           "    elif [[ $prev == = ]]; then\n        key=${COMP_WORDS[COMP_CWORD-2]}\n"
           "    fi\n"
           "    if ((COMP_CWORD == 1)); then\n        words=\"");
    for (int i = 0; i < SWEEP_COMMANDS; i++)
        printf("%s ", command_rows[i].name);
    printf("--help --version\"\n    elif [[ $key ]]; then\n        case $command/$key in\n");
    for (int i = 0; i < SWEEP_COMMANDS; i++) {
        for (int k = 0; k < OPTIONS; k++) {
            const char *const *words = words_of(option_rows[k].name, 1 << i);
            if (!words || !(option_rows[k].commands & 1 << i)) continue;
            printf("        %s/--%s) words=\"", command_rows[i].name, option_rows[k].name);
            word_list(words);
            printf("\" ;;\n");
        }
    }
    for (int i = 0; i < LISTED; i++)
        printf("        */%s) words=$(\"${COMP_WORDS[0]}\" list %s --format csv 2>/dev/null | sed '1d; s/,.*//') ;;\n",
               listed[i][0], listed[i][1]);
    printf("        */--*) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;\n"
           "        esac\n    else\n        case $command in\n");
    for (int i = 0; i < SWEEP_COMMANDS; i++) {
        printf("        %s) words=\"", command_rows[i].name);
        option_words(1 << i);
        argument_words(&command_rows[i]);
        printf("\" ;;\n");
    }
    printf("        esac\n    fi\n"
           "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
           "    if [[ ! $key && $cur != -* ]] && ((COMP_CWORD > 1)); then\n"
           "        case $command in\n        ");
    for (int i = 0, n = 0; i < SWEEP_COMMANDS; i++) {
        if (!takes_words(&command_rows[i]) && !takes_scenario(&command_rows[i]))
            printf("%s%s", n++ ? " | " : "", command_rows[i].name);
    }
    printf(")\n            compopt -o filenames\n            mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
           "            ;;\n        esac\n    fi\n"
           "    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace\n}\n"
           "complete -F _vramsweep vramsweep\n");
}

/** Text inside single quotes and brackets of zsh's _arguments. */
static void zsh_text(const char *text) {
    for (; *text; text++) {
        if (*text == '\'') {
            printf("'\\''");
        } else {
            if (strchr("[]:\\", *text)) putchar('\\');
            putchar(*text);
        }
    }
}

static void zsh_option(const struct option_row *o, int command) {
    const char *const *words = words_of(o->name, command);
    printf("        '--%s%s[", o->name, o->arg ? "=" : "");
    zsh_text(o->help);
    printf("]");
    if (o->arg && words) {
        printf(":%s:(", o->arg);
        word_list(words);
        printf(")");
    } else if (o->arg) {
        printf(":%s:_files", o->arg);
    }
    printf("' \\\n");
}

static void zsh_command(int i) {
    const struct command_row *c = &command_rows[i];
    printf("    %s)\n        _arguments \\\n", c->name);
    for (int k = 0; k < OPTIONS; k++) {
        if (option_rows[k].commands & 1 << i) zsh_option(&option_rows[k], 1 << i);
    }
    if (takes_words(c)) {
        printf("        '*:what:(");
        argument_words(c);
        printf(")'\n");
    } else if (takes_scenario(c)) {
        printf("        '*:scenario:_vramsweep_scenario'\n");
    } else {
        printf("        '*:file:_files'\n");
    }
    printf("        ;;\n");
}

static void zsh(void) {
    printf(
        "#compdef vramsweep\n# zsh completion of vramsweep, made from its tables of options and commands; do not "
        "edit.\n"
        "_vramsweep_scenario() {\n    if compset -P '*='; then\n        local what=\n        case ${IPREFIX%%=} in\n");
    for (int i = 0; i < LISTED; i++)
        printf("        %s) what=%s ;;\n", listed[i][0], listed[i][1]);
    printf("        esac\n"
           "        [[ -n $what ]] && compadd -- ${(f)\"$(vramsweep list $what --format csv 2>/dev/null | sed '1d; "
           "s/,.*//')\"}\n"
           "    else\n        compadd -S = --");
    for (int i = 0; i < COLUMNS; i++)
        printf(" %s", columns[i].name);
    printf("\n    fi\n}\n_vramsweep() {\n    local -a commands\n    commands=(\n");
    for (int i = 0; i < SWEEP_COMMANDS; i++) {
        printf("        '%s:", command_rows[i].name);
        zsh_text(command_rows[i].summary);
        printf("'\n");
    }
    printf("    )\n    if ((CURRENT == 2)); then\n        _describe command commands\n        return\n    fi\n"
           "    local command=$words[2]\n    shift words\n    ((CURRENT--))\n    case $command in\n");
    for (int i = 0; i < SWEEP_COMMANDS; i++)
        zsh_command(i);
    printf("    esac\n}\n_vramsweep \"$@\"\n");
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*write)(void);
    } what[] = {{"man", man}, {"bash", bash}, {"zsh", zsh}};
    for (size_t i = 0; argc == 2 && i < sizeof what / sizeof *what; i++) {
        if (strcmp(argv[1], what[i].name) != 0) continue;
        what[i].write();
        return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
    }
    fprintf(stderr, "usage: manual man|bash|zsh\n");
    return 2;
}
