/*
 * run_set.h - a run's files as one set: which reports are stale (run_stale.c), what they left in the stage, and how
 * that replaces what is in the folder (run_set.c).
 */
#ifndef SWEEP_RUN_SET_H
#define SWEEP_RUN_SET_H

#include "sweep/folder.h"
#include "sweep/manifest.h"
#include "sweep/run.h"

typedef struct sweep_set {
    sweep_folder folder;
    const char *manifest; /* its name in the folder */
    sweep_manifest old, now;
    int had_old;
    const char *key[SWEEP_CONFIG_REPORTS];
    unsigned char stale[SWEEP_CONFIG_REPORTS];
    sweep_step *step;
    size_t n_steps, cap_steps;
    int work;                           /* something was made or dropped */
    size_t written, unchanged, removed; /* files of reports */
} sweep_set;

/**
 * Opens the folder, decides what is stale. When there is work, run->dir is the stage from now on. A report that the
 * config no longer has counts as work: its files are removed.
 */
err sweep_set_open(sweep_run *run);

/** Whether report i has to be made: it is stale, or one that is needs its tables. */
int sweep_set_makes(const sweep_run *run, size_t i);

/** Notes what report i left in the stage. */
err sweep_set_made(sweep_run *run, size_t i);

/** Replaces the set when `outcome` is ERR_OK, else leaves the folder as it was; gives the folder back. */
err sweep_set_end(sweep_run *run, err outcome);

/** The line that says what became of the files. */
void sweep_set_tell(const sweep_run *run);

/** Keys of all reports and the manifest's part that names what they were made from. */
err sweep_set_keys(sweep_run *run);

/** Marks the stale reports; returns how many there are. */
size_t sweep_set_find_stale(sweep_run *run);

/** "table inference-8k": names a report within its config. */
const char *sweep_report_what(const sweep_run *run, const sweep_report *r);

/** Reports that collect what others made: they come last and depend on all. */
int sweep_report_collects(const sweep_report *r);

/** Version of the program; digest of the sources it was built from. */
extern const char *const sweep_build_version, *const sweep_build_sources;

#endif
