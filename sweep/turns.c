/*
 * turns.c - tickets over a mutex and a condition.
 */
#include "sweep/turns.h"

void sweep_turns_lock(sweep_turns *t) {
    pthread_mutex_lock(&t->lock);
}

void sweep_turns_unlock(sweep_turns *t) {
    pthread_mutex_unlock(&t->lock);
}

uint64_t sweep_turns_take(sweep_turns *t) {
    return t->taken++;
}

void sweep_turns_wait(sweep_turns *t, uint64_t turn) {
    pthread_mutex_lock(&t->lock);
    while (t->done != turn)
        pthread_cond_wait(&t->next, &t->lock);
}

void sweep_turns_end(sweep_turns *t) {
    t->done++;
    pthread_cond_broadcast(&t->next);
    pthread_mutex_unlock(&t->lock);
}
