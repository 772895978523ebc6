/*
 * number.c - numbers to decimal text, exactly. Reads doubles and whole numbers, writes digits; refuses nothing: what is
 * not finite comes out as nan or inf. The rounding is done on the binary value in 128-bit integers, half away from
 * zero, so a printed digit never depends on a C library.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/number.h"

__extension__ typedef unsigned __int128 wide;

static const report_unit units[] = {
    {"bytes", 1, "sizes in bytes"},        {"KB", 1e3, "1 KB = 10^3 bytes"},      {"KiB", 0x1p10, "1 KiB = 2^10 bytes"},
    {"MB", 1e6, "1 MB = 10^6 bytes"},      {"MiB", 0x1p20, "1 MiB = 2^20 bytes"}, {"GB", 1e9, "1 GB = 10^9 bytes"},
    {"GiB", 0x1p30, "1 GiB = 2^30 bytes"}, {"TB", 1e12, "1 TB = 10^12 bytes"},    {"TiB", 0x1p40, "1 TiB = 2^40 bytes"},
};

enum { UNITS = sizeof units / sizeof *units, EXACT_PLACES = 15, MOST_PLACES = 20 };

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

static const uint64_t powers_of_ten[EXACT_PLACES + 1] = {
    1u,
    10u,
    100u,
    1000u,
    10000u,
    100000u,
    1000000u,
    10000000u,
    100000000u,
    1000000000u,
    10000000000u,
    100000000000u,
    1000000000000u,
    10000000000000u,
    100000000000000u,
    1000000000000000u,
};

const report_unit *report_unit_find(const char *name) {
    for (size_t i = 0; i < UNITS; i++) {
        if (strcmp(units[i].name, name) == 0) return &units[i];
    }
    return NULL;
}

const char *report_unit_name(const void *unused, size_t i) {
    (void)unused;
    return i < UNITS ? units[i].name : NULL;
}

size_t report_u64_text(uint64_t value, char *out) {
    char digits[20], *at = digits + sizeof digits;
    for (; value >= 100; value /= 100)
        memcpy(at -= 2, digit_pairs + 2 * (value % 100), 2);
    if (value >= 10) {
        memcpy(at -= 2, digit_pairs + 2 * value, 2);
    } else {
        *--at = (char)('0' + value);
    }
    size_t n = (size_t)(digits + sizeof digits - at);
    memcpy(out, at, n);
    return n;
}

/**
 * `part` * 10^places, rounded half up; part in [0, 1). part = m * 2^-k with m < 2^53, and m * 10^15 < 2^103, so the
 * product is exact. A k beyond 120 means less than half of any place.
 */
static uint64_t scale_part(double part, int places) {
    int exponent;
    double mantissa = frexp(part, &exponent);
    int k = 53 - exponent;
    if (mantissa <= 0 || k > 120) return 0;
    wide product = (wide)(uint64_t)ldexp(mantissa, 53) * powers_of_ten[places];
    return (uint64_t)((product + ((wide)1 << (k - 1))) >> k);
}

/** Text of whole + part / 10^places. */
static size_t put_decimal(char *out, int negative, uint64_t whole, uint64_t part, int places) {
    size_t n = 0;
    if (negative && (whole || part)) out[n++] = '-';
    n += report_u64_text(whole, out + n);
    if (places > 0) {
        char digits[20];
        size_t have = report_u64_text(part, digits);
        out[n++] = '.';
        memset(out + n, '0', (size_t)places - have);
        memcpy(out + n + (size_t)places - have, digits, have);
        n += (size_t)places;
    }
    out[n] = '\0';
    return n;
}

/** What the exact path does not take: not finite, beyond 2^53 (whole numbers there), or absurdly many places. */
static size_t put_odd(double value, int decimals, char *out) {
    int places = decimals > MOST_PLACES ? MOST_PLACES : decimals;
    int n = fabs(value) < 1e40 ? snprintf(out, 64, "%.*f", places, value) : snprintf(out, 64, "%.*e", places, value);
    return (size_t)n;
}

size_t report_number_text(double value, int decimals, char *out) {
    if (decimals < 0) return report_double_text(value, out);
    double size = fabs(value);
    if (!(size < 0x1p53) || decimals > EXACT_PLACES) return put_odd(value, decimals, out);
    uint64_t whole = (uint64_t)size;
    uint64_t part = scale_part(size - (double)whole, decimals);
    if (part == powers_of_ten[decimals]) {
        whole++;
        part = 0;
    }
    return put_decimal(out, value < 0, whole, part, decimals);
}

size_t report_double_text(double value, char *out) {
    int n = 0;
    if (fabs(value) < 0x1p53 && value == floor(value)) return put_decimal(out, value < 0, (uint64_t)fabs(value), 0, 0);
    for (int digits = 15; digits <= 17; digits++) {
        n = snprintf(out, 32, "%.*g", digits, value);
        if (digits == 17 || !isfinite(value) || strtod(out, NULL) == value) break;
    }
    return (size_t)n;
}

size_t report_grouped_text(double value, char *out) {
    char digits[64];
    size_t n = report_number_text(value, 0, digits), k = 0, sign = digits[0] == '-';
    for (size_t i = 0; i < n; i++) {
        if (i > sign && (n - i) % 3 == 0) out[k++] = ',';
        out[k++] = digits[i];
    }
    out[k] = '\0';
    return k;
}
