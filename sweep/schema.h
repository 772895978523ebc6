/*
 * schema.h - the columns of a catalog as a table: name, kind, where the value goes, bounds. One line adds a column; the
 * same table parses, checks and documents it.
 */
#ifndef SWEEP_SCHEMA_H
#define SWEEP_SCHEMA_H

#include "common/arena.h"
#include "common/err.h"

#include <stddef.h>
#include <stdint.h>

typedef enum sweep_field_kind {
    SWEEP_FIELD_TEXT, /* const char *, never NULL */
    SWEEP_FIELD_INT,  /* int64_t */
    SWEEP_FIELD_NUM,  /* int */
    SWEEP_FIELD_REAL, /* double */
    SWEEP_FIELD_FLAG, /* uint8_t: yes or no */
    SWEEP_FIELD_WORD  /* uint8_t: index into words */
} sweep_field_kind;

typedef struct sweep_field {
    const char *name;
    sweep_field_kind kind;
    size_t at;          /* offset in the row */
    double least, most; /* of numbers */
    const char *const *words;
    int required; /* an empty cell is a fault, and so is a missing column */
} sweep_field;

/** Which field each column of a header is. */
typedef struct sweep_header {
    const sweep_field *field[256];
    size_t n;
} sweep_header;

/** Matches a header; unknown, repeated and missing columns are faults with the nearest right name. */
err sweep_header_match(const sweep_field *fields, size_t n_fields, const char *file, const char *const *name, size_t n,
                       sweep_header *out, diags *faults);

/** Parses one row into `to` (zeroed by the caller). All faults of the row are reported. */
err sweep_row_parse(const sweep_header *h, const char *file, int line, const char *const *field, arena *mem, void *to,
                    diags *faults);

#endif
