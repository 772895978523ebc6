/*
 * main.c - runs all cases in alternating rounds and prints medians: nanoseconds per unit, times the plain twin, share
 * of the floor. A table in Markdown goes to standard output, the same as JSON to the file that is named. Exit status 1
 * when a result differs from its twin's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/bench.h"
#include "kernels/eval/eval.h"

enum { ROUNDS = 9, KINDS = 3, LINE = 256 };

static const double round_seconds = 0.02;
static volatile double kept;

double bench_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void bench_keep(double x) {
    kept = kept + x;
}

static double seconds_of(void (*call)(void), int times) {
    double start = bench_now();
    for (int i = 0; i < times; i++)
        call();
    return (bench_now() - start) / times;
}

/** Calls that take about as long as a round should. */
static int calls_in_a_round(void (*call)(void)) {
    double one = seconds_of(call, 1);
    return one > round_seconds ? 1 : (int)(round_seconds / (one > 1e-7 ? one : 1e-7)) + 1;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x) {
    qsort(x, ROUNDS, sizeof *x, ascending);
    return x[ROUNDS / 2];
}

/** What the rounds of a case gave; 0 where there is no twin or floor. */
typedef struct outcome {
    double ns, times_plain, share_of_floor;
} outcome;

static outcome measure(const bench_case *c) {
    void (*const call[KINDS])(void) = {c->ours, c->plain, c->floor};
    static double seconds[KINDS][ROUNDS], ratio[ROUNDS];
    outcome out = {0, 0, 0};
    int times[KINDS];
    for (int k = 0; k < KINDS; k++)
        times[k] = call[k] ? calls_in_a_round(call[k]) : 0;
    for (int r = 0; r < ROUNDS; r++) {
        for (int k = 0; k < KINDS; k++)
            seconds[k][r] = call[k] ? seconds_of(call[k], times[k]) : 0;
    }
    for (int r = 0; r < ROUNDS; r++)
        ratio[r] = seconds[1][r] / seconds[0][r];
    if (c->plain) out.times_plain = median(ratio);
    for (int r = 0; r < ROUNDS; r++)
        ratio[r] = seconds[2][r] / seconds[0][r];
    if (c->floor) out.share_of_floor = median(ratio);
    out.ns = 1e9 * median(seconds[0]) / c->units;
    return out;
}

/** Model name of the first processor, where the system says it. */
static void processor(char name[LINE]) {
    char line[LINE];
    FILE *in = fopen("/proc/cpuinfo", "r");
    snprintf(name, LINE, "unknown");
    while (in && fgets(line, sizeof line, in)) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || !colon) continue;
        snprintf(name, LINE, "%.*s", (int)strcspn(colon + 2, "\n\""), colon + 2);
        break;
    }
    if (in) fclose(in);
}

static void put_markdown(const bench_case *c, const outcome *o) {
    printf("| %s | %.3g ns per %s |", c->name, o->ns, c->unit);
    if (c->plain) printf(" %.2f x %s |", o->times_plain, c->plain_means);
    if (!c->plain) printf("  |");
    if (c->floor) printf(" %.0f %% of %s |", 100 * o->share_of_floor, c->floor_means);
    if (!c->floor) printf("  |");
    printf("\n");
    fflush(stdout);
}

static void put_json(FILE *json, const bench_case *c, const outcome *o, int first) {
    fprintf(json, "%s\n  {\"name\": \"%s\", \"unit\": \"%s\", \"ns_per_unit\": %.6g", first ? "" : ",", c->name,
            c->unit, o->ns);
    if (c->plain) fprintf(json, ", \"times_plain\": %.4g, \"plain\": \"%s\"", o->times_plain, c->plain_means);
    if (c->floor) fprintf(json, ", \"share_of_floor\": %.4g, \"floor\": \"%s\"", o->share_of_floor, c->floor_means);
    fprintf(json, "}");
}

static int run(const bench_set *set, FILE *json) {
    char cpu[LINE];
    processor(cpu);
    printf("%s; %s; kernels %s; one thread; medians of %d alternating rounds\n\n", cpu, __VERSION__,
           kern_ops_get()->name, ROUNDS);
    printf("| what | time | speed | floor |\n|---|---|---|---|\n");
    fprintf(json, "{\"cpu\": \"%s\", \"compiler\": \"%s\", \"kernels\": \"%s\", \"rounds\": %d, \"cases\": [", cpu,
            __VERSION__, kern_ops_get()->name, ROUNDS);
    for (size_t i = 0; i < set->n; i++) {
        const bench_case *c = &set->item[i];
        if (c->agree && !c->agree()) {
            fprintf(stderr, "%s: the result differs from %s; not measured\n", c->name, c->plain_means);
            return 1;
        }
        outcome o = measure(c);
        put_markdown(c, &o);
        put_json(json, c, &o, i == 0);
    }
    fprintf(json, "\n]}\n");
    return 0;
}

int main(int argc, char **argv) {
    static sweep_catalogs catalogs;
    static bench_set set;
    diags faults = {.n = 0};
    arena mem;
    if (argc != 2) {
        fprintf(stderr, "usage: %s JSON\n", argv[0]);
        return 2;
    }
    arena_init(&mem, NULL, NULL);
    if (sweep_catalogs_load(&catalogs, &mem, "configs/catalogs", NULL, 0, &faults) != ERR_OK) {
        diags_print(stderr, &faults);
        return 1;
    }
    set.catalogs = &catalogs;
    FILE *json = fopen(argv[1], "w");
    if (!json || !bench_add_lowering(&set) || !bench_add_layouts(&set) || !bench_add_kernels(&set) ||
        !bench_add_count(&set) || !bench_add_rows(&set)) {
        fprintf(stderr, "%s: the cases cannot be set up\n", argv[0]);
        return 1;
    }
    int bad = run(&set, json);
    bad |= fclose(json) != 0;
    arena_fini(&mem);
    return bad;
}
