/*
 * tt.h - assertions that CUnit lacks: equal bits, relative distance, an expected error code, text with its first
 * difference printed. Each prints what it found; arguments are evaluated once.
 */
#ifndef TESTS_UNIT_TT_H
#define TESTS_UNIT_TT_H

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/err.h"

#define TT_BITS(a, b)        CU_ASSERT(tt_same_bits((a), (b), __FILE__, __LINE__))
#define TT_REL(a, b, rel)    CU_ASSERT(tt_near((a), (b), (rel), __FILE__, __LINE__))
#define TT_ERR(code, expr)   CU_ASSERT(tt_same_err((expr), (code), __FILE__, __LINE__))
#define TT_TEXT(found, want) CU_ASSERT(tt_same_text((found), (want), __FILE__, __LINE__))

/** The same 64 bits: tells 0 from -0 and one NaN from another. */
static inline int tt_same_bits(double found, double want, const char *file, int line) {
    if (memcmp(&found, &want, sizeof found) == 0) return 1;
    printf("\n%s:%d: found %.17g (%a), expected %.17g (%a)\n", file, line, found, found, want, want);
    return 0;
}

/** Relative distance; NaN and infinities are never near. */
static inline int tt_near(double found, double want, double rel, const char *file, int line) {
    if (isfinite(found) && isfinite(want) && fabs(found - want) <= rel * fabs(want)) return 1;
    printf("\n%s:%d: found %.17g, expected %.17g within %g of it\n", file, line, found, want, rel);
    return 0;
}

static inline int tt_same_err(err found, err want, const char *file, int line) {
    if (found == want) return 1;
    printf("\n%s:%d: found error %d (%s), expected %d (%s)\n", file, line, (int)found, err_text(found), (int)want,
           err_text(want));
    return 0;
}

static inline int tt_same_text(const char *found, const char *want, const char *file, int line) {
    size_t at = 0, row = 1;
    if (found && want && strcmp(found, want) == 0) return 1;
    if (!found || !want) {
        printf("\n%s:%d: found %s, expected %s\n", file, line, found ? found : "NULL", want ? want : "NULL");
        return 0;
    }
    for (; found[at] && found[at] == want[at]; at++)
        row += found[at] == '\n';
    printf("\n%s:%d: differs at byte %zu, line %zu\n  found    ...%.120s\n  expected ...%.120s\n", file, line, at, row,
           found + at, want + at);
    return 0;
}

#endif
