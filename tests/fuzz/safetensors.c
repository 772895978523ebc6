/*
 * safetensors.c - headers of safetensors files and indexes of their shards, which are JSON: what starts with '{' is an
 * index. The sums must be those of the rows that `import` prints.
 */
#include <stdlib.h>

#include "sweep/import_tensors.h"
#include "tests/fuzz/fuzz.h"

static void check_sums(const import_tensors *t) {
    int64_t tensors = 0, elements = 0, bytes = 0;
    for (unsigned c = 0; c < IMPORT_CLASSES; c++) {
        for (unsigned k = 0; k < t->n_types; k++) {
            const import_sum *s = &t->sum[c][k];
            FUZZ_CHECK(s->tensors >= 0 && s->elements >= 0 && s->bytes >= 0);
            tensors += s->tensors;
            elements += s->elements;
            bytes += s->bytes;
        }
    }
    FUZZ_CHECK(tensors == t->all.tensors && elements == t->all.elements && bytes == t->all.bytes);
}

static void put(const import_tensors *t) {
    char note[SWEEP_IMPORT_ASSUMED_MAX];
    report_csv_text out = {0};
    import_tensors_put(t, "fuzz", &out);
    import_tensors_note(t, note, sizeof note);
    FUZZ_CHECK(!out.failed);
    report_csv_text_free(&out);
}

void fuzz_safetensors(const uint8_t *data, size_t n) {
    import_tensors *t = calloc(1, sizeof *t);
    diags faults = {.n = 0};
    int64_t total = 0;
    FUZZ_CHECK(t != NULL);
    const char *path = fuzz_path(data, n);
    err e = n && data[0] == '{' ? import_safetensors_index_read(path, t, &total, &faults)
                                : import_safetensors_read(path, t, &faults);
    fuzz_faults(e, &faults);
    if (e == ERR_OK) {
        FUZZ_CHECK(total >= 0);
        check_sums(t);
        put(t);
    }
    free(t);
}
