/*
 * import_arch.c - the table of architectures and its finder.
 */
#include <string.h>

#include "sweep/import_internal.h"

static const import_arch rows[] = {
#define ARCH(name, family, traits, bias, qk, position, flags, mtp, defaults, rule)                                     \
    {name, family, traits, bias, qk, position, flags, mtp, defaults, rule},
#include "sweep/import_arch.def"
#undef ARCH
};

enum { ROWS = sizeof rows / sizeof rows[0] };

const import_arch *import_arch_find(const char *name) {
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) == 0) return &rows[i];
    }
    return NULL;
}

const char *import_arch_next(const void *unused, size_t i) {
    (void)unused;
    return i < ROWS ? rows[i].name : NULL;
}
