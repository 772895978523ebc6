/*
 * err.h - error codes, the diagnostic that says where and what, and the list that collects up to 20 of them.
 * Whatever can fail returns `err` (0 is success). The first who knows the place fills a diag; callers forward with TRY.
 * Below main nobody prints or exits.
 */
#ifndef COMMON_ERR_H
#define COMMON_ERR_H

#include <stdio.h>

typedef enum err {
#define ERR(code, status, sentence) code,
#include "common/err.def"
#undef ERR
    ERR_COUNT
} err;

enum { DIAG_MAX = 20, DIAG_TEXT = 320 };

/** One fault. `file` is borrowed (arena or literal); line and column are 1-based, 0 when they make no sense. */
typedef struct diag {
    err code;
    const char *file;
    int line, column;
    const char *field; /* column or key the fault is about, may be NULL */
    char text[DIAG_TEXT];
} diag;

/** Faults in the order found. `n` are stored, `dropped` more were counted only. */
typedef struct diags {
    diag item[DIAG_MAX];
    int n, dropped;
} diags;

#define TRY(expr)                                                                                                      \
    do {                                                                                                               \
        err try_code_ = (expr);                                                                                        \
        if (try_code_ != ERR_OK) return try_code_;                                                                     \
    } while (0)

/** Sentence of a code, never NULL. */
const char *err_text(err code);

/** Code of an input that failed with this errno: ERR_MEMORY when it was for want of memory. */
err err_input(err code, int why);

/** Exit status that belongs to a code: 0, 1, 2 or 3. */
int err_exit_status(err code);

/**
 * Adds one fault and returns its code, so that `return diag_add(...)` reads well. `list` may be NULL.
 * Control characters and what else is unsafe to show (common/text.h) become '?' in the formatted text.
 */
err diag_add(diags *list, err code, const char *file, int line, int column, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 7, 8)));

/**
 * The same for an input that failed with errno `why`: its text behind `before`. ERR_MEMORY instead of `code` when it
 * was for want of memory.
 */
err diag_input(diags *list, err code, const char *file, const char *field, const char *before, int why);

/** True when the list is full: a loader may stop looking for more. */
int diags_full(const diags *list);

/** Writes `file:line:column: field: text`, one line per fault, and how many more were found. */
void diags_print(FILE *to, const diags *list);

#endif
