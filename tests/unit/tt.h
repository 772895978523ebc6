/*
 * tt.h - assertions that CUnit lacks: equal bits, relative distance, an expected error code, text with its first
 * difference printed.
 */
#ifndef TESTS_UNIT_TT_H
#define TESTS_UNIT_TT_H

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define TT_BITS(a, b) CU_ASSERT(memcmp(&(double){(a)}, &(double){(b)}, sizeof(double)) == 0)
#define TT_REL(a, b, rel) CU_ASSERT(isfinite(a) && isfinite(b) && fabs((a) - (b)) <= (rel)*fabs(b))
#define TT_ERR(code, expr) CU_ASSERT_EQUAL((expr), (code))
#define TT_TEXT(found, expected) CU_ASSERT(tt_same_text((found), (expected), __FILE__, __LINE__))

static inline int tt_same_text(const char *found, const char *expected, const char *file, int line) {
    size_t i = 0;
    if (strcmp(found, expected) == 0) return 1;
    while (found[i] && found[i] == expected[i]) i++;
    printf("\n%s:%d: differs at byte %zu\n  found    ...%.120s\n  expected ...%.120s\n", file, line, i, found + i,
           expected + i);
    return 0;
}

#endif
