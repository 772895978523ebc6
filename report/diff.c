/*
 * diff.c - the shortest script of removed and added lines (Myers' greedy walk over diagonals), printed in hunks. What
 * is equal at both ends is set aside first; the walk is bounded, so that large different texts cost no more than a
 * print.
 */
#include <stdlib.h>
#include <string.h>

#include "report/diff.h"

enum { EDITS_MAX = 1024, CONTEXT = 3 };

typedef struct line {
    const char *at;
    size_t n; /* with its end */
} line;

/** Both texts as lines, and which of them stay. */
typedef struct work {
    line *old, *new;
    size_t n_old, n_new;
    char *keep_old, *keep_new;
} work;

static line *split(const report_side *s, size_t *n) {
    size_t lines = s->n > 0 && s->text[s->n - 1] != '\n';
    for (size_t i = 0; i < s->n; i++)
        lines += s->text[i] == '\n';
    line *out = calloc(lines + 1, sizeof *out);
    const char *at = s->text, *end = s->text + s->n;
    for (*n = 0; out && at < end; (*n)++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        out[*n] = (line){at, stop ? (size_t)(stop - at) + 1 : (size_t)(end - at)};
        at += out[*n].n;
    }
    return out;
}

static int same(const line *a, const line *b) {
    return a->n == b->n && memcmp(a->at, b->at, a->n) == 0;
}

/** Furthest point on a diagonal after `d` edits, from the row of the walk before. */
static long step(const long *v, long k, long d) {
    if (k == -d || (k != d && v[k - 1] < v[k + 1])) return v[k + 1];
    return v[k - 1] + 1;
}

/** Row d of the walk as its diagonals -d - 2 to d + 2. */
static long *diagonals(long *const *row, long d) {
    return row[d] + d + 2;
}

/** Marks what stays by going back through the rows of the walk. */
static void go_back(work *w, long *const *row, long d, size_t from, long x, long y) {
    for (; d >= 0; d--) {
        long k = x - y, before;
        if (d == 0) {
            before = 0;
        } else {
            const long *v = diagonals(row, d - 1);
            before = k == -d || (k != d && v[k - 1] < v[k + 1]) ? k + 1 : k - 1;
        }
        long px = d ? diagonals(row, d - 1)[before] : 0, py = px - before;
        while (x > px && y > py && x > 0 && y > 0) {
            w->keep_old[from + (size_t)--x] = 1;
            w->keep_new[from + (size_t)--y] = 1;
        }
        x = px;
        y = py;
    }
}

/** Walks over the lines between equal ends; marks nothing when it would take too many edits. 0: no memory. */
static int walk(work *w, size_t from, long n, long m) {
    long *row[EDITS_MAX + 1] = {0}, found = -1;
    int good = 1;
    for (long d = 0; d <= EDITS_MAX && d <= n + m && found < 0 && good; d++) {
        row[d] = calloc((size_t)(2 * d + 5), sizeof *row[d]);
        good = row[d] != NULL;
        if (!good) break;
        for (long k = -d; k <= d && found < 0; k += 2) {
            long x = d ? step(diagonals(row, d - 1), k, d) : 0, y = x - k;
            while (x < n && y < m && same(&w->old[from + (size_t)x], &w->new[from + (size_t)y]))
                x++, y++;
            diagonals(row, d)[k] = x;
            if (x >= n && y >= m) found = d;
        }
    }
    if (found >= 0) go_back(w, row, found, from, n, m);
    for (long d = 0; d <= EDITS_MAX; d++)
        free(row[d]);
    return good;
}

static int compare(work *w) {
    size_t from = 0, end = 0, least = w->n_old < w->n_new ? w->n_old : w->n_new;
    while (from < least && same(&w->old[from], &w->new[from]))
        w->keep_old[from] = w->keep_new[from] = 1, from++;
    while (end < least - from && same(&w->old[w->n_old - 1 - end], &w->new[w->n_new - 1 - end]))
        w->keep_old[w->n_old - 1 - end] = w->keep_new[w->n_new - 1 - end] = 1, end++;
    return walk(w, from, (long)(w->n_old - from - end), (long)(w->n_new - from - end));
}

