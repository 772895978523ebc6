/*
 * diff.h - what changed between two CSV files or two folders of results, cell by cell. Rows are matched by their key
 * columns wherever they stand; two files in the same order take no more memory than their differences.
 */
#ifndef SWEEP_DIFF_H
#define SWEEP_DIFF_H

#include "common/arena.h"
#include "common/err.h"
#include "report/table.h"

enum { SWEEP_DIFF_ENTRIES = 100000 };

/** In the order in which they are shown. */
typedef enum sweep_diff_kind {
    SWEEP_DIFF_MIN_GPU, /* a cell that says which or how many GPUs are needed at least */
    SWEEP_DIFF_CELL,
    SWEEP_DIFF_ROW_ADDED,
    SWEEP_DIFF_ROW_REMOVED,
    SWEEP_DIFF_COLUMN_ADDED,
    SWEEP_DIFF_COLUMN_REMOVED,
    SWEEP_DIFF_FILE_ADDED,
    SWEEP_DIFF_FILE_REMOVED,
    SWEEP_DIFF_FILE, /* other bytes, and no CSV file that would tell more */
    SWEEP_DIFF_KINDS
} sweep_diff_kind;

/** One difference. `row` joins the values of the key columns that vary within the file. */
typedef struct sweep_difference {
    sweep_diff_kind kind;
    const char *file, *row, *column, *old_text, *new_text, *cause; /* NULL where it has none */
    uint64_t rows;                                                 /* added or removed together */
    size_t at;                                                     /* in the order found */
} sweep_difference;

typedef struct sweep_diff {
    arena *mem;
    sweep_difference *item;
    size_t n, cap;
    uint64_t count[SWEEP_DIFF_KINDS]; /* also of those that are not listed; rows one by one */
    int with_cause;
} sweep_diff;

void sweep_diff_init(sweep_diff *d, arena *mem);

/** Adds a difference; beyond SWEEP_DIFF_ENTRIES it is counted only. Returns 0 when memory is gone. */
int sweep_diff_add(sweep_diff *d, const sweep_difference *x);

/** Compares two CSV files, plain, .gz or .zst; `name` is how they are called in the result. */
err sweep_diff_csv(sweep_diff *d, const char *name, const char *old_path, const char *new_path, diags *faults);

/** Compares two files by their bytes. */
err sweep_diff_bytes(sweep_diff *d, const char *name, const char *old_path, const char *new_path, diags *faults);

/** Compares all files of two folders that are not hidden. */
err sweep_diff_folders(sweep_diff *d, const char *old_dir, const char *new_dir, diags *faults);

/** A name that sweep_diff_csv takes. */
int sweep_diff_is_csv(const char *name);

/** Number of differences. */
uint64_t sweep_diff_total(const sweep_diff *d);

/** All differences as a table, in order; NULL when memory is gone. */
const report_table *sweep_diff_table(sweep_diff *d, const char *title);

#endif
