/*
 * pages.h - `inject`: existing pages that take tables in between a pair of marks. Pages are changed in memory while the
 * run goes on; all changes of a page are written at once, at the end.
 */
#ifndef SWEEP_PAGES_H
#define SWEEP_PAGES_H

#include "sweep/run.h"

/** One page of the run. */
struct sweep_page {
    const char *path;
    const char *before, *now; /* as on disk, as it is to be */
    size_t n_before, n_now;
    struct sweep_page *next;
};

/** Puts a table where a report wants it. Marks that are missing, double or inside each other are faults of the page. */
err sweep_page_inject(sweep_run *run, const sweep_inject *where, const report_table *t);

/** Writes the pages that changed, each whole or not at all. */
err sweep_pages_write(sweep_run *run);

/** Whether a table may go into this page: ERR_RANGE, with a fault, when it lies where configs have no business. */
err sweep_page_place(sweep_run *run, const sweep_inject *where);

#endif
