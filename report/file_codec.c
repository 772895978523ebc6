/*
 * file_codec.c - the ways bytes leave: plain, gzip, zstd. Pieces are packed one by one, each a gzip member or zstd
 * frame of its own, so that threads can pack at the same time; both programs unpack a row of them as one text. Headers
 * carry no name and no time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "report/file_internal.h"

/* 16 asks zlib for a gzip header; time 0, no name by default. Level 4 takes two thirds of the time of level 6 on rows
   of scenarios and gives files 2 % larger. */
enum { GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8, GZIP_LEVEL = 4 };
enum { WRITE_BACK = 32 << 20 };

/** What is written starts on its way to the disk while more is made, so that the sync at the end finds little left. */
static void start_writing_back(report_file *f, size_t n) {
    f->fresh += n;
    if (f->fresh < WRITE_BACK || !f->temporary) return;
    sync_file_range(f->fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* a hint: what it cannot do, the sync does */
    f->fresh = 0;
}

void file_screen(unsigned char *bytes, size_t n, unsigned char *last) {
    for (size_t i = 0; i < n; i++) {
        unsigned char c = bytes[i];
        int control = (c < ' ' && c != '\n' && c != '\t') || c == 0x7f || (*last == 0xc2 && c >= 0x80 && c <= 0x9f);
        if (control) bytes[i] = '?';
        *last = c;
    }
}

static err emit(report_file *f, const char *at, size_t n) {
    while (n > 0) {
        ssize_t written = write(f->fd, at, n);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return file_fail(f, ERR_WRITE, errno, "cannot write");
        at += written;
        n -= (size_t)written;
    }
    return ERR_OK;
}

/** For a terminal, piece by piece. */
static err emit_screen(report_file *f, const char *bytes, size_t n) {
    unsigned char piece[4096], last = 0;
    for (size_t take; n && f->failed == ERR_OK; bytes += take, n -= take) {
        take = n < sizeof piece ? n : sizeof piece;
        memcpy(piece, bytes, take);
        file_screen(piece, take, &last);
        emit(f, (const char *)piece, take);
    }
    return f->failed;
}

err file_emit(report_file *f, const void *bytes, size_t n) {
    if (f->screen && !f->codec->pack) return emit_screen(f, bytes, n);
    start_writing_back(f, n);
    return emit(f, bytes, n);
}

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
