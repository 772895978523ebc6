/*
 * test_inverse.c - largest batch, longest context and crossover against a scan of every value.
 */
#include <CUnit/CUnit.h>
#include <math.h>
#include <string.h>

#include "kernels/reduce/reduce.h"

enum { LIMIT = 300 };

static uint64_t state = 7;

static uint64_t random_below(uint64_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % n;
}

static void random_record(kern_record *r) {
    static const double pages[] = {1, 16, 256}, caps[] = {INFINITY, 64, 200};
    memset(r, 0, sizeof *r);
    r->n_phases = 1 + (uint32_t)random_below(2);
    r->n_terms = 2 + (uint32_t)random_below(6);
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        r->charge[c] = 1;
    for (unsigned i = 0; i < r->n_terms; i++) {
        r->term[i] = (kern_term){.coef = (double)random_below(50),
                                 .cap_s = caps[random_below(3)],
                                 .page_s = pages[random_below(3)],
                                 .cap_t = INFINITY,
                                 .page_t = 1,
                                 .cap_bytes = INFINITY,
                                 .pb = (uint8_t)random_below(2),
                                 .ps = (uint8_t)random_below(2),
                                 .component = (uint8_t)random_below(2),
                                 .phase = (uint8_t)random_below(r->n_phases)};
    }
}

static double scan_batch(const kern_record *r, double s, double capacity) {
    double best = 0;
    for (double b = 1; b <= LIMIT; b++) {
        double charge;
        kern_eval_cell(r, b, s, NULL, &charge);
        if (charge <= capacity) best = b;
    }
    return best;
}

static double scan_context(const kern_record *r, double b, double capacity) {
    double best = 0;
    for (double s = 1; s <= LIMIT; s++) {
        double charge;
        kern_eval_cell(r, b, s, NULL, &charge);
        if (charge <= capacity) best = s;
    }
    return best;
}

static void solved_equals_scanned(void) {
    kern_record r;
    for (int i = 0; i < 200; i++) {
        random_record(&r);
        double fixed = (double)(1 + random_below(LIMIT)), capacity = (double)random_below(20000);
        CU_ASSERT(kern_max_batch(&r, fixed, capacity, LIMIT) == scan_batch(&r, fixed, capacity));
        CU_ASSERT(kern_max_context(&r, fixed, capacity, LIMIT) == scan_context(&r, fixed, capacity));
    }
}

/** 100 bytes of weights against 3 bytes per token: 34 tokens are the first with KV >= weights. */
static void crossover_is_exact(void) {
    kern_record r = {.n_phases = 1, .n_terms = 2, .charge = {1, 1, 1, 1, 1, 1}};
    const kern_term base = {.cap_s = INFINITY, .page_s = 1, .cap_t = INFINITY, .page_t = 1, .cap_bytes = INFINITY};
    r.term[0] = r.term[1] = base;
    r.term[0].coef = 100;
    r.term[1].coef = 3, r.term[1].pb = r.term[1].ps = 1, r.term[1].component = KERN_KV_CACHE;
    CU_ASSERT(kern_crossover(&r, 1, KERN_KV_CACHE, KERN_WEIGHTS, 1000) == 34);
    CU_ASSERT(kern_crossover(&r, 2, KERN_KV_CACHE, KERN_WEIGHTS, 1000) == 17);
    CU_ASSERT(kern_crossover(&r, 1, KERN_KV_CACHE, KERN_WEIGHTS, 33) == 0);
    CU_ASSERT(kern_crossover(&r, 1, KERN_KV_CACHE, KERN_WEIGHTS, 34) == 34);
    r.term[1].cap_s = 20; /* a window that never reaches the weights */
    CU_ASSERT(kern_crossover(&r, 1, KERN_KV_CACHE, KERN_WEIGHTS, 1000) == 0);
}

CU_TestInfo inverse_tests[] = {
    {"solved answers equal scanned ones", solved_equals_scanned},
    {"the crossover is exact", crossover_is_exact},
    CU_TEST_INFO_NULL,
};
