/*
 * folder.h - an output folder as one set of files. A run holds the folder's lock, writes everything into a stage inside
 * it, and then replaces the set: a journal that names every move is written and synced first, the moves follow, the
 * journal goes last. Whoever opens the folder next finishes the moves of a journal that a killed run left, so the set
 * is the old one or the new one whatever happened. All of this lives in <folder>/.vramsweep/; docs/nightly.md says what
 * others see.
 */
#ifndef SWEEP_FOLDER_H
#define SWEEP_FOLDER_H

#include "common/arena.h"
#include "common/err.h"
#include "common/stop.h"

#include <stddef.h>

#define SWEEP_STATE ".vramsweep" /* the part of a folder that is ours */

enum { SWEEP_FOLDER_DEPTH = 16 };

typedef struct sweep_folder {
    arena *mem;
    const char *dir, *state, *stage; /* out/nightly, its .vramsweep, the stage in it */
    const char *lock_path, *journal; /* in the state folder */
    const char *gone;                /* the stage on its way out */
    const char *inside;              /* a path in the folder, of which bytes up to `made` end the first new folder */
    size_t made;                     /* 0: the folder was there before */
    int lock;                        /* descriptor; -1: not held */
    long died;                       /* process that held the lock and died; 0: none */
    int recovered;                   /* its journal was finished */
    int outside;                     /* links may lead out of the folder: allowed on the command line */
    stop_undo undo;
} sweep_folder;

/** A step of replacing the set: the staged file of this name takes its place, or the old one is removed. */
typedef struct sweep_step {
    const char *name; /* relative to the folder */
    int removes;
} sweep_step;

/**
 * Makes the folder if need be, takes the lock, finishes or clears what a dead run left.
 * @return ERR_WRITE with a fault that names the process when another run holds the lock.
 */
err sweep_folder_open(sweep_folder *f, arena *mem, const char *dir, diags *faults);

/** The same where links may lead out of the folder, also for what a dead run left to do. */
err sweep_folder_open_freely(sweep_folder *f, arena *mem, const char *dir, diags *faults);

/** ERR_WRITE with a fault when a link would lead this file of the folder out of it. */
err sweep_folder_check(const sweep_folder *f, const char *name, diags *faults);

/** Makes an empty stage. */
err sweep_folder_stage(sweep_folder *f, diags *faults);

/** Replaces the set. Before the journal is there a failure changes nothing; after it the next opening finishes. */
err sweep_folder_commit(sweep_folder *f, const sweep_step *step, size_t n, diags *faults);

/** Removes the stage and what else is empty of ours, gives the lock back. */
void sweep_folder_close(sweep_folder *f);

/** For readers: finishes a journal that was left, waits for a run that is replacing the set. No folder, no fault. */
err sweep_folder_settle(arena *mem, const char *dir, diags *faults);

/** Called with each regular file below a folder, path relative to it; a non-zero answer stops and is returned. */
typedef int (*sweep_folder_visit)(void *ctx, const char *name);

/** Walks a folder in the order of names; hidden names are left out unless asked for. errno, the visitor's answer, or 0.
 */
int sweep_folder_walk(const char *dir, int hidden, sweep_folder_visit visit, void *ctx);

/** Removes a folder and what is below it, as far as that can be done. */
void sweep_folder_remove(const char *path);

/** A relative path without empty parts, `.` and `..`. */
int sweep_folder_name_ok(const char *name);

#endif
