/*
 * file_codec.c - the ways bytes leave: plain, gzip, zstd. A codec always gets full buffers, whatever pieces the caller
 * wrote, so the packed bytes depend on the content alone. Headers carry no name and no time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

#include "report/file_internal.h"

enum { GZIP_WINDOW = 15 + 16, GZIP_MEMORY = 8 }; /* 16 asks zlib for a gzip header; time 0, no name by default */

err file_emit(report_file *f, const void *bytes, size_t n) {
    const char *at = bytes;
    while (n > 0) {
        ssize_t written = write(f->fd, at, n);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return file_fail(f, ERR_WRITE, errno, "cannot write");
        at += written;
        n -= (size_t)written;
    }
    return ERR_OK;
}

static err plain_begin(report_file *f) {
    (void)f;
    return ERR_OK;
}

static err plain_step(report_file *f, const void *bytes, size_t n, int last) {
    (void)last;
    return file_emit(f, bytes, n);
}

static void plain_end(report_file *f) {
    (void)f;
}

static err gzip_begin(report_file *f) {
    z_stream *z = calloc(1, sizeof *z);
    f->stream = z;
    if (!z ||
        deflateInit2(z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(z);
        f->stream = NULL;
        return file_fail(f, ERR_MEMORY, ENOMEM, "cannot start gzip");
    }
    return ERR_OK;
}

static err gzip_step(report_file *f, const void *bytes, size_t n, int last) {
    z_stream *z = f->stream;
    z->next_in = bytes;
    z->avail_in = (uInt)n;
    do {
        z->next_out = f->packed;
        z->avail_out = FILE_BUFFER;
        if (deflate(z, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR)
            return file_fail(f, ERR_WRITE, EIO, "cannot pack");
        TRY(file_emit(f, f->packed, FILE_BUFFER - z->avail_out));
    } while (z->avail_out == 0);
    return ERR_OK;
}

static void gzip_end(report_file *f) {
    if (f->stream) deflateEnd(f->stream);
    free(f->stream);
}

static err zstd_begin(report_file *f) {
    f->stream = ZSTD_createCCtx();
    return f->stream ? ERR_OK : file_fail(f, ERR_MEMORY, ENOMEM, "cannot start zstd");
}

static err zstd_step(report_file *f, const void *bytes, size_t n, int last) {
    ZSTD_inBuffer in = {bytes, n, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {f->packed, FILE_BUFFER, 0};
        left = ZSTD_compressStream2(f->stream, &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left)) return file_fail(f, ERR_MEMORY, ENOMEM, "cannot pack");
        TRY(file_emit(f, f->packed, out.pos));
    } while (last ? left > 0 : in.pos < in.size);
    return ERR_OK;
}

static void zstd_end(report_file *f) {
    ZSTD_freeCCtx(f->stream);
}

static const file_codec codecs[] = {
    {".gz", gzip_begin, gzip_step, gzip_end},
    {".zst", zstd_begin, zstd_step, zstd_end},
};
static const file_codec plain = {"", plain_begin, plain_step, plain_end};

const file_codec *file_codec_of(const char *path) {
    size_t n = strlen(path);
    for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
        size_t m = strlen(codecs[i].suffix);
        if (n > m && strcmp(path + n - m, codecs[i].suffix) == 0) return &codecs[i];
    }
    return &plain;
}
