/*
 * test_digest.c - SHA-256 against the values of its standard (FIPS 180-4, examples), and of files.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/digest.h"
#include "tests/unit/tt.h"

static void known_values(void) {
    static const struct {
        const char *text, *hex;
    } known[] = {{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
                 {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char hex[DIGEST_HEX];
        digest d;
        digest_init(&d);
        digest_bytes(&d, known[i].text, strlen(known[i].text));
        digest_end(&d, hex);
        TT_TEXT(hex, known[i].hex);
    }
}

static const char *of_texts(const char *a, const char *b) {
    static char hex[4][DIGEST_HEX];
    static int at;
    char *out = hex[at++ % 4];
    digest d;
    digest_init(&d);
    digest_text(&d, a);
    digest_text(&d, b);
    digest_end(&d, out);
    return out;
}

static void texts_stay_apart(void) {
    CU_ASSERT_STRING_NOT_EQUAL(of_texts("ab", "c"), of_texts("a", "bc"));
    CU_ASSERT_STRING_NOT_EQUAL(of_texts("a", NULL), of_texts("a", ""));
    CU_ASSERT_STRING_EQUAL(of_texts("a", "b"), of_texts("a", "b"));
}

static void files(void) {
    char path[] = "/tmp/vramsweep-digest-XXXXXX", hex[DIGEST_HEX];
    uint64_t bytes = 0, lines = 0;
    int fd = mkstemp(path);
    CU_ASSERT_EQUAL(write(fd, "abc", 3), 3);
    CU_ASSERT_EQUAL(digest_file(path, hex, &bytes, &lines), 0);
    TT_TEXT(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CU_ASSERT(bytes == 3 && lines == 0);
    CU_ASSERT_EQUAL(write(fd, "\n\n", 2), 2);
    CU_ASSERT(digest_file(path, hex, NULL, &lines) == 0 && lines == 2);
    close(fd);
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(digest_file(path, hex, NULL, NULL), ENOENT);
    CU_ASSERT_EQUAL(digest_file("/tmp", hex, NULL, NULL), EINVAL);
    CU_ASSERT_EQUAL(digest_file("/dev/zero", hex, NULL, NULL), EINVAL);
}

CU_TestInfo digest_tests[] = {
    {"known_values", known_values}, {"texts_stay_apart", texts_stay_apart}, {"files", files}, CU_TEST_INFO_NULL};
