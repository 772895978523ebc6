/*
 * file_codec.c - what bytes become on their way out: plain, gzip, zstd. Pieces are packed one by one, each a gzip
 * member or zstd frame of its own, so that threads can pack at the same time; both programs unpack a row of them as one
 * text. Headers carry no name and no time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "report/file_internal.h"

/* 16 asks zlib for a gzip header; time 0, no name by default. Level 4 takes two thirds of the time of level 6 on rows
   of scenarios and gives files 2 % larger. */
enum { GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8, GZIP_LEVEL = 4 };

static size_t gzip_bound(size_t n) {
    return compressBound(n) + 32; /* a gzip header and trailer are a little longer than zlib's */
}

static int gzip_pack(const void *bytes, size_t n, void *out, size_t cap, size_t *packed) {
    z_stream z = {.next_in = bytes, .avail_in = (uInt)n, .next_out = out, .avail_out = (uInt)cap};
    if (deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
    int done = deflate(&z, Z_FINISH) == Z_STREAM_END;
    *packed = cap - z.avail_out;
    deflateEnd(&z);
    return done;
}

static size_t zstd_bound(size_t n) {
    return ZSTD_compressBound(n);
}

static int zstd_pack(const void *bytes, size_t n, void *out, size_t cap, size_t *packed) {
    *packed = ZSTD_compress(out, cap, bytes, n, ZSTD_CLEVEL_DEFAULT);
    return !ZSTD_isError(*packed);
}

static const file_codec codecs[] = {
    {".gz", gzip_bound, gzip_pack},
    {".zst", zstd_bound, zstd_pack},
};
static const file_codec plain = {"", NULL, NULL};

const file_codec *file_codec_of(const char *path) {
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
        size_t m = strlen(codecs[i].suffix);
        if (n > m && strcmp(path + n - m, codecs[i].suffix) == 0) return &codecs[i];
    }
    return &plain;
}

static err pack(const file_codec *codec, const void *bytes, size_t n, report_piece *out) {
    out->bytes = bytes;
    out->n = n;
    if (!codec->pack || !n) return ERR_OK;
    if (n > FILE_PIECE_MAX) return ERR_LIMIT;
    size_t bound = codec->bound(n);
    if (bound > out->cap) {
        void *grown = realloc(out->memory, bound);
        if (!grown) return ERR_MEMORY;
        out->memory = grown;
        out->cap = bound;
    }
    out->bytes = out->memory;
    return codec->pack(bytes, n, out->memory, out->cap, &out->n) ? ERR_OK : ERR_MEMORY;
}

err report_file_pack(const report_file *f, const void *bytes, size_t n, report_piece *out) {
    return pack(f->codec, bytes, n, out);
}

err report_pack(const char *path, const void *bytes, size_t n, report_piece *out) {
    return pack(file_codec_of(path), bytes, n, out);
}

void report_piece_free(report_piece *p) {
    free(p->memory);
    *p = (report_piece){0};
}

/** What has been buffered becomes a piece; a packed file that holds nothing is one empty piece. */
err file_flush(report_file *f, int last) {
    report_piece p = {.memory = f->packed, .cap = f->packed_cap};
    size_t n = f->used, whole;
    f->used = 0;
    if (n == 0 && !(last && f->packed && !f->emitted)) return f->failed;
    if (n == 0) {
        if (!f->codec->pack("", 0, f->packed, f->packed_cap, &whole))
            return file_fail(f, ERR_MEMORY, ENOMEM, "cannot pack");
        return file_emit(f, f->packed, whole);
    }
    if (report_file_pack(f, f->buffer, n, &p) != ERR_OK) return file_fail(f, ERR_MEMORY, ENOMEM, "cannot pack");
    f->emitted = 1;
    return file_emit(f, p.bytes, p.n);
}
