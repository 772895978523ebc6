/*
 * turns.h - threads that work side by side, while what they make goes out in order. Who is early leaves what it made
 * and goes on with the next; who finds nobody putting out puts out all that is ready. Whoever waits sleeps, so a thread
 * more than there are processors costs nothing.
 */
#ifndef SWEEP_TURNS_H
#define SWEEP_TURNS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "common/err.h"

/** Things that a thread has: one that it makes, others that wait or go out. */
enum { SWEEP_TURNS_AHEAD = 3, SWEEP_TURNS_READY = 256 };

typedef struct sweep_turns {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    uint64_t taken, done;           /* turns */
    err failed;                     /* the first failure: nothing goes out after it */
    err (*put)(void *to, void *it); /* one at a time, in order, without the lock */
    void *to;
    int putting;
    void *ready[SWEEP_TURNS_READY]; /* by turn */
} sweep_turns;

#define SWEEP_TURNS(put, to)                                                                                           \
    {                                                                                                                  \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, ERR_OK, put, to, 0, {                               \
            NULL                                                                                                       \
        }                                                                                                              \
    }

/** Everything between lock and unlock is done by one thread at a time. */
void sweep_turns_lock(sweep_turns *t);
void sweep_turns_unlock(sweep_turns *t);

/** Notes a failure that is no thing's own; under the lock. */
void sweep_turns_fail(sweep_turns *t, err e);

/** Leaves what was made for a turn, which stays the caller's. Every turn taken must be handed in. */
void sweep_turns_hand(sweep_turns *t, uint64_t turn, void *it);

/**
 * Which of a thread's things may be made anew, waiting until there is one: the first, as long as nothing else is busy.
 * until: the turn behind that of each, 0: none yet.
 */
size_t sweep_turns_spare(sweep_turns *t, const uint64_t until[SWEEP_TURNS_AHEAD]);

/** Waits until all of them are out. */
void sweep_turns_wait(sweep_turns *t, const uint64_t until[SWEEP_TURNS_AHEAD]);

#endif
