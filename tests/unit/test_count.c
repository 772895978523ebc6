/*
 * test_count.c - cells that fit, every way and every kernel table against a plain loop over single cells; random
 * records and the whole catalog.
 */
#include <CUnit/CUnit.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/lower/lower.h"
#include "kernels/reduce/count.h"
#include "tests/unit/catalog_fixture.h"

enum { CONTEXTS = 150, BATCHES = 72, LIMITS = 150, LAST_BATCH = 700, RECORDS = 250 };

static uint64_t state;

static uint64_t random_below(uint64_t n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % n;
}

/** A grid and limits; n_b and n_s as asked for. */
typedef struct setting {
    _Alignas(64) double b[BATCHES];
    double s[CONTEXTS], limit[LIMITS];
    uint32_t table[LAST_BATCH + 1];
    kern_grid grid;
} setting;

static void random_grid(setting *at, size_t n_s, size_t n_b) {
    double s = 0, b = (double)random_below(5);
    int gaps = random_below(3) > 0;
    for (size_t i = 0; i < n_s; i++)
        at->s[i] = s += 1 + (double)random_below(900);
    for (size_t j = 0; j < n_b; j++)
        at->b[j] = b += 1 + (gaps ? (double)random_below(1 + (j % 3) * 7) : 0);
    for (size_t j = n_b; j < BATCHES; j++)
        at->b[j] = b;
    at->grid = (kern_grid){.s = at->s, .b = at->b, .n_s = n_s, .n_b = n_b};
    kern_grid_complete(&at->grid, at->table);
}

/** Limits over the whole range of a record and beyond it, whole and broken ones, some exactly at a cell. */
static void limits_of(setting *at, const kern_record *r) {
    double least, most;
    kern_eval_cell(r, at->b[0], at->s[0], NULL, &least);
    kern_eval_cell(r, at->b[at->grid.n_b - 1], at->s[at->grid.n_s - 1], NULL, &most);
    for (int k = 0; k < LIMITS - 1; k++)
        at->limit[k] = least - 3 + (most - least + 9) * k / (LIMITS - 2);
    for (int k = 1; k < LIMITS - 1; k += 3) {
        double cell;
        kern_eval_cell(r, at->b[random_below(at->grid.n_b)], at->s[random_below(at->grid.n_s)], NULL, &cell);
        at->limit[k] = cell;
    }
    at->limit[LIMITS - 1] = INFINITY;
    for (int i = 1; i < LIMITS; i++) { /* ascending */
        for (int k = i; k > 0 && at->limit[k - 1] > at->limit[k]; k--) {
            double other = at->limit[k];
            at->limit[k] = at->limit[k - 1];
            at->limit[k - 1] = other;
        }
    }
}

static void count_plain(const kern_record *r, const kern_grid *g, const double *limit, kern_fit *fit,
                        kern_extent *extent) {
    memset(fit, 0, LIMITS * sizeof *fit);
    *extent = KERN_EXTENT_NONE;
    for (size_t i = 0; i < g->n_s; i++) {
        for (size_t j = 0; j < g->n_b; j++) {
            double charge;
            kern_eval_cell(r, g->b[j], g->s[i], NULL, &charge);
            extent->least = fmin(extent->least, charge);
            extent->most = fmax(extent->most, charge);
            for (size_t k = 0; k < LIMITS; k++) {
                if (charge > limit[k]) continue;
                fit[k].cells++;
                fit[k].batches = j + 1 > fit[k].batches ? (uint32_t)j + 1 : fit[k].batches;
                fit[k].contexts = (uint32_t)i + 1;
            }
        }
    }
}

static int same_fits(const kern_fit *x, const kern_fit *y, size_t n) {
    for (size_t k = 0; k < n; k++) {
        if (x[k].cells != y[k].cells || x[k].batches != y[k].batches || x[k].contexts != y[k].contexts) return 0;
    }
    return 1;
}

/** Ranked cells against the plain loop, all of them or those up to the last limit but one, lower than they are or not.
 */
