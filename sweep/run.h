/*
 * run.h - carries out a config: plans its sweeps, makes every report, writes them. One file per kind of report; all of
 * them get the same state.
 */
#ifndef SWEEP_RUN_H
#define SWEEP_RUN_H

#include "common/stop.h"
#include "report/writers.h"
#include "sweep/command.h"
#include "sweep/config.h"
#include "sweep/pick.h"
#include "sweep/progress.h"

enum { SWEEP_TABLES_MAX = 1024 };

struct sweep_set;

typedef struct sweep_run {
    sweep_ctx *ctx;
    const sweep_config *cfg;
    const sweep_plan *plans; /* one per sweep of the config */
    const char *dir;         /* where files are written: the output folder, or its stage */
    struct sweep_set *set;   /* how they become the folder's set (run_set.h) */
    sweep_progress *progress;
    const report_table *sheet[SWEEP_TABLES_MAX]; /* tables that asked for xlsx, in order */
    size_t n_sheets;
    report_item item[SWEEP_TABLES_MAX]; /* tables and charts for pages, in order */
    size_t n_items;
    struct sweep_page *pages;  /* that take tables in */
    const char *real_dir;      /* --check: the folder that is compared; else NULL */
    size_t n_stale;            /* --check: files that differ */
    stop_undo undo;            /* --check: the folder it writes to */
    const report_table *shown; /* the first table: the summary on the terminal */
    size_t n_files;            /* written so far */
    int not_rendered;          /* charts that gnuplot did not draw */
} sweep_run;

/** Makes one report of its kind and writes its files into run->dir. */
err sweep_run_csv(sweep_run *run, const sweep_report *r);
err sweep_run_table(sweep_run *run, const sweep_report *r);
err sweep_run_chart(sweep_run *run, const sweep_report *r);
err sweep_run_workbook(sweep_run *run, const sweep_report *r);
err sweep_run_compare(sweep_run *run, const sweep_report *r);
err sweep_run_reduce(sweep_run *run, const sweep_report *r);
err sweep_run_html(sweep_run *run, const sweep_report *r);
err sweep_run_recommend(sweep_run *run, const sweep_report *r);
err sweep_run_procurement(sweep_run *run, const sweep_report *r);

/**
 * Counts what the reports that write rows will take: with --dry-run to standard output, else to standard error when the
 * run will be long.
 */
err sweep_run_estimate(sweep_run *run);

/** Whether ranks and shards make a report together: each its share of the rows. */
int sweep_run_shares(const sweep_report *r);

/** Path of an output file: <dir>/<name><suffix>, in the arena; NULL when memory is gone. */
const char *sweep_run_path(sweep_run *run, const char *name, const char *suffix);

/** Whether the CSV of a report keeps texts that a spreadsheet would compute. */
int sweep_keeps_formulas(const sweep_report *r);

/** Writes a table in every format of `to`; xlsx keeps it for the workbook. */
err sweep_run_write_table(sweep_run *run, const sweep_report *r, const report_table *t);

/** The same of a table for people, `shown`, and one with all of its data, under the same name: csv and xlsx. */
err sweep_run_write_both(sweep_run *run, const sweep_report *r, const report_table *shown, const report_table *data);

/** Keeps a chart for pages. */
err sweep_run_add_chart(sweep_run *run, const report_chart *c);

/** Out of memory, as a fault. */
err sweep_run_no_memory(sweep_run *run);

#endif
