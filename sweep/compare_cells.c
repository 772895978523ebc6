/*
 * compare_cells.c - a CSV of published cells -> cells, through the same schema check as catalogs. Refuses unknown,
 * repeated and missing columns and files of more than 20,000 cells.
 */
#include "sweep/compare.h"
#include "sweep/csv_rows.h"
#include "sweep/schema.h"

enum { CELLS_MAX = 20000 };

#define TEXT(name, id, required)                                                                                       \
    { name, SWEEP_FIELD_TEXT, offsetof(sweep_cell, text[id]), 0, 0, NULL, required }
static const sweep_field fields[] = {
    TEXT("id", CELL_ID, 1),       TEXT("document", CELL_DOCUMENT, 0), TEXT("table", CELL_TABLE, 0),
    TEXT("row", CELL_ROW, 0),     TEXT("column", CELL_COLUMN, 0),     TEXT("published", CELL_PUBLISHED, 1),
    TEXT("unit", CELL_UNIT, 1),   TEXT("reserved", CELL_RESERVED, 0), TEXT("verdict", CELL_VERDICT, 0),
    TEXT("cause", CELL_CAUSE, 0), TEXT("source", CELL_SOURCE, 0),     TEXT("quantity", CELL_QUANTITY, 1),
#define COLUMN(id, name, fallback, takes) {name, SWEEP_FIELD_TEXT, offsetof(sweep_cell, scenario[id]), 0, 0, NULL, 0},
#include "sweep/columns.def"
#undef COLUMN
};
#undef TEXT

typedef struct reader {
    arena *mem;
    const char *path;
    diags *faults;
    err first;
    sweep_header header;
    sweep_cell *cells;
    size_t n, cap;
} reader;

static int stop(reader *r, int line, err code, const char *text) {
    r->first = diag_add(r->faults, code, r->path, line, 0, NULL, "%s", text);
    return 0;
}

static void keep_first(reader *r, err code) {
    if (r->first == ERR_OK) r->first = code;
}

static sweep_cell blank_cell(int line) {
    sweep_cell cell = {.line = line};
    for (int i = 0; i < CELL_TEXTS; i++)
        cell.text[i] = "";
    for (int i = 0; i < SC_COLUMNS; i++)
        cell.scenario[i] = "";
    return cell;
}

static int take_row(void *ctx, int line, const char *const *field, size_t n) {
    reader *r = ctx;
    if (line == 1) {
        keep_first(
            r, sweep_header_match(fields, sizeof fields / sizeof *fields, r->path, field, n, &r->header, r->faults));
        return r->first == ERR_OK;
    }
    if (r->n == CELLS_MAX) return stop(r, line, ERR_LIMIT, "a file has at most 20000 cells");
    sweep_cell *cells = arena_grow(r->mem, r->cells, r->n, &r->cap, r->n + 1, sizeof *cells);
    if (!cells) return stop(r, line, ERR_MEMORY, err_text(ERR_MEMORY));
    r->cells = cells;
    cells[r->n] = blank_cell(line);
    keep_first(r, sweep_row_parse(&r->header, r->path, line, field, r->mem, &cells[r->n++], r->faults));
    return !diags_full(r->faults);
}

err sweep_cells_read(arena *mem, const char *path, sweep_cell **cells, size_t *n, diags *faults) {
    reader r = {.mem = mem, .path = path, .faults = faults};
    err code = sweep_csv_read(path, take_row, &r, faults);
    if (code != ERR_OK || r.first != ERR_OK) return r.first != ERR_OK ? r.first : code;
    *cells = r.cells;
    *n = r.n;
    return ERR_OK;
}
