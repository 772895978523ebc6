/*
 * json_memory.h - whether jansson ran out of memory. It leaves out what it cannot hold, and few of its calls are looked
 * at one by one: who has built or read a document asks here, once, whether it is whole.
 */
#ifndef SWEEP_JSON_MEMORY_H
#define SWEEP_JSON_MEMORY_H

#include <jansson.h>

/** Has jansson ask through here; once, before its first use. */
void sweep_json_watch(void);

/** Whether this thread was refused some memory since its last call. */
int sweep_json_lost(void);

/** A document as text, the caller's to free, with json_dumps' flags; NULL when memory was gone. `root` is given up. */
char *sweep_json_text(json_t *root, size_t flags);

#endif
