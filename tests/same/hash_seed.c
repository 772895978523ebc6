/*
 * hash_seed.c - preloaded by tools/same.sh: seeds the hashes of JSON objects with JSON_SEED instead of a random number.
 */
#include <jansson.h>
#include <stdlib.h>

__attribute__((constructor)) static void seed_hashes(void) {
    const char *seed = getenv("JSON_SEED");
    json_object_seed(seed ? (size_t)strtoul(seed, NULL, 10) : 1);
}
