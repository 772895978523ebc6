/*
 * diff_match.c - a hash table of waiting rows whose chains keep the order of arrival, so that rows of equal keys are
 * matched first to first.
 */
#include <stdlib.h>
#include <string.h>

#include "common/hash.h"
#include "common/text.h"
#include "sweep/diff_match.h"

enum { SLOTS_FIRST = 1024 };

static void put_last(diff_waiting **slot, diff_waiting *row) {
    while (*slot)
        slot = &(*slot)->next_same;
    row->next_same = NULL;
    *slot = row;
}

static int grow(diff_waiters *w) {
    size_t slots = w->slots ? 4 * w->slots : SLOTS_FIRST;
    diff_waiting **all = calloc(slots, sizeof(diff_waiting *));
    if (!all) return 0;
    for (diff_waiting *row = w->first; row; row = row->after)
        put_last(&all[row->hash & (slots - 1)], row);
    free(w->slot);
    w->slot = all;
    w->slots = slots;
    return 1;
}

int diff_waiters_add(diff_waiters *w, const char *key, const char *fields, size_t field_bytes) {
    size_t key_bytes = strlen(key) + 1, bytes = sizeof(diff_waiting) + key_bytes + field_bytes;
    if (w->n >= w->slots && !grow(w)) return 0;
    diff_waiting *row = malloc(bytes);
    if (!row) return 0;
    char *text = (char *)(row + 1);
    memcpy(text, key, key_bytes);
    memcpy(text + key_bytes, fields, field_bytes);
    *row = (diff_waiting){
        .before = w->last, .hash = hash_name(key), .key = text, .fields = text + key_bytes, .bytes = bytes};
    put_last(&w->slot[row->hash & (w->slots - 1)], row);
    if (w->last) w->last->after = row;
    if (!w->first) w->first = row;
    if (!w->first_ahead) w->first_ahead = row;
    w->last = row;
    w->n++;
    w->ahead++;
    w->bytes += bytes;
    return 1;
}

diff_waiting *diff_waiters_find(const diff_waiters *w, const char *key) {
    if (!w->n) return NULL;
    uint64_t hash = hash_name(key);
    diff_waiting *row = w->slot[hash & (w->slots - 1)];
    while (row && (row->hash != hash || strcmp(row->key, key) != 0))
        row = row->next_same;
    return row;
}

/** Rows ahead up to `last`, all of them when it is NULL, are behind. */
static void pass(diff_waiters *w, const diff_waiting *last) {
    diff_waiting *row = w->first_ahead;
    for (int more = 1; row && more; row = row->after) {
        more = row != last;
        row->behind = 1;
        w->ahead--;
    }
    w->first_ahead = row;
}

void diff_waiters_pass(diff_waiters *w) {
    pass(w, NULL);
}

void diff_waiters_remove(diff_waiters *w, diff_waiting *row) {
    diff_waiting **same = &w->slot[row->hash & (w->slots - 1)];
    if (!row->behind) pass(w, row);
    while (*same != row)
        same = &(*same)->next_same;
    *same = row->next_same;
    *(row->before ? &row->before->after : &w->first) = row->after;
    *(row->after ? &row->after->before : &w->last) = row->before;
    w->n--;
    w->bytes -= row->bytes;
    free(row);
}

void diff_waiters_free(diff_waiters *w) {
    for (diff_waiting *row = w->first, *after; row; row = after) {
        after = row->after;
        free(row);
    }
    free(w->slot);
    memset(w, 0, sizeof *w);
}
