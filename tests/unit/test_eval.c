/*
 * test_eval.c - every kernel table against the integer oracle and against one another, bit for bit.
 * Identity relied on: coefficients are whole and every total stays below 2^53, so sums of doubles are exact in any
 * order.
 */
#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/eval/eval.h"

enum { CELLS_MAX = 72, RECORDS = 300 };

static uint64_t state = 88172645463325252u;

static uint64_t random_below(uint64_t n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % n;
}

static double pick(const double *values, size_t n) {
    return values[random_below(n)];
}

/** A term with any basis the format allows and coefficients that keep totals below 2^53. */
static kern_term random_term(unsigned n_phases) {
    static const double pages[] = {1, 1, 16, 256, 3}, caps[] = {INFINITY, INFINITY, 1, 512, 4096, 8191};
    static const double cap_bytes[] = {INFINITY, INFINITY, INFINITY, 0, 123456789};
    kern_term t = {.coef = (double)random_below(4000), .cap_s = pick(caps, 6), .page_s = pick(pages, 5)};
    t.cap_t = pick(caps, 6);
    t.cap_tb = isinf(t.cap_t) ? 0 : (double)random_below(3) * 128;
    t.page_t = pick(pages, 5);
    t.cap_bytes = pick(cap_bytes, 5);
    t.pb = (uint8_t)random_below(2);
    t.ps = (uint8_t)random_below(3);
    t.pt = (uint8_t)(t.ps < 2 && random_below(4) == 0);
    t.component = (uint8_t)random_below(KERN_COMPONENTS);
    t.phase = (uint8_t)random_below(n_phases);
    return t;
}

static void random_record(kern_record *r) {
    memset(r, 0, sizeof *r);
    r->n_phases = 1 + (uint32_t)random_below(4);
    r->n_terms = (uint32_t)random_below(24);
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        r->charge[c] = 1;
    for (unsigned i = 0; i < r->n_terms; i++)
        r->term[i] = random_term(r->n_phases);
}

/** What counts against a capacity: all of it, or the record's share of each component, added up in their order. */
static double charge_of(const kern_record *r, const __int128 *component, __int128 total) {
    double sum = 0;
    for (unsigned c = 0; c < KERN_COMPONENTS; c++)
        sum += r->charge[c] * (double)component[c];
    return r->charged ? sum : (double)total;
}

static void check_row(const kern_record *r, double s, const double *b, size_t n, const kern_row *row) {
    for (size_t j = 0; j < n; j++) {
        __int128 component[KERN_COMPONENTS];
        double cell[KERN_COMPONENTS], charge;
        __int128 total = kern_eval_oracle(r, (int64_t)b[j], (int64_t)s, component);
        CU_ASSERT(row->total[j] == (double)total);
        CU_ASSERT(kern_eval_cell(r, b[j], s, cell, &charge) == (double)total);
        CU_ASSERT(charge == charge_of(r, component, total));
        CU_ASSERT(kern_eval_charge(r, b[j], s) == charge);
        CU_ASSERT(row->charge[j] == charge);
        for (unsigned c = 0; c < KERN_COMPONENTS; c++) {
            CU_ASSERT(row->component[c][j] == (double)component[c]);
            CU_ASSERT(cell[c] == (double)component[c]);
        }
    }
}

static void kernels_equal_oracle(void) {
    double *memory = aligned_alloc(64, 11 * CELLS_MAX * sizeof *memory), *b = memory + 10 * CELLS_MAX;
    kern_record *r = malloc(sizeof *r);
    char why[DIAG_TEXT];
    kern_row row;
    int runs;
    CU_ASSERT_FATAL(memory != NULL && r != NULL);
    kern_row_place(&row, memory, CELLS_MAX);
    for (size_t j = 0; j < CELLS_MAX; j++)
        b[j] = (double)(1 + j * j % 97);
    for (unsigned k = 0; kern_ops_name(k, &runs); k++) {
        if (!runs) continue;
        CU_ASSERT(kern_ops_choose(kern_ops_name(k, &runs), why, sizeof why) == ERR_OK);
        state = 1; /* the same records for every table */
        for (int i = 0; i < RECORDS; i++) {
            random_record(r);
            r->charged = i % 4 == 0;
            for (unsigned c = 0; c < KERN_COMPONENTS && r->charged; c++)
                r->charge[c] = (double)random_below(5) / 4;
            double s = (double)(1 + random_below(20000));
            size_t n = 1 + random_below(CELLS_MAX);
            kern_ops_get()->eval_row(r, s, b, n, &row);
            check_row(r, s, b, n, &row);
        }
    }
    CU_ASSERT(kern_ops_choose("auto", why, sizeof why) == ERR_OK);
    free(r);
    free(memory);
}

