/*
 * workbook_temp.c - the files that libxlsxwriter keeps parts of a workbook in until it packs them. The library does not
 * look whether it could write there, so that a full disk would leave holes in the workbook; these are ours, and know.
 * They stand in the folder that the library is given, under a hidden name, and lose it at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/stop.h"
#include "report/workbook_internal.h"

enum { BUFFER = 1 << 16 };

static atomic_int lost; /* errno of the first failure since it was last asked for */

int book_temp_lost(void) {
    return atomic_exchange(&lost, 0);
}

/** A stream's descriptor is its cookie, plus one: NULL is none. */
static int fd_of(void *cookie) {
    return (int)(intptr_t)cookie - 1;
}

static int failed(void) {
    int none = 0;
    atomic_compare_exchange_strong(&lost, &none, errno ? errno : EIO);
    return -1;
}

static ssize_t temp_write(void *cookie, const char *bytes, size_t n) {
    size_t at = 0;
    while (at < n) {
        ssize_t put = write(fd_of(cookie), bytes + at, n - at);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) {
            failed();
            return 0; /* not -1, that is how fopencookie wants it */
        }
        at += (size_t)put;
    }
    return (ssize_t)n;
}

static ssize_t temp_read(void *cookie, char *bytes, size_t n) {
    ssize_t got;
    do
        got = read(fd_of(cookie), bytes, n);
    while (got < 0 && errno == EINTR);
    return got < 0 ? failed() : got;
}

static int temp_seek(void *cookie, off64_t *at, int whence) {
    off_t to = lseek(fd_of(cookie), *at, whence);
    if (to < 0) return failed();
    *at = to;
    return 0;
}

static int temp_close(void *cookie) {
    return close(fd_of(cookie));
}

/** A file without a name in a folder; -1 with errno. */
static int open_nameless(const char *folder) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/.xlsx-XXXXXX", folder) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    stop_hold();
    int fd = mkostemp(path, O_CLOEXEC), why = errno;
    if (fd >= 0 && unlink(path) != 0) {
        why = errno;
        close(fd);
        fd = -1;
    }
    stop_release();
    errno = why;
    return fd;
}

/** Ours stands before the library's own, which it calls by this name. */
FILE *lxw_tmpfile(char *folder) {
    static const cookie_io_functions_t calls = {temp_read, temp_write, temp_seek, temp_close};
    const char *asked = getenv("TMPDIR");
    int fd = open_nameless(folder ? folder : asked && *asked ? asked : "/tmp");
    FILE *f = fd < 0 ? NULL : fopencookie((void *)((intptr_t)fd + 1), "w+", calls);
    if (f) {
        setvbuf(f, NULL, _IOFBF, BUFFER);
        return f;
    }
    failed();
    if (fd >= 0) close(fd);
    return NULL;
}
