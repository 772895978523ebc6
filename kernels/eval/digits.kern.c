/*
 * digits.kern.c - a column of whole numbers as decimal digits, for rows of text. A number is split into halves of eight
 * digits and quarters of four, which fit the narrow multiplications that every instruction set has; then each quarter
 * into its digits, side by side in a word. Compiled once per instruction set. Plain twin: report/digits.h.
 */
#include <endian.h>

#include "kernels/eval/isa.h"

/**
 * Four digits of v < 10^4 as text, the first in the lowest byte: 5243/2^19 is 1/100, 103/2^10 is 1/10 exactly enough.
 * high | (v - 100 * high) << 16, then tens | (two - 10 * tens) << 8, with one multiplication each.
 */
static inline uint32_t four_digits(uint32_t v) {
    uint32_t high = v * 5243 >> 19;
    uint32_t two = (v << 16) - high * ((100 << 16) - 1);
    uint32_t tens = (two * 103 >> 10) & 0x000f000fu;
    return (two << 8) - tens * ((10 << 8) - 1) + 0x30303030u;
}

void K(put_digits)(const double *restrict v, size_t n, kern_digits *restrict out) {
    uint32_t quarter[4][KERN_DIGITS_ROWS] __attribute__((aligned(64)));
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        int32_t high = (int32_t)(v[i] * 1e-8); /* exact or one too many: 1e-8 is a little more than 10^-8 */
        double rest = v[i] - high * 1e8;
        high -= rest < 0;
        rest += rest < 0 ? 1e8 : 0;
        uint32_t front = (uint32_t)high, back = (uint32_t)(int32_t)rest;
        quarter[0][i] = four_digits(front / 10000);
        quarter[1][i] = four_digits(front % 10000);
        quarter[2][i] = four_digits(back / 10000);
        quarter[3][i] = four_digits(back % 10000);
    }
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        out->half[i][0] = htole64(quarter[0][i] | (uint64_t)quarter[1][i] << 32);
        out->half[i][1] = htole64(quarter[2][i] | (uint64_t)quarter[3][i] << 32);
    }
}
