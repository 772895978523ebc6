/*
 * stop.c - the thread that waits for signals, and the list of what to undo.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include "common/stop.h"

static const struct timespec GRACE = {0, 100000000};
static const int signals[] = {SIGINT, SIGTERM, SIGHUP};

static pthread_mutex_t holding = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static stop_undo *newest;
static atomic_int asked;
static void (*end_process)(int);

void stop_hold(void) {
    pthread_mutex_lock(&holding);
}

void stop_release(void) {
    pthread_mutex_unlock(&holding);
}

void stop_undo_add(stop_undo *u, void (*act)(void *ctx), void *ctx) {
    *u = (stop_undo){.act = act, .ctx = ctx, .older = newest, .from = &newest};
    if (newest) newest->from = &u->older;
    newest = u;
}

void stop_undo_drop(stop_undo *u) {
    stop_hold();
    if (u->from) {
        *u->from = u->older;
        if (u->older) u->older->from = u->from;
        u->from = NULL;
    }
    stop_release();
}

int stop_asked(void) {
    return asked;
}

int stop_exit_status(int status) {
    return status && asked ? 128 + asked : status;
}

/** The signals, but for a SIGHUP that whoever started us wants ignored (nohup). */
static sigset_t watched(void) {
    sigset_t set;
    struct sigaction now;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        int ignored = sigaction(signals[i], NULL, &now) == 0 && now.sa_handler == SIG_IGN;
        if (signals[i] != SIGHUP || !ignored) sigaddset(&set, signals[i]);
    }
    return set;
}

void stop_block(void) {
    sigset_t set = watched();
    signal(SIGINT, SIG_DFL); /* jobs in the background start with it ignored */
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/** Never lets go of the hold: from then on nothing is made that would have to be undone. */
static void undo_all(void) {
    stop_hold();
    for (; newest; newest = newest->older)
        newest->act(newest->ctx);
}

static void *listen(void *unused) {
    sigset_t set = watched();
    int heard = 0;
    (void)unused;
    do {
        if (sigwait(&set, &heard) == 0) asked = heard;
    } while (!asked || !end_process);
    nanosleep(&GRACE, NULL);
    undo_all();
    end_process(heard);
    return NULL;
}

void stop_listen(void (*end)(int)) {
    pthread_t thread;
    pthread_attr_t small;
    sigset_t set = watched();
    end_process = end;
    atexit(undo_all); /* a library that gives up calls exit: without memory libgomp does */
    int bad = pthread_attr_init(&small);
    if (!bad) {
        pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
        bad = pthread_create(&thread, &small, listen, NULL);
        pthread_attr_destroy(&small);
    }
    if (bad) pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}
