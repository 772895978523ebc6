/*
 * run_estimate.c - how much a config asks for, before it is done: combinations, cells, rows and bytes of every report
 * that writes rows. Counts are exact, skip rules aside; bytes are those of a few parts, spread over all, times their
 * number.
 */
#include <math.h>

#include "report/terminal.h"
#include "sweep/combos.h"
#include "sweep/output.h"
#include "sweep/reduce.h"

enum { E_REPORT, E_COMBINATIONS, E_CELLS, E_ROWS, E_BYTES, E_COLUMNS };

/** From here on a run is long: some seconds, or a file that one would rather not find by surprise. */
static const double long_cells = 1e8, long_rows = 5e6, long_cells_grouped = 1e11;

static double rows_of(const sweep_report *r, const sweep_combo_work *w) {
    double groups = r->by.n ? (double)sweep_reduce_groups(w->ctx, r) : (double)sweep_combos_count(w->pick);
    return groups * (double)w->rows;
}

static err (*const make_work[SWEEP_REPORTS])(sweep_run *, const sweep_report *, sweep_combo_work *) = {
    [SWEEP_REPORT_CSV] = sweep_csv_work,
    [SWEEP_REPORT_REDUCE] = sweep_reduce_work,
};

/** Some report takes long; counted only. */
static err any_is_long(sweep_run *run, int *is_long) {
    *is_long = 0;
    for (size_t i = 0; i < run->cfg->n_reports; i++) {
        const sweep_report *r = &run->cfg->reports[i];
        sweep_combo_work work;
        if (!make_work[r->kind]) continue;
        TRY(make_work[r->kind](run, r, &work));
        double cells = (double)sweep_combos_count(work.pick) * (double)work.cells;
        *is_long |= cells >= (r->by.n ? long_cells_grouped : long_cells) || rows_of(r, &work) >= long_rows;
    }
    return ERR_OK;
}

static err fill_row(sweep_run *run, const report_table *t, size_t at, const sweep_report *r) {
    sweep_combo_work work;
    double bytes;
    TRY(make_work[r->kind](run, r, &work));
    double combos = (double)sweep_combos_count(work.pick);
    if (r->by.n) {
        bytes = NAN;
    } else {
        TRY(sweep_combos_bytes(run, &work, &bytes));
    }
    sweep_cell_text(t, at, E_REPORT, r->target);
    sweep_cell_number(t, at, E_COMBINATIONS, combos);
    sweep_cell_number(t, at, E_CELLS, combos * (double)work.cells);
    sweep_cell_number(t, at, E_ROWS, rows_of(r, &work));
    if (!isnan(bytes)) sweep_cell_number(t, at, E_BYTES, bytes / 1e6);
    return ERR_OK;
}

err sweep_run_estimate(sweep_run *run) {
    static const report_column columns[E_COLUMNS] = {{"report", "", 0, 1},
                                                     {"combinations", "", 0, 0},
                                                     {"cells", "", 0, 0},
                                                     {"rows", "", 0, 0},
                                                     {"about", "MB", 1, 0}};
    static const char *const notes[] = {"Bytes before compression, from a few parts of each report."};
    const int dry = run->ctx->options->dry_run;
    int is_long;
    size_t n = 0;
    TRY(any_is_long(run, &is_long));
    if (!dry && (!is_long || run->ctx->options->quiet)) return ERR_OK;
    report_table *t = sweep_table_new(&run->ctx->mem, columns, E_COLUMNS, run->cfg->n_reports);
    if (!t) return sweep_run_no_memory(run);
    for (size_t i = 0; i < run->cfg->n_reports && !sweep_progress_stopped(); i++) {
        if (make_work[run->cfg->reports[i].kind]) TRY(fill_row(run, t, n++, &run->cfg->reports[i]));
    }
    t->n_rows = n;
    t->title = run->cfg->title && *run->cfg->title ? run->cfg->title : run->cfg->name;
    t->name = "estimate";
    t->notes = notes;
    t->n_notes = 1;
    return report_terminal_write(dry ? stdout : stderr, t, 0);
}
