/*
 * number.h - numbers and units to text. The only place that knows GB from GiB. C locale, no printf on hot paths.
 */
#ifndef REPORT_NUMBER_H
#define REPORT_NUMBER_H

#include <stddef.h>
#include <stdint.h>

typedef struct report_unit {
    const char *name;    /* "GB" */
    double bytes;        /* 1e9; 0: no memory unit */
    const char *meaning; /* "1 GB = 10^9 bytes" */
} report_unit;

/** Known units: bytes KB KiB MB MiB GB GiB TB TiB; NULL when unknown. Names are case-sensitive. */
const report_unit *report_unit_find(const char *name);

/** The i-th unit's name for messages, NULL at the end. */
const char *report_unit_name(const void *unused, size_t i);

/**
 * Decimal text with exactly `decimals` places, rounded half away from zero; returns the length. out: 64 bytes.
 * The exact binary value is rounded (17.785 is stored a little above, so 2 places give 17.79). decimals < 0: the fewest
 * digits that read back equal. No minus before zero.
 */
size_t report_number_text(double value, int decimals, char *out);

/** Whole number with a comma between thousands: 16,060,522,496. out: REPORT_GROUPED bytes. */
enum { REPORT_GROUPED = 96 };
size_t report_grouped_text(double value, char *out);

/** Shortest of 15, 16 or 17 digits that reads back equal. out: 32 bytes. */
size_t report_double_text(double value, char *out);

/** Whole number without printf; returns the length, writes no NUL. out: 20 bytes. */
size_t report_u64_text(uint64_t value, char *out);

#endif
