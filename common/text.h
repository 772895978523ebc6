/*
 * text.h - names and numbers in text: strict parsing, did-you-mean, globs. No locale, no allocation.
 */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include <stddef.h>
#include <stdint.h>

/** Whole decimal number, digits only, optional binary suffix k or m (8k = 8192, 1m = 1048576). 0 when it is not one. */
int text_count(const char *text, uint64_t *value);

/** Whole decimal number without suffix, optional '-'. Returns 0 when it is not one or does not fit. */
int text_int(const char *text, int64_t *value);

/** Finite decimal number, C locale whatever the environment says: [-]digits[.digits][e[+-]digits]. */
int text_real(const char *text, double *value);

/** yes/true/1 and no/false/0, any case. */
int text_bool(const char *text, int *value);

/** Equal, ASCII case ignored. */
int text_same(const char *a, const char *b);

/**
 * Order of names as people read them: a run of digits counts as a number (8b before 70b), ASCII case is ignored; names
 * that are equal so far are told apart by their bytes, so only equal texts give 0.
 */
int text_order(const char *a, const char *b);

/** Glob with * and ?, ASCII case ignored. At most |pattern| x |name| steps: no backtracking explosion. */
int text_glob(const char *pattern, const char *name);

/** Valid UTF-8 without NUL; the offset of the first bad byte goes to *bad (may be NULL). */
int text_utf8(const char *text, size_t n, size_t *bad);

/**
 * A code point that is no text but acts on who shows it: control characters (terminals obey them; a tab is text),
 * invisible marks that turn the direction of writing or hide letters, line and paragraph separators, noncharacters.
 */
int text_unsafe(unsigned code);

/**
 * Bytes of the character at `text`, which is not at its end, and whether it is unsafe; a byte that is no UTF-8 is an
 * unsafe character of its own.
 */
size_t text_step(const char *text, int *is_unsafe);

/** No unsafe code point in n bytes of valid UTF-8; the first one goes to *code (may be NULL). */
int text_clean(const char *text, size_t n, unsigned *code);

/** Replaces every byte of what is unsafe, tabs too, by '?'. */
void text_make_printable(char *text);

/**
 * Up to `want` names nearest to `name` by edit distance (transpositions count 1), nearest first, ties in list order;
 * only names within a third of the length, at least 2, count as near. `next(ctx, i)` gives the i-th name or NULL at the
 * end.
 * @param out  receives the names found, e.g. `did you mean 'llama-3-8b' or 'llama-3.1-8b'?`; empty when none is near
 */
void text_suggest(const char *name, const char *(*next)(const void *ctx, size_t i), const void *ctx, unsigned want,
                  char *out, size_t out_bytes);

/** The same for lists that have no order of their own, as catalogs: ties by text_order(). */
void text_suggest_names(const char *name, const char *(*next)(const void *ctx, size_t i), const void *ctx,
                        unsigned want, char *out, size_t out_bytes);

#endif
