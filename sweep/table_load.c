/*
 * table_load.c - header matched once, rows parsed by the schema.
 */
#include "sweep/table_load.h"

#include "sweep/csv_rows.h"

typedef struct loader {
    arena *mem;
    const char *path;
    const sweep_shape *shape;
    sweep_header header;
    char *rows;
    size_t n, cap;
    err first;
    diags *faults;
} loader;

static int take_row(void *ctx, int line, const char *const *field, size_t n) {
    loader *l = ctx;
    err e;
    if (line == 1) {
        e = sweep_header_match(l->shape->fields, l->shape->n_fields, l->path, field, n, &l->header, l->faults);
        l->first = e;
        return e == ERR_OK;
    }
    char *grown = arena_grow(l->mem, l->rows, l->n, &l->cap, l->n + 1, l->shape->row_bytes);
    if (!grown) {
        l->first = diag_add(l->faults, ERR_MEMORY, l->path, line, 0, NULL, "%s", err_text(ERR_MEMORY));
        return 0;
    }
    l->rows = grown;
    e = sweep_row_parse(&l->header, l->path, line, field, l->mem, l->rows + l->n * l->shape->row_bytes, l->faults);
    if (e == ERR_OK) l->n++;
    if (l->first == ERR_OK) l->first = e;
    return !diags_full(l->faults);
}

err sweep_table_load(arena *mem, const char *path, const sweep_shape *shape, void **rows, size_t *n, diags *faults) {
    loader l = {.mem = mem, .path = path, .shape = shape, .faults = faults};
    err e = sweep_csv_read(path, take_row, &l, faults);
    if (l.first != ERR_OK) return l.first;
    if (e != ERR_OK) return e;
    *rows = l.rows;
    *n = l.n;
    return ERR_OK;
}
