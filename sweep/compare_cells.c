/*
 * compare_cells.c - reads a CSV of published cells: header first, then one cell a row. Refuses unknown, repeated and
 * missing columns, rows of another length, text that is not UTF-8, files and fields beyond the limits below.
 */
#include <csv.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "sweep/compare.h"

enum { COLUMNS_MAX = 64, FILE_BYTES = 8 << 20, FIELD_BYTES = 1000, CELLS_MAX = 20000 };

static const char *const cell_column[CELL_TEXTS] = {"id",   "document", "table", "row",    "column",  "published",
                                                    "unit", "verdict",  "cause", "source", "quantity"};
static const unsigned char needed[CELL_TEXTS] = {
    [CELL_ID] = 1, [CELL_PUBLISHED] = 1, [CELL_UNIT] = 1, [CELL_QUANTITY] = 1};

typedef struct reader {
    arena *mem;
    const char *path;
    diags *faults;
    err failed; /* libcsv's callbacks cannot stop the parse: everything after a failure is skipped */
    int line;   /* of the file, 1-based */
    int breaks; /* line breaks inside the fields of this row */
    char *field[COLUMNS_MAX];
    size_t n;
    int column[COLUMNS_MAX]; /* below CELL_TEXTS a cell text, above a scenario column */
    size_t n_columns;        /* 0: the header is still to come */
    sweep_cell *cells;
    size_t n_cells, cap;
} reader;

static err fault(reader *r, err code, const char *field, const char *text) {
    if (r->failed == ERR_OK) r->failed = code;
    return diag_add(r->faults, code, r->path, r->line - r->breaks, 0, field, "%s", text);
}

static void take_field(void *data, size_t n, void *ctx) {
    reader *r = ctx;
    size_t bad;
    if (r->failed) return;
    if (r->n == COLUMNS_MAX) {
        fault(r, ERR_LIMIT, NULL, "a row has at most 64 fields");
    } else if (n > FIELD_BYTES) {
        fault(r, ERR_LIMIT, NULL, "a field has at most 1000 bytes");
    } else if (!text_utf8(data, n, &bad)) {
        fault(r, ERR_ENCODING, NULL, err_text(ERR_ENCODING));
    } else if (!(r->field[r->n] = arena_text(r->mem, data, n))) {
        fault(r, ERR_MEMORY, NULL, err_text(ERR_MEMORY));
    } else {
        for (const char *p = r->field[r->n]; *p; p++)
            r->breaks += *p == '\n';
        r->n++;
    }
}

static const char *column_name(int id) {
    return id < CELL_TEXTS ? cell_column[id] : sweep_columns[id - CELL_TEXTS].name;
}

static const char *next_column(const void *unused, size_t i) {
    (void)unused;
    if (i >= (size_t)CELL_TEXTS + SC_COLUMNS) return NULL;
    return column_name((int)i);
}

static int find_column(const char *name) {
    int i = 0;
    while (i < (int)CELL_TEXTS + (int)SC_COLUMNS && !text_same(column_name(i), name))
        i++;
    return i < (int)CELL_TEXTS + (int)SC_COLUMNS ? i : -1;
}

static void check_header(reader *r) {
    unsigned char seen[CELL_TEXTS + SC_COLUMNS] = {0};
    for (size_t i = 0; i < r->n; i++) {
        int id = r->column[i] = find_column(r->field[i]);
        char near[DIAG_TEXT];
        if (id < 0) {
            text_suggest(r->field[i], next_column, NULL, 3, near, sizeof near);
            if (r->failed == ERR_OK) r->failed = ERR_KEY;
            diag_add(r->faults, ERR_KEY, r->path, r->line, 0, NULL, "no column is called '%.60s'%s%s", r->field[i],
                     near[0] ? "; " : "", near);
        } else if (seen[id]++) {
            fault(r, ERR_DUPLICATE, column_name(id), "the column stands twice");
        }
    }
    for (int i = 0; i < CELL_TEXTS; i++)
        if (needed[i] && !seen[i]) fault(r, ERR_MISSING, cell_column[i], "the column must be given");
    r->n_columns = r->n;
}