static void put_line(FILE *to, char sign, const line *l) {
    fputc(sign, to);
    fwrite(l->at, 1, l->n, to);
    if (l->at[l->n - 1] != '\n') fputs("\n\\ No newline at end of file\n", to);
}

/** "12,3"; a range without lines names the line before it. */
static void put_range(FILE *to, char sign, size_t from, size_t n) {
    fprintf(to, "%c%zu", sign, n ? from + 1 : from);
    if (n != 1) fprintf(to, ",%zu", n);
}

/** Moves both ends on over lines that stay, or over those that do not. */
static void skip(const work *w, size_t *i, size_t *j) {
    if (*i < w->n_old && *j < w->n_new && w->keep_old[*i] && w->keep_new[*j]) {
        (*i)++, (*j)++;
        return;
    }
    while (*i < w->n_old && !w->keep_old[*i])
        (*i)++;
    while (*j < w->n_new && !w->keep_new[*j])
        (*j)++;
}

/** Where the hunk ends that has its first change at (i, j): after CONTEXT lines that stay, when more than twice as many
 * do. */
static void hunk_end(const work *w, size_t *i, size_t *j) {
    for (size_t quiet = 0; *i < w->n_old || *j < w->n_new;) {
        int stays = *i < w->n_old && *j < w->n_new && w->keep_old[*i] && w->keep_new[*j];
        if (stays && ++quiet > 2 * CONTEXT) {
            *i -= CONTEXT;
            *j -= CONTEXT;
            return;
        }
        if (!stays) quiet = 0;
        skip(w, i, j);
    }
    size_t more = 0;
    while (more < *i && more < *j && w->keep_old[*i - 1 - more] && w->keep_new[*j - 1 - more])
        more++;
    if (more > CONTEXT) *i -= more - CONTEXT, *j -= more - CONTEXT;
}

static void put_hunk(FILE *to, const work *w, size_t i, size_t j, size_t end_i, size_t end_j) {
    fputs("@@ ", to);
    put_range(to, '-', i, end_i - i);
    fputc(' ', to);
    put_range(to, '+', j, end_j - j);
    fputs(" @@\n", to);
    while (i < end_i || j < end_j) {
        if (i < end_i && !w->keep_old[i]) {
            put_line(to, '-', &w->old[i++]);
        } else if (j < end_j && !w->keep_new[j]) {
            put_line(to, '+', &w->new[j++]);
        } else {
            put_line(to, ' ', &w->old[i++]);
            j++;
        }
    }
}

static void print(FILE *to, const work *w, const report_side *before, const report_side *after) {
    size_t i = 0, j = 0;
    fprintf(to, "--- %s\n+++ %s\n", before->name, after->name);
    for (;;) {
        while (i < w->n_old && j < w->n_new && w->keep_old[i] && w->keep_new[j])
            i++, j++;
        if (i >= w->n_old && j >= w->n_new) return;
        size_t back = i < CONTEXT ? i : CONTEXT, end_i = i, end_j = j;
        hunk_end(w, &end_i, &end_j);
        put_hunk(to, w, i - back, j - back, end_i, end_j);
        i = end_i;
        j = end_j;
    }
}

err report_diff(FILE *to, const report_side *before, const report_side *after) {
    work w = {0};
    if (before->n == after->n && memcmp(before->text, after->text, after->n) == 0) return ERR_OK;
    w.old = split(before, &w.n_old);
    w.new = split(after, &w.n_new);
    w.keep_old = calloc(w.n_old + 1, 1);
    w.keep_new = calloc(w.n_new + 1, 1);
    err e = w.old && w.new &&w.keep_old &&w.keep_new &&compare(&w) ? ERR_OK : ERR_MEMORY;
    if (e == ERR_OK) print(to, &w, before, after);
    free(w.old);
    free(w.new);
    free(w.keep_old);
    free(w.keep_new);
    return e;
}
