/*
 * test_diff.c - unified diffs: hunks, ends of files, and that what is removed and added makes one text of the other.
 */
#include <stdlib.h>
#include <string.h>

#include "report/diff.h"
#include "tests/unit/tt.h"

/** What report_diff prints, in malloc'ed text. */
static char *diff_of(const char *a, const char *b) {
    const report_side before = {"a", a, strlen(a)}, after = {"b", b, strlen(b)};
    char *text = NULL;
    size_t n;
    FILE *to = open_memstream(&text, &n);
    TT_ERR(ERR_OK, report_diff(to, &before, &after));
    fclose(to);
    return text;
}

static void known_diffs(void) {
    static const struct {
        const char *a, *b, *diff;
    } rows[] = {
        {"", "", ""},
        {"x\n", "x\n", ""},
        {"", "x\n", "--- a\n+++ b\n@@ -0,0 +1 @@\n+x\n"},
        {"x\n", "", "--- a\n+++ b\n@@ -1 +0,0 @@\n-x\n"},
        {"x", "x\n", "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n"},
        {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
         "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"},
        {"a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
         "--- a\n+++ b\n@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n"},
        {"a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
         "--- a\n+++ b\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = diff_of(rows[i].a, rows[i].b);
        TT_TEXT(text, rows[i].diff);
        free(text);
    }
}

/** Follows the hunks over the old text; the new text must come out. */
static void apply(const char *a, const char *b, const char *diff) {
    char *out = calloc(strlen(a) + strlen(diff) + 1, 1);
    const char *at = strstr(diff, "@@");
    size_t line = 1;
    while (at) {
        size_t from = strtoul(strchr(at, '-') + 1, NULL, 10), old = 1;
        const char *comma = strpbrk(at + 3, ", ");
        if (*comma == ',') old = strtoul(comma + 1, NULL, 10);
        for (from += old == 0; line < from; line++) {
            strncat(out, a, strcspn(a, "\n") + 1);
            a += strcspn(a, "\n") + 1;
        }
        for (at = strchr(at, '\n') + 1; *at && *at != '@'; at = strchr(at, '\n') + 1) {
            size_t n = strcspn(at, "\n") + 1;
            if (*at != '-') strncat(out, at + 1, n - 1);
            if (*at == '+') continue;
            a += strcspn(a, "\n") + 1;
            line++;
        }
        at = *at ? at : NULL;
    }
    strcat(out, a);
    TT_TEXT(out, b);
    free(out);
}

/** Random texts of few different lines: every diff makes the second of the first. */
static void random_diffs(void) {
    unsigned state = 1;
    for (int round = 0; round < 400; round++) {
        char a[400] = "", b[400] = "", *side[] = {a, b};
        for (int s = 0; s < 2; s++) {
            int n = (int)((state = state * 1103515245u + 12345u) >> 16) % 40;
            for (int i = 0; i < n; i++) {
                char line[4] = {(char)('a' + ((state = state * 1103515245u + 12345u) >> 16) % 5), '\n'};
                strcat(side[s], line);
            }
        }
        char *text = diff_of(a, b);
        apply(a, b, text);
        free(text);
    }
}

/** More edits than the walk looks for: all removed, all added. */
static void far_apart(void) {
    char *a = calloc(20000, 1), *b = calloc(20000, 1);
    for (size_t i = 0; i < 2000; i++) {
        snprintf(a + strlen(a), 10, "a%zu\n", i);
        snprintf(b + strlen(b), 10, "b%zu\n", i);
    }
    char *text = diff_of(a, b);
    CU_ASSERT(strncmp(text, "--- a\n+++ b\n@@ -1,2000 +1,2000 @@\n-a0\n", 38) == 0);
    apply(a, b, text);
    free(text);
    free(a);
    free(b);
}

CU_TestInfo diff_tests[] = {
    {"known diffs", known_diffs}, {"random diffs", random_diffs}, {"far apart", far_apart}, CU_TEST_INFO_NULL};
