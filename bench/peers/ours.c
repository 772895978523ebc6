/*
 * ours.c - our side of the comparison with other programs. Reads the configs of the two grids, writes their
 * coefficients for the others (`export`), then answers one task per line of standard input with one line of JSON: the
 * seconds it took, by the clock and of processor time, and its answer.
 *
 *     plain              the loop one would write: cell by cell, six components, GPU by GPU
 *     short              the same with the components added up beforehand
 *     brute THREADS      every cell against every capacity
 *     analytic THREADS   solved from the records
 *     brutes THREADS     the same, again and again: as long as the calibration, about
 *     analytics THREADS
 *     rows PATH THREADS  all rows of the other grid as CSV, from plan to file
 *     print PATH         the same rows, cell by cell with fprintf
 *     raw PATH BYTES     as many bytes with write(), 1 MiB at a time
 *     calibrate THREADS  multiply-adds in registers: what a second thread gains at best
 *     scenarios PATH N   a list of scenarios for `vramsweep eval`
 *     machine            what all this ran on (no seconds)
 */
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/print.h"
#include "bench/peers/polynomials.h"
#include "kernels/reduce/count.h"

enum { GPUS_MAX = 256, LINE = 4096, CALIBRATIONS = 20, BRUTES = 8, ANALYTICS = 80 };

static bench_grid counted, written;
static peers_combo *combo;
static size_t n_combos, n_limits;
static double limit[GPUS_MAX];
static kern_grid axes;
static uint64_t fits[GPUS_MAX]; /* per GPU of the grid */

static double sum_components(const peers_combo *x, unsigned p, double b, double s) {
    double sum = 0;
    for (unsigned k = 0; k < KERN_COMPONENTS; k++)
        sum += peers_value(&x->component[p][k], b, s);
    return sum;
}

static double sum_short(const peers_combo *x, unsigned p, double b, double s) {
    return peers_value(&x->phase[p], b, s);
}

static inline void count_plain_combo(const peers_combo *x, const double *capacity, size_t n_gpus,
                                     double (*sum)(const peers_combo *, unsigned, double, double)) {
    for (size_t i = 0; i < axes.n_s; i++) {
        for (size_t j = 0; j < axes.n_b; j++) {
            double total = 0;
            for (unsigned p = 0; p < x->n_phases; p++) {
                double phase = sum(x, p, axes.b[j], axes.s[i]);
                total = phase > total ? phase : total;
            }
            for (size_t g = 0; g < n_gpus; g++)
                fits[g] += total <= capacity[g];
        }
    }
}

static inline void count_plain(double (*sum)(const peers_combo *, unsigned, double, double)) {
    double capacity[GPUS_MAX];
    size_t n = counted.plan.n[SWEEP_GPU];
    for (size_t g = 0; g < n; g++)
        capacity[g] = peers_capacity(&counted, g);
    for (size_t i = 0; i < n_combos; i++)
        count_plain_combo(&combo[i], capacity, n, sum);
}

/** Cells that each distinct capacity holds, by the kernels. */
static void count_limits(kern_way way, uint64_t held[GPUS_MAX]) {
#pragma omp parallel
    {
        kern_counter *c = kern_counter_new(axes.n_b, n_limits);
        kern_fit fit[GPUS_MAX];
        kern_extent extent;
#pragma omp for schedule(dynamic, 64) reduction(+ : held[:GPUS_MAX])
        for (size_t i = 0; i < n_combos; i++) {
            kern_count(c, combo[i].record, &axes, way, limit, n_limits, fit, &extent);
            for (size_t k = 0; k < n_limits; k++)
                held[k] += fit[k].cells;
        }
        kern_counter_free(c);
    }
}

