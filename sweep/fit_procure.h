/*
 * fit_procure.h - `fit` with users=: what hardware serves so many, what it costs.
 */
#ifndef SWEEP_FIT_PROCURE_H
#define SWEEP_FIT_PROCURE_H

#include "sweep/args.h"
#include "sweep/buying.h"

/**
 * Takes the words of a buyer (users=, months=, ...) out of the arguments; the others are copied to `rest` (n_args of
 * the options). *asked: users= is among them; the others without it are a fault.
 */
err sweep_buying_words(sweep_ctx *ctx, sweep_buying *b, char **rest, int *n_rest, int *asked);

/** Name of the i-th word of a buyer; NULL behind the last. */
const char *sweep_buying_word(size_t i);

/** Prints the options for a scenario; `text` is what was given of it. */
err sweep_fit_procure(sweep_ctx *ctx, const char *const text[SC_COLUMNS], const sweep_scenario *sc,
                      const sweep_buying *b);

#endif
