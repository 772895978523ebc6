/*
 * memo.c - open addressing; entries lie one behind the other in a piece of memory that is used again and again. At most
 * half of the slots are taken.
 */
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "sweep/memo.h"

enum { SLOTS = 1 << 18, BYTES = 64 << 20, SPARE = 2 << 20 /* left for the values of one row */, ALIGN = 16 };

static const uint32_t FREE = UINT32_MAX;

typedef struct entry {
    uint64_t hash;
    size_t n;
    void *value;
    char key[];
} entry;

int sweep_memo_init(sweep_memo *m) {
    m->memory = malloc(BYTES); /* pages come when they are used */
    m->slot = malloc(SLOTS * sizeof *m->slot);
    if (m->memory && m->slot) {
        sweep_memo_clear(m);
        return 1;
    }
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

/** Writes every slot: a page that is read before it is written comes twice, the second time all processors wait. */
void sweep_memo_clear(sweep_memo *m) {
    memset(m->slot, 0xff, SLOTS * sizeof *m->slot);
    m->n = m->used = 0;
}

void *sweep_memo_take(sweep_memo *m, size_t bytes) {
    size_t whole = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (whole < bytes || whole > BYTES - m->used) return NULL;
    void *taken = m->memory + m->used;
    m->used += whole;
    return memset(taken, 0, bytes);
}

static entry *at(const sweep_memo *m, uint32_t slot) {
    return (entry *)(m->memory + (size_t)slot * ALIGN);
}

/** Slot of a key, or the free one where it belongs. */
static uint32_t *probe(const sweep_memo *m, const void *key, size_t n, uint64_t hash) {
    for (size_t i = hash % SLOTS;; i = (i + 1) % SLOTS) {
        uint32_t *s = &m->slot[i];
        if (*s == FREE) return s;
        const entry *e = at(m, *s);
        if (e->hash == hash && e->n == n && memcmp(e->key, key, n) == 0) return s;
    }
}

void *sweep_memo_find(const sweep_memo *m, const void *key, size_t n) {
    uint32_t slot = *probe(m, key, n, hash_bytes(key, n));
    return slot == FREE ? NULL : at(m, slot)->value;
}

void *sweep_memo_add(sweep_memo *m, const void *key, size_t n, size_t bytes) {
    uint64_t hash = hash_bytes(key, n);
    entry *e = m->n < SLOTS / 2 ? sweep_memo_take(m, sizeof *e + n) : NULL;
    if (!e || !(e->value = sweep_memo_take(m, bytes))) return NULL;
    e->hash = hash;
    e->n = n;
    memcpy(e->key, key, n);
    *probe(m, key, n, hash) = (uint32_t)(((char *)e - m->memory) / ALIGN);
    m->n++;
    return e->value;
}
