/*
 * arena.c - blocks of at least 64 KiB, handed out in order, freed together. With a hook of the caller's own every
 * allocation is one call of the hook, so that a test can fail each in turn and a checker sees where each ends.
 * Refuses sizes that overflow and everything beyond the arena's limit.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"

enum { ALIGN = 64, BLOCK = 1 << 16 };

struct arena_block {
    struct arena_block *next;
    size_t used, cap; /* [bytes] of data, counted from the first aligned byte */
    unsigned char *data;
};

static void *default_hook(void *ctx, void *ptr, size_t bytes) {
    (void)ctx;
    if (bytes) return realloc(ptr, bytes);
    free(ptr);
    return NULL;
}

void arena_init(arena *a, arena_hook hook, void *ctx) {
    *a = (arena){.hook = hook ? hook : default_hook, .ctx = ctx};
}

void arena_fini(arena *a) {
    for (struct arena_block *b = a->head, *next; b; b = next) {
        next = b->next;
        a->hook(a->ctx, b, 0);
    }
    a->head = NULL;
    a->used_bytes = 0;
}

void arena_adopt(arena *to, arena *from) {
    struct arena_block **at = to->head ? &to->head->next : &to->head, *last = from->head;
    while (last && last->next)
        last = last->next;
    if (last) {
        last->next = *at;
        *at = from->head;
    }
    to->used_bytes += from->used_bytes;
    from->head = NULL;
    from->used_bytes = 0;
}

/** A block with room for `bytes`. A large one goes behind the head, whose remaining room stays in use. */
static struct arena_block *add_block(arena *a, size_t bytes) {
    size_t cap = bytes < BLOCK && a->hook == default_hook ? BLOCK : bytes;
    if (cap > SIZE_MAX - ALIGN - sizeof(struct arena_block)) return NULL;
    struct arena_block *b = a->hook(a->ctx, NULL, sizeof *b + ALIGN + cap);
    if (!b) return NULL;
    uintptr_t start = ((uintptr_t)(b + 1) + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1);
    *b = (struct arena_block){.cap = cap, .data = (unsigned char *)start};
    struct arena_block **at = a->head && cap == bytes ? &a->head->next : &a->head;
    b->next = *at;
    *at = b;
    return b;
}

/** True when `bytes` more would go beyond the limit. */
static int beyond_limit(const arena *a, size_t bytes) {
    return a->limit_bytes && (a->used_bytes > a->limit_bytes || bytes > a->limit_bytes - a->used_bytes);
}

/** Room for `bytes` bytes aligned to `align`; small texts are packed without alignment. */
static void *take(arena *a, size_t bytes, size_t align) {
    struct arena_block *b = a->head;
    size_t at = b ? (b->used + align - 1) & ~(align - 1) : 0;
    size_t padding = b ? at - b->used : 0;
    if (!b || at > b->cap || bytes > b->cap - at) {
        if (beyond_limit(a, bytes) || !(b = add_block(a, bytes))) return NULL;
        at = padding = 0;
    } else if (beyond_limit(a, padding + bytes)) {
        return NULL;
    }
    b->used = at + bytes;
    a->used_bytes += padding + bytes;
    return b->data + at;
}

void *arena_alloc(arena *a, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) return NULL;
    void *p = take(a, bytes ? bytes : 1, ALIGN);
    return p ? memset(p, 0, bytes) : NULL;
}

char *arena_text(arena *a, const char *text, size_t n) {
    char *p = n < SIZE_MAX ? take(a, n + 1, 1) : NULL;
    if (!p) return NULL;
    if (n) memcpy(p, text, n);
    p[n] = 0;
    return p;
}

char *arena_printf(arena *a, const char *fmt, ...) {
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    char *p = n >= 0 ? take(a, (size_t)n + 1, 1) : NULL;
    if (p) vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    va_end(ap);
    return p;
}

void *arena_grow(arena *a, void *items, size_t n, size_t *cap, size_t want, size_t size) {
    if (want <= *cap) return items;
    size_t grown = *cap > SIZE_MAX / 2 ? want : 2 * *cap;
    if (grown < want) grown = want;
    void *p = arena_alloc(a, grown, size);
    if (!p) return NULL;
    if (n) memcpy(p, items, n * size);
    *cap = grown;
    return p;
}
