/*
 * main.c - runs the suites of suites.def. CUnit's run returns 0 for failing tests and for an empty suite, so the
 * numbers are checked here: failures, suites that did not start, tests run. An argument picks the suites whose name
 * holds it; exit status 77 says that it picked none.
 */
#include <CUnit/Basic.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#define SUITE(name) extern CU_TestInfo name##_tests[];
#include "tests/unit/suites.def"
#undef SUITE

enum { EXIT_NONE_PICKED = 77 };

static const CU_SuiteInfo all[] = {
#define SUITE(name) {.pName = #name, .pTests = name##_tests},
#include "tests/unit/suites.def"
#undef SUITE
};

enum { SUITES = sizeof all / sizeof all[0] };

int main(int argc, char **argv) {
    CU_SuiteInfo picked[SUITES + 1] = {{.pName = NULL}};
    unsigned n = 0;
    setlocale(LC_ALL, "C");
    for (unsigned i = 0; i < SUITES; i++) {
        if (argc < 2 || strstr(all[i].pName, argv[1])) picked[n++] = all[i];
    }
    if (n == 0) return EXIT_NONE_PICKED;
    if (CU_initialize_registry() != CUE_SUCCESS || CU_register_suites(picked) != CUE_SUCCESS) return EXIT_FAILURE;
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    int bad = CU_get_number_of_failures() != 0 || CU_get_number_of_suites_failed() != 0 ||
              CU_get_number_of_suites_run() != n || CU_get_number_of_tests_run() == 0;
    CU_cleanup_registry();
    return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
