/*
 * digest.c - SHA-256 through nettle: small, on every Debian, and what it gives can be checked with sha256sum.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/digest.h"

enum { CHUNK = 1 << 16 };

void digest_init(digest *d) {
    sha256_init(&d->sha);
}

void digest_bytes(digest *d, const void *bytes, size_t n) {
    sha256_update(&d->sha, n, bytes);
}

void digest_text(digest *d, const char *text) {
    size_t n = 0;
    while (text && text[n])
        n++;
    digest_bytes(d, text ? "t" : "n", 1);
    if (text) digest_bytes(d, text, n + 1);
}

void digest_end(digest *d, char hex[DIGEST_HEX]) {
    static const char digit[] = "0123456789abcdef";
    uint8_t sum[SHA256_DIGEST_SIZE];
    sha256_digest(&d->sha, sizeof sum, sum);
    for (size_t i = 0; i < sizeof sum; i++) {
        hex[2 * i] = digit[sum[i] >> 4];
        hex[2 * i + 1] = digit[sum[i] & 15];
    }
    hex[2 * sizeof sum] = 0;
}

static uint64_t count_lines(const unsigned char *at, size_t n) {
    const unsigned char *end = at + n;
    uint64_t lines = 0;
    for (; (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        lines++;
    return lines;
}

static int add_file(digest *d, int fd, uint64_t *bytes, uint64_t *lines) {
    unsigned char chunk[CHUNK];
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n < 0 ? errno : 0;
        digest_bytes(d, chunk, (size_t)n);
        *bytes += (uint64_t)n;
        *lines += count_lines(chunk, (size_t)n);
    }
}

int digest_file(const char *path, char hex[DIGEST_HEX], uint64_t *bytes, uint64_t *lines) {
    struct stat is;
    digest d;
    uint64_t n = 0, ends = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return errno;
    int why = fstat(fd, &is) != 0 ? errno : !S_ISREG(is.st_mode) ? EINVAL : 0;
    digest_init(&d);
    if (!why) why = add_file(&d, fd, &n, &ends);
    close(fd);
    if (why) return why;
    digest_end(&d, hex);
    if (bytes) *bytes = n;
    if (lines) *lines = ends;
    return 0;
}
