/*
 * rows_ranks.c - ranks write one report together, in rounds: each makes a span of the groups into memory, all tell each
 * other how many bytes that is, and each writes its bytes behind those of the ranks before, while it already makes the
 * next span. The file is rank 0's: a temporary one beside the target, renamed when every rank has written everything.
 */
#include <string.h>
#include <time.h>

#include "sweep/ranks.h"
#include "sweep/rows_internal.h"

/** A round should take long enough to be worth the exchange, and end soon enough to share the work evenly and to find
 * its text in the cache. */
static const double SHORT_SECONDS = 0.01, LONG_SECONDS = 0.05;
enum { SHORT_BYTES = 4 << 20, LONG_BYTES = 16 << 20, PATH_BYTES = 4096, THREAD_GROUPS = 2 };

/** What a rank tells the others after each round. */
typedef struct note {
    uint64_t bytes, least; /* least: groups of a span that keep its threads busy */
    double seconds;
    int stop;
} note;

typedef struct round_writer {
    sweep_rows_out out;
    sweep_run *run;
    sweep_ranks_file *file;
    report_csv_text text[2]; /* one is filled while the other is written */
    int filling;
    note *all;         /* (ranks) */
    uint64_t at, end;  /* groups, for all ranks */
    uint64_t span;     /* groups of one rank in a round */
    uint64_t position; /* in the file */
    double begun;
    err failed;
} round_writer;

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static err append(void *text, const char *bytes, size_t n) {
    report_csv_text *t = text;
    char *room = report_csv_room(t, n);
    if (!room) return ERR_MEMORY;
    memcpy(room, bytes, n);
    t->n += n;
    return ERR_OK;
}

static err put(void *to, const char *bytes, size_t n) {
    round_writer *w = to;
    return append(&w->text[w->filling], bytes, n);
}

/** The exchange: who made how much, whether to go on. Every rank comes to the same verdict. */
static int exchange(round_writer *w, err so_far, note *sum) {
    unsigned n = sweep_ranks_n();
    note mine = {.bytes = w->text[w->filling].n,
                 .least = (uint64_t)sweep_combos_threads(w->run) * THREAD_GROUPS,
                 .seconds = seconds() - w->begun,
                 .stop = so_far != ERR_OK || w->failed != ERR_OK || sweep_progress_stopped()};
    err heard = sweep_ranks_gather(&mine, sizeof mine, w->all);
    if (w->failed == ERR_OK) w->failed = heard;
    if (heard != ERR_OK) return 0;
    *sum = (note){.bytes = 0};
    for (unsigned i = 0; i < n; i++) {
        const note *x = &w->all[i];
        sum->stop |= x->stop;
        if (x->least > sum->least) sum->least = x->least;
        if (x->bytes > sum->bytes) sum->bytes = x->bytes;
        if (x->seconds > sum->seconds) sum->seconds = x->seconds;
    }
    return !sum->stop;
}

/** Starts writing what was made, behind the ranks before. A failure is told with the next exchange, or at the end. */
static void write_round(round_writer *w) {
    uint64_t before = w->position;
    for (unsigned i = 0; i < sweep_ranks_n(); i++) {
        if (i < sweep_ranks_me()) before += w->all[i].bytes;
        w->position += w->all[i].bytes;
    }
    const report_csv_text *t = &w->text[w->filling];
    w->failed = sweep_ranks_file_write(w->file, before, t->text, t->n, &w->run->ctx->faults);
    w->filling = !w->filling;
    w->text[w->filling].n = 0;
}

/** Groups for the next round, by how the last one went. */
static void adapt(round_writer *w, const note *last) {
    uint64_t left = w->end - w->at, n = sweep_ranks_n();
    int brief = last->seconds < SHORT_SECONDS && last->bytes < SHORT_BYTES;
    if (last->seconds > LONG_SECONDS || last->bytes > LONG_BYTES) w->span /= 2;
    if (brief && w->span < left) w->span *= 2;
    if (w->span < last->least) w->span = last->least;
    if (w->span > (left + n - 1) / n) w->span = (left + n - 1) / n;
}

static int next(sweep_rows_out *out, err so_far, uint64_t *from, uint64_t *to) {
    round_writer *w = (round_writer *)out;
    note last;
    if (!exchange(w, so_far, &last)) return 0;
    write_round(w);
    if (w->at == w->end) return 0;
    adapt(w, &last);
    uint64_t mine = w->at + w->span * sweep_ranks_me(), all = w->span * sweep_ranks_n();
    *from = mine < w->end ? mine : w->end;
    *to = w->end - *from < w->span ? w->end : *from + w->span;
    w->at = w->end - w->at < all ? w->end : w->at + all;
    w->begun = seconds();
    return 1;
}

static err make_rows(round_writer *w, const rows_job *j) {
    int bad = 0;
    w->all = arena_alloc(&w->run->ctx->mem, sweep_ranks_n(), sizeof *w->all);
    if (!w->all) return sweep_run_no_memory(w->run);
    if (sweep_ranks_me() == 0) TRY(rows_header(w->run, j, append, &w->text[0]));
    err e = sweep_combos_walk(w->run, j->work, j->path, &w->out, (j->to - j->from) / sweep_ranks_n(), &bad);
    return e == ERR_OK ? w->failed : e;
}

/** Rank 0 makes the file; the others learn its name. */
static err open_file(sweep_run *run, const rows_job *j, report_file **target, sweep_ranks_file **file) {
    char path[PATH_BYTES] = "";
    const char *temporary = NULL;
    err e = j->path ? ERR_OK : sweep_run_no_memory(run);
    if (e == ERR_OK && sweep_ranks_me() == 0) {
        e = report_file_reserve(target, j->path, &temporary, &run->ctx->faults);
        if (e == ERR_OK && snprintf(path, sizeof path, "%s", temporary) >= PATH_BYTES) e = ERR_LIMIT;
    }
    TRY(sweep_ranks_agree(e, &run->ctx->faults));
    TRY(sweep_ranks_tell(path, sizeof path));
    return sweep_ranks_agree(sweep_ranks_file_open(file, path, j->path, &run->ctx->faults), &run->ctx->faults);
}

err rows_by_ranks(sweep_run *run, const rows_job *j) {
    report_file *target = NULL;
    round_writer w = {.out = {next, {.put = put, .to = &w}}, .run = run, .at = j->from, .end = j->to, .span = 1};
    err e = open_file(run, j, &target, &w.file);
    if (e == ERR_OK) {
        e = make_rows(&w, j);
        err closed = sweep_ranks_file_close(w.file, e == ERR_OK, &run->ctx->faults);
        if (e == ERR_OK) e = closed;
        e = sweep_ranks_agree(e, &run->ctx->faults);
    }
    report_csv_text_free(&w.text[0]);
    report_csv_text_free(&w.text[1]);
    if (!target) return e;
    if (e == ERR_OK) return report_file_commit(target, &run->ctx->faults);
    report_file_abort(target);
    return e;
}
