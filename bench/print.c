/*
 * print.c - measurements as Markdown and as JSON.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/print.h"
#include "kernels/eval/eval.h"

#if defined(__clang__)
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

enum { LINE = 256 };

/** Model name of the first processor, where the system says it. */
static void processor(char name[LINE]) {
    char line[LINE];
    FILE *in = fopen("/proc/cpuinfo", "r");
    snprintf(name, LINE, "unknown");
    while (in && fgets(line, sizeof line, in)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon) continue;
        snprintf(name, LINE, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        break;
    }
    if (in) fclose(in);
}

json_t *bench_machine(void) {
    char cpu[LINE];
    const char *flags = getenv("BENCH_FLAGS");
    processor(cpu);
    return json_pack("{s:s, s:i, s:s, s:s, s:s, s:i}", "cpu", cpu, "cpus", (int)sysconf(_SC_NPROCESSORS_ONLN),
                     "compiler", COMPILER, "flags", flags ? flags : "unknown", "kernels", kern_ops_get()->name,
                     "rounds", BENCH_ROUNDS);
}

static const char *text_of(const json_t *machine, const char *key) {
    return json_string_value(json_object_get(machine, key));
}

void bench_print_head(const json_t *machine) {
    printf("%s, %d processors; %s; kernels %s; medians of %d alternating rounds\n", text_of(machine, "cpu"),
           (int)json_integer_value(json_object_get(machine, "cpus")), text_of(machine, "compiler"),
           text_of(machine, "kernels"), BENCH_ROUNDS);
    printf("flags: %s\n\n", text_of(machine, "flags"));
    printf("| what | time of one | million/s | against its twin | share of its floor | two threads |\n"
           "|---|---|---|---|---|---|\n");
}

void bench_print_case(const bench_case *c, const bench_outcome *o) {
    printf("| %s | %.3g ns per %s | %.4g |", c->name, o->ns, c->unit, 1e3 / o->ns);
    if (c->plain) printf(" %.2f x %s", o->times_plain, c->plain_means);
    printf(" |");
    if (c->floor) printf(" %.0f %% of %s", 100 * o->share_of_floor, c->floor_means);
    printf(" |");
    if (c->two) printf(" %.2f x one, %.0f %% of the machine's gain", o->gain, 100 * o->share_of_gain);
    printf(" |\n");
    fflush(stdout);
}

json_t *bench_case_json(const bench_case *c, const bench_outcome *o) {
    json_t *j = json_pack("{s:s, s:s, s:f}", "name", c->name, "unit", c->unit, "ns_per_unit", o->ns);
    if (c->plain) json_object_set_new(j, "times_plain", json_real(o->times_plain));
    if (c->plain) json_object_set_new(j, "plain", json_string(c->plain_means));
    if (c->floor) json_object_set_new(j, "share_of_floor", json_real(o->share_of_floor));
    if (c->floor) json_object_set_new(j, "floor", json_string(c->floor_means));
    if (c->two) json_object_set_new(j, "two_threads", json_real(o->gain));
    if (c->two) json_object_set_new(j, "share_of_gain", json_real(o->share_of_gain));
    return j;
}
