/*
 * scenario_list.h - streams a CSV list of scenarios: header first, then blocks of rows, so a list of any length needs
 * the memory of one block.
 */
#ifndef SWEEP_SCENARIO_LIST_H
#define SWEEP_SCENARIO_LIST_H

#include "sweep/scenario.h"

enum { SWEEP_LIST_BLOCK = 4096, SWEEP_LIST_FIELD_MAX = 4096 };

/** Columns of a list in the order of its header. */
typedef struct sweep_list_header {
    sweep_column column[SC_COLUMNS];
    size_t n;
} sweep_list_header;

/** Rows of a block. Field j of row i is text + at[i * n_columns + j]; rows with another number of fields are `ragged`.
 */
typedef struct sweep_list_block {
    size_t n_rows;
    const char *text;
    const size_t *at;
    const uint64_t *row;    /* row number in the list, 1 is the first after the header */
    const uint32_t *fields; /* fields found; differs from the header's number when the row is ragged */
} sweep_list_block;

/** Gets the header once (block NULL), then every block. Anything but ERR_OK stops the reading. */
typedef err (*sweep_list_sink)(void *ctx, const sweep_list_header *h, const sweep_list_block *b);

/** Reads the list from a path, "-" for standard input. Faults of the header and of the file go to the list. */
err sweep_list_read(const char *path, sweep_list_sink sink, void *ctx, diags *faults);

#endif
