/*
 * scenario_list.c - reads a CSV list of scenarios with libcsv in strict mode. Its callbacks cannot stop the parse, so
 * the first failure is kept and everything after it is ignored. A row of the wrong length is passed on, marked ragged:
 * it keeps its place in the output.
 */
#include <csv.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"
#include "sweep/scenario_list.h"

typedef struct reader {
    const char *path;
    sweep_list_sink sink;
    void *ctx;
    diags *faults;
    err failed;
    int has_header;
    sweep_list_header header;
    char *text; /* fields of the block, each with a NUL */
    size_t used, cap;
    size_t *at; /* SWEEP_LIST_BLOCK x SC_COLUMNS */
    uint64_t row[SWEEP_LIST_BLOCK];
    uint32_t fields[SWEEP_LIST_BLOCK];
    size_t n_rows;
    uint32_t n_fields; /* of the row being read */
    uint64_t rows_read;
} reader;

static void fail(reader *r, err e) {
    if (r->failed == ERR_OK) r->failed = e;
}

/** Appends a field's text with a NUL; its offset goes to *at. */
static int keep_text(reader *r, const char *field, size_t n, size_t *at) {
    if (r->used + n + 1 > r->cap) {
        size_t cap = 2 * r->cap + n + 1;
        char *grown = realloc(r->text, cap);
        if (!grown) {
            fail(r, diag_add(r->faults, ERR_MEMORY, r->path, 0, 0, NULL, "%s", err_text(ERR_MEMORY)));
            return 0;
        }
        r->text = grown;
        r->cap = cap;
    }
    if (n) memcpy(r->text + r->used, field, n);
    r->text[r->used + n] = 0;
    *at = r->used;
    r->used += n + 1;
    return 1;
}

static void header_field(reader *r, const char *name) {
    char near[DIAG_TEXT / 2];
    sweep_list_header *h = &r->header;
    sweep_column c = sweep_column_find(name);
    if (c == SC_COLUMNS) {
        text_suggest(name, sweep_column_next, NULL, 2, near, sizeof near);
        fail(r, diag_add(r->faults, ERR_KEY, r->path, 1, 0, NULL, "no such scenario column '%.60s'%s%s", name,
                         *near ? "; " : "", near));
        return;
    }
    for (size_t i = 0; i < h->n; i++) {
        if (h->column[i] != c) continue;
        fail(r, diag_add(r->faults, ERR_DUPLICATE, r->path, 1, 0, NULL, "the column '%.60s' stands twice", name));
        return;
    }
    h->column[h->n++] = c;
}

static void take_field(void *field, size_t n, void *ctx) {
    reader *r = ctx;
    size_t at = 0;
    if (r->failed != ERR_OK && r->has_header) return;
    if (n > SWEEP_LIST_FIELD_MAX) {
        fail(r, diag_add(r->faults, ERR_LIMIT, r->path, (int)(r->rows_read + 2), 0, NULL,
                         "a field of %zu bytes, at most %d are accepted", n, SWEEP_LIST_FIELD_MAX));
        return;
    }
    if (n && memchr(field, 0, n)) {
        fail(r, diag_add(r->faults, ERR_ENCODING, r->path, (int)(r->rows_read + 1 + (uint64_t)r->has_header), 0, NULL,
                         "a NUL byte"));
        return;
    }
    if (!keep_text(r, field, n, &at)) return;
    if (!r->has_header) {
        header_field(r, r->text + at);
    } else if (r->n_fields < r->header.n) {
        r->at[r->n_rows * r->header.n + r->n_fields] = at;
    }
    r->n_fields++;
}

static void flush_block(reader *r) {
    const sweep_list_block b = {r->n_rows, r->text, r->at, r->row, r->fields};
    if (r->failed == ERR_OK && r->n_rows) fail(r, r->sink(r->ctx, &r->header, &b));
    r->n_rows = r->used = 0;
}

static void take_row(int end, void *ctx) {
    reader *r = ctx;
    size_t empty = 0;
    (void)end;
    if (!r->has_header) {
        r->has_header = 1;
        r->n_fields = 0;
        r->used = 0;
        if (r->failed == ERR_OK) fail(r, r->sink(r->ctx, &r->header, NULL));
        return;
    }
    if (r->failed != ERR_OK) return;
    r->row[r->n_rows] = ++r->rows_read;
    r->fields[r->n_rows] = r->n_fields;
    for (size_t j = r->n_fields; j < r->header.n; j++) {
        if (keep_text(r, "", 0, &empty)) r->at[r->n_rows * r->header.n + j] = empty;
    }
    r->n_fields = 0;
    if (++r->n_rows == SWEEP_LIST_BLOCK) flush_block(r);
}

static void parse_stream(reader *r, FILE *in, struct csv_parser *p) {
    char chunk[1 << 16];
    int first = 1;
    for (size_t n; r->failed == ERR_OK && (n = fread(chunk, 1, sizeof chunk, in)) > 0; first = 0) {
        size_t skip = first && n >= 3 && memcmp(chunk, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* byte order mark */
        if (csv_parse(p, chunk + skip, n - skip, take_field, take_row, r) == n - skip) continue;
        fail(r, diag_add(r->faults, ERR_SYNTAX, r->path, (int)(r->rows_read + 2), 0, NULL, "%s",
                         csv_strerror(csv_error(p))));
    }
    if (r->failed == ERR_OK && ferror(in)) {
        fail(r, diag_add(r->faults, ERR_READ, r->path, 0, 0, NULL, "%s", strerror(errno)));
    }
    if (r->failed == ERR_OK && csv_fini(p, take_field, take_row, r) != 0) {
        fail(r, diag_add(r->faults, ERR_SYNTAX, r->path, (int)(r->rows_read + 2), 0, NULL,
                         "the file ends inside a quoted field"));
    }
    if (r->failed == ERR_OK && !r->has_header) {
        fail(r, diag_add(r->faults, ERR_SYNTAX, r->path, 1, 0, NULL, "the file is empty, expected a header row"));
    }
    flush_block(r);
}

static err read_stream(reader *r, FILE *in) {
    struct csv_parser p;
    if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI) != 0) return ERR_MEMORY;
    r->at = malloc((size_t)SWEEP_LIST_BLOCK * SC_COLUMNS * sizeof *r->at);
    if (r->at) {
        parse_stream(r, in, &p);
    } else {
        fail(r, diag_add(r->faults, ERR_MEMORY, r->path, 0, 0, NULL, "%s", err_text(ERR_MEMORY)));
    }
    csv_free(&p);
    free(r->at);
    free(r->text);
    return r->failed;
}

err sweep_list_read(const char *path, sweep_list_sink sink, void *ctx, diags *faults) {
    int standard = strcmp(path, "-") == 0;
    FILE *in = standard ? stdin : fopen(path, "rb");
    if (!in) return diag_add(faults, ERR_OPEN, path, 0, 0, NULL, "%s", strerror(errno));
    reader *r = calloc(1, sizeof *r);
    if (r) {
        r->path = standard ? "standard input" : path;
        r->sink = sink;
        r->ctx = ctx;
        r->faults = faults;
    }
    err e = r ? read_stream(r, in) : diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    free(r);
    if (!standard) fclose(in);
    return e;
}
