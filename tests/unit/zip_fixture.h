/*
 * zip_fixture.h - parts of a zip file by their names, for tests of workbooks.
 */
#ifndef TESTS_UNIT_ZIP_FIXTURE_H
#define TESTS_UNIT_ZIP_FIXTURE_H

#include "tests/unit/tt.h"

#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

static inline uint32_t zip_little(const char *at, int bytes) {
    uint32_t value = 0;
    for (int i = 0; i < bytes; i++)
        value |= (uint32_t)(unsigned char)at[i] << 8 * i;
    return value;
}

static inline char *zip_inflate(const char *from, uint32_t packed, uint32_t size) {
    char *text = calloc(1, (size_t)size + 1);
    z_stream z = {.next_in = (Bytef *)from, .avail_in = packed, .next_out = (Bytef *)text, .avail_out = size};
    if (inflateInit2(&z, -15) != Z_OK || inflate(&z, Z_FINISH) != Z_STREAM_END) CU_FAIL("a part does not unpack");
    inflateEnd(&z);
    return text;
}

/** A part of the file by its name, malloc'ed; NULL when it is not there. */
static inline char *zip_part(const char *zip, size_t n, const char *name) {
    const char *end = zip + n - 22, *at = zip + zip_little(end + 16, 4);
    for (uint32_t left = zip_little(end + 10, 2); left > 0; left--) {
        uint32_t name_bytes = zip_little(at + 28, 2), local = zip_little(at + 42, 4);
        if (name_bytes == strlen(name) && memcmp(at + 46, name, name_bytes) == 0) {
            const char *head = zip + local;
            return zip_inflate(head + 30 + zip_little(head + 26, 2) + zip_little(head + 28, 2), zip_little(at + 20, 4),
                               zip_little(at + 24, 4));
        }
        at += 46 + name_bytes + zip_little(at + 30, 2) + zip_little(at + 32, 2);
    }
    return NULL;
}

#endif
