/*
 * test_arena.c - alignment, zeroes, growth, limits, sizes that overflow, and every allocation failed once.
 */
#include <stdint.h>
#include <stdlib.h>

#include "common/arena.h"
#include "tests/unit/tt.h"

/** A counting allocator: fails call number `fail_at` (from 1; 0 never) and keeps count of what is not freed. */
typedef struct counter {
    long calls, fail_at, live;
} counter;

static void *counting(void *ctx, void *ptr, size_t bytes) {
    counter *c = ctx;
    if (bytes == 0) {
        c->live--;
        free(ptr);
        return NULL;
    }
    if (++c->calls == c->fail_at) return NULL;
    void *p = realloc(ptr, bytes);
    c->live += p && !ptr;
    return p;
}

static int all_zero(const unsigned char *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (p[i]) return 0;
    }
    return 1;
}

/** Sizes around the block size, texts in between: aligned, zeroed, apart from each other. */
static void memory(void) {
    static const size_t sizes[] = {0, 1, 63, 64, 65, 1000, 65535, 65536, 65537, 200000, 1, 3};
    enum { N = sizeof sizes / sizeof sizes[0] };
    unsigned char *at[N];
    arena a;
    arena_init(&a, NULL, NULL);
    for (size_t i = 0; i < N; i++) {
        at[i] = arena_alloc(&a, sizes[i], 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(at[i]);
        CU_ASSERT_EQUAL((uintptr_t)at[i] % 64, 0);
        CU_ASSERT(all_zero(at[i], sizes[i]));
        memset(at[i], (int)i + 1, sizes[i]);
        TT_TEXT(arena_text(&a, "qwen3-8b", 5), "qwen3");
    }
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0; k < sizes[i]; k++) {
            if (at[i][k] != i + 1) CU_FAIL_FATAL("overwritten by a later allocation");
        }
    }
    arena_fini(&a);
    CU_ASSERT_EQUAL(a.used_bytes, 0);
    TT_TEXT(arena_text(&a, "", 0), "");
    arena_fini(&a);
}

