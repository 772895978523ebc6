/*
 * rows.c - a report of rows as a file: whole, or the share of a shard. One process writes as the rows come; ranks
 * write into one file together (rows_ranks.c).
 */
#include <string.h>

#include "report/pack.h"
#include "sweep/combos.h"
#include "sweep/ranks.h"
#include "sweep/rows_internal.h"

/** Groups between two looks at whether to go on: an ordered loop cannot be left early. */
enum { SPAN = 1024 };

/** One process: everything in its order. */
typedef struct stream {
    sweep_rows_out out;
    report_file *file;
    uint64_t at, end;
} stream;

static int stream_next(sweep_rows_out *out, err so_far, uint64_t *from, uint64_t *to) {
    stream *s = (stream *)out;
    if (so_far != ERR_OK || sweep_progress_stopped() || s->at == s->end) return 0;
    *from = s->at;
    *to = s->end - s->at > SPAN ? s->at + SPAN : s->end;
    s->at = *to;
    return 1;
}

static err stream_put(sweep_rows_out *out, const char *bytes, size_t n) {
    return report_file_write(((stream *)out)->file, bytes, n);
}

err sweep_combos_write(sweep_run *run, const sweep_combo_work *work, const char *path, uint64_t from, uint64_t to,
                       report_file *out, int *bad) {
    stream s = {{stream_next, stream_put}, out, from, to};
    return sweep_combos_walk(run, work, path, &s.out, to - from, bad);
}

err rows_header(sweep_run *run, const rows_job *j, err (*put)(void *to, const char *bytes, size_t n), void *to) {
    report_packer *p = report_packer_new(j->path);
    const char *bytes;
    size_t n;
    err e = p ? report_packer_pack(p, j->header, strlen(j->header), &bytes, &n) : ERR_MEMORY;
    if (e == ERR_OK && j->with_header) e = put(to, bytes, n);
    report_packer_free(p);
    return e == ERR_MEMORY ? sweep_run_no_memory(run) : e;
}

static err put_in_file(void *file, const char *bytes, size_t n) {
    return report_file_write(file, bytes, n);
}

static err write_alone(sweep_run *run, const rows_job *j) {
    report_file *f;
    int bad = 0;
    TRY(report_file_open_packed(&f, j->path, &run->ctx->faults));
    err e = rows_header(run, j, put_in_file, f);
    if (e == ERR_OK) e = sweep_combos_write(run, j->work, j->path, j->from, j->to, f, &bad);
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
                  .with_header = k == 0};
    run->n_files++;
    if (sweep_ranks_n() > 1) return rows_by_ranks(run, &j);
    return j.path ? write_alone(run, &j) : sweep_run_no_memory(run);
}
