/*
 * progress.c - the bar.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/stop.h"
#include "sweep/progress.h"
#include "sweep/ranks.h"

enum { BAR_CELLS = 30 };

/* Somebody who looks at the bar sees what happened 0.2 s ago at most: drawn when half of that is over. */
static const double DRAW_EVERY_SECONDS = 0.1, AUTO_AFTER_SECONDS = 1.0;

struct sweep_progress {
    int always, drawn;
    const char *label;
    uint64_t total;
    atomic_uint_fast64_t done;
    atomic_flag drawing;
    double start, last;
};

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int sweep_progress_stopped(void) {
    return stop_asked() != 0;
}

void sweep_progress_keep_pipes(void) {
    signal(SIGPIPE, SIG_IGN);
}

sweep_progress *sweep_progress_new(const sweep_options *o) {
    int terminal = isatty(STDERR_FILENO);
    if (sweep_ranks_me() || o->quiet || o->progress == SWEEP_PROGRESS_NEVER) return NULL;
    if (o->progress == SWEEP_PROGRESS_AUTO && !terminal) return NULL;
    sweep_progress *p = calloc(1, sizeof *p);
    if (p) p->always = o->progress == SWEEP_PROGRESS_ALWAYS;
    return p;
}

void sweep_progress_free(sweep_progress *p) {
    free(p);
}

void sweep_progress_begin(sweep_progress *p, const char *label, uint64_t total) {
    if (!p) return;
    p->label = label;
    p->total = total ? total : 1;
    p->done = 0;
    p->drawn = 0;
    p->start = seconds();
    p->last = 0;
}

static void draw(sweep_progress *p, double now) {
    char bar[BAR_CELLS + 1];
    double share = (double)p->done / (double)p->total, spent = now - p->start;
    int full = (int)(share * BAR_CELLS);
    memset(bar, '-', BAR_CELLS);
    memset(bar, '#', (size_t)(full < BAR_CELLS ? full : BAR_CELLS));
    bar[BAR_CELLS] = 0;
    fprintf(stderr, "\r%s [%s] %3.0f %%  %.0f s left \033[K", p->label, bar, 100 * share,
            share > 0 ? spent / share - spent : 0);
    fflush(stderr);
    p->drawn = 1;
}

void sweep_progress_add(sweep_progress *p, uint64_t units) {
    if (!p) return;
    atomic_fetch_add(&p->done, units);
    if (atomic_flag_test_and_set(&p->drawing)) return;
    double now = seconds();
    if (now - p->last >= DRAW_EVERY_SECONDS && (p->always || now - p->start >= AUTO_AFTER_SECONDS)) {
        p->last = now;
        draw(p, now);
    }
    atomic_flag_clear(&p->drawing);
}

void sweep_progress_end(sweep_progress *p) {
    if (!p || !p->drawn) return;
    fprintf(stderr, "\r\033[K");
    fflush(stderr);
}