static void take_cell(reader *r) {
    if (r->n != r->n_columns) {
        fault(r, ERR_SYNTAX, NULL, "the row has another number of fields than the header");
        return;
    }
    if (r->n_cells == CELLS_MAX) {
        fault(r, ERR_LIMIT, NULL, "a file has at most 20000 cells");
        return;
    }
    sweep_cell *grown = arena_grow(r->mem, r->cells, r->n_cells, &r->cap, r->n_cells + 1, sizeof *grown);
    if (!grown) {
        fault(r, ERR_MEMORY, NULL, err_text(ERR_MEMORY));
        return;
    }
    r->cells = grown;
    sweep_cell *cell = &r->cells[r->n_cells++];
    *cell = (sweep_cell){.line = r->line - r->breaks};
    for (int i = 0; i < CELL_TEXTS; i++)
        cell->text[i] = "";
    for (int i = 0; i < SC_COLUMNS; i++)
        cell->scenario[i] = "";
    for (size_t i = 0; i < r->n; i++)
        *(r->column[i] < CELL_TEXTS ? &cell->text[r->column[i]] : &cell->scenario[r->column[i] - CELL_TEXTS]) =
            r->field[i];
}

static void end_row(int c, void *ctx) {
    reader *r = ctx;
    (void)c;
    if (!r->failed && r->n) {
        if (r->n_columns) {
            take_cell(r);
        } else {
            check_header(r);
        }
    }
    r->n = 0;
    r->breaks = 0;
}

/** Feeds libcsv up to each line break by itself, so that a fault knows its line. */
static void parse_chunk(reader *r, struct csv_parser *p, const char *text, size_t n) {
    while (n && !r->failed) {
        const char *end = memchr(text, '\n', n);
        size_t piece = end ? (size_t)(end - text) + 1 : n;
        if (csv_parse(p, text, piece, take_field, end_row, r) != piece && !r->failed)
            fault(r, ERR_SYNTAX, NULL, csv_strerror(csv_error(p)));
        r->line += end != NULL;
        text += piece;
        n -= piece;
    }
}

static void parse(reader *r, struct csv_parser *p, FILE *file) {
    char chunk[1 << 16];
    size_t bytes = 0;
    for (size_t n; !r->failed && (n = fread(chunk, 1, sizeof chunk, file)) > 0; bytes += n) {
        size_t skip = bytes == 0 && n >= 3 && memcmp(chunk, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* byte order mark */
        if (bytes + n > FILE_BYTES) {
            fault(r, ERR_LIMIT, NULL, "a file has at most 8 MiB");
        } else {
            parse_chunk(r, p, chunk + skip, n - skip);
        }
    }
    if (!r->failed && ferror(file)) fault(r, ERR_READ, NULL, err_text(ERR_READ));
    if (!r->failed && csv_fini(p, take_field, end_row, r)) fault(r, ERR_SYNTAX, NULL, "a quoted field has no end");
    if (!r->failed && !r->n_columns) fault(r, ERR_MISSING, NULL, "the file is empty, expected a header row");
}

err sweep_cells_read(arena *mem, const char *path, sweep_cell **cells, size_t *n, diags *faults) {
    reader r = {.mem = mem, .path = path, .faults = faults, .line = 1};
    struct csv_parser p;
    FILE *file = fopen(path, "rb");
    if (!file) return diag_add(faults, ERR_OPEN, path, 0, 0, NULL, "%s", err_text(ERR_OPEN));
    if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0) {
        fclose(file);
        return diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    }
    parse(&r, &p, file);
    csv_free(&p);
    fclose(file);
    if (r.failed) return r.failed;
    *cells = r.cells;
    *n = r.n_cells;
    return ERR_OK;
}
