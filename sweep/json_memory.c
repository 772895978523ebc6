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

char *sweep_json_text(json_t *root, size_t flags) {
    char *text = json_dumps(root, flags);
    json_decref(root);
    if (!sweep_json_lost()) return text;
    free(text); /* it may have left something out */
    return NULL;
}
