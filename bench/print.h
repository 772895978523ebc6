/*
 * print.h - what a run of the cases says: on what it ran, a Markdown table line by line, the same as JSON.
 */
#ifndef BENCH_PRINT_H
#define BENCH_PRINT_H

#include <jansson.h>

#include "bench/bench.h"

/** What the measurements were made on: processor, processors, compiler, flags (BENCH_FLAGS), kernels. */
json_t *bench_machine(void);

void bench_print_head(const json_t *machine);
void bench_print_case(const bench_case *c, const bench_outcome *o);
json_t *bench_case_json(const bench_case *c, const bench_outcome *o);

#endif
