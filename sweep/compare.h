/*
 * compare.h - published figures held against ours: a CSV of cells (what a document prints, and the scenario and
 * quantity that recompute it) -> verdicts, the table of all cells and the table of discrepancies.
 * Columns: id document table row column published unit reserved verdict cause source quantity, and any scenario columns
 * of columns.def. Meaning of each: docs/published.md.
 */
#ifndef SWEEP_COMPARE_H
#define SWEEP_COMPARE_H

#include "report/table.h"
#include "sweep/scenario.h"

typedef enum sweep_cell_field {
    CELL_ID,
    CELL_DOCUMENT,
    CELL_TABLE,
    CELL_ROW,
    CELL_COLUMN,
    CELL_PUBLISHED, /* as printed: its decimals decide how closely it is held */
    CELL_UNIT,
    CELL_RESERVED, /* measured: what the allocator held while it handed `published` out, the same unit */
    CELL_VERDICT,  /* as carried in the file; tests hold it against the computed one */
    CELL_CAUSE,
    CELL_SOURCE,
    CELL_QUANTITY,
    CELL_TEXTS
} sweep_cell_field;

typedef enum sweep_verdict {
    VERDICT_REPRODUCED,  /* rounds to the printed figure */
    VERDICT_WITHIN,      /* at most 5 % off the printed figure */
    VERDICT_CONTRADICTS, /* further off */
    VERDICT_NO_FORMULA,  /* a stated constant: the document has nothing to compute it from */
    VERDICTS
} sweep_verdict;

extern const char *const sweep_verdict_name[VERDICTS]; /* reproduced within-5pct contradicts no-formula */

typedef struct sweep_cell {
    const char *text[CELL_TEXTS];     /* never NULL */
    const char *scenario[SC_COLUMNS]; /* never NULL */
    int line;
    int decimals;            /* of the printed figure */
    double published, value; /* in the cell's unit */
    sweep_verdict verdict;
} sweep_cell;

/** Reads a cells file without evaluating it; `value` and `verdict` are not set. Faults: ERR_KEY, ERR_MISSING, ... */
err sweep_cells_read(arena *mem, const char *path, sweep_cell **cells, size_t *n, diags *faults);

/** Evaluates one cell: sets published, decimals, value, verdict. */
err sweep_cell_evaluate(const sweep_catalogs *c, const char *path, sweep_cell *cell, diags *faults);

/**
 * Value of a quantity in a unit for a scenario.
 * @param stated  set to 1 when the quantity is a constant that no formula gives
 * @param why     DIAG_TEXT bytes: the reason of a failure, *field the cell column it is about
 */
err sweep_quantity_value(const sweep_scenario *sc, const char *quantity, const char *unit, double *value, int *stated,
                         char *why, const char **field);

/** Verdict on a computed value against a figure printed with so many decimals. */
sweep_verdict sweep_verdict_of(double published, int decimals, double value);

/** Reads and evaluates all cells. */
err sweep_compare_load(arena *mem, const sweep_catalogs *c, const char *path, sweep_cell **cells, size_t *n,
                       diags *faults);

/** The `compare` report: all cells, and those that are not reproduced. `name` is the stem of both tables. */
err sweep_compare_build(arena *mem, const sweep_catalogs *c, const char *path, const char *name, report_table *all,
                        report_table *discrepancies, diags *faults);

#endif
