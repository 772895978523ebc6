/*
 * gguf.c - the header of a GGUF file, its tensors, and the model that its metadata describe.
 */
#include <stdlib.h>

#include "sweep/import_internal.h"
#include "sweep/import_tensors.h"
#include "tests/fuzz/fuzz.h"

static void build(const char *path, json_t *config, uint64_t pick) {
    import_source from = {.file = path, .name = "GGUF metadata", .assume = (int)(pick & 1)};
    sweep_import_row *row = calloc(1, sizeof *row);
    diags faults = {.n = 0};
    arena mem;
    FUZZ_CHECK(row != NULL);
    fuzz_arena(&mem);
    err e = import_build(fuzz_catalogs(), &mem, &from, config, row, &faults);
    fuzz_faults(e, &faults);
    if (e == ERR_OK) fuzz_model(row->model, pick);
    arena_fini(&mem);
    free(row);
}

void fuzz_gguf(const uint8_t *data, size_t n) {
    import_tensors *t = calloc(1, sizeof *t);
    diags faults = {.n = 0};
    json_t *config = NULL;
    FUZZ_CHECK(t != NULL);
    const char *path = fuzz_path(data, n);
    err e = import_gguf_read(fuzz_catalogs(), path, t, &config, &faults);
    fuzz_faults(e, &faults);
    if (e == ERR_OK) FUZZ_CHECK(t->all.bytes >= 0 && t->all.elements >= 0);
    if (config) build(path, config, fuzz_hash(data, n));
    json_decref(config);
    free(t);
}
