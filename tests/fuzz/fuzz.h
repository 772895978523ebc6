/*
 * fuzz.h - what the fuzz targets share. A target takes any bytes, gives them to a reader, and drives what comes out a
 * little further: whatever a reader accepts must be counted without a crash and add up. The same functions are fed by
 * libFuzzer (libfuzzer.c) and by the replay of tests/corpus (replay.c).
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "sweep/catalog.h"
#include "sweep/scenario.h"

#define TARGET(name, bytes, sources) void fuzz_##name(const uint8_t *data, size_t n);
#include "tests/fuzz/targets.def"
#undef TARGET

/** What must hold for every input; says where and stops the process when it does not. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_fail(const char *file, int line, const char *what);

/** The shipped catalogs, loaded by the first call and kept. */
const sweep_catalogs *fuzz_catalogs(void);

/** An arena with an allocation of its own for every piece, so that the address sanitizer sees where each ends. */
void fuzz_arena(arena *mem);

/** A path that reads as these bytes until the next call; nothing is written to a disk. */
const char *fuzz_path(const uint8_t *data, size_t n);

/** The bytes as a text with its NUL, cut at the first NUL among them; free() it. */
char *fuzz_text(const uint8_t *data, size_t n);

/** A number that is the same for the same bytes. */
uint64_t fuzz_hash(const uint8_t *data, size_t n);

/** A refusal has faults, and every fault has a text that can be printed. */
void fuzz_faults(err e, const diags *faults);

/** llama-3.1-8b in bf16, for inference, on one GPU, with the exact method. */
kern_scenario fuzz_scenario(void);

/**
 * Lowers and evaluates a scenario: refused with a reason, or components are whole, not negative, add up to the total,
 * stay below 2^53 and are what whole numbers give. Published methods: they add up.
 */
void fuzz_lower(const kern_scenario *sc, double s, double b);

/** The same, held against a GPU: what is said to fit fits, and one more does not. */
void fuzz_answer(const kern_scenario *sc, const kern_gpu *gpu, double s, double b);

/** Lowers a model with a third of the engines, in versions, modes, formats and layouts that `pick` chooses. */
void fuzz_model(const kern_model *m, uint64_t pick);

#endif
