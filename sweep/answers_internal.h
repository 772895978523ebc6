/*
 * answers_internal.h - what answers.c and answers_gpu.c share: scenarios that are known, and the same held against a
 * GPU.
 */
#ifndef SWEEP_ANSWERS_INTERNAL_H
#define SWEEP_ANSWERS_INTERNAL_H

#include "kernels/reduce/ladder.h"
#include "sweep/answers.h"
#include "sweep/memo.h"

enum { ANSWERS_KEY = 1024, ANSWERS_SOLVED = 1 << 12, ANSWERS_RUNGS = 128 };

/** What a key of the memo is about: its first byte. */
enum { ANSWERS_SCENARIO, ANSWERS_GPU, ANSWERS_LAYOUTS };

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

/** A layout of a scenario's ladder. */
typedef struct answers_rung {
    int gpus;
    const kern_record *record; /* as long as its terms; NULL: the model does not allow the layout */
} answers_rung;

typedef struct answers_ladder {
    size_t n;  /* rungs known */
    int whole; /* there are no others */
    answers_rung rung[ANSWERS_RUNGS];
} answers_ladder;

/** A known scenario on a number of GPUs of a kind. */
typedef struct answers_held {
    const answers_known *of;
    const kern_gpu *gpu; /* NULL: none */
    int enough;          /* as many GPUs as the layout needs */
    double fit, serve;   /* capacities [bytes] */
    answers_ladder *ladder;
    /* What was asked last: no rung below this one holds as much or more. */
    double context, batch;
    size_t from;
} answers_held;

/** An inverse question and its answers: about a context (largest batch, cache tokens) or a batch (longest context). */
typedef struct answers_solved {
    const answers_held *of; /* NULL: none yet */
    double about, answer, tokens;
} answers_solved;

struct sweep_answers {
    const sweep_catalogs *catalogs;
    sweep_column column[SC_COLUMNS]; /* that make a scenario known */
    size_t n;
    sweep_memo memo;
    const answers_known *known; /* of the last row, with its key */
    answers_key known_key;
    answers_held *held;
    answers_key held_key;
    answers_solved by_context[ANSWERS_SOLVED], by_batch[ANSWERS_SOLVED];
    kern_rung rung; /* work space */
    sweep_scenario scenario;
};

/** A copy of a record, as long as its terms; NULL when memory is gone. */
const kern_record *answers_keep(sweep_answers *m, const kern_record *r);

/** Holds a scenario against the GPU of the texts; 0 when there is none such. */
int answers_hold(sweep_answers *m, const char *const text[SC_COLUMNS], const answers_known *k, answers_held *out);

/** What fits, for s tokens and b sequences; 0 when memory is gone. */
int answers_fit(sweep_answers *m, answers_held *h, double s, double b, sweep_answer *out);

/** Drops what points into the memo. */
void answers_forget(sweep_answers *m);

#endif
