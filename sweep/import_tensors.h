/*
 * import_tensors.h - what the header of a checkpoint says about its tensors: exact bytes by class of tensor and type.
 */
#ifndef SWEEP_IMPORT_TENSORS_H
#define SWEEP_IMPORT_TENSORS_H

#include <jansson.h>

#include "report/csv_text.h"
#include "sweep/import.h"

enum { IMPORT_TYPES_MAX = 48, IMPORT_TENSORS_MAX = 1000000, IMPORT_TYPE_NAME = 24 };

/** Classes of tensors by their names; more than the model's, since names tell more. */
typedef enum import_class {
    IMPORT_EMBED,
    IMPORT_HEAD,
    IMPORT_ATTN,
    IMPORT_LOWRANK,
    IMPORT_MLP,
    IMPORT_EXPERT,
    IMPORT_SHARED,
    IMPORT_ROUTER,
    IMPORT_NORM,
    IMPORT_RECURRENT,
    IMPORT_STATE,
    IMPORT_VISION,
    IMPORT_SCALES,
    IMPORT_OTHER,
    IMPORT_CLASSES
} import_class;

typedef struct import_sum {
    int64_t tensors, elements, bytes;
} import_sum;

typedef struct import_tensors {
    char type[IMPORT_TYPES_MAX][IMPORT_TYPE_NAME];
    uint8_t is_float[IMPORT_TYPES_MAX];
    unsigned n_types;
    import_sum sum[IMPORT_CLASSES][IMPORT_TYPES_MAX];
    import_sum all;
    int tied; /* no output head was seen */
} import_tensors;

/** Class of a tensor by its name in a checkpoint or a GGUF file. */
import_class import_class_of(const char *name);

/** Adds a tensor. ERR_LIMIT: too many types or tensors, or sums beyond 2^60. */
err import_tensors_add(import_tensors *t, const char *name, const char *type, int is_float, int64_t elements,
                       int64_t bytes);

/** Rows file,class,type,tensors,elements,bytes; the header is the caller's. */
void import_tensors_put(const import_tensors *t, const char *path, report_csv_text *to);

/** One line for the notes of a row. */
void import_tensors_note(const import_tensors *t, char *out, size_t room);

/** A *.safetensors file: its header alone is read. */
err import_safetensors_read(const char *path, import_tensors *out, diags *faults);

/**
 * A *.safetensors.index.json: the headers of its shards beside it are read. Where none is there, *total_bytes is all
 * that is known; else it is checked against them.
 */
err import_safetensors_index_read(const char *path, import_tensors *out, int64_t *total_bytes, diags *faults);

/**
 * A GGUF file, version 2 or 3: its tensors, and its metadata as a config (json_decref it; NULL when the architecture
 * has no row). Sizes of types come from the catalogs.
 */
err import_gguf_read(const sweep_catalogs *c, const char *path, import_tensors *out, json_t **config, diags *faults);

/** GGUF metadata ("llama.block_count": 32, ...) to the keys of a config.json; NULL when the architecture has no row. */
json_t *import_gguf_config(const json_t *metadata, int64_t vocab, int tied);

#endif
