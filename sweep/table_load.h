/*
 * table_load.h - a CSV file of facts as an array of structs, by a table of its columns.
 */
#ifndef SWEEP_TABLE_LOAD_H
#define SWEEP_TABLE_LOAD_H

#include "sweep/schema.h"

/** What a file holds: its columns and the struct a row becomes. */
typedef struct sweep_shape {
    const sweep_field *fields;
    size_t n_fields, row_bytes;
} sweep_shape;

/** Reads all rows into the arena. All faults of the file are reported. */
err sweep_table_load(arena *mem, const char *path, const sweep_shape *shape, void **rows, size_t *n, diags *faults);

#endif
