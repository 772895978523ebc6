/*
 * json_memory.c - jansson's allocator: malloc, and a mark when it fails.
 */
#include <jansson.h>
#include <stdlib.h>

#include "sweep/json_memory.h"

static _Thread_local int lost;

static void *take(size_t n) {
    void *p = malloc(n);
    if (!p) lost = 1;
    return p;
}

void sweep_json_watch(void) {
    json_set_alloc_funcs(take, free);
}

int sweep_json_lost(void) {
    int was = lost;
    lost = 0;
    return was;
}
