/*
 * bench_machine.c - limits of the machine, measured in the same run as everything else: multiply-adds, memory traffic,
 * copying, writing. And the calibration: what a second thread gains when nothing stands in its way.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/peak.h"
#include "kernels/eval/eval.h"

enum { STEPS = 2000000, DOUBLES = 1 << 22, PIECE = 1 << 20, FILE_BYTES = 64 << 20 };

static double *a, *b, *c;
static char piece[PIECE];
static const char *path;

static double peak(long steps, double *sum) {
#if defined(__x86_64__)
    const char *isa = kern_ops_get()->name;
    if (strcmp(isa, "avx512") == 0) return bench_peak_avx512(steps, sum);
    if (strcmp(isa, "avx2") == 0) return bench_peak_avx2(steps, sum);
#endif
    return bench_peak_base(steps, sum);
}

void bench_calibrate_one(void) {
    double sum = 0;
    peak(STEPS, &sum);
    bench_keep(sum);
}

void bench_calibrate_two(void) {
    double sum = 0;
#pragma omp parallel num_threads(2) reduction(+ : sum)
    peak(STEPS, &sum);
    bench_keep(sum);
}

static void triad(void) {
#pragma omp simd
    for (size_t i = 0; i < DOUBLES; i++)
        a[i] = b[i] + 3.0 * c[i];
    bench_keep(a[1]);
}

static void copy(void) {
    memcpy(a, b, DOUBLES * sizeof *a);
    bench_keep(a[1]);
}

void bench_write_raw(const char *to, size_t bytes, int ahead) {
    memset(piece, 'x', piece[0] ? 0 : PIECE); /* once: pages that were never written read as one */
    int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (ahead && fd >= 0) (void)!fallocate(fd, 0, 0, (off_t)bytes); /* where it can be done */
    for (size_t left = bytes; fd >= 0 && left > 0;) {
        ssize_t n = write(fd, piece, left < PIECE ? left : PIECE);
        if (n <= 0) break;
        left -= (size_t)n;
    }
    if (fd >= 0) close(fd);
    if (strncmp(to, "/dev/", 5) != 0) unlink(to);
}

static void write_file(void) {
    bench_write_raw(path, FILE_BYTES, 1);
}

static void write_null(void) {
    bench_write_raw("/dev/null", FILE_BYTES, 0);
}

int bench_add_machine(bench_set *set) {
    size_t bytes = DOUBLES * sizeof *a;
    double sum = 0;
    a = malloc(bytes), b = malloc(bytes), c = malloc(bytes);
    if (!a || !b || !c) return 0;
    memset(a, 0, bytes), memset(b, 0, bytes), memset(c, 0, bytes);
    path = arena_printf(set->catalogs->mem, "%s/raw", set->scratch);
    const bench_case cases[] = {
        {.name = "multiply and add (limit)",
         .unit = "flop",
         .units = STEPS * peak(1, &sum),
         .ours = bench_calibrate_one},
        {.name = "triad in memory (limit)", .unit = "byte", .units = 3.0 * (double)bytes, .ours = triad},
        {.name = "copy in memory (limit)", .unit = "byte", .units = (double)bytes, .ours = copy},
        {.name = "write 1 MiB pieces to a new file (limit)", .unit = "byte", .units = FILE_BYTES, .ours = write_file},
        {.name = "write 1 MiB pieces to /dev/null (limit)", .unit = "byte", .units = FILE_BYTES, .ours = write_null}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        set->item[set->n++] = cases[i];
    return path != NULL;
}
