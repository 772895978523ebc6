/*
 * test_text.c - numbers at their bounds, names, globs, UTF-8, hashes. What is refused leaves the result untouched.
 */
#include <locale.h>
#include <stdlib.h>

#include "common/hash.h"
#include "common/text.h"
#include "tests/unit/tt.h"

static void counts(void) {
    static const struct {
        const char *text;
        int ok;
        uint64_t value;
    } cases[] = {
        {"0", 1, 0},
        {"1", 1, 1},
        {"007", 1, 7},
        {"8k", 1, 8192},
        {"8K", 1, 8192},
        {"1m", 1, 1048576},
        {"0k", 1, 0},
        {"18446744073709551615", 1, UINT64_MAX},
        {"18014398509481983k", 1, UINT64_MAX - 1023},
        {"18446744073709551616", 0, 0},
        {"18014398509481984k", 0, 0},
        {"17592186044416m", 0, 0},
        {"99999999999999999999999999999999", 0, 0},
        {"", 0, 0},
        {"k", 0, 0},
        {"-1", 0, 0},
        {"+1", 0, 0},
        {" 1", 0, 0},
        {"1 ", 0, 0},
        {"1kk", 0, 0},
        {"1g", 0, 0},
        {"1.5k", 0, 0},
        {"1e3", 0, 0},
        {"0x10", 0, 0},
        {"1,000", 0, 0},
        {"\xD9\xA1", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t value = 42;
        CU_ASSERT_EQUAL(text_count(cases[i].text, &value), cases[i].ok);
        CU_ASSERT_EQUAL(value, cases[i].ok ? cases[i].value : 42);
    }
}

static void ints(void) {
    static const struct {
        const char *text;
        int ok;
        int64_t value;
    } cases[] = {
        {"0", 1, 0},
        {"-0", 1, 0},
        {"-1", 1, -1},
        {"9223372036854775807", 1, INT64_MAX},
        {"-9223372036854775808", 1, INT64_MIN},
        {"9223372036854775808", 0, 0},
        {"-9223372036854775809", 0, 0},
        {"", 0, 0},
        {"-", 0, 0},
        {"--1", 0, 0},
        {"+1", 0, 0},
        {"1k", 0, 0},
        {"1.0", 0, 0},
        {" 1", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t value = 42;
        CU_ASSERT_EQUAL(text_int(cases[i].text, &value), cases[i].ok);
        CU_ASSERT_EQUAL(value, cases[i].ok ? cases[i].value : 42);
    }
}

static void check_reals(void) {
    static const struct {
        const char *text;
        int ok;
        double value;
    } cases[] = {
        {"0", 1, 0.0},
        {"-0", 1, -0.0},
        {"4.5", 1, 4.5},
        {"-1.25e-2", 1, -0.0125},
        {"1E3", 1, 1000},
        {"8e+9", 1, 8e9},
        {"0.1", 1, 0.1},
        {"1.7976931348623157e308", 1, 1.7976931348623157e308},
        {"1e-400", 1, 0.0},
        {"9007199254740993", 1, 9007199254740992.0},
        {"1e309", 0, 0},
        {"-1e309", 0, 0},
        {"1e999999999999", 0, 0},
        {"inf", 0, 0},
        {"nan", 0, 0},
        {"-inf", 0, 0},
        {"NaN", 0, 0},
        {"0x1p3", 0, 0},
        {"", 0, 0},
        {"-", 0, 0},
        {".5", 0, 0},
        {"5.", 0, 0},
        {"1e", 0, 0},
        {"1e+", 0, 0},
        {"+1", 0, 0},
        {" 1", 0, 0},
        {"1 ", 0, 0},
        {"1,5", 0, 0},
        {"1.5.5", 0, 0},
        {"1_000", 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 42;
        CU_ASSERT_EQUAL(text_real(cases[i].text, &value), cases[i].ok);
        TT_BITS(value, cases[i].ok ? cases[i].value : 42);
    }
}

/** The point is a point under every locale that this machine has, those with a decimal comma among them. */
static void reals(void) {
    static const char *const locales[] = {"C", "de_DE.UTF-8", "fr_FR.UTF-8", "pt_BR.UTF-8", "ru_RU.UTF-8"};
    for (size_t i = 0; i < sizeof locales / sizeof *locales; i++) {
        if (setlocale(LC_ALL, locales[i])) check_reals();
    }
    setlocale(LC_ALL, "C");
}

static void bools(void) {
    static const struct {
        const char *text;
        int ok, value;
    } cases[] = {{"yes", 1, 1}, {"No", 1, 0}, {"TRUE", 1, 1}, {"false", 1, 0}, {"1", 1, 1},   {"0", 1, 0},
                 {"", 0, 0},    {"y", 0, 0},  {"2", 0, 0},    {"on", 0, 0},    {"yes ", 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int value = 42;
        CU_ASSERT_EQUAL(text_bool(cases[i].text, &value), cases[i].ok);
        CU_ASSERT_EQUAL(value, cases[i].ok ? cases[i].value : 42);
    }
}

static void names(void) {
    CU_ASSERT(text_same("Llama-3.1-8B", "llama-3.1-8b"));
    CU_ASSERT(text_same("", ""));
    CU_ASSERT(!text_same("llama", "llama-2"));
    CU_ASSERT(!text_same("llama-2", "llama"));
    CU_ASSERT(!text_same("\xC3\x84", "\xC3\xA4")); /* ASCII case only */
}

/** Names of any length, equal but for case, have one hash; others share none of the slots of a table too often. */
static void hashes(void) {
    enum { NAMES = 1 << 14, LONG = 1000 };
    static uint8_t taken[NAMES];
    char name[LONG + 1] = "";
    unsigned most = 0;
    CU_ASSERT(hash_name("Qwen3-8B") == hash_name("qwen3-8b"));
    CU_ASSERT(hash_name("qwen3-8b") != hash_name("qwen3-b8"));
    CU_ASSERT(hash_name("") == hash_bytes("", 0));
    memset(name, 'x', LONG);
    uint64_t same = hash_name(name);
    name[LONG - 1] = 'X';
    CU_ASSERT(hash_name(name) == same);
    name[LONG - 1] = 'y';
    CU_ASSERT(hash_name(name) != same);
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "model-%d", i);
        uint8_t *n = &taken[hash_name(name) % NAMES];
        most = ++*n > most ? *n : most;
    }
    CU_ASSERT(most > 1 && most < 20); /* chance gives 7 */
}

static void globs(void) {
    static const struct {
        const char *pattern, *name;
        int match;
    } cases[] = {
        {"qwen3-*", "Qwen3-8B", 1},
        {"QWEN3-*", "qwen3-", 1},
        {"qwen3-*", "qwen2-8b", 0},
        {"*", "", 1},
        {"*", "x", 1},
        {"", "", 1},
        {"", "x", 0},
        {"?", "", 0},
        {"?", "x", 1},
        {"?", "xy", 0},
        {"**", "abc", 1},
        {"a*b*c", "a1b2c", 1},
        {"a*b*c", "a1b2c3", 0},
        {"*-8b", "llama-3.1-8b", 1},
        {"*-8b", "llama-3.1-8b-x", 0},
        {"a*a", "a", 0},
        {"*ab", "aab", 1},
        {"*a?c", "aabac", 0},
        {"*a?c", "aabacaxc", 1},
        {"?*?", "a", 0},
        {"?*?", "ab", 1},
        {"[a]", "a", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_EQUAL(text_glob(cases[i].pattern, cases[i].name), cases[i].match);
}

/** A backtracking matcher would need about 2^1000 steps here. */
static void globs_end(void) {
    char pattern[2001], name[4001];
    for (int i = 0; i < 1000; i++)
        memcpy(pattern + 2 * i, "*a", 3);
    pattern[1999] = 'b';
    memset(name, 'a', 4000);
    name[4000] = 0;
    CU_ASSERT_EQUAL(text_glob(pattern, name), 0);
    name[3999] = 'b';
    CU_ASSERT_EQUAL(text_glob(pattern, name), 1);
}

static void utf8(void) {
    static const struct {
        const char *text;
        size_t n;
        int ok;
        size_t bad;
    } cases[] = {
        {"", 0, 1, 0},
        {"abc", 3, 1, 0},
        {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9, 1, 0},
        {"\xF4\x8F\xBF\xBF", 4, 1, 0},
        {"a\0b", 3, 0, 1},
        {"ab\xFF", 3, 0, 2},
        {"\x80", 1, 0, 0},
        {"\xC0\x80", 2, 0, 0},
        {"\xC1\xBF", 2, 0, 0},
        {"\xE0\x9F\xBF", 3, 0, 0},
        {"\xED\xA0\x80", 3, 0, 0},
        {"\xF0\x8F\xBF\xBF", 4, 0, 0},
        {"\xF4\x90\x80\x80", 4, 0, 0},
        {"\xF5\x80\x80\x80", 4, 0, 0},
        {"a\xE2\x82", 3, 0, 1},
        {"\xE2\x82\xAC", 2, 0, 0},
        {"\xC3(", 2, 0, 0},
        {"\xE2\x82(", 3, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t bad = 42;
        CU_ASSERT_EQUAL(text_utf8(cases[i].text, cases[i].n, &bad), cases[i].ok);
        CU_ASSERT_EQUAL(bad, cases[i].ok ? 42 : cases[i].bad);
        CU_ASSERT_EQUAL(text_utf8(cases[i].text, cases[i].n, NULL), cases[i].ok);
    }
}

/** The list is in order, so every pair must be: order is the same for all neighbours near and far. */
static void orders(void) {
    static const char *const names[] = {"",
                                        "-",
                                        "0",
                                        "00",
                                        "1",
                                        "01x",
                                        "2",
                                        "10",
                                        "llama-3-8b",
                                        "llama-3-70b",
                                        "llama-3.1-8b",
                                        "llama-3.1-405b",
                                        "Q4_K_M",
                                        "q4_k_m",
                                        "q4_k_s",
                                        "v0.9.0",
                                        "v0.19.0",
                                        "x18446744073709551616",
                                        "x184467440737095516160",
                                        "\xC3\xA9"};
    enum { N = sizeof names / sizeof *names };
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < N; k++) {
            int order = text_order(names[i], names[k]);
            CU_ASSERT((order > 0) - (order < 0) == (i > k) - (i < k));
        }
    }
}

/** Of a list without an order of its own the nearest are named by name, however the list stands. */
static const char *const near_names[][4] = {{"fp8", "fp16", "fp4", NULL}, {"fp16", "fp4", "fp8", NULL}};

static const char *near_name(const void *list, size_t i) {
    return ((const char *const *)list)[i];
}

static void suggests_names(void) {
    for (int i = 0; i < 2; i++) {
        char out[100];
        text_suggest_names("fp9", near_name, near_names[i], 2, out, sizeof out);
        CU_ASSERT_STRING_EQUAL(out, "did you mean 'fp4' or 'fp8'?");
        text_suggest("fp9", near_name, near_names[i], 2, out, sizeof out);
        CU_ASSERT_STRING_EQUAL(out, i ? "did you mean 'fp4' or 'fp8'?" : "did you mean 'fp8' or 'fp4'?");
    }
}

CU_TestInfo text_tests[] = {{"orders", orders}, {"suggests names", suggests_names},
                            {"counts", counts}, {"ints", ints},
                            {"reals", reals},   {"bools", bools},
                            {"names", names},   {"hashes", hashes},
                            {"globs", globs},   {"globs end", globs_end},
                            {"utf8", utf8},     CU_TEST_INFO_NULL};
