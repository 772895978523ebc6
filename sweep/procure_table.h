/*
 * procure_table.h - tables of a procurement: for people (the best layout of each GPU and format, the columns that
 * matter), for a terminal (fewer), and for programs (every option, every column, whole digits).
 */
#ifndef SWEEP_PROCURE_TABLE_H
#define SWEEP_PROCURE_TABLE_H

#include "report/table.h"
#include "sweep/procure.h"

typedef enum sweep_procure_view { SWEEP_VIEW_PEOPLE, SWEEP_VIEW_TERMINAL, SWEEP_VIEW_DATA } sweep_procure_view;

/**
 * Options under the number of users, all that `buying` lists, in groups by model and users for people. In `mem` of q;
 * NULL: no memory. Name, title and notes are left to the caller.
 */
report_table *sweep_procure_table(const sweep_procure *q, sweep_procure_view view);

/** GPUs that hold a model in no replica: best layout, bytes needed and there, why. */
report_table *sweep_procure_refused(const sweep_procure *q, sweep_procure_view view);

/** "Llama 3.3 70B: 200 users of 32,768 tokens"; NULL: no memory. */
const char *sweep_procure_workload(const sweep_procure *q, const kern_model *model, double users);

enum { SWEEP_PROCURE_NOTES = 12 };

/** What all rows share, where prices are from, what the numbers are; as many as there are, 0: no memory. */
size_t sweep_procure_notes(const sweep_procure *q, sweep_procure_view view, const char *note[SWEEP_PROCURE_NOTES]);

#endif
