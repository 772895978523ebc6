/*
 * arena.h - memory that is freed all at once. Config, catalogs and plan live in one arena; strings inside are borrowed.
 * The allocator hook lets tests fail the n-th call. Nothing here is thread-safe: one arena, one owner.
 */
#ifndef COMMON_ARENA_H
#define COMMON_ARENA_H

#include <stddef.h>

/** realloc-like: ptr NULL allocates, size 0 frees. Returns NULL on failure. */
typedef void *(*arena_hook)(void *ctx, void *ptr, size_t bytes);

typedef struct arena {
    arena_hook hook;
    void *ctx;
    struct arena_block *head;
    size_t used_bytes, limit_bytes; /* limit 0: none */
} arena;

/** hook NULL: malloc/free. The arena itself is the caller's storage. */
void arena_init(arena *a, arena_hook hook, void *ctx);
void arena_fini(arena *a);

/** Everything of `from`, which is empty then, lives on in `to`. Both have the same hook. */
void arena_adopt(arena *to, arena *from);

/** Zeroed memory, aligned to 64 bytes; NULL when memory or the limit is used up. count*size is checked for overflow. */
void *arena_alloc(arena *a, size_t count, size_t size);

/** Copy of n bytes of text with a final NUL; NULL on failure. */
char *arena_text(arena *a, const char *text, size_t n);

/** Formatted copy; NULL on failure. */
char *arena_printf(arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Grows an arena array: returns memory for at least `want` items (old ones copied), *cap updated; NULL on failure. */
void *arena_grow(arena *a, void *items, size_t n, size_t *cap, size_t want, size_t size);

#endif
