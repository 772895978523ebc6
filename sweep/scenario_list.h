/*
 * scenario_list.h - streams a CSV list of scenarios: the header first, then chunks of whole rows, so that a list of any
 * length needs the memory of one chunk per thread. Chunks are taken one after the other; their rows are read by whoever
 * took them.
 */
#ifndef SWEEP_SCENARIO_LIST_H
#define SWEEP_SCENARIO_LIST_H

#include "sweep/scenario.h"

#include <stdint.h>

enum {
    SWEEP_LIST_FIELD_MAX = 4096,
    SWEEP_LIST_ROW_MAX = 1 << 20,
    SWEEP_LIST_FIELDS = 64,
    SWEEP_LIST_AHEAD = 1 << 17 /* bytes that may be looked at before anything is written */
};

/** Columns of a list in the order of its header. */
typedef struct sweep_list_header {
    sweep_column column[SC_COLUMNS];
    size_t n;
} sweep_list_header;

/** A row: all pointers are good until the next row of the chunk is read. */
typedef struct sweep_list_row {
    const char *field[SWEEP_LIST_FIELDS]; /* what stands there, each with a NUL; those that are missing are empty */
    uint32_t fields;                      /* found; beyond SWEEP_LIST_FIELDS only counted */
    const char *line; /* the fields with commas between, as results repeat them; NULL: they need care */
    size_t line_n;
    int ascii; /* no byte above 127 */
} sweep_list_row;

/** Whole rows of a list. Zero-initialise. */
typedef struct sweep_list_chunk {
    char *text;
    size_t n, cap;
    size_t at;     /* where the next row starts */
    uint64_t rows; /* read so far */
    char *scratch; /* fields of the row being read */
    size_t scratch_cap;
} sweep_list_chunk;

typedef struct sweep_list sweep_list;

/** Opens a list, "-" for standard input, and reads its header. Faults of the header and of the file go to the list. */
err sweep_list_open(sweep_list **l, const char *path, diags *faults);
void sweep_list_close(sweep_list *l);

const sweep_list_header *sweep_list_columns(const sweep_list *l);

/** How messages name the list. */
const char *sweep_list_name(const sweep_list *l);

/** Takes the next rows into the chunk; none are left when c->n is 0. One thread at a time. */
err sweep_list_take(sweep_list *l, sweep_list_chunk *c, diags *faults);

/** As sweep_list_take, but SWEEP_LIST_AHEAD bytes of rows, which are taken once more afterwards. */
err sweep_list_peek(sweep_list *l, sweep_list_chunk *c, diags *faults);

/**
 * Reads the chunk's next row, which has `columns` fields unless it is ragged. *more is 0 at the end.
 * @return ERR_OK; or what is wrong with the row, told in *why (DIAG_TEXT bytes): the list cannot be read any further
 */
err sweep_list_next(sweep_list_chunk *c, size_t columns, sweep_list_row *row, int *more, char *why);
void sweep_list_chunk_free(sweep_list_chunk *c);

#endif
