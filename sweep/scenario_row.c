/*
 * scenario_row.c - rows of a chunk of a list. A row without quotes is cut at its commas, blanks around a field dropped,
 * as libcsv does; libcsv in strict mode reads the others and tells what is wrong with them. A row of the wrong length
 * is passed on: it keeps its place in the output.
 */
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sweep/scenario_list.h"

/** What a byte is to the plain reader; letters are 0. */
enum { LETTER, COMMA, BLANK, END, ODD };
static const unsigned char kinds[256] = {
    [0 ... 8] = ODD,      ['\t'] = BLANK, ['\n'] = END, [0xb ... 0xc] = ODD, ['\r'] = END,
    [0xe ... 0x1f] = ODD, [' '] = BLANK,  ['"'] = ODD,  [','] = COMMA,       [0x7f] = ODD,
};

void sweep_list_chunk_free(sweep_list_chunk *c) {
    free(c->text);
    free(c->scratch);
    *c = (sweep_list_chunk){0};
}

/** Room for the fields of a row of n bytes, each with a NUL. 0 when memory is gone. */
static int reserve(sweep_list_chunk *c, size_t n) {
    if (n <= c->scratch_cap) return 1;
    char *grown = realloc(c->scratch, 2 * n);
    if (!grown) return 0;
    c->scratch = grown;
    c->scratch_cap = 2 * n;
    return 1;
}

/** Row ends between rows and blank rows are no rows. */
static void skip_blank(sweep_list_chunk *c) {
    for (size_t i = c->at; i < c->n; i++) {
        if (kinds[(unsigned char)c->text[i]] == END) c->at = i + 1;
        if (kinds[(unsigned char)c->text[i]] < BLANK || kinds[(unsigned char)c->text[i]] == ODD) return;
    }
    c->at = c->n;
}

/** Length of the row at the start of a text without its end, when the plain reader takes it; SIZE_MAX when not. */
static size_t plain_length(const char *text, size_t n) {
    size_t i = 0;
    while (i < n && kinds[(unsigned char)text[i]] < END)
        i++;
    return i <= SWEEP_LIST_FIELD_MAX && (i == n || kinds[(unsigned char)text[i]] == END) ? i : SIZE_MAX;
}

static void add_field(sweep_list_row *row, const char *field) {
    if (row->fields < SWEEP_LIST_FIELDS) row->field[row->fields] = field;
    row->fields++;
}

/** A field of text[0..n), with text[n] free for its NUL. */
static void add_trimmed(sweep_list_row *row, char *text, size_t n) {
    size_t all = n;
    for (; n && kinds[(unsigned char)*text] == BLANK; text++)
        n--;
    while (n && kinds[(unsigned char)text[n - 1]] == BLANK)
        n--;
    if (n < all) row->line = NULL;
    text[n] = 0;
    add_field(row, text);
}

/** Cuts a plain row of n bytes. */
static void cut_plain(const char *text, size_t n, char *scratch, sweep_list_row *row) {
    unsigned char high = 0;
    char *from = scratch;
    memcpy(scratch, text, n);
    row->line = text;
    row->line_n = n;
    for (size_t i = 0; i < n; i++) {
        high |= (unsigned char)scratch[i];
        if (scratch[i] != ',') continue;
        add_trimmed(row, from, (size_t)(scratch + i - from));
        from = scratch + i + 1;
    }
    add_trimmed(row, from, (size_t)(scratch + n - from));
    row->ascii = high < 0x80;
}

/** What libcsv's callbacks fill; they cannot stop it, so the first failure is kept. */
typedef struct careful {
    sweep_list_row *row;
    char *scratch;
    int ended;
    err failed;
    char *why;
} careful;

static void take_field(void *field, size_t n, void *ctx) {
    careful *x = ctx;
    if (x->failed != ERR_OK) return;
    if (n > SWEEP_LIST_FIELD_MAX) {
        snprintf(x->why, DIAG_TEXT, "a field of %zu bytes, at most %d are accepted", n, SWEEP_LIST_FIELD_MAX);
        x->failed = ERR_LIMIT;
        return;
    }
    if (n && memchr(field, 0, n)) {
        snprintf(x->why, DIAG_TEXT, "a NUL byte");
        x->failed = ERR_ENCODING;
        return;
    }
    if (n) memcpy(x->scratch, field, n);
    x->scratch[n] = 0;
    add_field(x->row, x->scratch);
    x->scratch += n + 1;
}

static void take_row(int end, void *ctx) {
    careful *x = ctx;
    (void)end;
    x->ended = 1;
}

/** Bytes of the row that starts a text, its end included: quotes hide row ends. */
static size_t quoted_length(const char *text, size_t n) {
    int quoted = 0;
    for (size_t i = 0; i < n; i++) {
        quoted ^= text[i] == '"';
        if (!quoted && kinds[(unsigned char)text[i]] == END) return i + 1;
    }
    return n;
}

static err read_careful(const char *text, size_t n, char *scratch, sweep_list_row *row, char *why) {
    struct csv_parser p;
    careful x = {.row = row, .scratch = scratch, .why = why};
    if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI) != 0) return ERR_MEMORY;
    if (csv_parse(&p, text, n, take_field, take_row, &x) != n) {
        if (x.failed == ERR_OK) snprintf(why, DIAG_TEXT, "%s", csv_strerror(csv_error(&p)));
        if (x.failed == ERR_OK) x.failed = ERR_SYNTAX;
    } else if (csv_fini(&p, take_field, take_row, &x) != 0) {
        if (x.failed == ERR_OK) snprintf(why, DIAG_TEXT, "the file ends inside a quoted field");
        if (x.failed == ERR_OK) x.failed = ERR_SYNTAX;
    }
    csv_free(&p);
    row->line = NULL;
    row->ascii = 0;
    return x.failed;
}

err sweep_list_next(sweep_list_chunk *c, size_t columns, sweep_list_row *row, int *more, char *why) {
    err e = ERR_OK;
    skip_blank(c);
    *more = c->at < c->n;
    if (!*more) return ERR_OK;
    const char *text = c->text + c->at;
    size_t left = c->n - c->at, n = plain_length(text, left), all = n == SIZE_MAX ? quoted_length(text, left) : n;
    row->fields = 0;
    if (!reserve(c, 2 * all + 2)) {
        snprintf(why, DIAG_TEXT, "%s", err_text(ERR_MEMORY));
        return ERR_MEMORY;
    }
    if (n == SIZE_MAX) {
        e = read_careful(text, all, c->scratch, row, why);
    } else {
        cut_plain(text, n, c->scratch, row);
    }
    for (size_t i = row->fields; i < columns; i++)
        row->field[i] = "";
    c->at += all;
    c->rows++;
    return e;
}