static void check_ranks(const kern_record *r, const setting *at, const kern_fit *want, const kern_extent *extent) {
    static double raw[KERN_LINES * BATCHES], cell[KERN_LINES * BATCHES + KERN_RANKS_AHEAD];
    static uint16_t bucket[KERN_LINES * BATCHES];
    static kern_lines lines;
    static kern_ranks ranks = {.raw = raw, .cell = cell, .bucket = bucket};
    const kern_ops *ops = kern_ops_get();
    double lower = (double)random_below(3) * 1000, shift[KERN_PHASES_MAX];
    size_t n = LIMITS - random_below(2);
    kern_fit got[LIMITS] = {{0}};
    kern_extent seen = KERN_EXTENT_NONE;
    for (unsigned p = 0; p < KERN_PHASES_MAX; p++)
        shift[p] = -lower;
    for (size_t i = 0; i < at->grid.n_s; i += KERN_LINES) {
        ops->fold_lines(r, &at->grid, i, &lines);
        ops->rank_lines(&lines, shift, &at->grid, at->limit[n - 1] - lower, &ranks);
        ops->count_ranks(&ranks, lower, 1, at->limit, n, got, &seen);
        ops->reach_ranks(&ranks, lower, &at->grid, at->limit, n, got);
    }
    CU_ASSERT(same_fits(want, got, n));
    CU_ASSERT(seen.least == extent->least && seen.most == extent->most);
}

/** Both ways, as far as they are right for the record, against the plain loop. */
static void check_ways(kern_counter *c, const kern_record *r, setting *at) {
    kern_fit want[LIMITS], got[LIMITS];
    kern_extent extent, seen;
    limits_of(at, r);
    count_plain(r, &at->grid, at->limit, want, &extent);
    for (int way = kern_count_way(r, &at->grid); way <= KERN_WAY_BRUTE; way++) {
        kern_count(c, r, &at->grid, (kern_way)way, at->limit, LIMITS, got, &seen);
        CU_ASSERT(same_fits(want, got, LIMITS));
        CU_ASSERT(seen.least == extent.least && seen.most == extent.most);
    }
    if (kern_count_way(r, &at->grid) == KERN_WAY_ANALYTIC) check_ranks(r, at, want, &extent);
}

/**
 * Windows, pages, powers; `wide` terms are no lines; negative coefficients make the record fall, above zero still.
 * Totals stay below 2^53.
 */
static void random_record(kern_record *r, int wide, int falls) {
    static const double pages[] = {1, 1, 1, 16, 256, 3}, caps[] = {INFINITY, INFINITY, INFINITY, 512, 4096, 8191};
    memset(r, 0, sizeof *r);
    r->n_phases = 1 + (uint32_t)random_below(5);
    r->n_terms = 1 + (uint32_t)random_below(20);
    r->monotone = !falls;
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        r->charge[c] = 1;
    for (unsigned i = 0; i < r->n_terms; i++) {
        r->term[i] = (kern_term){.coef = (double)random_below(1 + (i % 4) * 3),
                                 .cap_s = caps[random_below(6)],
                                 .page_s = pages[random_below(6)],
                                 .cap_t = INFINITY,
                                 .page_t = 1,
                                 .cap_bytes = INFINITY,
                                 .pb = (uint8_t)random_below(2),
                                 .ps = (uint8_t)random_below(3),
                                 .component = (uint8_t)random_below(KERN_COMPONENTS),
                                 .phase = (uint8_t)random_below(r->n_phases)};
        if (wide && i % 5 == 0) r->term[i].pt = 1, r->term[i].ps = 0;
        if (falls && i % 3 == 1) r->term[i].coef = -r->term[i].coef;
    }
    for (unsigned p = 0; falls && p < r->n_phases; p++) {
        r->term[r->n_terms++] = (kern_term){.coef = 0x1p52,
                                            .page_s = 1,
                                            .cap_s = INFINITY,
                                            .cap_t = INFINITY,
                                            .page_t = 1,
                                            .cap_bytes = INFINITY,
                                            .phase = (uint8_t)p};
    }
}

/** Runs a check with every kernel table that this machine has. */
static void with_all_tables(void (*check)(void)) {
    char why[DIAG_TEXT];
    int runs;
    for (unsigned k = 0; kern_ops_name(k, &runs); k++) {
        if (!runs) continue;
        CU_ASSERT(kern_ops_choose(kern_ops_name(k, &runs), why, sizeof why) == ERR_OK);
        state = 88172645463325252u;
        check();
    }
    CU_ASSERT(kern_ops_choose("auto", why, sizeof why) == ERR_OK);
}

static void check_random(void) {
    static setting at;
    kern_record *r = malloc(sizeof *r);
    kern_counter *c = kern_counter_new(BATCHES, LIMITS);
    CU_ASSERT_FATAL(r != NULL && c != NULL);
    for (int i = 0; i < RECORDS; i++) {
        random_grid(&at, 1 + random_below(CONTEXTS), 1 + random_below(BATCHES));
        random_record(r, i % 5 == 0, i % 7 == 0);
        CU_ASSERT(kern_count_way(r, &at.grid) == (i % 5 && i % 7 ? KERN_WAY_ANALYTIC : KERN_WAY_BRUTE));
        check_ways(c, r, &at);
    }
    kern_counter_free(c);
    free(r);
}

