/*
 * cmd_merge.c - `merge DIR...`: the shards of one run, in any folders, put together. Everything is checked before a
 * byte is written; files are made aside and moved to their places when all of them are whole.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "report/file.h"
#include "sweep/command.h"
#include "sweep/progress.h"
#include "sweep/shard.h"

enum { COPY_BYTES = 1 << 20, NAMED_MAX = 8 };

typedef struct merger {
    sweep_ctx *ctx;
    sweep_shard *shard; /* as found; after check in their order, one of each */
    size_t n, cap;
    const char *out, *aside;
    char *buffer;
} merger;

static err no_memory(merger *m) {
    return diag_add(&m->ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

static err add_shard(merger *m, const char *dir) {
    if (m->n > SWEEP_SHARDS_MAX) return diag_add(&m->ctx->faults, ERR_LIMIT, dir, 0, 0, NULL, "too many shards");
    sweep_shard *more = arena_grow(&m->ctx->mem, m->shard, m->n, &m->cap, m->n + 1, sizeof *more);
    if (!more) return no_memory(m);
    m->shard = more;
    TRY(sweep_shard_read(&m->shard[m->n], &m->ctx->mem, dir, &m->ctx->faults));
    m->n++;
    return ERR_OK;
}

static int has_list(merger *m, const char *dir) {
    const char *list = arena_printf(&m->ctx->mem, "%s/" SWEEP_SHARD_LIST, dir);
    return list && access(list, F_OK) == 0;
}

/** A folder of shards, or one. All faults are found. */
static err find_shards(merger *m, const char *dir) {
    size_t before = m->n;
    err first = ERR_OK;
    if (has_list(m, dir)) return add_shard(m, dir);
    DIR *d = opendir(dir);
    if (!d) return diag_add(&m->ctx->faults, ERR_OPEN, dir, 0, 0, NULL, "%s", strerror(errno));
    for (struct dirent *entry; first == ERR_OK && (entry = readdir(d)) != NULL;) {
        if (strncmp(entry->d_name, "shard-", 6) != 0) continue;
        const char *path = arena_printf(&m->ctx->mem, "%s/%s", dir, entry->d_name);
        first = path ? add_shard(m, path) : no_memory(m);
    }
    closedir(d);
    if (first != ERR_OK || m->n > before) return first;
    return diag_add(&m->ctx->faults, ERR_MISSING, dir, 0, 0, NULL, "no folder shard-K-of-N in it");
}

static int by_number(const void *a, const void *b) {
    const sweep_shard *x = a, *y = b;
    if (x->shard != y->shard) return x->shard < y->shard ? -1 : 1;
    return strcmp(x->dir, y->dir);
}

/** Of one run, none twice. */
static err check_kin(merger *m) {
    err first = ERR_OK;
    for (size_t i = 1; i < m->n; i++) {
        const sweep_shard *s = &m->shard[i], *other = &m->shard[i - 1];
        err e = ERR_OK;
        if (s->of != m->shard[0].of || strcmp(s->id, m->shard[0].id) != 0) {
            e = diag_add(&m->ctx->faults, ERR_NAME, s->dir, 0, 0, NULL, "of another run than %s: %s", m->shard[0].dir,
                         s->of != m->shard[0].of ? "cut into another number of shards"
                                                 : "config, catalogs or program differ");
        } else if (s->shard == other->shard) {
            e = diag_add(&m->ctx->faults, ERR_DUPLICATE, s->dir, 0, 0, NULL, "the same shard as %s", other->dir);
        }
        if (first == ERR_OK) first = e;
    }
    return first;
}

/** "3, 5, 7 and 12 more" */
static err check_complete(merger *m) {
    char text[DIAG_TEXT / 2];
    size_t at = 0, i = 0, named = 0;
    uint64_t of = m->shard[0].of, missing = of - m->n;
    if (missing == 0) return ERR_OK;
    for (uint64_t k = 1; k <= of && named < NAMED_MAX; k++) {
        if (i < m->n && m->shard[i].shard == k) {
            i++;
            continue;
        }
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%" PRIu64, named++ ? ", " : "", k);
    }
    if (missing > named) snprintf(text + at, sizeof text - at, " and %" PRIu64 " more", missing - named);
    return diag_add(&m->ctx->faults, ERR_MISSING, NULL, 0, 0, NULL, "of %" PRIu64 " shards these are missing: %s", of,
                    text);
}

static const char *file_path(merger *m, const sweep_shard *s, const sweep_shard_file *f) {
    return arena_printf(&m->ctx->mem, "%s/%s", s->dir, f->name);
}

/** Every file is there in its length: cheap, so it is done before the first byte is copied. */
static err check_files(merger *m, const sweep_shard *s) {
    err first = ERR_OK;
    for (size_t i = 0; i < s->n_files; i++) {
        const sweep_shard_file *f = &s->file[i];
        const char *path = file_path(m, s, f);
        struct stat st;
        err e = ERR_OK;
        if (!path) {
            e = no_memory(m);
        } else if (stat(path, &st) != 0) {
            e = diag_add(&m->ctx->faults, ERR_OPEN, path, 0, 0, NULL, "%s", strerror(errno));
        } else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != f->bytes) {
            e = diag_add(&m->ctx->faults, ERR_READ, path, 0, 0, NULL, "%" PRIu64 " bytes, expected %" PRIu64 ": %s",
                         (uint64_t)st.st_size, f->bytes, (uint64_t)st.st_size < f->bytes ? "cut short" : "changed");
        }
        if (first == ERR_OK) first = e;
    }
    return first;
}

static err check(merger *m) {
    err first;
    qsort(m->shard, m->n, sizeof *m->shard, by_number);
    TRY(check_kin(m));
    first = check_complete(m);
    for (size_t i = 0; i < m->n; i++) {
        err e = check_files(m, &m->shard[i]);
        if (first == ERR_OK) first = e;
    }
    return first;
}

static const sweep_shard_file *find_file(const sweep_shard *s, const char *name) {
    for (size_t i = 0; i < s->n_files; i++) {
        if (strcmp(s->file[i].name, name) == 0) return &s->file[i];
    }
    return NULL;
}

/** Appends a shard's file and checks it on the way. */
static err copy(merger *m, const sweep_shard *s, const sweep_shard_file *f, report_file *to) {
    const char *path = file_path(m, s, f);
    uint64_t bytes = 0;
    uint32_t crc = 0;
    err e = ERR_OK;
    FILE *in = path ? fopen(path, "rb") : NULL;
    if (!in) return diag_add(&m->ctx->faults, ERR_OPEN, path, 0, 0, NULL, "%s", strerror(errno));
    setvbuf(in, NULL, _IONBF, 0);
    for (size_t n; e == ERR_OK && (n = fread(m->buffer, 1, COPY_BYTES, in)) > 0; bytes += n) {
        crc = sweep_shard_crc(crc, m->buffer, n);
        e = sweep_progress_stopped() ? ERR_INTERRUPTED : report_file_write(to, m->buffer, n);
    }
    if (e == ERR_OK && (ferror(in) || bytes != f->bytes || crc != f->crc)) {
        e = diag_add(&m->ctx->faults, ERR_READ, path, 0, 0, NULL, "damaged: not what the shard's list says");
    }
    fclose(in);
    return e;
}

/** One file from all shards that have it. */
static err make_file(merger *m, const sweep_shard_file *first) {
    const char *path = arena_printf(&m->ctx->mem, "%s/%s", m->aside, first->name);
    report_file *to;
    err e = ERR_OK;
    if (!path) return no_memory(m);
    TRY(report_file_open_packed(&to, path, &m->ctx->faults));
    for (size_t i = 0; i < (first->rows ? m->n : 1) && e == ERR_OK; i++) {
        const sweep_shard_file *f = find_file(&m->shard[i], first->name);
        if (f)
            e = copy(m, &m->shard[i], f, to);
        else
            e = diag_add(&m->ctx->faults, ERR_MISSING, m->shard[i].dir, 0, 0, NULL, "its share of %s is missing",
                         first->name);
    }
    if (e == ERR_OK || e == ERR_WRITE) return report_file_commit(to, &m->ctx->faults);
    report_file_abort(to);
    return e;
}

static err move_file(merger *m, const char *name) {
    const char *from = arena_printf(&m->ctx->mem, "%s/%s", m->aside, name);
    const char *to = arena_printf(&m->ctx->mem, "%s/%s", m->out, name);
    report_file *target;
    const char *unused;
    if (!from || !to) return no_memory(m);
    /* Reserving makes the folders and says why a file cannot be replaced. */
    TRY(report_file_reserve(&target, to, &unused, &m->ctx->faults));
    report_file_abort(target);
    if (rename(from, to) == 0) return ERR_OK;
    return diag_add(&m->ctx->faults, ERR_WRITE, NULL, 0, 0, NULL, "%.200s: cannot replace: %s", to, strerror(errno));
}

static err make_files(merger *m) {
    const sweep_shard *first = &m->shard[0];
    for (size_t i = 0; i < first->n_files; i++)
        TRY(make_file(m, &first->file[i]));
    for (size_t i = 0; i < first->n_files; i++)
        TRY(move_file(m, first->file[i].name));
    return ERR_OK;
}

static err merge(merger *m) {
    err first = ERR_OK;
    for (int i = 0; i < m->ctx->options->n_args; i++) {
        err e = find_shards(m, m->ctx->options->args[i]);
        if (first == ERR_OK) first = e;
    }
    TRY(first);
    TRY(check(m));
    sweep_shard_remove(m->aside);
    err e = make_files(m);
    sweep_shard_remove(m->aside);
    if (e == ERR_INTERRUPTED) return diag_add(&m->ctx->faults, e, NULL, 0, 0, NULL, "%s", err_text(e));
    if (e == ERR_OK && !m->ctx->options->quiet) {
        printf("%zu file%s of %zu shards in %s/\n", m->shard[0].n_files, m->shard[0].n_files == 1 ? "" : "s", m->n,
               m->out);
    }
    return e;
}

err sweep_cmd_merge(sweep_ctx *ctx) {
    merger m = {.ctx = ctx, .out = ctx->options->out};
    if (ctx->options->n_args == 0 || !m.out) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "merge", "expected folders with shards, and --out");
    }
    sweep_progress_watch_signals();
    m.aside = arena_printf(&ctx->mem, "%s/.merge.tmp", m.out);
    m.buffer = malloc(COPY_BYTES);
    err e = m.aside && m.buffer ? merge(&m) : no_memory(&m);
    free(m.buffer);
    return e;
}
