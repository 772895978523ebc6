/*
 * memo.c - open addressing over an arena; at most half of the slots are taken.
 */
#include <stdlib.h>
#include <string.h>

#include "sweep/memo.h"

enum { SLOTS = 1 << 15, BYTES_MAX = 16 << 20 };

int sweep_memo_init(sweep_memo *m) {
    arena_init(&m->mem, NULL, NULL);
    m->n = 0;
    m->slot = calloc(SLOTS, sizeof *m->slot);
    return m->slot != NULL;
}

void sweep_memo_fini(sweep_memo *m) {
    arena_fini(&m->mem);
    free(m->slot);
}

int sweep_memo_full(const sweep_memo *m) {
    return m->mem.used_bytes > BYTES_MAX || m->n > SLOTS / 4;
}

void sweep_memo_clear(sweep_memo *m) {
    arena_fini(&m->mem);
    memset(m->slot, 0, SLOTS * sizeof *m->slot);
    m->n = 0;
}

/** Eight bytes at a time; the tail is filled up with zeros. */
static uint64_t hash_of(const char *key, size_t n) {
    uint64_t h = n, word;
    for (; n >= sizeof word; n -= sizeof word, key += sizeof word) {
        memcpy(&word, key, sizeof word);
        h = (h ^ word) * 0x9e3779b97f4a7c15u;
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, key, n);
    h = (h ^ word) * 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

/** Slot of a key, or the free one where it belongs. */
static sweep_memo_slot *probe(const sweep_memo *m, const void *key, size_t n, uint64_t hash) {
    size_t i = hash % SLOTS;
    for (;; i = (i + 1) % SLOTS) {
        sweep_memo_slot *s = &m->slot[i];
        if (!s->value || (s->hash == hash && s->n == n && memcmp(s->key, key, n) == 0)) return s;
    }
}

void *sweep_memo_find(const sweep_memo *m, const void *key, size_t n) {
    return probe(m, key, n, hash_of(key, n))->value;
}

void *sweep_memo_add(sweep_memo *m, const void *key, size_t n, size_t bytes) {
    uint64_t hash = hash_of(key, n);
    const void *copy = m->n < SLOTS / 2 ? arena_text(&m->mem, key, n) : NULL;
    void *value = copy ? arena_alloc(&m->mem, 1, bytes) : NULL;
    if (!value) return NULL;
    *probe(m, key, n, hash) = (sweep_memo_slot){hash, copy, n, value};
    m->n++;
    return value;
}
