/*
 * main.c - runs the suites of suites.def. CUnit's run returns 0 for failing tests and for an empty suite, so the numbers
 * are checked here: failures, suites that did not start, tests run. An argument picks suites by substring.
 */
#include <CUnit/Basic.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define SUITE(name) extern CU_TestInfo name##_tests[];
#include "tests/unit/suites.def"
#undef SUITE

static CU_SuiteInfo all[] = {
#define SUITE(name) {.pName = #name, .pTests = name##_tests},
#include "tests/unit/suites.def"
#undef SUITE
    CU_SUITE_INFO_NULL,
};

int main(int argc, char **argv) {
    CU_SuiteInfo picked[sizeof all / sizeof all[0]] = {CU_SUITE_INFO_NULL};
    unsigned n = 0;
    setlocale(LC_ALL, "C");
    for (CU_SuiteInfo *s = all; s->pName; s++) {
        if (argc < 2 || strstr(s->pName, argv[1])) picked[n++] = *s;
    }
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(picked) != CUE_SUCCESS) return EXIT_FAILURE;
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    int bad = CU_get_number_of_failures() != 0 || CU_get_number_of_suites_failed() != 0 ||
              CU_get_number_of_suites_run() != n || CU_get_number_of_tests_run() == 0;
    CU_cleanup_registry();
    return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
