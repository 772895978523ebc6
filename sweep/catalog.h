/*
 * catalog.h - reads configs/catalogs/<kind>.csv and the overlays laid over them into kernel rows (libcsv, strict mode).
 * The header decides the columns; an overlay row of the same name replaces a row whole. Faults are collected, up to 20.
 * Everything lives in the arena. Column reference: docs/catalogs.md.
 */
#ifndef SWEEP_CATALOG_H
#define SWEEP_CATALOG_H

#include "common/arena.h"
#include "common/err.h"
#include "kernels/types.h"

typedef struct sweep_index sweep_index; /* name -> row, case-insensitive, aliases included */

/** Rows of one kind, in file order (overlay additions after). `rows` is an array of pointers. */
#define SWEEP_CATALOG_OF(type)                                                                                         \
    struct {                                                                                                           \
        const type **rows;                                                                                             \
        size_t n;                                                                                                      \
        sweep_index *index;                                                                                            \
    }

/** Rows of reserves.csv that share a name, in the order of the file. */
typedef struct sweep_reserves {
    const char *name;
    const kern_reserve *rows;
    uint32_t n;
} sweep_reserves;

typedef struct sweep_catalogs {
    arena *mem;
    const char *home; /* folder of the shipped ones; borrowed */
    SWEEP_CATALOG_OF(kern_model) models;
    sweep_index *bare_models;              /* names without organisation and without -Instruct, -Chat, -it, ... */
    SWEEP_CATALOG_OF(kern_format) formats; /* index: names on the weights axis */
    sweep_index *kv_index;                 /* names on the kv axis */
    const kern_format **axis_formats[2];   /* those of the weights axis, of the kv axis, NULL at the end */
    SWEEP_CATALOG_OF(kern_mode) modes;
    const struct sweep_reserves *reserves; /* of reserves.csv, by name */
    size_t n_reserves;
    sweep_index *reserves_index;
    SWEEP_CATALOG_OF(kern_engine) engines;
    SWEEP_CATALOG_OF(kern_method) methods;
    SWEEP_CATALOG_OF(kern_gpu) gpus;
    const kern_price *prices;
    size_t n_prices;
    const kern_purchase *purchases; /* at most one of a GPU */
    size_t n_purchases;
    const char **files; /* that were read, in order */
    size_t n_files, cap_files;
    struct sweep_imports *imports; /* models of config_json files (sweep/import.h) */
} sweep_catalogs;

/**
 * Loads the shipped catalogs from `dir`, then each overlay (a folder with any of the files, or one file named like
 * models.csv or *-models.csv) in order; later ones win.
 * @return ERR_OK, or the code of the first fault; all faults are in `faults`.
 */
err sweep_catalogs_load(sweep_catalogs *c, arena *mem, const char *dir, const char *const *overlays, size_t n,
                        diags *faults);

/**
 * Folder of the shipped catalogs: $VRAMSWEEP_CATALOGS, else relative to the program: <dir of the
 * executable>/configs/catalogs (build tree) or <dir>/../share/vramsweep/catalogs (installed). ERR_OPEN: none exists.
 */
err sweep_catalogs_home(const char **home, arena *mem, diags *faults);

/** Name of the i-th column of models.csv, in the order of the file; NULL at the end. */
const char *sweep_model_column(size_t i);

/**
 * A model from the texts of a models.csv row, in the order of sweep_model_column; none may be NULL. Nothing is indexed.
 * @param file  borrowed, for faults; the catalogs must be loaded: `native` names one of their formats
 */
err sweep_model_from_columns(const sweep_catalogs *c, arena *mem, const char *file, const char *const *value,
                             const kern_model **out, diags *faults);

/**
 * Finders: exact name, alias or Hugging Face id, case ignored; NULL when there is none (no diag, no suggestion).
 * weights: `gguf-` may be left out; kv: `kv-` may be left out; engine: `vllm` is the newest row, `vllm@0.19.0` that
 * version or, when unknown, the nearest older one (*older set to 1).
 */
const kern_model *sweep_find_model(const sweep_catalogs *c, const char *name);
const kern_format *sweep_find_weights(const sweep_catalogs *c, const char *name);
const kern_format *sweep_find_kv(const sweep_catalogs *c, const char *name);
const kern_mode *sweep_find_mode(const sweep_catalogs *c, const char *name);
const kern_engine *sweep_find_engine(const sweep_catalogs *c, const char *name, int *older);
const kern_method *sweep_find_method(const sweep_catalogs *c, const char *name);
const kern_gpu *sweep_find_gpu(const sweep_catalogs *c, const char *name);

/** `model=native`: the row of the model's own format. Never NULL for a loaded catalog (checked by the loader). */
const kern_format *sweep_native_format(const sweep_catalogs *c, const kern_model *m);

/** The i-th name a catalog kind offers to text_suggest; ctx is the catalogs. NULL at the end. */
const char *sweep_model_name(const void *c, size_t i);
const char *sweep_weights_name(const void *c, size_t i);
const char *sweep_kv_name(const void *c, size_t i);
const char *sweep_mode_name(const void *c, size_t i);
const char *sweep_engine_name(const void *c, size_t i);
const char *sweep_method_name(const void *c, size_t i);
const char *sweep_gpu_name(const void *c, size_t i);

#endif