static void ways_agree_on_random_records(void) {
    with_all_tables(check_random);
}

static const sweep_catalogs *catalogs;

static void check_model(kern_counter *c, kern_record *r, setting *at, const kern_scenario *sc) {
    char why[DIAG_TEXT];
    kern_bounds bounds = {at->s[at->grid.n_s - 1], at->b[at->grid.n_b - 1]};
    if (kern_lower(sc, &bounds, r, why, NULL, NULL) == ERR_OK) check_ways(c, r, at);
}

static void check_catalog(void) {
    static const char *const engine[] = {"none", "vllm", "llamacpp", "transformers", "torch", "megatron"};
    static const char *const mode[] = {"inference", "qlora-r16", "full-adamw-mixed"};
    static const char *const weights[] = {"bf16", "q4_k_m", "nf4", "int4"};
    static setting at;
    kern_record *r = malloc(sizeof *r);
    kern_counter *c = kern_counter_new(BATCHES, LIMITS);
    CU_ASSERT_FATAL(r != NULL && c != NULL);
    random_grid(&at, 20, 16);
    for (size_t m = 0; m < catalogs->models.n; m++) {
        int older;
        kern_scenario sc = {.model = catalogs->models.rows[m],
                            .weights = sweep_find_weights(catalogs, weights[m % 4]),
                            .k = sweep_find_kv(catalogs, m % 3 ? "bf16" : "q8_0"),
                            .method = sweep_find_method(catalogs, m % 11 ? "exact" : "orbit2x"),
                            .layout = {.tp = 1 + (int)(m % 2), .pp = 1 + (int)(m % 3), .dp = 1, .ep = 1, .cp = 1}};
        sc.v = sc.k;
        sc.engine = sweep_find_engine(catalogs, engine[m % 6], &older);
        sc.mode = sweep_find_mode(catalogs, mode[m / 2 % 3]);
        CU_ASSERT_FATAL(sc.weights && sc.k && sc.method && sc.engine && sc.mode);
        check_model(c, r, &at, &sc);
    }
    kern_counter_free(c);
    free(r);
}

static void ways_agree_on_the_catalog(void) {
    catalog_fixture f;
    catalog_init(&f);
    CU_ASSERT_FATAL(catalog_load(&f, NULL, 0) == ERR_OK);
    catalogs = &f.c;
    with_all_tables(check_catalog);
    catalog_fini(&f);
}

/** 3 + 5*b bytes at one context: which batches 23 bytes and a little less hold, and nothing at all. */
static void a_worked_example(void) {
    static const _Alignas(64) double b[8] = {1, 2, 4, 8, 8, 8, 8, 8}, s[1] = {10};
    static const double limit[] = {7, 22.5, 23, 43};
    uint32_t table[9];
    kern_record *r = calloc(1, sizeof *r);
    kern_counter *c = kern_counter_new(4, 4);
    kern_fit fit[4];
    kern_extent extent;
    CU_ASSERT_FATAL(r != NULL && c != NULL);
    kern_grid g = {.s = s, .b = b, .n_s = 1, .n_b = 4};
    kern_grid_complete(&g, table);
    const kern_term base = {.cap_s = INFINITY, .page_s = 1, .cap_t = INFINITY, .page_t = 1, .cap_bytes = INFINITY};
    *r = (kern_record){.n_terms = 2, .n_phases = 1, .monotone = 1, .charge = {1, 1, 1, 1, 1, 1}};
    r->term[0] = r->term[1] = base;
    r->term[0].coef = 3;
    r->term[1].coef = 5, r->term[1].pb = 1;
    for (int way = KERN_WAY_ANALYTIC; way <= KERN_WAY_BRUTE; way++) {
        kern_count(c, r, &g, (kern_way)way, limit, 4, fit, &extent);
        CU_ASSERT(fit[0].cells == 0 && fit[0].batches == 0 && fit[0].contexts == 0);
        CU_ASSERT(fit[1].cells == 2 && fit[1].batches == 2 && fit[1].contexts == 1);
        CU_ASSERT(fit[2].cells == 3 && fit[2].batches == 3);
        CU_ASSERT(fit[3].cells == 4 && fit[3].batches == 4);
        CU_ASSERT(extent.least == 8 && extent.most == 43);
    }
    kern_counter_free(c);
    free(r);
}

CU_TestInfo count_tests[] = {
    {"a worked example", a_worked_example},
    {"ways agree on random records", ways_agree_on_random_records},
    {"ways agree on the catalog", ways_agree_on_the_catalog},
    CU_TEST_INFO_NULL,
};
