/*
 * progress.h - a progress bar on standard error for long work: drawn at most five times a second, by one thread, and
 * wiped at the end. Ctrl-C is seen here too: work loops ask sweep_progress_stopped and end cleanly.
 */
#ifndef SWEEP_PROGRESS_H
#define SWEEP_PROGRESS_H

#include <stdint.h>

#include "sweep/options.h"

typedef struct sweep_progress sweep_progress;

/** NULL when memory is gone: every function below accepts NULL and does nothing. */
sweep_progress *sweep_progress_new(const sweep_options *o);
void sweep_progress_free(sweep_progress *p);

/** Starts a piece of work of `total` units with a label (borrowed). */
void sweep_progress_begin(sweep_progress *p, const char *label, uint64_t total);

/** Adds finished units; may be called by any thread, draws only from the one that holds the lock. */
void sweep_progress_add(sweep_progress *p, uint64_t units);

/** Wipes the bar. */
void sweep_progress_end(sweep_progress *p);

/** 1 after a signal that asks to end (common/stop.h). */
int sweep_progress_stopped(void);

/** A pipe that is closed at its other end is an error of write from now on, told like any other, and no signal. */
void sweep_progress_keep_pipes(void);

#endif
