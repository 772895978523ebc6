/*
 * catalog_find.c - names to rows: what the user may leave out is tried after the full name.
 */
#include <string.h>

#include "common/text.h"
#include "sweep/catalog_internal.h"

enum { NAME = 200 };

/** Row of a name with an optional prefix that users may leave out. */
static size_t find_prefixed(const sweep_index *x, const char *prefix, const char *name) {
    char full[NAME];
    size_t at = sweep_index_find(x, name), n = strlen(prefix), m = strlen(name);
    if (at != SIZE_MAX || n + m >= NAME) return at;
    memcpy(full, prefix, n);
    memcpy(full + n, name, m + 1);
    return sweep_index_find(x, full);
}

const kern_model *sweep_find_model(const sweep_catalogs *c, const char *name) {
    char bare[SWEEP_BARE];
    size_t at = sweep_index_find(c->models.index, name);
    if (at == SIZE_MAX && sweep_bare_name(name, bare)) {
        at = sweep_index_find(c->models.index, bare);
        if (at == SIZE_MAX) at = sweep_index_find(c->bare_models, bare);
    }
    return at == SIZE_MAX ? NULL : c->models.rows[at];
}

const kern_format *sweep_find_weights(const sweep_catalogs *c, const char *name) {
    size_t at = find_prefixed(c->formats.index, "gguf-", name);
    return at == SIZE_MAX ? NULL : c->formats.rows[at];
}

const kern_format *sweep_find_kv(const sweep_catalogs *c, const char *name) {
    size_t at = find_prefixed(c->kv_index, "kv-", name);
    return at == SIZE_MAX ? NULL : c->formats.rows[at];
}

const kern_mode *sweep_find_mode(const sweep_catalogs *c, const char *name) {
    size_t at = sweep_index_find(c->modes.index, name);
    return at == SIZE_MAX ? NULL : c->modes.rows[at];
}

const kern_method *sweep_find_method(const sweep_catalogs *c, const char *name) {
    size_t at = sweep_index_find(c->methods.index, name);
    return at == SIZE_MAX ? NULL : c->methods.rows[at];
}

const kern_gpu *sweep_find_gpu(const sweep_catalogs *c, const char *name) {
    size_t at = sweep_index_find(c->gpus.index, name);
    return at == SIZE_MAX ? NULL : c->gpus.rows[at];
}

/** Compares dotted versions number by number: 0.9 < 0.10; what is no number counts as 0. */
static int compare_versions(const char *a, const char *b) {
    while (*a || *b) {
        unsigned long x = 0, y = 0;
        for (; *a && *a != '.'; a++)
            x = *a >= '0' && *a <= '9' && x < 100000000 ? 10 * x + (unsigned long)(*a - '0') : x;
        for (; *b && *b != '.'; b++)
            y = *b >= '0' && *b <= '9' && y < 100000000 ? 10 * y + (unsigned long)(*b - '0') : y;
        if (x != y) return x < y ? -1 : 1;
        a += *a == '.';
        b += *b == '.';
    }
    return 0;
}

const kern_engine *sweep_find_engine(const sweep_catalogs *c, const char *name, int *older) {
    const char *at = strchr(name, '@');
    size_t n = at ? (size_t)(at - name) : strlen(name);
    const kern_engine *best = NULL;
    *older = 0;
    for (size_t i = 0; i < c->engines.n; i++) {
        const kern_engine *e = c->engines.rows[i];
        char stem[NAME];
        if (n >= sizeof stem || strlen(e->name) != n) continue;
        memcpy(stem, name, n);
        stem[n] = 0;
        if (!text_same(stem, e->name) || (at && compare_versions(e->version, at + 1) > 0)) continue;
        if (!best || compare_versions(e->version, best->version) > 0) best = e;
    }
    if (best && at) *older = compare_versions(best->version, at + 1) != 0;
    return best;
}

const kern_format *sweep_native_format(const sweep_catalogs *c, const kern_model *m) {
    return sweep_find_weights(c, m->native_format);
}

/* Names for suggestions: the i-th of a kind, NULL at the end. */

/** Formats are suggested by the short name one would type. */
static const char *without(const char *name, const char *prefix) {
    size_t n = strlen(prefix);
    return strncmp(name, prefix, n) == 0 ? name + n : name;
}

const char *sweep_model_name(const void *c, size_t i) {
    const sweep_catalogs *all = c;
    return i < all->models.n ? all->models.rows[i]->name : NULL;
}

const char *sweep_weights_name(const void *c, size_t i) {
    const kern_format *f = ((const sweep_catalogs *)c)->axis_formats[0][i];
    return f ? f->name : NULL;
}

const char *sweep_kv_name(const void *c, size_t i) {
    const kern_format *f = ((const sweep_catalogs *)c)->axis_formats[1][i];
    return f ? without(f->name, "kv-") : NULL;
}

const char *sweep_mode_name(const void *c, size_t i) {
    const sweep_catalogs *all = c;
    return i < all->modes.n ? all->modes.rows[i]->name : NULL;
}

const char *sweep_engine_name(const void *c, size_t i) {
    const sweep_catalogs *all = c;
    return i < all->engines.n ? all->engines.rows[i]->name : NULL;
}

const char *sweep_method_name(const void *c, size_t i) {
    const sweep_catalogs *all = c;
    return i < all->methods.n ? all->methods.rows[i]->name : NULL;
}

const char *sweep_gpu_name(const void *c, size_t i) {
    const sweep_catalogs *all = c;
    return i < all->gpus.n ? all->gpus.rows[i]->name : NULL;
}
