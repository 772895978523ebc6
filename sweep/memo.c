/*
 * memo.c - open addressing; keys and values lie one behind the other in a piece of memory that is used again and again.
 * At most half of the slots are taken.
 */
#include <stdlib.h>
#include <string.h>

#include "sweep/memo.h"

enum { SLOTS = 1 << 17, BYTES = 64 << 20, SPARE = 2 << 20 /* left for the values of one row */, ALIGN = 16 };

int sweep_memo_init(sweep_memo *m) {
    m->n = m->used = 0;
    m->memory = malloc(BYTES); /* pages come when they are used */
    m->slot = calloc(SLOTS, sizeof *m->slot);
    if (m->memory && m->slot) return 1;
    sweep_memo_fini(m);
    return 0;
}

void sweep_memo_fini(sweep_memo *m) {
    free(m->memory);
    free(m->slot);
}

int sweep_memo_full(const sweep_memo *m) {
    return m->used > BYTES - SPARE || m->n > SLOTS / 2 - SLOTS / 16;
}

void sweep_memo_clear(sweep_memo *m) {
    memset(m->slot, 0, SLOTS * sizeof *m->slot);
    m->n = m->used = 0;
}

void *sweep_memo_take(sweep_memo *m, size_t bytes) {
    size_t whole = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (whole < bytes || whole > BYTES - m->used) return NULL;
    void *taken = m->memory + m->used;
    m->used += whole;
    return memset(taken, 0, bytes);
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
    void *copy = m->n < SLOTS / 2 ? sweep_memo_take(m, n) : NULL;
    void *value = copy ? sweep_memo_take(m, bytes) : NULL;
    if (!value) return NULL;
    memcpy(copy, key, n);
    *probe(m, key, n, hash) = (sweep_memo_slot){hash, copy, n, value};
    m->n++;
    return value;
}
