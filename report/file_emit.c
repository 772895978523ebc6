/*
 * file_emit.c - bytes to the descriptor: a device's or a terminal's as they come, those of a file of ours with blocks
 * and write-back ahead of time.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "report/file_internal.h"

enum { AHEAD = 32 << 20 }; /* bytes */

/** What is written starts on its way to the disk while more is made, so that the sync at the end finds little left. */
static void start_writing_back(const report_file *f, size_t n) {
    if ((f->emitted_bytes + n) / AHEAD == f->emitted_bytes / AHEAD) return;
    sync_file_range(f->fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* a hint: what it cannot do, the sync does */
}

/**
 * Blocks for what is still to come: a file system finds many at once in a fraction of the time that it takes to find
 * some for each write. The length stays what was written. Where it cannot be done, writing finds them, or fails.
 */
static void reserve(report_file *f, size_t n) {
    f->emitted_bytes += n;
    if (f->emitted_bytes < AHEAD || f->emitted_bytes <= f->reserved) return;
    off_t from = (off_t)(f->emitted_bytes - n);
    f->reserved =
        fallocate(f->fd, FALLOC_FL_KEEP_SIZE, from, AHEAD + (off_t)n) == 0 ? f->emitted_bytes + AHEAD : UINT64_MAX;
}

void file_unreserve(report_file *f) {
    if (f->reserved && ftruncate(f->fd, (off_t)f->emitted_bytes) != 0)
        file_fail(f, ERR_WRITE, errno, "cannot give back blocks");
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
    if (f->temporary) {
        start_writing_back(f, n);
        reserve(f, n);
    }
    return emit(f, bytes, n);
}
