/*
 * workbook_memory.c - memory that is refused while libxlsxwriter is at work. The library does not look at every answer
 * of malloc: it would write through a null pointer, or leave something out. So the program has a malloc, calloc and
 * realloc of its own that pass on to the C library's, and do not come back with nothing to a thread that writes a
 * workbook.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "report/workbook_internal.h"

static _Thread_local const char *writing;
static void (*end_process)(const char *file);

void report_workbook_no_memory(void (*end)(const char *file)) {
    end_process = end;
}

void book_needs_memory(const char *path) {
    writing = path;
}

/* A sanitizer has a malloc of its own, which must stay the first. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__ && !__has_feature(address_sanitizer) &&              \
    !__has_feature(thread_sanitizer)

static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
} next;

/** Whoever comes next: a library loaded before the C library, or that one. Threads that look at once find the same. */
static void look_up(void) {
    *(void **)&next.calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&next.realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&next.malloc = dlsym(RTLD_NEXT, "malloc");
}

static void *given(void *p, int asked) {
    if (p || !asked || !writing || !end_process) return p;
    const char *slash = strrchr(writing, '/'), *file = slash ? slash + 1 : writing;
    writing = NULL; /* to end a process takes memory, too */
    end_process(file);
    return NULL;
}

void *malloc(size_t n) {
    if (!next.malloc) look_up();
    return given(next.malloc(n), n > 0);
}

void *calloc(size_t n, size_t size) {
    if (!next.calloc) look_up();
    return given(next.calloc(n, size), n > 0 && size > 0);
}

void *realloc(void *p, size_t n) {
    if (!next.realloc) look_up();
    return given(next.realloc(p, n), n > 0);
}
#endif
