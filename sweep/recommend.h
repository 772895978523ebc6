/*
 * recommend.h - recommendation tables, computed from the catalogs: one function per word of `recommend:`.
 */
#ifndef SWEEP_RECOMMEND_H
#define SWEEP_RECOMMEND_H

#include "sweep/run.h"

/** Cards by price, and the largest model that one of them holds in each format. */
err sweep_recommend_tiers(sweep_run *run, const sweep_report *r);

/** Workloads of the published guides: what they need, the smallest hardware, what the guide said, whether it holds. */
err sweep_recommend_cases(sweep_run *run, const sweep_report *r);

/** Weight formats: size, and what others measured them to cost in quality. */
err sweep_recommend_formats(sweep_run *run, const sweep_report *r);

/** Image models by component and format. */
err sweep_recommend_images(sweep_run *run, const sweep_report *r);

/** A table with its name, heading, groups and footnotes, written wherever the report wants it. */
typedef struct sweep_draft {
    report_table *table;
    const char *title, *group_title;
    const report_group *groups;
    size_t n_groups;
    const char *const *notes; /* before those of the config */
    size_t n_notes;
} sweep_draft;
err sweep_recommend_write(sweep_run *run, const sweep_report *r, const sweep_draft *draft);

#endif
