/*
 * folder_internal.h - between the halves of an output folder: lock and life (folder.c), journal (folder_commit.c),
 * files and trees (folder_walk.c).
 */
#ifndef SWEEP_FOLDER_INTERNAL_H
#define SWEEP_FOLDER_INTERNAL_H

#include "sweep/folder.h"

/** "<path>: <what>: <why>" as a fault. */
err folder_fault(diags *faults, const char *path, const char *what, int why);

/** Removes the stage and all in it, in one step for whoever names a file in it. */
void folder_clear(const sweep_folder *f);

/** Finishes the journal of a dead run; without one, clears its stage. */
err folder_recover(sweep_folder *f, diags *faults);

#endif
