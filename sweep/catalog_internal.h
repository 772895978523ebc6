/*
 * catalog_internal.h - how the catalog files share the loading: rows are parsed as they come (an overlay's row takes
 * the place of one with the same key), then finished in order of dependence, when every other catalog is known.
 */
#ifndef SWEEP_CATALOG_INTERNAL_H
#define SWEEP_CATALOG_INTERNAL_H

#include "kernels/lower/tensors.h"
#include "sweep/catalog.h"
#include "sweep/schema.h"

/** A parsed row: `raw` is the struct of its kind; key decides what replaces what. */
typedef struct sweep_raw {
    const char *key, *file;
    int line, source; /* source: number of the file it came from; rows of one file may not repeat a key */
    void *raw;
} sweep_raw;

typedef struct sweep_raws {
    sweep_raw *item;
    size_t n, cap;
    sweep_index *index;
} sweep_raws;

typedef struct sweep_loader {
    sweep_catalogs *c;
    arena *mem;
    diags *faults;
    err first; /* first fault */
    int source;
} sweep_loader;

/** One kind of catalog: its file, its columns, its key, how a row becomes a catalog row. */
typedef struct sweep_kind {
    const char *file; /* models.csv */
    const sweep_field *fields;
    size_t n_fields, raw_bytes;
    const char *(*key)(sweep_loader *l, const void *raw); /* NULL when memory is gone */
    err (*finish)(sweep_loader *l, const sweep_raws *rows);
} sweep_kind;

extern const sweep_kind sweep_kind_models, sweep_kind_formats, sweep_kind_mixes, sweep_kind_modes, sweep_kind_engines,
    sweep_kind_methods, sweep_kind_gpus, sweep_kind_prices, sweep_kind_purchases, sweep_kind_reserves;

/** Parses one file of a kind into its rows, which have an index. Faults go to the loader. */
void sweep_kind_read(sweep_loader *l, const sweep_kind *kind, sweep_raws *rows, const char *path);

/** A fault in a row; remembers the first code. */
err sweep_row_fault(sweep_loader *l, const sweep_raw *row, err code, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

/** Hash index over names. Adding a name that is there returns 0 and leaves the first; -1 when memory is gone. */
sweep_index *sweep_index_new(arena *mem, size_t names);
int sweep_index_add(sweep_index *x, const char *name, size_t row);
/** Row of a name, SIZE_MAX when unknown. */
size_t sweep_index_find(const sweep_index *x, const char *name);

/**
 * Adds a further name of row `at`. That another row has it is a fault when both come from one file; else the row that
 * was named first keeps it: an overlay may give a row of its own to what was an alias.
 */
void sweep_index_alias(sweep_loader *l, sweep_index *x, const sweep_raws *rows, size_t at, const char *name);

/** The same for every piece of a ';' separated list. */
void sweep_index_aliases(sweep_loader *l, sweep_index *x, const sweep_raws *rows, size_t at, const char *aliases);

/**
 * Name of a model without organisation and without the words of tuned versions (-Instruct, -Chat, -it, -Base, -pt, -hf,
 * wherever they stand). Returns 0 when nothing is left or the name is too long. out: SWEEP_BARE bytes.
 */
enum { SWEEP_BARE = 160 };
int sweep_bare_name(const char *name, char *out);

/** Adds a bare name; one that would name two rows names none. Returns 0 when memory is gone. */
int sweep_index_bare(sweep_index *x, const char *name, size_t row);

#endif
