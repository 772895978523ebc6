/*
 * import.h - models from the files they are released in: Hugging Face config.json, safetensors and GGUF headers. Each
 * becomes the columns of a models.csv row, and the row becomes a model the way a catalog row does. What is read and
 * what is refused: docs/import.md.
 */
#ifndef SWEEP_IMPORT_H
#define SWEEP_IMPORT_H

#include "sweep/catalog.h"

enum { SWEEP_IMPORT_COLUMNS_MAX = 64, SWEEP_IMPORT_ASSUMED_MAX = 2048 };

/** A row of models.csv: texts in the order of sweep_model_column, and the model that they make. */
typedef struct sweep_import_row {
    const char *value[SWEEP_IMPORT_COLUMNS_MAX];
    const kern_model *model;
    char assumed[SWEEP_IMPORT_ASSUMED_MAX]; /* what was taken for granted, "; " between; empty: nothing */
} sweep_import_row;

/**
 * Reads a config.json.
 *
 * @param c       catalogs: the formats that `native` may name
 * @param mem     takes the row and the model
 * @param assume  1: keys that are not understood are set aside and listed instead of refused
 * @return ERR_OK, or the code of the first fault: unreadable, no JSON (line and column), an architecture or a key that
 *         is not known, a value out of range
 */
err sweep_import_config(const sweep_catalogs *c, arena *mem, const char *path, int assume, sweep_import_row *out,
                        diags *faults);

/** Models of config_json columns, each file read once. */
typedef struct sweep_imports sweep_imports;

/** Storage of the cache in `mem`; NULL when memory is gone. */
sweep_imports *sweep_imports_new(arena *mem);

/**
 * The model of a config.json, read at the first call with this path. Threads may call it at the same time as long as
 * none of them uses the arena of the catalogs otherwise. A fault is reported to every caller, without the file's line.
 */
err sweep_import_model(const sweep_catalogs *c, const char *path, const kern_model **out, diags *faults);

#endif