static void count_kernels(kern_way way) {
    uint64_t held[GPUS_MAX] = {0};
    count_limits(way, held);
    for (size_t g = 0; g < counted.plan.n[SWEEP_GPU]; g++) {
        for (size_t k = 0; k < n_limits; k++) {
            if (limit[k] == peers_capacity(&counted, g)) fits[g] = held[k];
        }
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int set_up(void) {
    if (!bench_grid_open(&counted, "bench/peers/count.yaml") || !bench_grid_open(&written, "bench/peers/rows.yaml")) {
        return 0;
    }
    const sweep_plan *p = &counted.plan;
    combo = peers_combos(&counted, &n_combos);
    axes = (kern_grid){.s = p->context, .b = p->batch, .n_s = p->n[SWEEP_CONTEXT], .n_b = p->n[SWEEP_BATCH]};
    uint32_t *table = calloc((size_t)axes.b[axes.n_b - 1] + 1, sizeof *table);
    if (!combo || !table || p->n[SWEEP_GPU] > GPUS_MAX) return 0;
    kern_grid_complete(&axes, table);
    for (size_t g = 0; g < p->n[SWEEP_GPU]; g++)
        limit[g] = peers_capacity(&counted, g);
    qsort(limit, p->n[SWEEP_GPU], sizeof *limit, ascending);
    for (size_t g = 0; g < p->n[SWEEP_GPU]; g++) {
        if (!n_limits || limit[n_limits - 1] != limit[g]) limit[n_limits++] = limit[g];
    }
    return 1;
}

static int export_grids(const char *count_folder, const char *rows_folder) {
    size_t n;
    peers_combo *rows = peers_combos(&written, &n);
    int ok =
        rows && peers_export(&counted, combo, n_combos, count_folder) && peers_export(&written, rows, n, rows_folder);
    free(rows);
    return ok;
}

static int do_plain(const char *path, long threads) {
    (void)path, (void)threads;
    count_plain(sum_components);
    return 1;
}

static int do_short(const char *path, long threads) {
    (void)path, (void)threads;
    count_plain(sum_short);
    return 1;
}

static int do_brute(const char *path, long threads) {
    (void)path, (void)threads;
    count_kernels(KERN_WAY_BRUTE);
    return 1;
}

static int do_analytic(const char *path, long threads) {
    (void)path, (void)threads;
    count_kernels(KERN_WAY_ANALYTIC);
    return 1;
}

static int do_rows(const char *path, long threads) {
    return bench_grid_write(&written, path, (int)threads);
}

static int do_print(const char *path, long threads) {
    (void)threads;
    FILE *out = fopen(path, "w");
    int ok = out && bench_grid_print(&written, out);
    return out && fclose(out) == 0 && ok;
}

static int do_raw(const char *path, long bytes) {
    bench_write_raw(path, (size_t)bytes, 0);
    return 1;
}

static int do_calibrate(const char *path, long threads) {
    (void)path;
    (threads == 2 ? bench_calibrate_two : bench_calibrate_one)();
    return 1;
}

static int do_scenarios(const char *path, long n) {
    return bench_write_scenarios(path, (int)n);
}

static const struct task {
    const char *name;
    int (*run)(const char *path, long number); /* 0: failed */
    int times;
} tasks[] = {{"plain", do_plain, 1},
             {"short", do_short, 1},
             {"brute", do_brute, 1},
             {"analytic", do_analytic, 1},
             {"brutes", do_brute, BRUTES},
             {"analytics", do_analytic, ANALYTICS},
             {"rows", do_rows, 1},
             {"print", do_print, 1},
             {"raw", do_raw, 1},
             {"calibrate", do_calibrate, CALIBRATIONS},
             {"scenarios", do_scenarios, 1}};

static double processor_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void answer(double seconds, double cpu) {
    printf("{\"seconds\": %.9f, \"cpu\": %.9f, \"fits\": [", seconds, cpu);
    for (size_t g = 0; g < counted.plan.n[SWEEP_GPU]; g++)
        printf("%s%llu", g ? ", " : "", (unsigned long long)fits[g]);
    printf("]}\n");
    fflush(stdout);
}

/** Does a task and answers; 0 when it failed or is none. */
static int do_task(const char *name, const char *path, long number) {
    memset(fits, 0, sizeof fits);
    omp_set_num_threads(number == 2 ? 2 : 1);
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        if (strcmp(tasks[i].name, name) != 0) continue;
        double start = bench_now(), used = processor_seconds();
        int ok = 1;
        for (int k = 0; ok && k < tasks[i].times; k++)
            ok = tasks[i].run(path, number);
        answer(bench_now() - start, processor_seconds() - used);
        return ok;
    }
    if (strcmp(name, "machine") != 0) return 0;
    json_dumpf(bench_machine(), stdout, 0);
    printf("\n");
    return fflush(stdout) == 0;
}

int main(int argc, char **argv) {
    char line[LINE], task[LINE], path[LINE];
    setenv("VRAMSWEEP_CATALOGS", "configs/catalogs", 1);
    if (!set_up()) return 1;
    if (argc == 4 && strcmp(argv[1], "export") == 0) return !export_grids(argv[2], argv[3]);
    while (fgets(line, sizeof line, stdin)) {
        long number = 1;
        path[0] = 0;
        int n = sscanf(line, "%s %ld", task, &number);
        if (n == 1) n = sscanf(line, "%s %s %ld", task, path, &number);
        if (n < 1 || !do_task(task, path, number)) return 1;
    }
    return 0;
}
