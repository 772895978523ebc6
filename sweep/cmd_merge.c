/*
 * cmd_merge.c - `merge DIR...`: the shards of one run put together, with a manifest as one run would have left it.
 * Everything that can be is checked before a byte is written; the folder gets the whole set or nothing.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "report/file.h"
#include "sweep/folder.h"
#include "sweep/merge.h"
#include "sweep/progress.h"

enum { COPY_BYTES = 1 << 20 };

typedef struct merger {
    sweep_ctx *ctx;
    sweep_shards shards;
    sweep_folder out;
    sweep_step *step;
    size_t n_steps, cap_steps;
    char *buffer; /* (COPY_BYTES) */
} merger;

static err no_memory(merger *m) {
    return diag_add(&m->ctx->faults, ERR_MEMORY, NULL, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
}

static err add_step(merger *m, const char *name) {
    sweep_step *more = arena_grow(&m->ctx->mem, m->step, m->n_steps, &m->cap_steps, m->n_steps + 1, sizeof *more);
    if (!more) return no_memory(m);
    m->step = more;
    m->step[m->n_steps++] = (sweep_step){name, 0};
    return ERR_OK;
}

/** Appends a shard's file, which must be what its manifest says; `all` digests what is written. */
static err copy(merger *m, const sweep_shard *s, const sweep_made_file *f, report_file *to, digest *all) {
    char hex[DIGEST_HEX];
    digest mine;
    err e = ERR_OK;
    const char *path = arena_printf(&m->ctx->mem, "%s/%s", s->dir, f->name);
    if (!path) return no_memory(m);
    FILE *in = fopen(path, "rb");
    if (!in) return diag_input(&m->ctx->faults, ERR_OPEN, path, NULL, "", errno);
    setvbuf(in, NULL, _IONBF, 0);
    digest_init(&mine);
    for (size_t n; e == ERR_OK && (n = fread(m->buffer, 1, COPY_BYTES, in)) > 0;) {
        digest_bytes(&mine, m->buffer, n);
        digest_bytes(all, m->buffer, n);
        e = sweep_progress_stopped() ? ERR_INTERRUPTED : report_file_write(to, m->buffer, n);
    }
    digest_end(&mine, hex);
    if (e == ERR_OK && (ferror(in) || strcmp(hex, f->sha) != 0)) {
        e = diag_add(&m->ctx->faults, ERR_READ, path, 0, 0, NULL, "damaged: not the bytes that the shard wrote");
    }
    fclose(in);
    return e;
}

/** One file: file k of report i, from the first shard or, where it is shared out, from all. */
static err make_file(merger *m, size_t i, size_t k, sweep_made_file *out) {
    const sweep_made_report *first = &m->shards.item[0].m.report[i];
    size_t n = sweep_shards_share(first) ? m->shards.n : 1;
    const char *path = arena_printf(&m->ctx->mem, "%s/%s", m->out.stage, first->file[k].name);
    report_file *to;
    digest all;
    err e = ERR_OK;
    if (!path) return no_memory(m);
    TRY(report_file_open_packed(&to, path, &m->ctx->faults));
    *out = (sweep_made_file){.name = first->file[k].name};
    digest_init(&all);
    for (size_t s = 0; s < n && e == ERR_OK; s++) {
        const sweep_made_file *f = &m->shards.item[s].m.report[i].file[k];
        e = copy(m, &m->shards.item[s], f, to, &all);
        out->bytes += f->bytes;
        out->lines += f->lines;
    }
    digest_end(&all, out->sha);
    if (e == ERR_OK || e == ERR_WRITE) return report_file_commit(to, &m->ctx->faults);
    report_file_abort(to);
    return e;
}

/** All files, into the stage; *made becomes the manifest. */
static err make_files(merger *m, sweep_manifest *made) {
    arena *mem = &m->ctx->mem;
    *made = m->shards.item[0].m;
    made->shard = made->of = 0;
    made->report = arena_alloc(mem, made->n_reports + 1, sizeof *made->report);
    if (!made->report) return no_memory(m);
    for (size_t i = 0; i < made->n_reports; i++) {
        const sweep_made_report *from = &m->shards.item[0].m.report[i];
        made->report[i] = (sweep_made_report){.what = from->what, .key = from->key, .asked = from->asked};
        for (size_t k = 0; k < from->n; k++) {
            sweep_made_file f;
            TRY(make_file(m, i, k, &f));
            if (!sweep_made_add(&made->report[i], mem, &f)) return no_memory(m);
            TRY(add_step(m, f.name));
        }
    }
    return ERR_OK;
}

static err make_set(merger *m) {
    const char *name = m->shards.item[0].name;
    sweep_manifest made;
    TRY(sweep_folder_stage(&m->out, &m->ctx->faults));
    TRY(make_files(m, &made));
    const char *path = arena_printf(&m->ctx->mem, "%s/%s", m->out.stage, name);
    if (!path) return no_memory(m);
    TRY(sweep_manifest_write(&made, path, &m->ctx->faults));
    TRY(add_step(m, name));
    return sweep_folder_commit(&m->out, m->step, m->n_steps, &m->ctx->faults);
}

static void tell(const merger *m) {
    size_t n = m->n_steps - 1; /* the manifest is none of the user's */
    if (m->ctx->options->quiet) return;
    printf("%zu file%s from %zu shard%s in %s/\n", n, n == 1 ? "" : "s", m->shards.n, m->shards.n == 1 ? "" : "s",
           m->out.dir);
}

static err merge(merger *m) {
    sweep_ctx *ctx = m->ctx;
    err first = ERR_OK;
    for (int i = 0; i < ctx->options->n_args; i++) {
        err e = sweep_shards_find(&m->shards, &ctx->mem, ctx->options->args[i], &ctx->faults);
        if (first == ERR_OK) first = e;
    }
    TRY(first);
    TRY(sweep_shards_check(&m->shards, &ctx->mem, &ctx->faults));
    TRY((ctx->options->outside ? sweep_folder_open_freely : sweep_folder_open)(&m->out, &ctx->mem, ctx->options->out,
                                                                               &ctx->faults));
    err e = make_set(m);
    sweep_folder_close(&m->out);
    if (e == ERR_OK) tell(m);
    if (e == ERR_INTERRUPTED) return diag_add(&ctx->faults, e, NULL, 0, 0, NULL, "%s", err_text(e));
    return e;
}

err sweep_cmd_merge(sweep_ctx *ctx) {
    merger m = {.ctx = ctx};
    if (ctx->options->n_args == 0 || !ctx->options->out) {
        return diag_add(&ctx->faults, ERR_USAGE, NULL, 0, 0, "merge", "expected folders with shards, and --out");
    }
    sweep_progress_keep_pipes();
    m.buffer = malloc(COPY_BYTES);
    err e = m.buffer ? merge(&m) : no_memory(&m);
    free(m.buffer);
    return e;
}
