/*
 * test_roles.c - words for LoRA targets, roles of mix rules and tensor classes.
 */
#include "sweep/roles.h"
#include "tests/unit/tt.h"

#define BIT(role)   (UINT32_C(1) << (role))
#define COUNT(list) (sizeof(list) / sizeof(list)[0])

static const uint32_t q = BIT(KERN_ROLE_Q) | BIT(KERN_ROLE_Q_DOWN) | BIT(KERN_ROLE_Q_UP),
                      k = BIT(KERN_ROLE_K) | BIT(KERN_ROLE_KV_DOWN) | BIT(KERN_ROLE_K_UP),
                      v = BIT(KERN_ROLE_V) | BIT(KERN_ROLE_V_UP), o = BIT(KERN_ROLE_O);

static void targets(void) {
    char why[DIAG_TEXT];
    uint32_t found = 0, all = 0;
    CU_ASSERT(sweep_roles_parse("attention", &found, why) && found == (q | k | v | o));
    CU_ASSERT(sweep_roles_parse("qv", &found, why) && found == (q | v));
    CU_ASSERT(sweep_roles_parse("Q+V", &found, why) && found == (q | v));
    CU_ASSERT(sweep_roles_parse("o", &found, why) && found == o);
    CU_ASSERT(sweep_roles_parse("all-linear", &all, why));
    CU_ASSERT(sweep_roles_parse("q+k+v+o+gate+up+down+mixer", &found, why) && found == all);
    CU_ASSERT(!(all & (BIT(KERN_ROLE_EMBED) | BIT(KERN_ROLE_HEAD) | BIT(KERN_ROLE_ROUTER) | BIT(KERN_ROLE_NORM))));
}

static void bad_targets(void) {
    static const char *const bad[] = {"z",   "q,v", "q++v", "+q",
                                      "q v", "all", "qkv",  "a-very-long-word-that-is-no-role-at-all-of-any-tensor"};
    char why[DIAG_TEXT];
    uint32_t found = 7;
    for (size_t i = 0; i < COUNT(bad); i++) {
        CU_ASSERT(!sweep_roles_parse(bad[i], &found, why));
        CU_ASSERT_PTR_NOT_NULL(strstr(why, "expected all-linear, attention, qv"));
    }
    CU_ASSERT_EQUAL(found, 7);
}

static void mix_roles(void) {
    CU_ASSERT_EQUAL(sweep_role_find("any"), KERN_ROLE_OTHER);
    CU_ASSERT_EQUAL(sweep_role_find("down"), KERN_ROLE_DOWN);
    CU_ASSERT_EQUAL(sweep_role_find("expert"), KERN_ROLES);
    CU_ASSERT_EQUAL(sweep_role_find("norm"), -1);
    CU_ASSERT_EQUAL(sweep_role_find(""), -1);
}

static void classes(void) {
    char why[DIAG_TEXT];
    uint32_t found = 7;
    CU_ASSERT(sweep_classes_parse("all", &found, why) && found == BIT(KERN_CLASSES) - 1);
    CU_ASSERT(sweep_classes_parse("attn mlp", &found, why) && found == (BIT(KERN_CLASS_ATTN) | BIT(KERN_CLASS_MLP)));
    CU_ASSERT(sweep_classes_parse("", &found, why) && found == 0);
    static const char *const bad[] = {"linear", "attn, mlp", "attn  mlp", " attn", "ATTN"};
    for (size_t i = 0; i < COUNT(bad); i++)
        CU_ASSERT(!sweep_classes_parse(bad[i], &found, why) && strstr(why, "expected all, or embed head attn"));
}

CU_TestInfo roles_tests[] = {{"targets", targets},
                             {"bad targets", bad_targets},
                             {"roles of mixes", mix_roles},
                             {"classes", classes},
                             CU_TEST_INFO_NULL};
