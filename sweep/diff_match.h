/*
 * diff_match.h - rows of one side that have no partner on the other yet: found by key, kept in order. Rows that stand
 * before the last match are `behind`; how many are ahead tells which side to read next.
 */
#ifndef SWEEP_DIFF_MATCH_H
#define SWEEP_DIFF_MATCH_H

#include <stddef.h>
#include <stdint.h>

typedef struct diff_waiting {
    struct diff_waiting *next_same, *before, *after;
    uint64_t hash;
    int behind;
    const char *key, *fields; /* in the same block */
    size_t bytes;
} diff_waiting;

typedef struct diff_waiters {
    diff_waiting **slot, *first, *last, *first_ahead;
    size_t n, slots, ahead, bytes;
} diff_waiters;

/** Adds a copy of a row. Returns 0 when memory is gone. */
int diff_waiters_add(diff_waiters *w, const char *key, const char *fields, size_t field_bytes);

/** The earliest waiting row of a key, or NULL. */
diff_waiting *diff_waiters_find(const diff_waiters *w, const char *key);

/** Takes a row out: it and all before it are behind from now on. */
void diff_waiters_remove(diff_waiters *w, diff_waiting *row);

/** All rows are behind: a later one of this side was matched. */
void diff_waiters_pass(diff_waiters *w);

void diff_waiters_free(diff_waiters *w);

#endif
