/*
 * scenario_list.c - a CSV list in chunks: bytes are read in large pieces and cut after the last row that ends in a
 * chunk. Refuses a header with unknown or repeated columns and rows that do not end within a megabyte.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "sweep/scenario_list.h"

enum { CHUNK = 1 << 16, PIECE = 1 << 18, BUFFER = SWEEP_LIST_ROW_MAX + PIECE };

struct sweep_list {
    const char *name;
    FILE *in;
    int keep_open, ended;
    sweep_list_header header;
    size_t at, end; /* unread bytes of the buffer */
    char buffer[BUFFER];
};

const sweep_list_header *sweep_list_columns(const sweep_list *l) {
    return &l->header;
}

const char *sweep_list_name(const sweep_list *l) {
    return l->name;
}

/** Reads the next piece when less than a chunk is there; `more`: as much as there is room for. */
static err fill(sweep_list *l, int more, diags *faults) {
    if (l->ended || (!more && l->end - l->at >= CHUNK)) return ERR_OK;
    memmove(l->buffer, l->buffer + l->at, l->end - l->at);
    l->end -= l->at;
    l->at = 0;
    size_t room = BUFFER - l->end, ask = more || room < PIECE ? room : PIECE;
    size_t n = fread(l->buffer + l->end, 1, ask, l->in);
    l->end += n;
    l->ended = n < ask;
    if (!ferror(l->in)) return ERR_OK;
    return diag_input(faults, ERR_READ, l->name, NULL, "", errno);
}

/** End of the last row within `want` bytes, else of the first beyond, 0 when no row ends. Quotes may hide row ends. */
static size_t row_end(const char *text, size_t n, size_t want) {
    size_t last = 0;
    int quoted = 0;
    const char *feed = n >= want && !memchr(text, '"', want) ? memrchr(text, '\n', want) : NULL;
    if (feed) return (size_t)(feed - text) + 1;
    for (size_t i = 0; i < n && (i < want || !last); i++) {
        quoted ^= text[i] == '"';
        if (!quoted && (text[i] == '\n' || text[i] == '\r')) last = i + 1;
    }
    return last;
}

/** Length of the rows to take next: about `want` bytes, at least a row; 0 at the end of the list. */
static err cut(sweep_list *l, size_t want, size_t *n, diags *faults) {
    TRY(fill(l, 0, faults));
    *n = row_end(l->buffer + l->at, l->end - l->at, want);
    if (!*n && !l->ended) {
        TRY(fill(l, 1, faults));
        *n = row_end(l->buffer + l->at, l->end - l->at, want);
    }
    if (*n) return ERR_OK;
    *n = l->end - l->at;
    if (l->ended && *n <= SWEEP_LIST_ROW_MAX) return ERR_OK;
    return diag_add(faults, ERR_LIMIT, l->name, 0, 0, NULL, "no row ends within %d bytes; is a closing quote missing?",
                    SWEEP_LIST_ROW_MAX);
}

static err take(sweep_list *l, size_t want, sweep_list_chunk *c, diags *faults) {
    size_t n;
    c->n = c->at = c->rows = 0;
    TRY(cut(l, want, &n, faults));
    if (n > c->cap) {
        char *grown = realloc(c->text, n);
        if (!grown) return diag_add(faults, ERR_MEMORY, l->name, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
        c->text = grown;
        c->cap = n;
    }
    if (c->text) memcpy(c->text, l->buffer + l->at, n);
    c->n = n;
    l->at += n;
    return ERR_OK;
}

err sweep_list_take(sweep_list *l, sweep_list_chunk *c, diags *faults) {
    return take(l, CHUNK, c, faults);
}

err sweep_list_peek(sweep_list *l, sweep_list_chunk *c, diags *faults) {
    TRY(take(l, SWEEP_LIST_AHEAD, c, faults));
    l->at -= c->n;
    return ERR_OK;
}

static err header_field(sweep_list *l, const char *name, diags *faults) {
    char near[DIAG_TEXT / 2];
    sweep_list_header *h = &l->header;
    sweep_column c = sweep_column_find(name);
    if (c == SC_COLUMNS) {
        text_suggest(name, sweep_column_next, NULL, 2, near, sizeof near);
        return diag_add(faults, ERR_KEY, l->name, 1, 0, NULL, "no such scenario column '%.60s'%s%s", name,
                        *near ? "; " : "", near);
    }
    for (size_t i = 0; i < h->n; i++) {
        if (h->column[i] != c) continue;
        return diag_add(faults, ERR_DUPLICATE, l->name, 1, 0, NULL, "the column '%.60s' stands twice", name);
    }
    h->column[h->n++] = c;
    return ERR_OK;
}

/** The first row that is not blank. */
static err read_header(sweep_list *l, sweep_list_chunk *c, diags *faults) {
    sweep_list_row row;
    char why[DIAG_TEXT];
    err first = ERR_OK;
    for (int found = 0; !found;) {
        TRY(take(l, 1, c, faults));
        if (!c->n) {
            return diag_add(faults, ERR_SYNTAX, l->name, 1, 0, NULL, "the file is empty, expected a header row");
        }
        err e = sweep_list_next(c, 0, &row, &found, why);
        if (e != ERR_OK) return diag_add(faults, e, l->name, 1, 0, NULL, "%s", why);
    }
    for (size_t i = 0; i < row.fields && i < SWEEP_LIST_FIELDS; i++) {
        err e = header_field(l, row.field[i], faults);
        if (first == ERR_OK) first = e;
    }
    return first;
}

static err start(sweep_list *l, diags *faults) {
    sweep_list_chunk c = {0};
    TRY(fill(l, 0, faults));
    if (l->end >= 3 && memcmp(l->buffer, "\xEF\xBB\xBF", 3) == 0) l->at = 3; /* byte order mark */
    err e = read_header(l, &c, faults);
    sweep_list_chunk_free(&c);
    return e;
}

err sweep_list_open(sweep_list **out, const char *path, diags *faults) {
    int standard = strcmp(path, "-") == 0;
    FILE *in = standard ? stdin : fopen(path, "rb");
    if (!in) return diag_input(faults, ERR_OPEN, path, NULL, "", errno);
    sweep_list *l = malloc(sizeof *l);
    if (!l) {
        if (!standard) fclose(in);
        return diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    }
    l->name = standard ? "standard input" : path;
    l->in = in;
    l->keep_open = standard;
    l->ended = 0;
    l->header.n = l->at = l->end = 0;
    err e = start(l, faults);
    if (e == ERR_OK) {
        *out = l;
    } else {
        sweep_list_close(l);
    }
    return e;
}

void sweep_list_close(sweep_list *l) {
    if (!l) return;
    if (!l->keep_open) fclose(l->in);
    free(l);
}
