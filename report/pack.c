/*
 * pack.c - gzip members and zstd frames from whole pieces. Headers carry no name and no time.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "report/pack.h"

enum { GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8 }; /* 16 asks zlib for a gzip header */

struct report_packer {
    z_stream *gzip; /* at most one of these two */
    ZSTD_CCtx *zstd;
    char *out;
    size_t cap;
};

static int ends_in(const char *path, const char *suffix) {
    size_t n = strlen(path), m = strlen(suffix);
    return n > m && strcmp(path + n - m, suffix) == 0;
}

report_packer *report_packer_new(const char *path) {
    report_packer *p = calloc(1, sizeof *p);
    int failed = !p;
    if (p && ends_in(path, ".gz")) {
        p->gzip = calloc(1, sizeof *p->gzip);
        failed = !p->gzip || deflateInit2(p->gzip, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
                                          Z_DEFAULT_STRATEGY) != Z_OK;
    } else if (p && ends_in(path, ".zst")) {
        p->zstd = ZSTD_createCCtx();
        failed = !p->zstd;
    }
    if (!failed) return p;
    report_packer_free(p);
    return NULL;
}

void report_packer_free(report_packer *p) {
    if (!p) return;
    if (p->gzip) deflateEnd(p->gzip);
    free(p->gzip);
    ZSTD_freeCCtx(p->zstd);
    free(p->out);
    free(p);
}

static int make_room(report_packer *p, size_t bytes) {
    if (bytes <= p->cap) return 1;
    char *more = realloc(p->out, bytes);
    if (!more) return 0;
    p->out = more;
    p->cap = bytes;
    return 1;
}

static size_t pack_gzip(report_packer *p, const char *text, size_t n) {
    z_stream *z = p->gzip;
    deflateReset(z);
    z->next_in = (Bytef *)text;
    z->avail_in = (uInt)n;
    z->next_out = (Bytef *)p->out;
    z->avail_out = (uInt)(p->cap < UINT_MAX ? p->cap : UINT_MAX);
    return deflate(z, Z_FINISH) == Z_STREAM_END ? (size_t)((char *)z->next_out - p->out) : 0;
}

static size_t pack_zstd(report_packer *p, const char *text, size_t n) {
    size_t packed = ZSTD_compress2(p->zstd, p->out, p->cap, text, n);
    return ZSTD_isError(packed) ? 0 : packed;
}

err report_packer_pack(report_packer *p, const char *text, size_t n, const char **out, size_t *n_out) {
    *out = text;
    *n_out = n;
    if (n == 0 || (!p->gzip && !p->zstd)) return ERR_OK;
    if (n > UINT_MAX / 2) return ERR_MEMORY; /* zlib counts in 32 bits; pieces are about a megabyte */
    if (!make_room(p, p->gzip ? deflateBound(p->gzip, (uLong)n) : ZSTD_compressBound(n))) return ERR_MEMORY;
    *n_out = p->gzip ? pack_gzip(p, text, n) : pack_zstd(p, text, n);
    *out = p->out;
    return *n_out ? ERR_OK : ERR_MEMORY;
}
