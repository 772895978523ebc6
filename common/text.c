/*
 * text.c - strict numbers, case-blind names, globs, UTF-8. ASCII case only, whatever the locale says.
 */
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/text.h"

static int lower(int c) {
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

/** Digits up to the first other character into *value; 0 when there is none or it does not fit. */
static int digits(const char **text, uint64_t *value) {
    const char *p = *text;
    uint64_t n = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (__builtin_mul_overflow(n, 10u, &n) || __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n)) return 0;
    }
    if (p == *text) return 0;
    *text = p;
    *value = n;
    return 1;
}

int text_count(const char *text, uint64_t *value) {
    uint64_t n;
    if (!digits(&text, &n)) return 0;
    uint64_t scale = lower(*text) == 'k' ? 1u << 10 : lower(*text) == 'm' ? 1u << 20 : 1;
    if (scale > 1) text++;
    if (*text || __builtin_mul_overflow(n, scale, &n)) return 0;
    *value = n;
    return 1;
}

int text_int(const char *text, int64_t *value) {
    int minus = *text == '-';
    uint64_t n;
    text += minus;
    if (!digits(&text, &n) || *text || n > (uint64_t)INT64_MAX + (uint64_t)minus) return 0;
    *value = minus && n ? -(int64_t)(n - 1) - 1 : (int64_t)n;
    return 1;
}

/** Checks [-]digits[.digits][e[+-]digits], so that strtod sees nothing else (no hex, inf, nan, blanks). */
static int is_real(const char *p) {
    if (*p == '-') p++;
    size_t whole = strspn(p, "0123456789");
    p += whole;
    if (*p == '.') {
        size_t part = strspn(++p, "0123456789");
        if (part == 0) return 0;
        p += part;
    }
    if (whole == 0) return 0;
    if (lower(*p) == 'e') {
        p++;
        if (*p == '+' || *p == '-') p++;
        size_t exponent = strspn(p, "0123456789");
        if (exponent == 0) return 0;
        p += exponent;
    }
    return *p == 0;
}

int text_real(const char *text, double *value) {
    if (!is_real(text)) return 0;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* a constant of the library: nothing is allocated */
    if (!c) return 0;
    double x = strtod_l(text, NULL, c);
    freelocale(c);
    if (!isfinite(x)) return 0;
    *value = x;
    return 1;
}

int text_bool(const char *text, int *value) {
    static const char *const words[] = {"no", "yes", "false", "true", "0", "1"};
    for (int i = 0; i < 6; i++) {
        if (!text_same(text, words[i])) continue;
        *value = i & 1;
        return 1;
    }
    return 0;
}

int text_same(const char *a, const char *b) {
    while (*a && lower((unsigned char)*a) == lower((unsigned char)*b))
        a++, b++;
    return lower((unsigned char)*a) == lower((unsigned char)*b);
}

static int is_digit(char c) {
    return c >= '0' && c <= '9';
}

/** Compares the runs of digits that both texts begin with, by value, and steps over them. */
static int order_digits(const char **a, const char **b) {
    *a += strspn(*a, "0");
    *b += strspn(*b, "0");
    size_t n = strspn(*a, "0123456789"), m = strspn(*b, "0123456789");
    int order = n != m ? (n < m ? -1 : 1) : memcmp(*a, *b, n);
    *a += n;
    *b += m;
    return order;
}

int text_order(const char *a, const char *b) {
    const char *x = a, *y = b;
    int order = 0;
    while (!order && *x && *y) {
        if (is_digit(*x) && is_digit(*y)) {
            order = order_digits(&x, &y);
        } else {
            order = lower((unsigned char)*x++) - lower((unsigned char)*y++);
        }
    }
    if (!order) order = (*x != 0) - (*y != 0);
    return order ? order : strcmp(a, b);
}

/** Greedy with one restart point, the last star: never more than |pattern| x |name| steps. */
int text_glob(const char *pattern, const char *name) {
    const char *star = NULL, *resume = NULL;
    while (*name) {
        if (*pattern == '*') {
            star = pattern++;
            resume = name;
        } else if (*pattern == '?' || (*pattern && lower((unsigned char)*pattern) == lower((unsigned char)*name))) {
            pattern++, name++;
        } else if (star) {
            pattern = star + 1;
            name = ++resume;
        } else {
            return 0;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == 0;
}

/** Length of the well-formed sequence at p, 0 when it is none (overlong, surrogate, beyond U+10FFFF, NUL). */
static size_t sequence(const unsigned char *p, size_t n) {
    unsigned char c = p[0], least = 0x80, most = 0xBF;
    if (c && c < 0x80) return 1;
    size_t more = c >= 0xC2 && c <= 0xDF ? 1 : c >= 0xE0 && c <= 0xEF ? 2 : c >= 0xF0 && c <= 0xF4 ? 3 : 0;
    if (more == 0 || more >= n) return 0;
    if (c == 0xE0) least = 0xA0;
    if (c == 0xED) most = 0x9F;
    if (c == 0xF0) least = 0x90;
    if (c == 0xF4) most = 0x8F;
    if (p[1] < least || p[1] > most) return 0;
    for (size_t i = 2; i <= more; i++) {
        if ((p[i] & 0xC0) != 0x80) return 0;
    }
    return more + 1;
}

/** Ranges of unsafe code points; the last two of every plane are unsafe too. */
static const struct {
    unsigned from, to;
} unsafe[] = {
    {0x00, 0x08},     {0x0a, 0x1f},     {0x7f, 0x9f},     {0x061c, 0x061c}, {0x200e, 0x200f},   {0x2028, 0x202e},
    {0x2066, 0x206f}, {0xfdd0, 0xfdef}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
};

int text_unsafe(unsigned code) {
    if (code >= 0x20 && code < 0x7f) return 0;
    for (size_t i = 0; i < sizeof unsafe / sizeof *unsafe; i++) {
        if (code >= unsafe[i].from && code <= unsafe[i].to) return 1;
    }
    return (code & 0xfffe) == 0xfffe;
}

/** Code point of a well-formed sequence of n bytes. */
static unsigned code_of(const unsigned char *p, size_t n) {
    unsigned code = n == 1 ? *p : *p & (0x7fu >> n);
    for (size_t i = 1; i < n; i++)
        code = code << 6 | (p[i] & 0x3fu);
    return code;
}

size_t text_step(const char *text, int *is_unsafe) {
    const unsigned char *p = (const unsigned char *)text;
    *is_unsafe = 0;
    if (*p >= 0x20 && *p < 0x7f) return 1;
    size_t n = sequence(p, strnlen(text, 4));
    *is_unsafe = n == 0 || text_unsafe(code_of(p, n));
    return n ? n : 1;
}

int text_clean(const char *text, size_t n, unsigned *code) {
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0, step; i < n; i += step) {
        step = 1;
        if (p[i] >= 0x20 && p[i] < 0x7f) continue;
        step = sequence(p + i, n - i);
        unsigned found = step ? code_of(p + i, step) : p[i];
        if (step && !text_unsafe(found)) continue;
        if (code) *code = found;
        return 0;
    }
    return 1;
}

void text_make_printable(char *text) {
    for (size_t n; *text; text += n) {
        int bad;
        n = text_step(text, &bad);
        if (bad || *text == '\t') memset(text, '?', n);
    }
}

int text_utf8(const char *text, size_t n, size_t *bad) {
    for (size_t i = 0; i < n;) {
        size_t step = sequence((const unsigned char *)text + i, n - i);
        if (step == 0) {
            if (bad) *bad = i;
            return 0;
        }
        i += step;
    }
    return 1;
}
