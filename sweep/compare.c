/*
 * compare.c - verdicts on published cells and the two tables of the `compare` report. Everything is computed here; the
 * verdict that the file carries is only counted against ours.
 */
#include "sweep/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/text.h"
#include "report/number.h"

const char *const sweep_verdict_name[VERDICTS] = {"reproduced", "within-5pct", "contradicts", "no-formula"};

enum { DECIMALS_MAX = 9 };

/**
 * Documents round ties either way (202.5 to 202, 87.5 to 88), so both count; what decimal figures lose in a double is
 * far below a millionth of the last printed digit.
 */
sweep_verdict sweep_verdict_of(double published, int decimals, double value) {
    double digit = pow(10, -decimals), off = fabs(value - published);
    if (off <= digit * (0.5 + 1e-6)) return VERDICT_REPRODUCED;
    return off <= 0.05 * fabs(published) * (1 + 1e-12) ? VERDICT_WITHIN : VERDICT_CONTRADICTS;
}

static err read_published(const char *path, sweep_cell *cell, diags *faults) {
    const char *text = cell->text[CELL_PUBLISHED], *point = strchr(text, '.');
    cell->decimals = point ? (int)strspn(point + 1, "0123456789") : 0;
    if (!text_real(text, &cell->published) || strpbrk(text, "eE") || cell->decimals > DECIMALS_MAX)
        return diag_add(faults, ERR_TYPE, path, cell->line, 0, "published",
                        "'%.60s' is no decimal number of at most 9 places", text);
    return ERR_OK;
}

static int known_verdict(const char *text) {
    if (!*text) return 1;
    for (int v = 0; v < VERDICTS; v++)
        if (strcmp(text, sweep_verdict_name[v]) == 0) return 1;
    return 0;
}

err sweep_cell_evaluate(const sweep_catalogs *c, const char *path, sweep_cell *cell, diags *faults) {
    sweep_scenario sc;
    const sweep_place at = {.file = path, .line = cell->line};
    const char *field;
    char why[DIAG_TEXT] = "";
    int stated = 0;
    TRY(read_published(path, cell, faults));
    if (!known_verdict(cell->text[CELL_VERDICT]))
        return diag_add(faults, ERR_NAME, path, cell->line, 0, "verdict",
                        "'%.60s', expected reproduced, within-5pct, contradicts or no-formula",
                        cell->text[CELL_VERDICT]);
    TRY(sweep_scenario_build(c, cell->scenario, &at, &sc, faults));
    err code =
        sweep_quantity_value(&sc, cell->text[CELL_QUANTITY], cell->text[CELL_UNIT], &cell->value, &stated, why, &field);
    if (code != ERR_OK) return diag_add(faults, code, path, cell->line, 0, field, "%s", why);
    cell->verdict = stated ? VERDICT_NO_FORMULA : sweep_verdict_of(cell->published, cell->decimals, cell->value);
    return ERR_OK;
}

err sweep_compare_load(arena *mem, const sweep_catalogs *c, const char *path, sweep_cell **cells, size_t *n,
                       diags *faults) {
    err first = ERR_OK;
    TRY(sweep_cells_read(mem, path, cells, n, faults));
    for (size_t i = 0; i < *n && !diags_full(faults); i++) {
        err code = sweep_cell_evaluate(c, path, &(*cells)[i], faults);
        if (first == ERR_OK) first = code;
    }
    return first;
}

/* ---- tables --------------------------------------------------------------------------------------------------- */

static report_cell text_cell(const char *text) {
    return (report_cell){.kind = *text ? REPORT_TEXT : REPORT_BLANK, .text = text};
}

static report_cell number_cell(double value) {
    return (report_cell){.kind = REPORT_NUMBER, .number = value};
}

/** Ours at the printed decimals. Where it agrees, a tie may be rounded as the document did: its digits are shown. */
static report_cell rounded_cell(arena *mem, const sweep_cell *cell) {
    char text[64];
    if (cell->verdict == VERDICT_REPRODUCED) return text_cell(cell->text[CELL_PUBLISHED]);
    report_number_text(cell->value, cell->decimals, text);
    const char *kept = arena_text(mem, text, strlen(text));
    return text_cell(kept ? kept : "");
}

static report_cell difference_cell(const sweep_cell *cell) {
    if (cell->published == 0) return (report_cell){.kind = REPORT_BLANK};
    return number_cell(100 * (cell->value - cell->published) / cell->published);
}

/** What a column of the two tables shows. */
typedef enum shows { SHOWS_TEXT, SHOWS_ROUNDED, SHOWS_VALUE, SHOWS_DIFFERENCE, SHOWS_VERDICT } shows;

typedef struct shown {
    report_column column;
    shows what;
    sweep_cell_field text;
} shown;

#define TEXT_COLUMN(title, id)                                                                                         \
    { {title, "", 0, 1}, SHOWS_TEXT, id }
