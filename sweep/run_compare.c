/*
 * run_compare.c - `compare`: published figures against ours, as two tables: all cells, and the discrepancies.
 */
#include "sweep/compare.h"
#include "sweep/run.h"

err sweep_run_compare(sweep_run *run, const sweep_report *r) {
    report_table *all = arena_alloc(&run->ctx->mem, 2, sizeof *all);
    if (!all) return sweep_run_no_memory(run);
    TRY(sweep_compare_build(&run->ctx->mem, &run->ctx->catalogs, r->target, r->name, &all[0], &all[1],
                            &run->ctx->faults));
    if (r->title) all[0].title = r->title;
    TRY(sweep_run_write_table(run, r, &all[0]));
    return sweep_run_write_table(run, r, &all[1]);
}
