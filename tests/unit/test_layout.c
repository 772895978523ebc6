/*
 * test_layout.c - layouts: every part, the shortest spelling back, what is refused, and how many GPUs it takes.
 */
#include "kernels/reduce/capacity.h"
#include "sweep/layout.h"
#include "tests/unit/tt.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static void good(void) {
    static const struct {
        const char *text, *shortest;
        int tp, pp, dp, ep, cp, zero, gpus;
    } cases[] = {
        {"tp1", "tp1", 1, 1, 1, 1, 1, 0, 1},
        {"tp8", "tp8", 8, 1, 1, 1, 1, 0, 8},
        {"TP4-PP2", "tp4-pp2", 4, 2, 1, 1, 1, 0, 8},
        {"pp2-tp4", "tp4-pp2", 4, 2, 1, 1, 1, 0, 8},
        {"tp8-dp8-zero3", "tp8-dp8-zero3", 8, 1, 8, 1, 1, 3, 64},
        {"tp1-dp8-zero0", "dp8", 1, 1, 8, 1, 1, 0, 8},
        {"dp8-fsdp", "dp8-fsdp", 1, 1, 8, 1, 1, 3, 8},
        {"dp8-fsdp-zero3", "dp8-fsdp", 1, 1, 8, 1, 1, 3, 8},
        {"dp16-hsdp", "dp16-hsdp", 1, 1, 16, 1, 1, 3, 16},
        {"ep8", "ep8", 1, 1, 1, 8, 1, 0, 8},
        {"tp8-ep8", "tp8-ep8", 8, 1, 1, 8, 1, 0, 8},
        {"tp2-ep8-pp2", "tp2-pp2-ep8", 2, 2, 1, 8, 1, 0, 16},
        {"cp2-tp4", "tp4-cp2", 4, 1, 1, 1, 2, 0, 8},
        {"tp4-sp", "tp4-sp", 4, 1, 1, 1, 1, 0, 4},
        {"tp65536", "tp65536", 65536, 1, 1, 1, 1, 0, 65536},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        kern_layout l, again;
        char why[DIAG_TEXT], text[KERN_LAYOUT_TEXT];
        TT_ERR(ERR_OK, sweep_layout_parse(cases[i].text, &l, why));
        CU_ASSERT(l.tp == cases[i].tp && l.pp == cases[i].pp && l.dp == cases[i].dp && l.ep == cases[i].ep);
        CU_ASSERT(l.cp == cases[i].cp && l.zero == cases[i].zero);
        CU_ASSERT_EQUAL(kern_layout_gpus(&l), cases[i].gpus);
        sweep_layout_text(&l, text);
        TT_TEXT(text, cases[i].shortest);
        TT_ERR(ERR_OK, sweep_layout_parse(text, &again, why));
        CU_ASSERT_EQUAL(memcmp(&l, &again, sizeof l), 0);
    }
}

static void bad(void) {
    static const char *const cases[][2] = {
        {"", "no part"},
        {"-", "no part"},
        {"tp", "no part"},
        {"tp0", "out of range"},
        {"tp-1", "no part"},
        {"tp65537", "out of range"},
        {"tp8-tp8", "twice"},
        {"tp1-tp1", "twice"},
        {"fsdp-fsdp", "twice"},
        {"tp8-", "no part"},
        {"tp8--pp2", "no part"},
        {"tp8 pp2", "no part"},
        {"zero4", "out of range"},
        {"fsdp-zero2", "mixes FSDP"},
        {"zero1-hsdp", "mixes FSDP"},
        {"xp4", "no part"},
        {"tp2.5", "no part"},
        {"tp99999999999999999999", "too long"},
        {"tp9999999999999", "out of range"},
        {"ep512-pp512", "65536 GPUs"},
        {"tp512-pp512", "65536 GPUs"},
        {"tp512-dp512", "65536 GPUs"},
        {"tp64-pp64-dp64", "65536 GPUs"},
        {"sequence-parallel-of-everything", "no part"},
        {"sequence_parallel_of_everything", "too long"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        kern_layout l = {.tp = 77};
        char why[DIAG_TEXT] = "";
        CU_ASSERT(sweep_layout_parse(cases[i][0], &l, why) != ERR_OK);
        if (!strstr(why, cases[i][1])) printf("\n'%s': %s\n", cases[i][0], why);
        CU_ASSERT_PTR_NOT_NULL(strstr(why, cases[i][1]));
        CU_ASSERT_EQUAL(l.tp, 77);
    }
}

/** Every degree at once still fits its text. */
static void longest_text(void) {
    kern_layout l = {65536, 65536, 65536, 65536, 65536, 2, 0, 0, 1};
    char text[KERN_LAYOUT_TEXT];
    sweep_layout_text(&l, text);
    TT_TEXT(text, "tp65536-pp65536-dp65536-ep65536-cp65536-zero2-sp");
}

CU_TestInfo layout_tests[] = {
    {"good layouts", good}, {"bad layouts", bad}, {"longest text", longest_text}, CU_TEST_INFO_NULL};
