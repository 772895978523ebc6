/*
 * hash.h - hashes for tables in memory, seeded anew by each process: whoever writes a catalog cannot choose names that
 * all fall on one slot. Nothing that is written may depend on them.
 */
#ifndef COMMON_HASH_H
#define COMMON_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const void *bytes, size_t n);

/** Of a name without regard to ASCII case: as text_same compares. */
uint64_t hash_name(const char *name);

#endif
