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

/**
 * The folder that holds a file of `dir`, opened without following links unless `outside`; made when `make`. `base`
 * receives the last part of the name. The descriptor, or -1 with errno: ELOOP is a link.
 */
int folder_parent(const char *dir, const char *name, int outside, int make, const char **base);

/** 0, ELOOP when writing the file would leave the folder, or another errno. What is not there yet is fine. */
int folder_check_inside(const char *dir, const char *name, int outside);

/** "a link leads out of the folder" as a fault. */
err folder_link_fault(diags *faults, const char *dir, const char *name);

/** Finishes the journal of a dead run; without one, clears its stage. */
err folder_recover(sweep_folder *f, diags *faults);

#endif
