/*
 * bench_count.c - cells of a grid of 64 contexts x 64 batches that fit each GPU of the catalog. Twin: the loop one
 * would write, component by component, cell by cell, GPU by GPU. The analytic way has the brute one as its twin.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "kernels/eval/term.h"
#include "kernels/lower/lower.h"
#include "kernels/reduce/count.h"

enum { RECORDS = 128, SIDE = 64, GPUS_MAX = 4096 };

static kern_record record[RECORDS];
static size_t n_records, n_gpus, n_limits;
static double usable[GPUS_MAX], limit[GPUS_MAX], context[SIDE];
static uint64_t fits[GPUS_MAX];
static _Alignas(64) double batch[SIDE];
static uint32_t table[SIDE + 1];
static kern_grid grid;
static kern_fit fit[GPUS_MAX];
static kern_counter *counter;

/** Cost of each component at one context: k0 + k1 * batch. */
static void fold_plain(const kern_record *r, double s, double k0[][KERN_COMPONENTS], double k1[][KERN_COMPONENTS]) {
    memset(k0, 0, r->n_phases * sizeof *k0);
    memset(k1, 0, r->n_phases * sizeof *k1);
    for (unsigned i = 0; i < r->n_terms; i++) {
        const kern_term *t = &r->term[i];
        (t->pb ? k1 : k0)[t->phase][t->component] += kern_term_context(t, s);
    }
}

static void count_plain_record(const kern_record *r) {
    double k0[KERN_PHASES_MAX][KERN_COMPONENTS], k1[KERN_PHASES_MAX][KERN_COMPONENTS];
    for (int i = 0; i < SIDE; i++) {
        fold_plain(r, context[i], k0, k1);
        for (int j = 0; j < SIDE; j++) {
            double most = 0;
            for (unsigned p = 0; p < r->n_phases; p++) {
                double total = 0;
                for (int c = 0; c < KERN_COMPONENTS; c++)
                    total += k0[p][c] + k1[p][c] * batch[j];
                if (total > most) most = total;
            }
            for (size_t g = 0; g < n_gpus; g++) {
                if (most <= usable[g]) fits[g]++;
            }
        }
    }
}

static void count_plain(void) {
    memset(fits, 0, sizeof fits);
    for (size_t r = 0; r < n_records; r++)
        count_plain_record(&record[r]);
    bench_keep((double)fits[0]);
}

static void count_all(kern_way way) {
    kern_extent extent;
    for (size_t r = 0; r < n_records; r++) {
        kern_count(counter, &record[r], &grid, way, limit, n_limits, fit, &extent);
        bench_keep((double)fit[0].cells);
    }
}

static void count_brute(void) {
    count_all(KERN_WAY_BRUTE);
}

static void count_analytic(void) {
    count_all(KERN_WAY_ANALYTIC);
}

static int way_agrees(kern_way way) {
    kern_extent extent;
    for (size_t r = 0; r < n_records; r++) {
        memset(fits, 0, sizeof fits);
        count_plain_record(&record[r]);
        kern_count(counter, &record[r], &grid, way, limit, n_limits, fit, &extent);
        for (size_t g = 0; g < n_gpus; g++) {
            size_t k = 0;
            while (limit[k] != usable[g])
                k++;
            if (fit[k].cells != fits[g]) return 0;
        }
    }
    return 1;
}

static int brute_agrees(void) {
    return way_agrees(KERN_WAY_BRUTE);
}

static int analytic_agrees(void) {
    return way_agrees(KERN_WAY_ANALYTIC);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void collect_limits(const sweep_catalogs *c) {
    for (size_t g = 0; g < c->gpus.n && n_gpus < GPUS_MAX; g++)
        usable[n_gpus++] = ((const kern_gpu *)c->gpus.rows[g])->usable_bytes;
    double sorted[GPUS_MAX];
    memcpy(sorted, usable, n_gpus * sizeof *sorted);
    qsort(sorted, n_gpus, sizeof *sorted, ascending);
    for (size_t g = 0; g < n_gpus; g++) {
        if (!n_limits || limit[n_limits - 1] != sorted[g]) limit[n_limits++] = sorted[g];
    }
}

static int collect_records(const sweep_catalogs *c) {
    static const char *const mode[] = {"inference", "lora-r16", "full-adamw-mixed"};
    static char why[DIAG_TEXT];
    int older;
    for (size_t m = 0; m < c->models.n && n_records < RECORDS; m += 2) {
        kern_scenario sc = {.model = c->models.rows[m],
                            .weights = sweep_find_weights(c, m % 4 ? "bf16" : "q4_k_m"),
                            .k = sweep_find_kv(c, "bf16"),
                            .mode = sweep_find_mode(c, mode[m / 2 % 3]),
                            .engine = sweep_find_engine(c, "none", &older),
                            .method = sweep_find_method(c, "exact"),
                            .layout = {.tp = 1, .pp = 1, .dp = 1, .ep = 1, .cp = 1}};
        sc.v = sc.k;
        if (!sc.weights || !sc.k || !sc.mode || !sc.engine || !sc.method) return 0;
        n_records += kern_lower(&sc, &(kern_bounds){0x1p17, SIDE}, &record[n_records], why, NULL, NULL) == ERR_OK;
    }
    return n_records > 0;
}

int bench_add_count(bench_set *set) {
    for (int i = 0; i < SIDE; i++)
        context[i] = 2048.0 * (i + 1), batch[i] = i + 1;
    grid = (kern_grid){.s = context, .b = batch, .n_s = SIDE, .n_b = SIDE};
    kern_grid_complete(&grid, table);
    collect_limits(set->catalogs);
    counter = kern_counter_new(SIDE, n_limits);
    if (!counter || !collect_records(set->catalogs)) return 0;
    const double cells = (double)n_records * SIDE * SIDE;
    set->item[set->n++] = (bench_case){.name = "count cells that fit each GPU, brute",
                                       .unit = "cell",
                                       .units = cells,
                                       .ours = count_brute,
                                       .plain = count_plain,
                                       .plain_means = "a plain loop",
                                       .agree = brute_agrees};
    set->item[set->n++] = (bench_case){.name = "count cells that fit each GPU, analytic",
                                       .unit = "cell",
                                       .units = cells,
                                       .ours = count_analytic,
                                       .plain = count_brute,
                                       .plain_means = "brute",
                                       .agree = analytic_agrees};
    return 1;
}
