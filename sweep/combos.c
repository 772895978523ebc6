/*
 * combos.c - ordered parallel output: a thread takes the next group of parts, formats it into its own buffer, waits for
 * its turn, writes. The bytes do not depend on the number of threads.
 */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "sweep/combos.h"

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

static err write_text(const report_csv_text *text, report_file *out) {
    if (text->failed) return ERR_MEMORY;
    return text->n ? report_file_write(out, text->text, text->n) : ERR_OK;
}

/** What the threads share. */
typedef struct outcome {
    err failed;
    int bad, stop;
} outcome;

/** Groups between two looks at whether to go on: an ordered loop cannot be left early. */
enum { SPAN = 1024 };

static void work_groups(sweep_run *run, const sweep_combo_work *w, report_file *out, uint64_t units, outcome *shared) {
    sweep_tile *t = sweep_tile_new(w->pick);
    report_csv_text text = {0};
    position at = {.combo = UINT64_MAX};
    uint64_t groups = (units + w->at_once - 1) / w->at_once;
    for (uint64_t start = 0; start < groups && !shared->stop; start += SPAN) {
        uint64_t end = start + SPAN < groups ? start + SPAN : groups;
#pragma omp for ordered schedule(dynamic, 1)
        for (uint64_t g = start; g < end; g++) {
            uint64_t from = g * w->at_once, to = from + w->at_once < units ? from + w->at_once : units;
            int ok = 1, idle = sweep_progress_stopped() || !t;
            if (!idle) ok = format_parts(w, from, to, &at, t, &text);
#pragma omp ordered
            {
                err e = t ? ERR_OK : ERR_MEMORY;
                if (!idle && shared->failed == ERR_OK) e = write_text(&text, out);
                if (shared->failed == ERR_OK) shared->failed = e;
                shared->bad |= !ok;
            }
            sweep_progress_add(run->progress, to - from);
        }
#pragma omp single
        shared->stop = sweep_progress_stopped() || shared->failed != ERR_OK;
    }
    report_csv_text_free(&text);
    sweep_tile_free(t);
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

err sweep_combos_write(sweep_run *run, const sweep_combo_work *work, report_file *out, int *bad) {
    outcome shared = {ERR_OK, 0, 0};
    uint64_t units = sweep_combos_count(work->pick) * work->parts;
    int threads = run->ctx->options->threads ? run->ctx->options->threads : omp_get_num_procs();
    sweep_progress_begin(run->progress, work->label, units);
#pragma omp parallel num_threads(threads)
    work_groups(run, work, out, units, &shared);
    sweep_progress_end(run->progress);
    *bad = shared.bad;
    if (shared.failed == ERR_MEMORY) return sweep_run_no_memory(run);
    return sweep_progress_stopped() ? ERR_INTERRUPTED : shared.failed;
}

err sweep_run_rows(sweep_run *run, const sweep_report *r, const sweep_combo_work *work, const char *header) {
    report_file *f;
    int bad = 0;
    const char *path = sweep_run_path(run, r->target, "");
    if (!path) return sweep_run_no_memory(run);
    TRY(report_file_open(&f, path, &run->ctx->faults));
    err e = report_file_text(f, header);
    if (e == ERR_OK) e = sweep_combos_write(run, work, f, &bad);
    if (e == ERR_INTERRUPTED || e == ERR_MEMORY) {
        report_file_abort(f);
        return e;
    }
    run->n_files++;
    return report_file_commit(f, &run->ctx->faults);
}
