/*
 * run_bulk.c - `csv` with a file that ends in .xlsx: the same rows as sheets of a workbook.
 */
#include "report/workbook_bulk.h"
#include "sweep/combos.h"

static err put_rows(void *sink, const char *text, size_t n) {
    return report_bulk_put(sink, text, n);
}

err sweep_run_bulk(sweep_run *run, const sweep_report *r, const sweep_combo_work *work, const char *header) {
    report_bulk *b;
    int bad = 0;
    const char *path = sweep_run_path(run, r->target, "");
    if (!path) return sweep_run_no_memory(run);
    TRY(report_bulk_open(&b, path, run->cfg->title, header, REPORT_SHEET_ROWS, &run->ctx->faults));
    err e =
        sweep_combos_each(run, work, path, 0, sweep_combos_groups(work), (sweep_sink){.put = put_rows, .to = b}, &bad);
    if (e == ERR_INTERRUPTED || e == ERR_MEMORY) {
        report_bulk_abort(b);
        return e;
    }
    run->n_files++;
    return report_bulk_commit(b, &run->ctx->faults);
}
