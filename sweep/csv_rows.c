/*
 * csv_rows.c - libcsv's callbacks cannot stop the parse: a flag does, and everything after it is ignored. A field that
 * does not end is refused while libcsv still collects it, not when the file ends.
 */
#include <csv.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "sweep/csv_rows.h"

typedef struct reader {
    const char *path;
    sweep_csv_row row;
    void *ctx;
    diags *faults;
    err failed;
    int stopped, line;
    char *text; /* fields of the row, each with a NUL */
    size_t used, cap;
    size_t at[SWEEP_CSV_COLUMNS_MAX];
    size_t n, columns; /* of this row, of the header */
} reader;

static void fail(reader *r, err code, const char *what) {
    diag_add(r->faults, code, r->path, r->line + 1, 0, NULL, "%s", what);
    if (r->failed == ERR_OK) r->failed = code;
    r->stopped = 1;
}

static int make_room(reader *r, size_t more) {
    if (r->used + more <= r->cap) return 1;
    size_t cap = 2 * r->cap + more;
    char *grown = realloc(r->text, cap);
    if (!grown) {
        fail(r, ERR_MEMORY, err_text(ERR_MEMORY));
        return 0;
    }
    r->text = grown;
    r->cap = cap;
    return 1;
}

static const char too_long[] = "a field of more than 64 KiB";

/** Characters that act on who shows them are no text: nothing that is read here can reach a terminal or a page. */
static int check_text(reader *r, const char *field, size_t n) {
    char what[96];
    unsigned code;
    if (text_clean(field, n, &code)) return 1;
    snprintf(what, sizeof what, "a control character or invisible mark (U+%04X) in a field", code);
    fail(r, ERR_ENCODING, what);
    return 0;
}

static void take_field(void *field, size_t n, void *ctx) {
    reader *r = ctx;
    if (r->stopped) return;
    if (n > SWEEP_CSV_FIELD_MAX) {
        fail(r, ERR_LIMIT, too_long);
    } else if (r->n == SWEEP_CSV_COLUMNS_MAX) {
        fail(r, ERR_LIMIT, "more than 256 columns");
    } else if (n && !text_utf8(field, n, NULL)) {
        fail(r, ERR_ENCODING, err_text(ERR_ENCODING));
    } else if (n && (memchr(field, '\n', n) || memchr(field, '\r', n))) {
        fail(r, ERR_SYNTAX, "a line break inside a field; is a quote missing?");
    } else if (check_text(r, field, n) && make_room(r, n + 1)) {
        r->at[r->n++] = r->used;
        if (n) memcpy(r->text + r->used, field, n);
        r->text[r->used + n] = 0;
        r->used += n + 1;
    }
}

static void give_row(reader *r) {
    const char *field[SWEEP_CSV_COLUMNS_MAX];
    char what[96];
    if (r->columns == 0) r->columns = r->n;
    if (r->n != r->columns) {
        snprintf(what, sizeof what, "%zu fields, the header has %zu", r->n, r->columns);
        diag_add(r->faults, ERR_SYNTAX, r->path, r->line + 1, 0, NULL, "%s", what);
        if (r->failed == ERR_OK) r->failed = ERR_SYNTAX;
        return;
    }
    for (size_t i = 0; i < r->n; i++)
        field[i] = r->text + r->at[i];
    if (!r->row(r->ctx, r->line + 1, field, r->n)) r->stopped = 1;
}

static void take_row(int end, void *ctx) {
    reader *r = ctx;
    (void)end;
    if (r->stopped) return;
    if (r->line > SWEEP_CSV_ROWS_MAX) {
        fail(r, ERR_LIMIT, "more than 2,000,000 rows");
        return;
    }
    give_row(r);
    r->line++;
    r->n = r->used = 0;
}

static void parse(reader *r, FILE *in, struct csv_parser *p) {
    char chunk[1 << 16];
    int first = 1;
    for (size_t n; !r->stopped && (n = fread(chunk, 1, sizeof chunk, in)) > 0; first = 0) {
        size_t skip = first && n >= 3 && memcmp(chunk, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* byte order mark */
        if (csv_parse(p, chunk + skip, n - skip, take_field, take_row, r) != n - skip && !r->stopped)
            fail(r, csv_error(p) == CSV_ENOMEM ? ERR_MEMORY : ERR_SYNTAX, csv_strerror(csv_error(p)));
        if (!r->stopped && p->entry_pos > SWEEP_CSV_FIELD_MAX) fail(r, ERR_LIMIT, too_long);
    }
    if (!r->stopped && ferror(in)) fail(r, err_input(ERR_READ, errno), strerror(errno));
    if (!r->stopped && csv_fini(p, take_field, take_row, r) != 0)
        fail(r, ERR_SYNTAX, "the file ends inside a quoted field");
    if (!r->stopped && r->line == 0) fail(r, ERR_SYNTAX, "the file is empty, expected a header row");
}

err sweep_csv_read(const char *path, sweep_csv_row row, void *ctx, diags *faults) {
    struct csv_parser p;
    reader r = {.path = path, .row = row, .ctx = ctx, .faults = faults};
    FILE *in = fopen(path, "rb");
    if (!in) return diag_input(faults, ERR_OPEN, path, NULL, "", errno);
    if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI) == 0) {
        parse(&r, in, &p);
        csv_free(&p);
    } else {
        fail(&r, ERR_MEMORY, err_text(ERR_MEMORY));
    }
    free(r.text);
    fclose(in);
    return r.failed;
}
