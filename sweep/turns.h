/*
 * turns.h - threads that work side by side and write one after the other: whoever waits for its turn sleeps, so a
 * thread more than there are processors costs nothing.
 */
#ifndef SWEEP_TURNS_H
#define SWEEP_TURNS_H

#include <pthread.h>
#include <stdint.h>

typedef struct sweep_turns {
    pthread_mutex_t lock;
    pthread_cond_t next;
    uint64_t taken, done;
} sweep_turns;

#define SWEEP_TURNS                                                                                                    \
    { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0 }

/** Everything between lock and unlock is done by one thread at a time. */
void sweep_turns_lock(sweep_turns *t);
void sweep_turns_unlock(sweep_turns *t);

/** The next turn; under the lock. */
uint64_t sweep_turns_take(sweep_turns *t);

/** Waits for a turn and locks; sweep_turns_end lets the next one in. Every turn taken must be waited for. */
void sweep_turns_wait(sweep_turns *t, uint64_t turn);
void sweep_turns_end(sweep_turns *t);

#endif
