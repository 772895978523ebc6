/*
 * diff_stream.c - bytes from a file (zlib reads plain files as well), rows from bytes. Fields are quoted as in RFC
 * 4180. Refuses fields over 64 KiB, more than 4096 columns, NUL bytes, quotes in the middle of a field, an open quote
 * at the end, gzip or zstd that does not unpack.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "sweep/diff_stream.h"

enum { CHUNK = 1 << 17 };

struct diff_stream {
    const char *path;
    gzFile gz; /* plain and .gz */
    FILE *zst; /* .zst */
    ZSTD_DStream *unpack;
    unsigned char *in, *out; /* CHUNK each */
    ZSTD_inBuffer packed;
    size_t used, n; /* of out */
    int zst_open;   /* inside a frame */
    unsigned long line;
    char *row;
    size_t row_cap;
};

static err fail(const diff_stream *s, err code, const char *what, diags *faults) {
    return diag_add(faults, code, s->path, (int)(s->line > 2000000000 ? 0 : s->line), 0, NULL, "%s", what);
}

static int ends_in(const char *path, const char *suffix) {
    size_t n = strlen(path), m = strlen(suffix);
    return n > m && strcmp(path + n - m, suffix) == 0;
}

err diff_stream_open(diff_stream **out, const char *path, diags *faults) {
    diff_stream *s = calloc(1, sizeof *s);
    if (!s) return diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY));
    s->path = path;
    s->line = 1;
    s->in = malloc(CHUNK);
    s->out = malloc(CHUNK);
    s->row_cap = 1 << 12;
    s->row = malloc(s->row_cap);
    errno = 0;
    if (ends_in(path, ".zst")) {
        s->zst = fopen(path, "rb");
        s->unpack = ZSTD_createDStream();
    } else {
        s->gz = gzopen(path, "rb");
    }
    int opened = s->zst || s->gz, why = errno;
    *out = s;
    if (s->in && s->out && s->row && opened && (s->gz || s->unpack)) return ERR_OK;
    diff_stream_close(s);
    *out = NULL;
    return opened ? diag_add(faults, ERR_MEMORY, path, 0, 0, NULL, "%s", err_text(ERR_MEMORY))
                  : diag_input(faults, ERR_OPEN, path, NULL, "", why ? why : ENOMEM);
}

void diff_stream_close(diff_stream *s) {
    if (!s) return;
    if (s->gz) gzclose(s->gz);
    if (s->zst) fclose(s->zst);
    ZSTD_freeDStream(s->unpack);
    free(s->in);
    free(s->out);
    free(s->row);
    free(s);
}

/** Fills `out` from a zstd file; n 0 at the end. */
static err fill_zst(diff_stream *s, diags *faults) {
    ZSTD_outBuffer to = {s->out, CHUNK, 0};
    while (to.pos == 0) {
        if (s->packed.pos == s->packed.size) {
            s->packed = (ZSTD_inBuffer){s->in, fread(s->in, 1, CHUNK, s->zst), 0};
            if (ferror(s->zst)) return fail(s, ERR_READ, strerror(errno), faults);
            if (s->packed.size == 0)
                return s->zst_open ? fail(s, ERR_READ, "the zstd data are cut off", faults) : ERR_OK;
        }
        size_t left = ZSTD_decompressStream(s->unpack, &to, &s->packed);
        if (ZSTD_isError(left)) {
            int memory = ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation;
            return fail(s, memory ? ERR_MEMORY : ERR_READ, ZSTD_getErrorName(left), faults);
        }
        s->zst_open = left != 0;
    }
    s->n = to.pos;
    return ERR_OK;
}

static err fill(diff_stream *s, diags *faults) {
    int code = Z_OK;
    s->used = s->n = 0;
    if (s->zst) return fill_zst(s, faults);
    int n = gzread(s->gz, s->out, CHUNK);
    if (n < 0) {
        const char *what = gzerror(s->gz, &code);
        return fail(s, code == Z_MEM_ERROR ? ERR_MEMORY : ERR_READ, what, faults);
    }
    s->n = (size_t)n;
    if (n == 0) {
        const char *what = gzerror(s->gz, &code);
        if (code != Z_OK && code != Z_STREAM_END) return fail(s, ERR_READ, what, faults);
    }
    return ERR_OK;
}

