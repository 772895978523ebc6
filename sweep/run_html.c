/*
 * run_html.c - `html`: one page with all tables and charts of the run, in the order in which they were made.
 */
#include "report/writers.h"
#include "sweep/run.h"

err sweep_run_add_chart(sweep_run *run, const report_chart *c) {
    arena *mem = &run->ctx->mem;
    const char *dir = run->real_dir ? run->real_dir : run->dir; /* --check draws nothing: the picture that is there */
    const char *svg = arena_printf(mem, "%s/%s.svg", dir, c->name), *words = c->subtitle ? c->subtitle : "";
    for (size_t i = 0; i < c->n_series && words; i++) {
        if (!c->series[i].level_of) words = arena_printf(mem, "%s %s", words, c->series[i].label);
    }
    if (!svg || !words) return sweep_run_no_memory(run);
    if (run->n_items == SWEEP_TABLES_MAX) return ERR_OK;
    run->item[run->n_items++] = (report_item){.name = c->name, .title = c->title, .svg = svg, .words = words};
    return ERR_OK;
}

err sweep_run_html(sweep_run *run, const sweep_report *r) {
    const char *path = sweep_run_path(run, r->target, "");
    if (!path) return sweep_run_no_memory(run);
    run->n_files++;
    return report_page_write(path, r->title ? r->title : run->cfg->title, run->item, run->n_items, &run->ctx->faults);
}
