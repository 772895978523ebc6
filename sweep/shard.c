/*
 * shard.c - one shard being made: a folder aside, the list of its files, the move to its place.
 */
#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "report/file.h"
#include "sweep/ranks.h"
#include "sweep/shard.h"

enum { READ_BYTES = 1 << 20, WALK_DESCRIPTORS = 16 };

uint32_t sweep_shard_crc(uint32_t crc, const void *bytes, size_t n) {
    return (uint32_t)crc32_z(crc, bytes, n);
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)st;
    (void)kind;
    (void)at;
    remove(path);
    return 0;
}

void sweep_shard_remove(const char *dir) {
    nftw(dir, remove_entry, WALK_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}

static err fail(sweep_run *run, const char *path, const char *what) {
    return diag_add(&run->ctx->faults, ERR_WRITE, NULL, 0, 0, NULL, "%.200s: %s: %s", path, what, strerror(errno));
}

/** <out>/[.]shard-K-of-N[.suffix] */
static const char *folder(const sweep_run *run, const char *before, const char *suffix) {
    const sweep_options *o = run->ctx->options;
    const char *out = o->out ? o->out : arena_printf(&run->ctx->mem, "out/%s", run->cfg->name);
    if (!out) return NULL;
    return arena_printf(&run->ctx->mem, "%s/%sshard-%" PRIu64 "-of-%" PRIu64 "%s", out, before, o->shard, o->shards,
                        suffix);
}

/** FNV-1a over the bytes of a file; a file that cannot be read any more leaves the hash as it is. */
static uint64_t hash_file(uint64_t hash, const char *path) {
    FILE *in = fopen(path, "rb");
    for (int c; in && (c = getc_unlocked(in)) != EOF;)
        hash = (hash ^ (unsigned char)c) * 0x100000001b3u;
    if (in) fclose(in);
    return (hash ^ 256) * 0x100000001b3u;
}

/** What a run is made from: two shards with the same digits belong together. */
static void identify(const sweep_run *run, char id[SWEEP_SHARD_ID]) {
    const sweep_catalogs *c = &run->ctx->catalogs;
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *p = VRAMSWEEP_VERSION; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 0x100000001b3u;
    hash = hash_file(hash, run->cfg->path);
    for (size_t i = 0; i < c->n_files; i++)
        hash = hash_file(hash, c->files[i]);
    snprintf(id, SWEEP_SHARD_ID, "%016" PRIx64, hash);
}

/** Bytes and checksum of a file, read back. errno or 0. */
static int measure(const char *path, sweep_shard_file *f) {
    FILE *in = fopen(path, "rb");
    char *buffer = in ? malloc(READ_BYTES) : NULL;
    int why = in && buffer ? 0 : in ? ENOMEM : errno;
    for (size_t n; !why && (n = fread(buffer, 1, READ_BYTES, in)) > 0;) {
        f->bytes += n;
        f->crc = sweep_shard_crc(f->crc, buffer, n);
    }
    if (in && !why && ferror(in)) why = errno ? errno : EIO;
    free(buffer);
    if (in) fclose(in);
    return why;
}

/** nftw gives its visitor no context. */
static struct {
    arena *mem;
    sweep_shard *shard;
    size_t skip; /* length of the folder's name, with the slash */
} listing;

static int list_entry(const char *path, const struct stat *st, int kind, struct FTW *at) {
    sweep_shard *s = listing.shard;
    (void)st;
    (void)at;
    if (kind != FTW_F) return 0;
    sweep_shard_file *file = arena_grow(listing.mem, s->file, s->n_files, &s->cap_files, s->n_files + 1, sizeof *file);
    const char *name = arena_text(listing.mem, path + listing.skip, strlen(path + listing.skip));
    if (!file || !name) return ENOMEM;
    s->file = file;
    s->file[s->n_files] = (sweep_shard_file){.name = name};
    return measure(path, &s->file[s->n_files++]);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const sweep_shard_file *)a)->name, ((const sweep_shard_file *)b)->name);
}

static int is_rows(const sweep_run *run, const char *name) {
    for (size_t i = 0; i < run->cfg->n_reports; i++) {
        const sweep_report *r = &run->cfg->reports[i];
        if (sweep_run_shares(r) && strcmp(r->target, name) == 0) return 1;
    }
    return 0;
}

/** Everything that was written into the folder. */
static err list_files(sweep_run *run, sweep_shard *s) {
    listing.mem = &run->ctx->mem;
    listing.shard = s;
    listing.skip = strlen(run->dir) + 1;
    if (access(run->dir, F_OK) != 0) return ERR_OK; /* no report had anything for this shard */
    int why = nftw(run->dir, list_entry, WALK_DESCRIPTORS, FTW_PHYS);
    if (why) {
        errno = why > 0 ? why : errno;
        return fail(run, run->dir, "cannot be listed");
    }
    if (s->n_files) qsort(s->file, s->n_files, sizeof *s->file, by_name);
    for (size_t i = 0; i < s->n_files; i++)
        s->file[i].rows = is_rows(run, s->file[i].name);
    return ERR_OK;
}

/** The finished folder takes the place of an older one. */
static err put_in_place(sweep_run *run, const char *place) {
    const char *old = folder(run, ".", ".old");
    if (!old) return sweep_run_no_memory(run);
    sweep_shard_remove(old);
    if (rename(place, old) != 0 && errno != ENOENT) return fail(run, place, "cannot be replaced");
    if (rename(run->dir, place) != 0) return fail(run, place, "cannot be made");
    sweep_shard_remove(old);
    return ERR_OK;
}

static err finish(sweep_run *run) {
    const sweep_options *o = run->ctx->options;
    sweep_shard s = {.dir = run->dir, .shard = o->shard, .of = o->shards};
    const char *place = folder(run, "", ""), *list = sweep_run_path(run, SWEEP_SHARD_LIST, "");
    if (!place || !list) return sweep_run_no_memory(run);
    identify(run, s.id);
    TRY(list_files(run, &s));
    TRY(sweep_shard_write(&s, list, &run->ctx->faults));
    TRY(put_in_place(run, place));
    run->dir = place;
    return ERR_OK;
}

err sweep_shard_begin(sweep_run *run) {
    const sweep_options *o = run->ctx->options;
    err e = ERR_OK;
    if (!o->shard) return ERR_OK;
    const char *aside = folder(run, ".", ".tmp");
    if (!aside) e = sweep_run_no_memory(run);
    if (o->out && o->n_args > 1) {
        e = diag_add(&run->ctx->faults, ERR_USAGE, NULL, 0, 0, "--shard", "expected one config where --out is given");
    }
    if (e == ERR_OK) run->dir = aside;
    if (e == ERR_OK && sweep_ranks_me() == 0) sweep_shard_remove(aside);
    return sweep_ranks_agree(e, &run->ctx->faults);
}

err sweep_shard_end(sweep_run *run, err e) {
    if (!run->ctx->options->shard) return e;
    if (sweep_ranks_me() == 0) {
        if (e == ERR_OK && !sweep_progress_stopped()) e = finish(run);
        if (e != ERR_OK || sweep_progress_stopped()) sweep_shard_remove(run->dir);
    }
    return sweep_ranks_agree(e, &run->ctx->faults);
}
