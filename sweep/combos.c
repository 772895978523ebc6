/*
 * combos.c - ordered parallel output: a thread takes the next group of parts, formats it into its own buffer, waits for
 * its turn, puts it out. The bytes do not depend on the number of threads.
 */
#include <math.h>
#include <omp.h>
#include <string.h>
#include <unistd.h>

#include "sweep/combos.h"
#include "sweep/ranks.h"
#include "sweep/turns.h"

uint64_t sweep_combos_count(const sweep_pick *k) {
    uint64_t n = 1;
    for (unsigned a = 0; a < SWEEP_CATEGORIES; a++)
        n *= k->n[a];
    return n;
}

/** Combination i of the pick; 0 when a skip rule drops it. */
static int decode(const sweep_pick *k, uint64_t i, sweep_combo *out) {
    size_t at[SWEEP_CATEGORIES];
    for (unsigned a = SWEEP_CATEGORIES; a-- > 0; i /= k->n[a])
        at[a] = i % k->n[a];
    return sweep_pick_combination(k, at, out);
}

/** The combination a thread is at, and whether its tile holds the record. */
typedef struct position {
    uint64_t combo;
    int kept, refused;
    sweep_combo c;
    char why[DIAG_TEXT];
} position;

static void move_to(position *at, uint64_t combo, const sweep_pick *k, sweep_tile *t) {
    if (at->combo == combo) return;
    at->combo = combo;
    at->kept = decode(k, combo, &at->c);
    at->refused = at->kept && sweep_tile_lower(t, k, &at->c.sc, at->why) != ERR_OK;
}

/** Formats parts [from, to) into text. Returns 0 when some row is not ok. */
static int format_parts(const sweep_combo_work *w, uint64_t from, uint64_t to, position *at, sweep_tile *t,
                        report_csv_text *text) {
    int ok = 1;
    text->n = 0;
    for (uint64_t u = from; u < to; u++) {
        move_to(at, u / w->parts, w->pick, t);
        if (at->kept) ok &= w->job(w->ctx, &at->c, u % w->parts, t, at->refused ? at->why : NULL, text);
    }
    return ok;
}

/** What the threads share. */
typedef struct walk {
    sweep_run *run;
    const sweep_combo_work *work;
    sweep_rows_out *out;
    const char *path;
    sweep_turns turns;        /* by group */
    uint64_t units, from, to; /* groups of this span */
    int more;
    err failed;
    int bad;
} walk;

/** What a thread has of its own. */
typedef struct worker {
    sweep_tile *tile;
    report_csv_text text;
    report_piece piece;
    position at;
} worker;

/** The next group of the span; 0 when there is none, or no reason to go on. */
static int take_group(walk *s, uint64_t *group) {
    int stopped = sweep_progress_stopped();
    sweep_turns_lock(&s->turns);
    int more = !stopped && s->failed == ERR_OK && s->turns.taken < s->to;
    if (more) *group = sweep_turns_take(&s->turns);
    sweep_turns_unlock(&s->turns);
    return more;
}

/** Formats and packs a group; *ok becomes 0 when some row is not ok. */
static err make_group(const walk *s, uint64_t g, worker *w, int *ok) {
    uint64_t from = g * s->work->at_once, to = from + s->work->at_once < s->units ? from + s->work->at_once : s->units;
    if (!w->tile) return ERR_MEMORY;
    *ok = format_parts(s->work, from, to, &w->at, w->tile, &w->text);
    return w->text.failed ? ERR_MEMORY : report_pack(s->path, w->text.text, w->text.n, &w->piece);
}

/** The groups of a span: made by any thread, put when their turn comes. */
static void work_span(walk *s, worker *w) {
    for (uint64_t g; take_group(s, &g);) {
        int ok = 1;
        err e = make_group(s, g, w, &ok);
        sweep_turns_wait(&s->turns, g);
        if (e == ERR_OK && s->failed == ERR_OK && w->piece.n) e = s->out->put(s->out->to, w->piece.bytes, w->piece.n);
        if (s->failed == ERR_OK) s->failed = e;
        s->bad |= !ok;
        sweep_turns_end(&s->turns);
        sweep_progress_add(s->run->progress, 1);
    }
}

static void next_span(walk *s) {
    s->more = s->out->next(s->out, s->failed, &s->from, &s->to);
    s->turns.taken = s->turns.done = s->from;
}

static void work_spans(walk *s) {
    worker w = {.tile = sweep_tile_new(s->work->pick), .at = {.combo = UINT64_MAX}};
    for (;;) {
#pragma omp master
        next_span(s);
#pragma omp barrier
        if (!s->more) break;
        work_span(s, &w);
#pragma omp barrier
    }
    report_csv_text_free(&w.text);
    report_piece_free(&w.piece);
    sweep_tile_free(w.tile);
}

/** A part with more cells than this takes too long for a sample. */
enum { SAMPLES = 16, SAMPLE_CELLS = 1 << 17 };

err sweep_combos_bytes(sweep_run *run, const sweep_combo_work *work, double *bytes) {
    uint64_t units = sweep_combos_count(work->pick) * work->parts, n = units < SAMPLES ? units : SAMPLES;
    sweep_tile *t = sweep_tile_new(work->pick);
    report_csv_text text = {0};
    position at = {.combo = UINT64_MAX};
    int failed = !t;
    *bytes = work->cells / work->parts > SAMPLE_CELLS ? NAN : 0;
    if (isnan(*bytes)) n = 0;
    for (uint64_t i = 0; i < n && !failed; i++) {
        uint64_t unit = units / n * i + units % n * i / n;
        format_parts(work, unit, unit + 1, &at, t, &text);
        *bytes += (double)text.n / (double)n * (double)units;
        failed = text.failed;
    }
    report_csv_text_free(&text);
    sweep_tile_free(t);
    return failed ? sweep_run_no_memory(run) : ERR_OK;
}

uint64_t sweep_combos_groups(const sweep_combo_work *work) {
    return (sweep_combos_count(work->pick) * work->parts + work->at_once - 1) / work->at_once;
}

int sweep_combos_threads(const sweep_run *run) {
    int mine = omp_get_num_procs();
    long all = sysconf(_SC_NPROCESSORS_ONLN) / (long)sweep_ranks_beside();
    if (run->ctx->options->threads) return run->ctx->options->threads;
    return all < 1 ? 1 : all < mine ? (int)all : mine;
}

err sweep_combos_walk(sweep_run *run, const sweep_combo_work *work, const char *path, sweep_rows_out *out,
                      uint64_t groups, int *bad) {
    walk s = {.run = run, .work = work, .out = out, .path = path, .turns = SWEEP_TURNS};
    s.units = sweep_combos_count(work->pick) * work->parts;
    sweep_progress_begin(run->progress, work->label, groups);
#pragma omp parallel num_threads(sweep_combos_threads(run))
    work_spans(&s);
    sweep_progress_end(run->progress);
    *bad = s.bad;
    if (s.failed == ERR_MEMORY) return sweep_run_no_memory(run);
    return sweep_progress_stopped() ? ERR_INTERRUPTED : s.failed;
}
