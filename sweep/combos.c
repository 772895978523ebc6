/*
 * combos.c - ordered parallel output: a thread takes the next group of parts and formats it into a buffer of its own,
 * which goes out when its turn comes. The bytes do not depend on the number of threads.
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

/** Appends parts [from, to) to text. Returns 0 when some row is not ok. */
static int format_parts(const sweep_combo_work *w, uint64_t from, uint64_t to, position *at, sweep_tile *t,
                        report_csv_text *text) {
    int ok = 1;
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
    uint64_t made, bytes;     /* the next number and its place, when all that are made come before it */
    int more;
    int bad; /* some row was not ok */
} walk;

/** A group on its way out. */
typedef struct group {
    report_csv_text text;
    size_t front; /* bytes of it that are not part of the file */
    report_piece piece;
    int ok;
    err made;
} group;

/** A text that lies in memory as it will in the file, modulo this, is copied to the page cache a third faster. */
enum { ALIKE = 32 };

/**
 * Empties a text but for some bytes in front that are not part of it, ALIKE or more, so that what follows lies as it
 * will in the file. Returns how many; the text tells when memory is gone.
 */
static size_t begin_text(report_csv_text *t, uint64_t begins) {
    t->n = 0;
    if (report_csv_room(t, 2 * ALIKE)) t->n = ALIKE + (begins - (uintptr_t)t->text) % ALIKE;
    return t->n;
}

/** What a thread has of its own. */
typedef struct worker {
    sweep_tile *tile;
    position at;
    uint64_t until[SWEEP_TURNS_AHEAD]; /* turns of its groups */
    group group[SWEEP_TURNS_AHEAD];
} worker;

/**
 * The next group of the span; 0 when there is none, or no reason to go on. *begins: where it will in the file, when all
 * groups before it are made, else any place.
 */
static int take_group(walk *s, uint64_t *number, uint64_t *begins) {
    int stopped = sweep_progress_stopped();
    sweep_turns_lock(&s->turns);
    int more = !stopped && s->turns.failed == ERR_OK && s->turns.taken < s->to;
    if (more) *number = s->turns.taken++;
    *begins = s->bytes;
    sweep_turns_unlock(&s->turns);
    return more;
}

/**
 * One more is made. Where it begins is mostly known by now: if that is elsewhere than was thought, its text moves,
 * which the others need not wait for as they do for a slow write.
 */
static void note_made(walk *s, uint64_t number, group *g) {
    sweep_turns_lock(&s->turns);
    int known = s->made++ == number;
    uint64_t begins = s->bytes;
    s->bytes += g->piece.n;
    sweep_turns_unlock(&s->turns);
    size_t off = ((uintptr_t)g->piece.bytes - begins) % ALIKE;
    if (!s->out->sink.copies || !known || !off || g->made != ERR_OK || g->piece.memory) return;
    g->piece.bytes = memmove(g->text.text + g->front - off, g->piece.bytes, g->piece.n);
}

static err make_group(const walk *s, uint64_t number, uint64_t begins, worker *w, group *g) {
    uint64_t from = number * s->work->at_once;
    uint64_t to = from + s->work->at_once < s->units ? from + s->work->at_once : s->units;
    g->ok = 1;
    if (!w->tile) return ERR_MEMORY;
    g->front = begin_text(&g->text, begins);
    g->ok = format_parts(s->work, from, to, &w->at, w->tile, &g->text);
    return g->text.failed ? ERR_MEMORY : report_pack(s->path, g->text.text + g->front, g->text.n - g->front, &g->piece);
}

static err put_group(void *to, void *it) {
    walk *s = to;
    const group *g = it;
    s->bad |= !g->ok;
    sweep_progress_add(s->run->progress, 1);
    return g->made == ERR_OK && g->piece.n ? s->out->sink.put(s->out->sink.to, g->piece.bytes, g->piece.n) : g->made;
}

/** The groups of a span: a buffer is used again when what it held is out. */
static void work_span(walk *s, worker *w) {
    for (uint64_t number, begins; take_group(s, &number, &begins);) {
        size_t i = sweep_turns_spare(&s->turns, w->until);
        w->until[i] = number + 1;
        w->group[i].made = make_group(s, number, begins, w, &w->group[i]);
        note_made(s, number, &w->group[i]);
        sweep_turns_hand(&s->turns, number, &w->group[i]);
    }
    sweep_turns_wait(&s->turns, w->until);
}

static void next_span(walk *s) {
    s->more = s->out->next(s->out, s->turns.failed, &s->from, &s->to);
    s->turns.taken = s->turns.done = s->made = s->from;
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
    for (size_t i = 0; i < SWEEP_TURNS_AHEAD; i++) {
        report_csv_text_free(&w.group[i].text);
        report_piece_free(&w.group[i].piece);
    }
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
        text.n = 0;
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
    walk s = {.run = run,
              .work = work,
              .out = out,
              .path = path,
              .turns = SWEEP_TURNS(put_group, &s),
              .bytes = out->sink.before};
    s.units = sweep_combos_count(work->pick) * work->parts;
    sweep_progress_begin(run->progress, work->label, groups);
#pragma omp parallel num_threads(sweep_combos_threads(run))
    work_spans(&s);
    sweep_progress_end(run->progress);
    *bad = s.bad;
    if (s.turns.failed == ERR_MEMORY) return sweep_run_no_memory(run);
    return sweep_progress_stopped() ? ERR_INTERRUPTED : s.turns.failed;
}
