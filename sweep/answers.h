/*
 * answers.h - scenarios by the thousand: names are resolved and combinations lowered once, and only context and batch
 * are worked out anew for each row. What comes out is what sweep_scenario_build and sweep_scenario_answer give.
 */
#ifndef SWEEP_ANSWERS_H
#define SWEEP_ANSWERS_H

#include "sweep/scenario.h"

typedef struct sweep_answers sweep_answers;

/** Memory of one thread for scenarios given in these columns; NULL when there is none left. */
sweep_answers *sweep_answers_new(const sweep_catalogs *c, const sweep_column *columns, size_t n);
void sweep_answers_free(sweep_answers *m);

/** An engine that stands for a version which is not in the catalog, as asked for; good until the next answer. */
typedef struct sweep_stand_in {
    const char *asked; /* NULL: none */
    const kern_engine *used;
} sweep_stand_in;

/** Answers a scenario from what is remembered. On failure `why` (DIAG_TEXT bytes) says why there is no answer. */
err sweep_answers_get(sweep_answers *m, const char *const text[SC_COLUMNS], sweep_answer *out, sweep_stand_in *engine,
                      char *why);

/** The same without any memory: what the other is tested against, and what it leaves odd rows to. */
err sweep_answers_plain(const sweep_catalogs *c, const char *const text[SC_COLUMNS], sweep_scenario *sc,
                        sweep_answer *out, char *why);

#endif
