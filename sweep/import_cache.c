/*
 * import_cache.c - models of config_json columns: each path is read once, whatever thread asks first; the others wait.
 * A file that cannot be used is remembered with its fault.
 */
#include <string.h>

#include "common/hash.h"
#include "sweep/import.h"

enum { BUCKETS = 1024, ENTRIES_MAX = 100000 };

typedef struct entry {
    struct entry *next;
    const char *path;
    const kern_model *model; /* NULL: the fault */
    diag fault;
} entry;

struct sweep_imports {
    arena *mem;
    size_t n;
    entry *bucket[BUCKETS];
};

sweep_imports *sweep_imports_new(arena *mem) {
    sweep_imports *cache = arena_alloc(mem, 1, sizeof *cache);
    if (cache) cache->mem = mem;
    return cache;
}

static void load(const sweep_catalogs *c, entry *e, arena *mem) {
    sweep_import_row *row = arena_alloc(mem, 1, sizeof *row);
    diags faults = {.n = 0};
    if (row && sweep_import_config(c, mem, e->path, 0, row, &faults) == ERR_OK)
        e->model = row->model;
    else if (faults.n)
        e->fault = faults.item[0];
    else
        e->fault.code = ERR_MEMORY;
}

/** Called by one thread at a time. NULL: no room for another file. */
static const entry *find_or_load(const sweep_catalogs *c, const char *path) {
    sweep_imports *cache = c->imports;
    entry **at = &cache->bucket[hash_bytes(path, strlen(path)) % BUCKETS];
    for (const entry *e = *at; e; e = e->next) {
        if (strcmp(e->path, path) == 0) return e;
    }
    entry *e = cache->n < ENTRIES_MAX ? arena_alloc(cache->mem, 1, sizeof *e) : NULL;
    if (e) e->path = arena_text(cache->mem, path, strlen(path));
    if (!e || !e->path) return NULL;
    load(c, e, cache->mem);
    e->next = *at;
    *at = e;
    cache->n++;
    return e;
}

static err report(const entry *e, diags *faults) {
    const diag *f = &e->fault;
    char place[DIAG_TEXT / 2] = "";
    const char *text = f->code == ERR_MEMORY ? err_text(ERR_MEMORY) : f->text;
    if (f->line) snprintf(place, sizeof place, "%d:%d: ", f->line, f->column);
    return diag_add(faults, f->code, NULL, 0, 0, "config_json", "%.100s: %s%s%s%.180s", e->path, place,
                    f->field ? f->field : "", f->field ? ": " : "", text);
}

err sweep_import_model(const sweep_catalogs *c, const char *path, const kern_model **out, diags *faults) {
    const entry *e = NULL;
    if (c->imports) {
#pragma omp critical(sweep_imports)
        e = find_or_load(c, path);
    }
    if (!e) return diag_add(faults, ERR_LIMIT, NULL, 0, 0, "config_json", "no room for another file");
    if (!e->model) return report(e, faults);
    *out = e->model;
    return ERR_OK;
}
