/*
 * A Check suite of one file: `int main(void) { return unit_run("value", test_a, test_b); }`
 */
#pragma once

#include <check.h>
#include <stdlib.h>

/* A test that is run for each number from `first` up to but without `end`, which it has as _i. */
struct unit_loop {
    const TTest *test;
    int first;
    int end;
};

static inline int unit_run_suite(const char *name, void (*setup)(void), const TTest *const *tests,
                                 size_t count, const struct unit_loop *loops, size_t loop_count)
{
    Suite *suite = suite_create(name);
    TCase *cases = tcase_create(name);
    tcase_set_timeout(cases, 280); /* a machine may be busy: this is for what never ends */
    if (setup)
        tcase_add_checked_fixture(cases, setup, NULL);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(cases, tests[i]);
    for (size_t i = 0; i < loop_count; i++)
        tcase_add_loop_test(cases, loops[i].test, loops[i].first, loops[i].end);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define unit_count(list) (sizeof(list) / sizeof *(list))

#define unit_tests(...)                  \
    (const TTest *const[]){__VA_ARGS__}, \
        sizeof((const TTest *const[]){__VA_ARGS__}) / sizeof(const TTest *)

#define unit_loops(...) \
    (const struct unit_loop[]){__VA_ARGS__}, unit_count(((const struct unit_loop[]){__VA_ARGS__}))

#define unit_run(name, ...) unit_run_suite(name, NULL, unit_tests(__VA_ARGS__), NULL, 0)
