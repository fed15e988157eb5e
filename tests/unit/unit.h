/*
 * A Check suite of one file: `int main(void) { return unit_run("value", test_a, test_b); }`
 */
#pragma once

#include <check.h>
#include <stdlib.h>

static inline int unit_run_tests(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(cases, tests[i]);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define unit_run(name, ...)                                   \
    unit_run_tests(name, (const TTest *const[]){__VA_ARGS__}, \
                   sizeof((const TTest *const[]){__VA_ARGS__}) / sizeof(const TTest *))