/** A large array does not end the block that small ones share. */
static void large_between_small(void) {
    arena a;
    arena_init(&a, NULL, NULL);
    char *first = arena_text(&a, "a", 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    for (int i = 0; i < 10; i++) {
        CU_ASSERT_PTR_NOT_NULL(arena_alloc(&a, 100000, 1));
        CU_ASSERT_PTR_EQUAL(arena_text(&a, "b", 1), first + 2 * (i + 1));
    }
    arena_fini(&a);
}

static void texts(void) {
    char name[300];
    arena a;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    arena_init(&a, NULL, NULL);
    TT_TEXT(arena_printf(&a, "%s:%d", "models.csv", 14), "models.csv:14");
    TT_TEXT(arena_printf(&a, "%s", name), name);
    TT_TEXT(arena_printf(&a, "%s", ""), "");
    char *copy = arena_text(&a, "a\0b", 3);
    CU_ASSERT(copy && memcmp(copy, "a\0b", 4) == 0);
    arena_fini(&a);
}

static void growth(void) {
    int *items = NULL;
    size_t cap = 0;
    arena a;
    arena_init(&a, NULL, NULL);
    for (int i = 0; i < 10000; i++) {
        items = arena_grow(&a, items, (size_t)i, &cap, (size_t)i + 1, sizeof *items);
        CU_ASSERT_PTR_NOT_NULL_FATAL(items);
        items[i] = i;
    }
    for (int i = 0; i < 10000; i++) {
        if (items[i] != i) CU_FAIL_FATAL("lost while growing");
    }
    CU_ASSERT(cap >= 10000 && cap < 40000);
    CU_ASSERT_PTR_EQUAL(arena_grow(&a, items, 10000, &cap, 5, sizeof *items), items);
    size_t before = cap;
    CU_ASSERT_PTR_NULL(arena_grow(&a, items, 10000, &cap, SIZE_MAX, sizeof *items));
    CU_ASSERT_EQUAL(cap, before);
    arena_fini(&a);
}

static void refused_sizes(void) {
    arena a;
    arena_init(&a, NULL, NULL);
    CU_ASSERT_PTR_NULL(arena_alloc(&a, SIZE_MAX, 2));
    CU_ASSERT_PTR_NULL(arena_alloc(&a, SIZE_MAX / 2 + 1, 2));
    CU_ASSERT_PTR_NULL(arena_alloc(&a, SIZE_MAX, 1));
    CU_ASSERT_PTR_NULL(arena_alloc(&a, SIZE_MAX - 80, 1));
    CU_ASSERT_PTR_NULL(arena_text(&a, "x", SIZE_MAX));
    CU_ASSERT_PTR_NOT_NULL(arena_alloc(&a, 1, 1));
    arena_fini(&a);
}

/** The limit counts what alignment wastes as well, so many tiny allocations cannot go far beyond it. */
static void limits(void) {
    arena a;
    int n = 0;
    arena_init(&a, NULL, NULL);
    a.limit_bytes = 6400;
    while (n < 1000 && arena_alloc(&a, 1, 1))
        n++;
    CU_ASSERT_EQUAL(n, 100);
    CU_ASSERT_PTR_NULL(arena_text(&a, "0123456789012345678901234567890123456789012345678901234567890123456789", 70));
    a.limit_bytes = 100;
    CU_ASSERT_PTR_NULL(arena_alloc(&a, 1, 1));
    a.limit_bytes = 0;
    CU_ASSERT_PTR_NOT_NULL(arena_alloc(&a, 1, 1));
    arena_fini(&a);
}

/** One of each kind of allocation; 0 when one of them failed. */
static int use(arena *a) {
    size_t cap = 0;
    void *items;
    return arena_alloc(a, 10, 10) && arena_text(a, "abc", 3) && arena_printf(a, "%d", 7) &&
           (items = arena_grow(a, NULL, 0, &cap, 4, 8)) != NULL && arena_grow(a, items, 4, &cap, 9, 8) != NULL;
}

/** A hook sees every allocation, and each can be the one that fails; nothing leaks then. */
static void failures(void) {
    counter c = {.calls = 0};
    arena a;
    arena_init(&a, counting, &c);
    CU_ASSERT_EQUAL(use(&a), 1);
    arena_fini(&a);
    const long calls = c.calls;
    CU_ASSERT_EQUAL(calls, 5);
    CU_ASSERT_EQUAL(c.live, 0);
    for (long n = 1; n <= calls; n++) {
        c = (counter){.fail_at = n};
        arena_init(&a, counting, &c);
        CU_ASSERT_EQUAL(use(&a), 0);
        CU_ASSERT_EQUAL(c.calls, n);
        CU_ASSERT_PTR_NOT_NULL(arena_alloc(&a, 1, 1));
        arena_fini(&a);
        CU_ASSERT_EQUAL(c.live, 0);
    }
}

static void adopted(void) {
    arena to, from;
    arena_init(&to, NULL, NULL);
    arena_init(&from, NULL, NULL);
    arena_adopt(&to, &from); /* nothing into nothing */
    const char *first = arena_text(&from, "first", 5);
    char *large = arena_alloc(&from, 1 << 20, 1);
    arena_adopt(&to, &from);
    CU_ASSERT_EQUAL(from.used_bytes, 0);
    CU_ASSERT(to.used_bytes >= (1 << 20) + 6);
    const char *own = arena_text(&to, "own", 3), *again = arena_text(&from, "again", 5);
    arena_adopt(&to, &from);
    arena_fini(&from);
    TT_TEXT(first, "first");
    TT_TEXT(own, "own");
    TT_TEXT(again, "again");
    large[(1 << 20) - 1] = 1;
    arena_fini(&to);
}

CU_TestInfo arena_tests[] = {{"memory", memory},
                             {"large between small", large_between_small},
                             {"texts", texts},
                             {"growth", growth},
                             {"refused sizes", refused_sizes},
                             {"limits", limits},
                             {"failures", failures},
                             {"adopted", adopted},
                             CU_TEST_INFO_NULL};
