/*
 * test_truth.c - the error bars that the model holds against measured rows (tests/truth), per file and term: median and
 * 90th percentile of the absolute error. They are what the mechanisms reach, rounded up, and never wider than what is
 * promised; the figures themselves stand in docs/accuracy.md.
 */
#include <stdlib.h>
#include <string.h>

#include "sweep/accuracy.h"
#include "tests/unit/catalog_fixture.h"
#include "tests/unit/tt.h"

static const struct bar {
    const char *file, *term;
    size_t rows;        /* at least */
    double median, p90; /* at most, relative; 1: not held */
} bars[] = {
    {"tests/truth/gguf_files.csv", "checkpoint", 60, 0.005, 0.02},
    {"tests/truth/checkpoint_sizes.csv", "weights", 45, 0.001, 0.06},
    {"tests/truth/checkpoint_sizes.csv", "checkpoint", 8, 0.001, 0.01},
    {"tests/truth/llamacpp_logs.csv", "kv_cache", 50, 0, 0},
    {"tests/truth/vllm_logs.csv", "weights", 45, 0.005, 0.01},
    {"tests/truth/vllm_logs.csv", "kv_capacity_tokens", 45, 0.005, 0.03},
    {"tests/truth/vllm_older.csv", "weights", 30, 0.02, 1},
    {"tests/truth/vllm_older.csv", "kv_capacity_tokens", 20, 0.05, 0.4},
    {"tests/truth/sglang_logs.csv", "kv_capacity_tokens", 8, 0.03, 0.1},
    {"tests/truth/training_fms.csv", "total", 45, 0.01, 0.02},
    {"tests/truth/training_megatron.csv", "total", 38, 0.01, 0.04},
    {"tests/truth/training_torchtitan.csv", "total", 50, 0.06, 0.25},
    {"tests/truth/training_torchtune.csv", "total", 9, 0.03, 0.5},
};

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/** Sorted absolute errors of a term; a refused row counts as infinitely wrong. */
static size_t errors_of(const sweep_catalogs *c, const struct bar *bar, double *error, size_t room) {
    arena mem;
    diags faults = {.n = 0};
    sweep_measured *rows = NULL;
    size_t n = 0, k = 0;
    char path[128], *paths[] = {path};
    snprintf(path, sizeof path, "%s", bar->file);
    arena_init(&mem, NULL, NULL);
    TT_ERR(ERR_OK, sweep_accuracy_load(&mem, c, paths, 1, &rows, &n, &faults));
    for (size_t i = 0; rows && i < n && k < room; i++) {
        if (strcmp(rows[i].cell.text[CELL_QUANTITY], bar->term) == 0)
            error[k++] = rows[i].why ? INFINITY : fabs(rows[i].error);
    }
    arena_fini(&mem);
    qsort(error, k, sizeof *error, ascending);
    return k;
}

static void held(void) {
    static double error[1024];
    const char *const overlay[] = {"tests/truth/training-models.csv"}; /* shapes of runs that are no released model */
    static sweep_catalogs c;
    diags faults = {.n = 0};
    arena mem;
    arena_init(&mem, NULL, NULL);
    TT_ERR(ERR_OK, sweep_catalogs_load(&c, &mem, "configs/catalogs", overlay, 1, &faults));
    for (size_t i = 0; i < sizeof bars / sizeof *bars; i++) {
        const struct bar *b = &bars[i];
        size_t n = errors_of(&c, b, error, sizeof error / sizeof *error);
        CU_ASSERT_FATAL(n >= b->rows);
        double slack = 2e-3 * (b->median == 0); /* what a log rounds away */
        int ok = error[(n - 1) / 2] <= b->median + slack && error[(9 * n + 9) / 10 - 1] <= b->p90 + slack;
        CU_ASSERT(ok);
        if (!ok) printf("\n%s %s: %g %g\n", b->file, b->term, error[(n - 1) / 2], error[(9 * n + 9) / 10 - 1]);
    }
    arena_fini(&mem);
}

CU_TestInfo truth_tests[] = {{"held", held}, CU_TEST_INFO_NULL};
