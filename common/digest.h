/*
 * digest.h - SHA-256 of bytes, texts and files, as the 64 digits that sha256sum prints.
 */
#ifndef COMMON_DIGEST_H
#define COMMON_DIGEST_H

#include <nettle/sha2.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_HEX = 65 }; /* with the NUL */

typedef struct digest {
    struct sha256_ctx sha;
} digest;

void digest_init(digest *d);
void digest_bytes(digest *d, const void *bytes, size_t n);

/** Adds a text with its NUL, so that neighbours never run together; NULL differs from "". */
void digest_text(digest *d, const char *text);

void digest_end(digest *d, char hex[DIGEST_HEX]);

/** Digest, size and number of line ends of a regular file; `bytes` and `lines` may be NULL. 0, or errno. */
int digest_file(const char *path, char hex[DIGEST_HEX], uint64_t *bytes, uint64_t *lines);

#endif
