/*
 * test_err.c - codes and their texts, the bounded list of faults, and that nothing a stranger wrote reaches a terminal
 * as a control.
 */
#include <stdlib.h>

#include "common/text.h"
#include "tests/unit/tt.h"

static void codes(void) {
    CU_ASSERT_EQUAL(err_exit_status(ERR_OK), 0);
    CU_ASSERT_EQUAL(err_exit_status(ERR_USAGE), 2);
    CU_ASSERT_EQUAL(err_exit_status(ERR_WRITE), 1);
    CU_ASSERT_EQUAL(err_exit_status(ERR_DIFFERS), 3);
    for (int i = 0; i < ERR_COUNT; i++) {
        CU_ASSERT(err_text((err)i) && *err_text((err)i));
        CU_ASSERT(err_exit_status((err)i) <= 3 && (err_exit_status((err)i) == 0) == (i == ERR_OK));
    }
    TT_TEXT(err_text(ERR_COUNT), "unknown error");
    CU_ASSERT_EQUAL(err_exit_status(ERR_COUNT), 1);
}

static err forwards(err inner) {
    TRY(inner);
    return ERR_RANGE;
}

static void try_forwards(void) {
    TT_ERR(ERR_OPEN, forwards(ERR_OPEN));
    TT_ERR(ERR_RANGE, forwards(ERR_OK));
}

/** What diags_print writes, in malloc'ed text. */
static char *printed(const diags *list) {
    char *text = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&text, &n);
    if (!to) return NULL;
    diags_print(to, list);
    fclose(to);
    return text;
}

static void places(void) {
    static const struct {
        const char *file;
        int line, column;
        const char *field, *expected;
    } cases[] = {
        {"models.csv", 14, 3, "kv_heads", "models.csv:14:3: kv_heads: 0, expected 1..heads\n"},
        {"models.csv", 14, 0, "kv_heads", "models.csv:14: kv_heads: 0, expected 1..heads\n"},
        {"models.csv", 0, 3, NULL, "models.csv: 0, expected 1..heads\n"},
        {NULL, 0, 0, "--isa", "vramsweep: --isa: 0, expected 1..heads\n"},
        {NULL, 0, 0, NULL, "vramsweep: 0, expected 1..heads\n"},
        {"a\033[2J\xC2\x9B.csv", 1, 1, "k\ney\xFF", "a?[2J??.csv:1:1: k?ey?: 0, expected 1..heads\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        diags list = {.n = 0};
        TT_ERR(ERR_RANGE, diag_add(&list, ERR_RANGE, cases[i].file, cases[i].line, cases[i].column, cases[i].field,
                                   "%d, expected 1..%s", 0, "heads"));
        char *text = printed(&list);
        TT_TEXT(text, cases[i].expected);
        free(text);
    }
}

static void list_is_bounded(void) {
    diags list = {.n = 0};
    TT_ERR(ERR_KEY, diag_add(NULL, ERR_KEY, "f", 1, 1, NULL, "no list, no fault kept"));
    for (int i = 0; i < DIAG_MAX; i++) {
        CU_ASSERT_EQUAL(diags_full(&list), 0);
        diag_add(&list, ERR_KEY, "f", i + 1, 0, NULL, "fault %d", i);
    }
    CU_ASSERT_EQUAL(diags_full(&list), 1);
    diag_add(&list, ERR_KEY, "f", 99, 0, NULL, "one too many");
    diag_add(&list, ERR_KEY, "f", 99, 0, NULL, "two too many");
    CU_ASSERT_EQUAL(list.n, DIAG_MAX);
    CU_ASSERT_EQUAL(list.dropped, 2);
    char *text = printed(&list);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT(strncmp(text, "f:1: fault 0\nf:2: fault 1\n", 26) == 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "f:20: fault 19\nvramsweep: 2 more faults are not shown\n"));
    free(text);
}

static void texts_are_printable(void) {
    static const struct {
        const char *found, *expected;
    } cases[] = {
        {"plain", "plain"},
        {"", ""},
        {"tab\tline\nbell\a\033[31mred", "tab?line?bell??[31mred"},
        {"gr\xC3\xB6\xC3\x9F"
         "er, \xE6\x97\xA5",
         "gr\xC3\xB6\xC3\x9F"
         "er, \xE6\x97\xA5"},
        {"latin \xF6", "latin ?"},
        {"c1 \xC2\x9B"
         "31m \xC2\xA0",
         "c1 ??31m \xC2\xA0"},
        {"\xFF\xFE\xC0\x80 \xED\xA0\x80", "???? ???"},
        {"cut \xE6\x97", "cut ??"},
        {"\x7F", "?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        diags list = {.n = 0};
        diag_add(&list, ERR_NAME, NULL, 0, 0, NULL, "%s", cases[i].found);
        TT_TEXT(list.item[0].text, cases[i].expected);
    }
}

/** A text that is cut in the middle of a letter stays valid UTF-8. */
static void long_texts(void) {
    for (int shift = 0; shift < 4; shift++) {
        char text[3 * DIAG_TEXT + 4] = "aaa";
        diags list = {.n = 0};
        for (int i = 0; i < DIAG_TEXT; i++)
            memcpy(text + shift + 3 * i, "\xE2\x82\xAC", 4);
        diag_add(&list, ERR_NAME, NULL, 0, 0, NULL, "%s", text);
        CU_ASSERT_EQUAL(strlen(list.item[0].text), DIAG_TEXT - 1);
        CU_ASSERT(text_utf8(list.item[0].text, DIAG_TEXT - 1, NULL));
    }
}

CU_TestInfo err_tests[] = {{"codes", codes},
                           {"TRY forwards", try_forwards},
                           {"places", places},
                           {"the list is bounded", list_is_bounded},
                           {"texts are printable", texts_are_printable},
                           {"long texts", long_texts},
                           CU_TEST_INFO_NULL};
