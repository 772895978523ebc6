/*
 * answers_internal.h - what answers.c, answers_gpu.c and answers_halves.c share: scenarios that are known, the
 * halves that their records are joined from, and scenarios held against a GPU.
 */
#ifndef SWEEP_ANSWERS_INTERNAL_H
#define SWEEP_ANSWERS_INTERNAL_H

#include "kernels/reduce/ladder.h"
#include "sweep/answers.h"
#include "sweep/memo.h"

enum { ANSWERS_KEY = 1024, ANSWERS_NAME = 64, ANSWERS_SOLVED = 1 << 12 };

/** What a key of the memo is about: its first byte. */
enum { ANSWERS_SCENARIO, ANSWERS_SCENARIO_ON_GPU, ANSWERS_HALF, ANSWERS_LAYOUTS };

/** Rungs of ladders: their degree doubles up to the largest, or they have this many stages. */
enum { ANSWERS_DOUBLINGS = 17, ANSWERS_STAGES = 64 };

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

/** One half of the records of the layouts that a search for the fewest GPUs tries; NULL: not lowered yet. */
typedef struct answers_layouts {
    const kern_record *one[ANSWERS_DOUBLINGS];     /* by doublings of tp, of dp under ZeRO; no more stages than given */
    const kern_record **stages[ANSWERS_DOUBLINGS]; /* of ANSWERS_STAGES: by stages - 1 */
} answers_layouts;

/** A record: its halves; `weights` NULL: `rest` is all of it; `rest` without phases: refused, NULL: memory is gone. */
typedef struct answers_halves {
    const kern_record *weights, *rest;
} answers_halves;

typedef struct answers_known {
    kern_scenario k;
    const char *older_engine;
    answers_state state;
    err refused;
    const char *why; /* when refused */
    answers_halves of;
    answers_layouts *weights_of, *rest_of; /* halves of other layouts */
} answers_known;

/** A known scenario on a number of GPUs of a kind. */
typedef struct answers_held {
    const answers_known *of; /* NULL: none yet */
    const kern_gpu *gpu;     /* NULL: none */
    int gpus;
    int enough;        /* as many GPUs as the layout needs */
    double fit, serve; /* capacities [bytes] */
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
    kern_record record, joined; /* work space */
    sweep_scenario scenario;
};

/** Lowers a scenario, by halves where that is the same. On failure `why` gets the reason. */
err answers_lower(sweep_answers *m, answers_known *k, char *why);

/** A layout that the ladder of a known scenario has, good until the next one. */
answers_halves answers_rung(sweep_answers *m, const answers_known *k, const kern_layout *at);

/** The halves as one record, good until the next one. */
const kern_record *answers_join(sweep_answers *m, const answers_halves *of);

/** kern_eval_charge of the halves. */
double answers_charge(const answers_halves *of, double b, double s);

/** The scenario on the GPU of the texts; NULL when there is none such. Good until the next one. */
answers_held *answers_hold(sweep_answers *m, const char *const text[SC_COLUMNS], const answers_known *k);

/** What fits of the record, for s tokens and b sequences; 0 when memory is gone. */
int answers_fit(sweep_answers *m, answers_held *h, const kern_record *r, double s, double b, sweep_answer *out);

/** Drops what points into the memo. */
void answers_forget(sweep_answers *m);

#endif
