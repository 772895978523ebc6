/*
 * catalog_fixture.h - for tests of the catalogs: the shipped ones with overlays laid over them, from files of
 * tests/data/catalogs/ or from texts written to a folder of their own.
 */
#ifndef TESTS_UNIT_CATALOG_FIXTURE_H
#define TESTS_UNIT_CATALOG_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/plan_fixture.h"

#define SHIPPED "configs/catalogs"
#define DATA    "tests/data/catalogs/"

typedef struct catalog_fixture {
    arena mem;
    diags faults;
    sweep_catalogs c;
    char dir[64], path[4][128]; /* of the texts written */
    size_t n;
} catalog_fixture;

static inline void catalog_init(catalog_fixture *f) {
    memset(f, 0, sizeof *f);
    arena_init(&f->mem, NULL, NULL);
}

static inline void catalog_fini(catalog_fixture *f) {
    arena_fini(&f->mem);
    for (size_t i = 0; i < f->n; i++)
        unlink(f->path[i]);
    if (*f->dir) rmdir(f->dir);
}

static inline err catalog_load(catalog_fixture *f, const char *const *overlays, size_t n) {
    return sweep_catalogs_load(&f->c, &f->mem, SHIPPED, overlays, n, &f->faults);
}

/** Writes n bytes to a file of this name in the fixture's folder; NULL when that fails. */
static inline const char *catalog_write(catalog_fixture *f, const char *name, const char *bytes, size_t n) {
    if (!*f->dir) {
        strcpy(f->dir, "/tmp/vramsweep-test-XXXXXX");
        if (!mkdtemp(f->dir)) return NULL;
    }
    snprintf(f->path[f->n], sizeof f->path[0], "%s/%s", f->dir, name);
    FILE *to = fopen(f->path[f->n], "wb");
    if (!to) return NULL;
    size_t put = fwrite(bytes, 1, n, to);
    return fclose(to) == 0 && put == n ? f->path[f->n++] : NULL;
}

#endif
