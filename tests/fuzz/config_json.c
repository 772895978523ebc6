/*
 * config_json.c - a Hugging Face config.json to a row and a model, strictly and with --assume; the model is lowered
 * with every engine, and its row must be read again as the same model.
 */
#include <stdlib.h>

#include "sweep/import.h"
#include "tests/fuzz/fuzz.h"

/** What `import` prints is what the catalog reader takes. */
static void check_row(const sweep_import_row *row, arena *mem) {
    const kern_model *again;
    diags faults = {.n = 0};
    err e = sweep_model_from_columns(fuzz_catalogs(), mem, "row", row->value, &again, &faults);
    fuzz_faults(e, &faults);
    FUZZ_CHECK(e == ERR_OK && again->params_main == row->model->params_main && again->layers == row->model->layers);
    FUZZ_CHECK(row->model->params_main >= 0 && row->model->params_active <= row->model->params_main);
}

static void import(const char *path, int assume, uint64_t pick) {
    sweep_import_row *row = calloc(1, sizeof *row);
    diags faults = {.n = 0};
    arena mem;
    FUZZ_CHECK(row != NULL);
    fuzz_arena(&mem);
    err e = sweep_import_config(fuzz_catalogs(), &mem, path, assume, row, &faults);
    fuzz_faults(e, &faults);
    if (e == ERR_OK) check_row(row, &mem);
    if (e == ERR_OK) fuzz_model(row->model, pick);
    arena_fini(&mem);
    free(row);
}

void fuzz_config_json(const uint8_t *data, size_t n) {
    const uint64_t pick = fuzz_hash(data, n);
    const char *path = fuzz_path(data, n);
    import(path, (int)(pick & 1), pick);
}
