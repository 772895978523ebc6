/*
 * digits.h - whole numbers to text eight digits at a time, with multiplications only: for loops that write millions of
 * them. Private to report/ and to those that format rows.
 */
#ifndef REPORT_DIGITS_H
#define REPORT_DIGITS_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

enum { REPORT_DIGITS_ROOM = 24 }; /* bytes a number may touch: stores are whole words */

/**
 * Eight decimal digits of v < 10^8, most significant in the lowest byte: halves, quarters and digits are split off side
 * by side. 10486/2^20 is 1/100 exactly enough below 10^4, 103/2^10 is 1/10 below 100.
 */
static inline uint64_t report_eight_digits(uint64_t v) {
    uint64_t four = (v / 10000) | (v % 10000) << 32;
    uint64_t high = (four * 10486 >> 20) & 0x0000007f0000007fu;
    uint64_t two = high | (four - 100 * high) << 16;
    uint64_t tens = (two * 103 >> 10) & 0x000f000f000f000fu;
    return tens | (two - 10 * tens) << 8;
}

static inline char *report_store_eight(char *to, uint64_t digits) {
    uint64_t text = htole64(digits);
    memcpy(to, &text, sizeof text);
    return to + sizeof text;
}

/** v < 10^8 without leading zeros; stores eight bytes whatever the length. */
static inline char *report_put_short(char *to, uint64_t v) {
    uint64_t digits = report_eight_digits(v);
    int skip = digits ? __builtin_ctzll(digits) / 8 : 7;
    report_store_eight(to, (digits | 0x3030303030303030u) >> 8 * skip);
    return to + 8 - skip;
}

/** v < 10^16, at most 16 digits; returns the end. Test: test_csv.c, rows_equal_printf. */
static inline char *report_put_whole(char *to, uint64_t v) {
    if (v < 100000000u) return report_put_short(to, v);
    to = report_put_short(to, v / 100000000u);
    return report_store_eight(to, report_eight_digits(v % 100000000u) | 0x3030303030303030u);
}

/** How many of the 16 digits of two words of text are zeros in front of others; the last digit is none. */
static inline unsigned report_zeros_in_front(uint64_t front, uint64_t back) {
    const uint64_t zeros = 0x3030303030303030u, last = UINT64_C(1) << 56;
    front = le64toh(front) ^ zeros;
    back = (le64toh(back) ^ zeros) | last;
    return (unsigned)(front ? __builtin_ctzll(front) : 64 + __builtin_ctzll(back)) / 8;
}

#endif
