/*
 * memo.h - what one thread has worked out before: byte strings to values, in memory that is given back all at once when
 * it has grown too large. Nothing is ever removed singly.
 */
#ifndef SWEEP_MEMO_H
#define SWEEP_MEMO_H

#include <stddef.h>
#include <stdint.h>

typedef struct sweep_memo {
    char *memory;
    size_t used;
    uint32_t *slot; /* where in the memory an entry begins */
    size_t n;
} sweep_memo;

/** 0 when memory is gone. */
int sweep_memo_init(sweep_memo *m);
void sweep_memo_fini(sweep_memo *m);

/** True when it is time for sweep_memo_clear: the next values may not have room. */
int sweep_memo_full(const sweep_memo *m);

/** Forgets everything: all values are gone. */
void sweep_memo_clear(sweep_memo *m);

/** Zeroed memory that lasts until the memo is cleared; NULL when there is none left. */
void *sweep_memo_take(sweep_memo *m, size_t bytes);

/** Value of a key, NULL when there is none. */
void *sweep_memo_find(const sweep_memo *m, const void *key, size_t n);

/** Adds zeroed memory of `bytes` for a key that is not there; NULL when there is none left. The key is copied. */
void *sweep_memo_add(sweep_memo *m, const void *key, size_t n, size_t bytes);

#endif
