/*
 * suggest.c - did-you-mean: the nearest names by edit distance, a swap of neighbours counting as one edit.
 */
#include <stdio.h>
#include <string.h>

#include "common/text.h"

enum { NAME_MAX_BYTES = 128, WANT_MAX = 4 };

static int lower(int c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static unsigned least(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/**
 * Optimal string alignment distance of names of at most NAME_MAX_BYTES bytes; three rows are enough. Gives up with
 * some number above `limit` once two rows in a row lie above it: nothing later can be smaller.
 */
static unsigned distance(const char *a, size_t n, const char *b, size_t m, unsigned limit) {
    unsigned rows[3][NAME_MAX_BYTES + 1], *before = rows[0], *last = rows[1], *row = rows[2];
    unsigned last_least = 0;
    for (size_t j = 0; j <= m; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        unsigned row_least = row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            int x = lower((unsigned char)a[i - 1]), y = lower((unsigned char)b[j - 1]);
            row[j] = least(least(last[j], row[j - 1]) + 1, last[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == lower((unsigned char)b[j - 2]) && lower((unsigned char)a[i - 2]) == y) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
            row_least = least(row_least, row[j]);
        }
        if (row_least > limit && last_least > limit) return row_least;
        last_least = row_least;
        unsigned *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[m];
}

/** The best names so far, nearest first. */
typedef struct nearest {
    const char *name[WANT_MAX];
    unsigned away[WANT_MAX], n, want;
    int by_name; /* ties: by name, or as they come */
} nearest;

static int comes_before(const nearest *best, const char *name, unsigned away, unsigned at) {
    if (best->away[at] != away) return away < best->away[at];
    return best->by_name && text_order(name, best->name[at]) < 0;
}

static void keep(nearest *best, const char *name, unsigned away) {
    for (unsigned i = 0; i < best->n; i++) { /* versions of one engine are rows of one name */
        if (strcmp(best->name[i], name) == 0) return;
    }
    unsigned at = best->n;
    while (at > 0 && comes_before(best, name, away, at - 1))
        at--;
    if (at >= best->want) return;
    if (best->n < best->want) best->n++;
    for (unsigned i = best->n - 1; i > at; i--) {
        best->name[i] = best->name[i - 1];
        best->away[i] = best->away[i - 1];
    }
    best->name[at] = name;
    best->away[at] = away;
}

/** Writes the first `n` names; 0 when they do not fit. */
static int render(const nearest *best, unsigned n, char *out, size_t out_bytes) {
    size_t at = 0;
    for (unsigned i = 0; i < n; i++) {
        const char *before = i == 0 ? "did you mean " : i + 1 < n ? ", " : " or ";
        int k = snprintf(out + at, out_bytes - at, "%s'%s'%s", before, best->name[i], i + 1 == n ? "?" : "");
        if (k < 0 || (size_t)k >= out_bytes - at) return 0;
        at += (size_t)k;
    }
    return 1;
}

static void find_nearest(nearest *best, const char *name, const char *(*next)(const void *ctx, size_t i),
                         const void *ctx) {
    size_t n = strlen(name);
    if (n > NAME_MAX_BYTES || best->want == 0) return;
    unsigned limit = n / 3 > 2 ? (unsigned)(n / 3) : 2;
    const char *other;
    for (size_t i = 0; (other = next(ctx, i)) != NULL; i++) {
        size_t m = strlen(other);
        if (m > NAME_MAX_BYTES || m > n + limit || n > m + limit) continue;
        unsigned away = distance(name, n, other, m, limit);
        if (away <= limit) keep(best, other, away);
    }
}

/** As many as there is room for. */
static void render_most(const nearest *best, char *out, size_t out_bytes) {
    unsigned shown = best->n;
    if (out_bytes == 0) return;
    while (shown > 0 && !render(best, shown, out, out_bytes))
        shown--;
    if (shown == 0) *out = 0;
}

void text_suggest(const char *name, const char *(*next)(const void *ctx, size_t i), const void *ctx, unsigned want,
                  char *out, size_t out_bytes) {
    nearest best = {.want = want < WANT_MAX ? want : WANT_MAX};
    find_nearest(&best, name, next, ctx);
    render_most(&best, out, out_bytes);
}

void text_suggest_names(const char *name, const char *(*next)(const void *ctx, size_t i), const void *ctx,
                        unsigned want, char *out, size_t out_bytes) {
    nearest best = {.want = want < WANT_MAX ? want : WANT_MAX, .by_name = 1};
    find_nearest(&best, name, next, ctx);
    render_most(&best, out, out_bytes);
}
