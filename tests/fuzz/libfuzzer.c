/*
 * libfuzzer.c - libFuzzer's entry points: the target that FUZZ_TARGET names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct {
    const char *name;
    void (*run)(const uint8_t *data, size_t n);
} targets[] = {
#define TARGET(name, bytes, sources) {#name, fuzz_##name},
#include "tests/fuzz/targets.def"
#undef TARGET
};

static void (*target)(const uint8_t *data, size_t n);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    const char *name = getenv("FUZZ_TARGET");
    (void)argc, (void)argv;
    for (size_t i = 0; name && i < sizeof targets / sizeof *targets; i++) {
        if (strcmp(targets[i].name, name) == 0) target = targets[i].run;
    }
    if (!target) {
        fprintf(stderr, "FUZZ_TARGET: expected a name of tests/fuzz/targets.def\n");
        exit(2);
    }
    fuzz_catalogs();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    target(data, n);
    return 0;
}
