/*
 * compare.c - two CSV files cell by cell, through libcsv. Numbers may differ by 1e-9 of themselves; percent signs stay.
 */
#include <csv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/book/book.h"

enum { SHOWN = 10, COLUMNS_MAX = 256 };

/** All cells of a file, one after the other; row ends are NULL. */
typedef struct cells {
    char **text;
    size_t n, cap;
} cells;

static void add(cells *c, char *text) {
    if (c->n == c->cap) {
        c->cap = c->cap ? 2 * c->cap : 1024;
        c->text = realloc(c->text, c->cap * sizeof *c->text);
        if (!c->text) abort();
    }
    c->text[c->n++] = text;
}

static void on_cell(void *text, size_t n, void *to) {
    add(to, strndup(text, n));
}
static void on_row(int end, void *to) {
    (void)end, add(to, NULL);
}

static int load(const char *path, cells *c) {
    char piece[1 << 16];
    struct csv_parser p;
    size_t n;
    FILE *f = fopen(path, "rb");
    if (!f || csv_init(&p, CSV_STRICT) != 0) {
        fprintf(stderr, "books: cannot read %s\n", path);
        return 0;
    }
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        csv_parse(&p, piece, n, on_cell, on_row, c);
    csv_fini(&p, on_cell, on_row, c);
    csv_free(&p);
    fclose(f);
    return 1;
}

static int number(const char *text, double *value) {
    char *end;
    if (!*text || *text == ' ') return 0;
    *value = strtod(text, &end);
    return *end == '\0' || strcmp(end, "%") == 0;
}

static int same(const char *a, const char *b) {
    double x, y;
    if (strcmp(a, b) == 0) return 1;
    if (!number(a, &x) || !number(b, &y)) return 0;
    return fabs(x - y) <= 1e-9 * fabs(y);
}

static int is_skipped(const char *text, char *const *skip, int n) {
    for (int i = 0; i < n; i++) {
        if (strcmp(text, skip[i]) == 0) return 1;
    }
    return 0;
}

static void drop(cells *c) {
    for (size_t i = 0; i < c->n; i++)
        free(c->text[i]);
    free(c->text);
}

/** Walks through both; what stands under a heading to skip is not looked at. */
static int walk(const cells *a, const cells *b, const char *name, char *const *skip, int n) {
    unsigned char skipped[COLUMNS_MAX] = {0};
    size_t row = 1, col = 0, looked = 0, bad = 0;
    for (size_t i = 0; i < a->n && i < b->n; i++, col++) {
        if (!a->text[i] && !b->text[i]) {
            row++;
            col = (size_t)-1;
            continue;
        }
        if (!a->text[i] || !b->text[i]) {
            fprintf(stderr, "books: %s: row %zu has another length\n", name, row);
            return 1;
        }
        if (col < COLUMNS_MAX && is_skipped(a->text[i], skip, n)) skipped[col] = 1;
        if (col < COLUMNS_MAX && skipped[col]) continue;
        looked++;
        if (same(a->text[i], b->text[i])) continue;
        if (bad++ < SHOWN) {
            fprintf(stderr, "books: %s: row %zu, column %zu: '%s', expected '%s'\n", name, row, col + 1, a->text[i],
                    b->text[i]);
        }
    }
    if (a->n != b->n) fprintf(stderr, "books: %s: %zu cells, expected %zu\n", name, a->n, b->n);
    printf("%zu\n", looked);
    return bad || a->n != b->n || looked == 0;
}

int book_compare(const char *found, const char *want, char *const *skip, int n) {
    cells a = {0}, b = {0};
    int bad = !load(found, &a) || !load(want, &b) || walk(&a, &b, found, skip, n);
    drop(&a);
    drop(&b);
    return bad;
}
