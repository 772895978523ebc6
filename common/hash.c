/*
 * hash.c - XXH3 under a random seed.
 */
#include <pthread.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "common/hash.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint64_t seed;

static void make_seed(void) {
    struct timespec now = {0, 0};
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == (ssize_t)sizeof seed) return;
    clock_gettime(CLOCK_REALTIME, &now);
    seed = XXH3_64bits(&now, sizeof now) ^ (uint64_t)getpid(); /* better than one that everybody knows */
}

uint64_t hash_bytes(const void *bytes, size_t n) {
    pthread_once(&once, make_seed);
    return XXH3_64bits_withSeed(bytes, n, seed);
}

uint64_t hash_name(const char *name) {
    char lower[256];
    uint64_t h = 0;
    do { /* names are short: once */
        size_t n = 0;
        for (; *name && n < sizeof lower; name++)
            lower[n++] = (char)(*name >= 'A' && *name <= 'Z' ? *name | 0x20 : *name);
        h = h * 31 + hash_bytes(lower, n);
    } while (*name);
    return h;
}
