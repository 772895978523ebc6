/*
 * answers_internal.h - what answers.c and answers_gpu.c share: scenarios that are known, and the same held against a
 * GPU.
 */
#ifndef SWEEP_ANSWERS_INTERNAL_H
#define SWEEP_ANSWERS_INTERNAL_H

#include "kernels/reduce/ladder.h"
#include "sweep/answers.h"
#include "sweep/memo.h"

enum { ANSWERS_KEY = 1024, ANSWERS_NAME = 64, ANSWERS_SOLVED = 1 << 12, ANSWERS_BLOCK = 8, ANSWERS_BLOCKS = 16 };

/** What a key of the memo is about: its first byte. */
enum { ANSWERS_SCENARIO, ANSWERS_SCENARIO_ON_GPU, ANSWERS_LAYOUTS };

typedef struct answers_key {
    size_t n;
    char text[ANSWERS_KEY];
} answers_key;

typedef enum answers_state {
    ANSWERS_READY,
    ANSWERS_UNKNOWN, /* some name or knob is wrong: refused before the GPU is looked at */
    ANSWERS_REFUSED, /* an impossible combination: refused after it */
    ANSWERS_ODD      /* takes the plain way */
} answers_state;

typedef struct answers_known {
    kern_scenario k;
    const char *older_engine;
    answers_state state;
    err refused;
    const char *why;           /* when refused */
    const kern_record *record; /* as long as its terms */
} answers_known;

/** A layout of a scenario's ladder. Most are never lowered, and of most others the record is not needed. */
typedef struct answers_rung {
    double least; /* [bytes] of one token of one sequence; INFINITY: the model does not allow it; 0: not lowered yet */
    const kern_record *record; /* as long as its terms; NULL: not kept */
} answers_rung;

typedef struct answers_ladder {
    answers_rung *block[ANSWERS_BLOCKS]; /* of ANSWERS_BLOCK rungs */
} answers_ladder;

/** A known scenario on a number of GPUs of a kind. */
typedef struct answers_held {
    const answers_known *of; /* NULL: none yet */
    const kern_gpu *gpu;     /* NULL: none */
    int gpus;
    int enough;        /* as many GPUs as the layout needs */
    double fit, serve; /* capacities [bytes] */
    answers_ladder *ladder;
    /* What was asked last: no rung below this one holds as much or more. */
    double context, batch;
    size_t from;
} answers_held;

/**
 * An inverse question and its answers: about a context (largest batch, cache tokens) or a batch (longest context), on
 * GPUs that lend so many bytes.
 */
typedef struct answers_solved {
    const answers_known *of; /* NULL: none yet */
    double serve, about, answer, tokens;
} answers_solved;

struct sweep_answers {
    const sweep_catalogs *catalogs;
    sweep_column column[SC_COLUMNS]; /* that make a scenario known */
    size_t n;
    sweep_memo memo;
    const answers_known *known; /* of the last row, with its key */
    answers_key known_key;
    const kern_gpu *gpu; /* of the last row that named one, and the name */
    char gpu_name[ANSWERS_NAME];
    /* By slot: what comes later takes the place of what is there. */
    answers_held held[ANSWERS_SOLVED];
    answers_solved by_context[ANSWERS_SOLVED], by_batch[ANSWERS_SOLVED];
    kern_rung rung; /* work space */
    sweep_scenario scenario;
};

/** A copy of a record, as long as its terms; NULL when memory is gone. */
const kern_record *answers_keep(sweep_answers *m, const kern_record *r);

/** The scenario on the GPU of the texts; NULL when there is none such. Good until the next one. */
answers_held *answers_hold(sweep_answers *m, const char *const text[SC_COLUMNS], const answers_known *k);

/** What fits, for s tokens and b sequences; 0 when memory is gone. */
int answers_fit(sweep_answers *m, answers_held *h, double s, double b, sweep_answer *out);

/** Drops what points into the memo. */
void answers_forget(sweep_answers *m);

#endif