static const shown all_columns[] = {
    TEXT_COLUMN("id", CELL_ID),
    TEXT_COLUMN("table", CELL_TABLE),
    TEXT_COLUMN("row", CELL_ROW),
    TEXT_COLUMN("column", CELL_COLUMN),
    TEXT_COLUMN("unit", CELL_UNIT),
    TEXT_COLUMN("published", CELL_PUBLISHED),
    {{"recomputed", "", 0, 1}, SHOWS_ROUNDED, 0},
    {{"recomputed, unrounded", "", 4, 0}, SHOWS_VALUE, 0},
    {{"verdict", "", 0, 1}, SHOWS_VERDICT, 0},
};
static const shown difference_columns[] = {
    TEXT_COLUMN("id", CELL_ID),
    TEXT_COLUMN("table", CELL_TABLE),
    TEXT_COLUMN("row", CELL_ROW),
    TEXT_COLUMN("column", CELL_COLUMN),
    TEXT_COLUMN("unit", CELL_UNIT),
    TEXT_COLUMN("published", CELL_PUBLISHED),
    {{"recomputed", "", 0, 1}, SHOWS_ROUNDED, 0},
    {{"difference", "%", 1, 0}, SHOWS_DIFFERENCE, 0},
    {{"verdict", "", 0, 1}, SHOWS_VERDICT, 0},
    TEXT_COLUMN("cause", CELL_CAUSE),
    TEXT_COLUMN("source", CELL_SOURCE),
};
#undef TEXT_COLUMN

static report_cell show(arena *mem, const sweep_cell *cell, const shown *what) {
    switch (what->what) {
    case SHOWS_ROUNDED:
        return rounded_cell(mem, cell);
    case SHOWS_VALUE:
        return number_cell(cell->value);
    case SHOWS_DIFFERENCE:
        return difference_cell(cell);
    case SHOWS_VERDICT:
        return text_cell(sweep_verdict_name[cell->verdict]);
    default:
        return text_cell(cell->text[what->text]);
    }
}

/** Fills a table with the cells chosen; 0 when memory is used up. */
static int fill_table(arena *mem, const sweep_cell *cells, size_t n, int differences, const shown *columns,
                      size_t n_columns, report_table *out) {
    report_column *heads = arena_alloc(mem, n_columns, sizeof *heads);
    report_cell *to = arena_alloc(mem, n * n_columns + 1, sizeof *to);
    if (!heads || !to) return 0;
    out->columns = heads;
    out->n_columns = n_columns;
    out->cells = to;
    for (size_t j = 0; j < n_columns; j++)
        heads[j] = columns[j].column;
    for (size_t i = 0; i < n; i++) {
        if (differences && cells[i].verdict == VERDICT_REPRODUCED) continue;
        for (size_t j = 0; j < n_columns; j++)
            *to++ = show(mem, &cells[i], &columns[j]);
        out->n_rows++;
    }
    return 1;
}

static int add_notes(arena *mem, const sweep_cell *cells, size_t n, report_table *out) {
    size_t count[VERDICTS] = {0}, differs = 0;
    for (size_t i = 0; i < n; i++) {
        const char *carried = cells[i].text[CELL_VERDICT];
        count[cells[i].verdict]++;
        differs += *carried && strcmp(carried, sweep_verdict_name[cells[i].verdict]) != 0;
    }
    const char **notes = arena_alloc(mem, 2, sizeof *notes);
    if (!notes) return 0;
    notes[0] = arena_printf(mem,
                            "%zu published figures: %zu reproduced to the last printed digit, %zu within 5 %%, "
                            "%zu contradict the document's own formula, %zu have no formula; "
                            "%zu verdicts differ from those carried in the file.",
                            n, count[VERDICT_REPRODUCED], count[VERDICT_WITHIN], count[VERDICT_CONTRADICTS],
                            count[VERDICT_NO_FORMULA], differs);
    notes[1] = "Totals are added up as the document does, units mixed where it mixes them; "
               "GB is 10^9 bytes, GiB 2^30, TB(/1024) 1024 x 10^9.";
    out->notes = notes;
    out->n_notes = 2;
    return notes[0] != NULL;
}

err sweep_compare_build(arena *mem, const sweep_catalogs *c, const char *path, const char *name, report_table *all,
                        report_table *discrepancies, diags *faults) {
    sweep_cell *cells = NULL;
    size_t n = 0;
    TRY(sweep_compare_load(mem, c, path, &cells, &n, faults));
    report_table x = {.name = arena_text(mem, name, strlen(name)), .title = "Published figures, recomputed"};
    report_table y = {.name = arena_printf(mem, "%s-discrepancies", name),
                      .title = "Published figures that their document's formulas do not give"};
    int done =
        x.name && y.name && fill_table(mem, cells, n, 0, all_columns, sizeof all_columns / sizeof *all_columns, &x) &&
        fill_table(mem, cells, n, 1, difference_columns, sizeof difference_columns / sizeof *difference_columns, &y) &&
        add_notes(mem, cells, n, &x) && add_notes(mem, cells, n, &y);
    if (!done) return diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    *all = x;
    *discrepancies = y;
    return ERR_OK;
}
