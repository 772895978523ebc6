/*
 * turns.c - tickets over a mutex and a condition, and a ring of what is ready to go out.
 */
#include "sweep/turns.h"

void sweep_turns_lock(sweep_turns *t) {
    pthread_mutex_lock(&t->lock);
}

void sweep_turns_unlock(sweep_turns *t) {
    pthread_mutex_unlock(&t->lock);
}

void sweep_turns_fail(sweep_turns *t, err e) {
    if (t->failed == ERR_OK) t->failed = e;
}

/** Puts out whatever is next for as long as it is ready. */
static void put_ready(sweep_turns *t) {
    void **slot;
    t->putting = 1;
    while (*(slot = &t->ready[t->done % SWEEP_TURNS_READY])) {
        err e = t->failed;
        if (e == ERR_OK) {
            pthread_mutex_unlock(&t->lock);
            e = t->put(t->to, *slot);
            pthread_mutex_lock(&t->lock);
        }
        sweep_turns_fail(t, e);
        *slot = NULL;
        t->done++;
        pthread_cond_broadcast(&t->moved);
    }
    t->putting = 0;
}

void sweep_turns_hand(sweep_turns *t, uint64_t turn, void *it) {
    pthread_mutex_lock(&t->lock);
    while (turn - t->done >= SWEEP_TURNS_READY)
        pthread_cond_wait(&t->moved, &t->lock);
    t->ready[turn % SWEEP_TURNS_READY] = it;
    if (!t->putting) put_ready(t);
    pthread_mutex_unlock(&t->lock);
}

size_t sweep_turns_spare(sweep_turns *t, const uint64_t until[SWEEP_TURNS_AHEAD]) {
    size_t i = 0;
    pthread_mutex_lock(&t->lock);
    while (until[i] > t->done) {
        i = (i + 1) % SWEEP_TURNS_AHEAD;
        if (i == 0) pthread_cond_wait(&t->moved, &t->lock);
    }
    pthread_mutex_unlock(&t->lock);
    return i;
}

void sweep_turns_wait(sweep_turns *t, const uint64_t until[SWEEP_TURNS_AHEAD]) {
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < SWEEP_TURNS_AHEAD; i++) {
        while (until[i] > t->done)
            pthread_cond_wait(&t->moved, &t->lock);
    }
    pthread_mutex_unlock(&t->lock);
}
