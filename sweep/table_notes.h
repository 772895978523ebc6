/*
 * table_notes.h - footnotes of a table while it is filled: general ones, and numbered ones that cells refer to.
 */
#ifndef SWEEP_TABLE_NOTES_H
#define SWEEP_TABLE_NOTES_H

#include "common/arena.h"
#include "kernels/types.h"
#include "report/table.h"

enum { SWEEP_NOTES_MAX = 64 };

/** Zero-initialise, set mem. Texts are borrowed; more than the limit of each kind are left out. */
typedef struct sweep_notes {
    arena *mem;
    const char *note[SWEEP_NOTES_MAX], *ref[SWEEP_NOTES_MAX];
    const kern_model *beyond[SWEEP_NOTES_MAX]; /* models asked for a longer context than they were made for */
    size_t n_notes, n_refs, n_beyond;
} sweep_notes;

/** A general footnote, once. */
void sweep_notes_add(sweep_notes *n, const char *text);

/** Number of a footnote for a cell, equal texts being one; 0 when there are too many. */
uint16_t sweep_notes_ref(sweep_notes *n, const char *text);

/** Blanks a cell because the model's context is shorter than asked for; one footnote names all such models. */
void sweep_notes_beyond(sweep_notes *n, report_cell *cell, const kern_model *m);

/** Gives the notes to the table, numbered ones first; 0 when memory is gone. */
int sweep_notes_finish(sweep_notes *n, report_table *t);

#endif