/** Every power of ten and its neighbours, the largest number, those around a change of the first half; then any. */
static double whole_number(size_t i) {
    const double largest = 9007199254740991.0;
    if (i < 48) {
        double around = pow(10, (double)(i / 3)) + (double)(i % 3) - 1;
        return around < largest ? around : largest;
    }
    if (i < 96) return floor(largest / 1e8 / (double)(i - 47)) * 1e8 - (double)(i % 2);
    return (double)((random_below(UINT64_C(1) << 53)) >> random_below(54));
}

static void digits_equal_printf(void) {
    char why[DIAG_TEXT], want[32];
    kern_digits out;
    double v[KERN_DIGITS_ROWS];
    int runs;
    for (unsigned k = 0; kern_ops_name(k, &runs); k++) {
        if (!runs) continue;
        CU_ASSERT(kern_ops_choose(kern_ops_name(k, &runs), why, sizeof why) == ERR_OK);
        size_t wrong = 0, i = 0;
        for (size_t n = 1; i < 20000; i += n, n = n % KERN_DIGITS_ROWS + 1) {
            for (size_t j = 0; j < n; j++)
                v[j] = whole_number(i + j);
            kern_ops_get()->put_digits(v, n, &out);
            for (size_t j = 0; j < n; j++) {
                snprintf(want, sizeof want, "%016.0f", v[j]);
                wrong += memcmp(want, out.half[j], KERN_DIGITS) != 0;
            }
        }
        CU_ASSERT(wrong == 0);
    }
    CU_ASSERT(kern_ops_choose("auto", why, sizeof why) == ERR_OK);
}

static void unknown_kernels_are_refused(void) {
    char why[DIAG_TEXT];
    CU_ASSERT(kern_ops_choose("sse9", why, sizeof why) == ERR_NAME);
    CU_ASSERT(strstr(why, "sse9") != NULL && strstr(why, "avx2") != NULL);
}

/** Components of the phase that wins, not of all phases: weights 10 + 0 against 4 + 8. */
static void largest_phase_wins(void) {
    kern_record r = {.n_phases = 2, .n_terms = 3, .charge = {1, 1, 1, 1, 1, 1}};
    double c[KERN_COMPONENTS];
    const kern_term base = {.cap_s = INFINITY, .page_s = 1, .cap_t = INFINITY, .page_t = 1, .cap_bytes = INFINITY};
    for (int i = 0; i < 3; i++)
        r.term[i] = base;
    r.term[0].coef = 10;
    r.term[1].coef = 4, r.term[1].phase = 1;
    r.term[2].coef = 8, r.term[2].phase = 1, r.term[2].component = KERN_ACTIVATIONS;
    CU_ASSERT(kern_eval_cell(&r, 1, 1, c, NULL) == 12);
    CU_ASSERT(c[KERN_WEIGHTS] == 4 && c[KERN_ACTIVATIONS] == 8);
    r.term[2].coef = 6; /* a tie: the first phase */
    CU_ASSERT(kern_eval_cell(&r, 1, 1, c, NULL) == 10);
    CU_ASSERT(c[KERN_WEIGHTS] == 10 && c[KERN_ACTIVATIONS] == 0);
}

CU_TestInfo eval_tests[] = {
    {"every kernel equals the integer oracle", kernels_equal_oracle},
    {"digits of every kernel equal printf's", digits_equal_printf},
    {"unknown kernels are refused", unknown_kernels_are_refused},
    {"the largest phase wins, the first on a tie", largest_phase_wins},
    CU_TEST_INFO_NULL,
};
