/*
 * rows.c - a report of rows as a file: whole, or the share of a shard. One process writes as the rows come; ranks
 * write into one file together (rows_ranks.c).
 */
#include <string.h>

#include "sweep/combos.h"
#include "sweep/ranks.h"
#include "sweep/rows_internal.h"

/** One process: everything in one go. */
typedef struct stream {
    sweep_rows_out out;
    uint64_t from, to;
    int begun;
} stream;

static int stream_next(sweep_rows_out *out, err so_far, uint64_t *from, uint64_t *to) {
    stream *s = (stream *)out;
    (void)so_far;
    *from = s->from;
    *to = s->to;
    return !s->begun++;
}

err sweep_combos_each(sweep_run *run, const sweep_combo_work *work, const char *path, uint64_t from, uint64_t to,
                      sweep_sink sink, int *bad) {
    stream s = {.out = {stream_next, sink}, .from = from, .to = to};
    return sweep_combos_walk(run, work, path, &s.out, to - from, bad);
}

err rows_header(sweep_run *run, const rows_job *j, sweep_put put, void *to) {
    report_piece piece = {0};
    err e = j->with_header ? report_pack(j->path, j->header, strlen(j->header), &piece) : ERR_OK;
    if (e == ERR_OK && piece.n) e = put(to, piece.bytes, piece.n);
    report_piece_free(&piece);
    return e == ERR_MEMORY ? sweep_run_no_memory(run) : e;
}

static err put_in_file(void *file, const char *bytes, size_t n) {
    return report_file_put(file, &(report_piece){.bytes = bytes, .n = n});
}

static err write_alone(sweep_run *run, const rows_job *j) {
    report_file *f;
    int bad = 0;
    /* A share that holds nothing is no bytes at all, so that the shares make up the file. */
    err (*open)(report_file **, const char *, diags *) = j->is_share ? report_file_open_packed : report_file_open;
    TRY(open(&f, j->path, &run->ctx->faults));
    err e = rows_header(run, j, put_in_file, f);
    sweep_sink sink = {put_in_file, f, j->with_header ? strlen(j->header) : 0, report_file_is_new(f)};
    if (e == ERR_OK) e = sweep_combos_each(run, j->work, j->path, j->from, j->to, sink, &bad);
    if (e == ERR_INTERRUPTED || e == ERR_MEMORY) {
        report_file_abort(f);
        return e;
    }
    return report_file_commit(f, &run->ctx->faults);
}

/** First group of share k of n. */
static uint64_t share_begin(uint64_t groups, uint64_t k, uint64_t n) {
    return groups / n * k + groups % n * k / n;
}

err sweep_run_rows(sweep_run *run, const sweep_report *r, const sweep_combo_work *work, const char *header) {
    const sweep_options *o = run->ctx->options;
    uint64_t groups = sweep_combos_groups(work), n = o->shards ? o->shards : 1, k = o->shards ? o->shard - 1 : 0;
    rows_job j = {.path = sweep_run_path(run, r->target, ""),
                  .header = header,
                  .work = work,
                  .from = share_begin(groups, k, n),
                  .to = share_begin(groups, k + 1, n),
                  .with_header = k == 0,
                  .is_share = n > 1};
    run->n_files++;
    if (sweep_ranks_n() > 1) return rows_by_ranks(run, &j);
    return j.path ? write_alone(run, &j) : sweep_run_no_memory(run);
}
