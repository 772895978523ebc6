/*
 * test_suggest.c - did-you-mean: order, ties, distances and bounds. The wording is part of many expected messages.
 */
#include "common/text.h"
#include "tests/unit/tt.h"

static const char *const catalog[] = {"llama-3-8b", "llama-3.1-8b", "llama-3.1-70b", "qwen3-8b", "nf4",
                                      "bf16",       "fp16",         "fp8",           NULL};

static const char *name_at(const void *ctx, size_t i) {
    return ((const char *const *)ctx)[i];
}

static void nearest_names(void) {
    static const struct {
        const char *name;
        unsigned want;
        const char *expected;
    } cases[] = {
        {"lama-3.1-8b", 2, "did you mean 'llama-3.1-8b' or 'llama-3-8b'?"},
        {"LLAMA-3.1-8B", 1, "did you mean 'llama-3.1-8b'?"},
        {"qwen3-b8", 1, "did you mean 'qwen3-8b'?"},   /* a swap counts 1 */
        {"fb16", 3, "did you mean 'bf16' or 'fp16'?"}, /* both at distance 1: list order */
        {"fp17", 2, "did you mean 'fp16' or 'fp8'?"},
        {"mixtral-8x22b", 3, ""},
        {"nf4", 0, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[200] = "before";
        text_suggest(cases[i].name, name_at, catalog, cases[i].want, out, sizeof out);
        TT_TEXT(out, cases[i].expected);
    }
}

/** Too small a buffer holds fewer names, never half of one. */
static void small_buffers(void) {
    static const char two[] = "did you mean 'llama-3.1-8b' or 'llama-3-8b'?", one[] = "did you mean 'llama-3.1-8b'?";
    for (size_t n = 0; n <= sizeof two; n++) {
        char out[sizeof two + 1];
        memset(out, '#', sizeof out);
        text_suggest("lama-3.1-8b", name_at, catalog, 2, out, n);
        CU_ASSERT_EQUAL(out[n], '#');
        if (n > 0) TT_TEXT(out, n >= sizeof two ? two : n >= sizeof one ? one : "");
    }
}

/** Names beyond 128 bytes are not compared, those of 128 are. */
static void long_names(void) {
    char name[130], near[130], out[200];
    const char *list[] = {near, NULL};
    memset(name, 'a', sizeof name);
    memset(near, 'a', sizeof near);
    name[128] = near[127] = 0;
    text_suggest(name, name_at, list, 1, out, sizeof out);
    CU_ASSERT(strncmp(out, "did you mean 'aaaa", 18) == 0);
    name[128] = 'a';
    name[129] = 0;
    text_suggest(name, name_at, list, 1, out, sizeof out);
    TT_TEXT(out, "");
    name[127] = 0;
    near[127] = 'a';
    near[129] = 0;
    text_suggest(name, name_at, list, 1, out, sizeof out);
    TT_TEXT(out, "");
}

CU_TestInfo suggest_tests[] = {
    {"nearest names", nearest_names}, {"small buffers", small_buffers}, {"long names", long_names}, CU_TEST_INFO_NULL};