/** The next byte, -1 at the end, -2 after a fault. */
static int next_byte(diff_stream *s, diags *faults, err *e) {
    if (s->used == s->n) {
        *e = fill(s, faults);
        if (*e != ERR_OK) return -2;
        if (s->n == 0) return -1;
    }
    return s->out[s->used++];
}

/** A row being read. */
typedef struct reading {
    size_t bytes, start, n; /* of the row; where the field starts; fields ended */
    int quoted, closed;     /* inside quotes; behind the closing one */
} reading;

static err make_room(diff_stream *s, size_t bytes, diags *faults) {
    if (bytes <= s->row_cap) return ERR_OK;
    char *grown = realloc(s->row, 2 * bytes);
    if (!grown) return fail(s, ERR_MEMORY, err_text(ERR_MEMORY), faults);
    s->row = grown;
    s->row_cap = 2 * bytes;
    return ERR_OK;
}

static err put(diff_stream *s, reading *r, int byte, diags *faults) {
    TRY(make_room(s, r->bytes + 2, faults));
    if (r->bytes - r->start >= DIFF_FIELD_MAX) return fail(s, ERR_LIMIT, "a field of more than 64 KiB", faults);
    s->row[r->bytes++] = (char)byte;
    return ERR_OK;
}

/** Takes the plain bytes that follow, up to one that means something, at once. */
static err take_plain(diff_stream *s, reading *r, diags *faults) {
    const unsigned char *from = s->out + s->used, *end = s->out + s->n, *at = from;
    while (at < end && *at != ',' && *at != '"' && *at != '\n' && *at != '\r' && *at != 0)
        at++;
    size_t n = (size_t)(at - from);
    if (r->bytes + n - r->start > DIFF_FIELD_MAX) return fail(s, ERR_LIMIT, "a field of more than 64 KiB", faults);
    TRY(make_room(s, r->bytes + n + 2, faults));
    memcpy(s->row + r->bytes, from, n);
    r->bytes += n;
    s->used += n;
    return ERR_OK;
}

static err end_field(diff_stream *s, reading *r, diags *faults) {
    if (r->n == DIFF_COLUMNS_MAX) return fail(s, ERR_LIMIT, "more than 4096 columns", faults);
    r->start = r->bytes; /* the NUL is no part of the field's length */
    TRY(put(s, r, 0, faults));
    r->start = r->bytes;
    r->n++;
    r->closed = 0;
    return ERR_OK;
}

/** Takes a byte; *done is set at the end of the row. */
static err take(diff_stream *s, reading *r, int byte, int *done, diags *faults) {
    if (byte == 0) return fail(s, ERR_ENCODING, "a NUL byte", faults);
    s->line += byte == '\n';
    if (r->quoted) {
        if (byte == '"') {
            r->quoted = 0;
            r->closed = 1;
            return ERR_OK;
        }
        return put(s, r, byte, faults);
    }
    if (byte == '"') {
        if (!r->closed && r->bytes != r->start) return fail(s, ERR_SYNTAX, "a quote inside a field", faults);
        r->quoted = 1;
        if (r->closed) TRY(put(s, r, '"', faults));
        r->closed = 0;
        return ERR_OK;
    }
    if (byte == ',') return end_field(s, r, faults);
    if (byte == '\r') return ERR_OK;
    if (byte != '\n')
        return r->closed ? fail(s, ERR_SYNTAX, "text behind a closing quote", faults) : put(s, r, byte, faults);
    if (r->n == 0 && r->bytes == 0 && !r->closed) return ERR_OK; /* an empty line */
    *done = 1;
    return end_field(s, r, faults);
}

err diff_stream_next(diff_stream *s, diff_row *row, diags *faults) {
    reading r = {0};
    int done = 0, byte = 0;
    err e = ERR_OK;
    while (!done && (byte = next_byte(s, faults, &e)) >= 0) {
        TRY(take(s, &r, byte, &done, faults));
        if (!done && !r.quoted && !r.closed) TRY(take_plain(s, &r, faults));
    }
    if (e != ERR_OK) return e;
    if (!done && r.quoted) return fail(s, ERR_SYNTAX, "the file ends inside a quoted field", faults);
    if (!done && (r.n || r.bytes)) TRY(end_field(s, &r, faults));
    *row = (diff_row){s->row, r.n, r.bytes};
    return ERR_OK;
}
