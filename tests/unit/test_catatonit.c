#include "tests/unit/personality.h"
#include "tests/unit/unit.h"

#include <signal.h>

START_TEST(options_are_taken_wherever_they_stand_before_two_dashes)
{
    ck_assert_int_eq(parse("catatonit", "sh", "-g", "a", "--", "-c", "-P"), OPTIONS_RUN);
    ck_assert(settings.forward_to_group);
    ck_assert(!settings.pause);
    ck_assert_str_eq(command(), "sh a -c -P ");
}
END_TEST

START_TEST(without_options_it_is_as_catatonit_is)
{
    ck_assert_int_eq(parse("/run/podman-init", "--", "x"), OPTIONS_RUN);
    ck_assert(!settings.forward_to_group);
    ck_assert(!settings.leaves_orphans);
    ck_assert(settings.tries_shell);
    ck_assert_int_eq(settings.grouping, SPAWN_OWN_GROUP);
    ck_assert_int_eq(settings.own_error_code, 1);
    ck_assert_int_eq(settings.spawn_code(NULL), 1);
    ck_assert_int_eq(settings.conf.log_level, LEVEL_ERROR);
}
END_TEST

START_TEST(what_stops_a_background_job_is_not_passed_on)
{
    ck_assert_int_eq(parse("catatonit", "x"), OPTIONS_RUN);
    const struct signal_map *rewrite = &settings.conf.main->rewrite->map;
    for (int sig = 1; sig <= SIGNAL_MAX; sig++)
        ck_assert_int_eq(rewrite->to[sig],
                         sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU ? 0 : sig);
}
END_TEST

START_TEST(pause_runs_nothing_and_ends_by_two_signals)
{
    ck_assert_int_eq(parse("catatonit", "-P", "--", "x"), OPTIONS_RUN);
    ck_assert(settings.pause);
    ck_assert_ptr_null(settings.conf.main);
    ck_assert_uint_eq(settings.conf.stop_signals, signal_bit(SIGTERM) | signal_bit(SIGINT));
}
END_TEST

START_TEST(a_variable_makes_it_tell_everything)
{
    setenv("CATATONIT_DEBUG", "", 1);
    ck_assert_int_eq(parse("catatonit", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.conf.log_level, LEVEL_DEBUG);
}
END_TEST

START_TEST(only_podman_init_reads_the_variables_of_reeve)
{
    setenv("REEVE_SHUTDOWN_TIMEOUT", "3s", 1);
    ck_assert_int_eq(parse("podman-init", "--", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.conf.shutdown_timeout_ms, 3000);
    ck_assert_int_eq(parse("catatonit", "--", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.conf.shutdown_timeout_ms, 9000);
}
END_TEST

START_TEST(what_asks_for_words_is_answered)
{
    expect_answer(0, "catatonit", "-V");
    expect_answer(0, "catatonit", "--v");
    expect_answer(0, "catatonit", "x", "-h");
    expect_answer(0, "catatonit", "-gL");
    expect_answer(1, "catatonit");
    expect_answer(1, "catatonit", "-g", "--");
    expect_answer(1, "catatonit", "-x", "y");
    expect_answer(1, "catatonit", "--version=1");
}
END_TEST

START_TEST(a_reserved_variable_is_refused)
{
    setenv("CATATONIT_LOG", "", 1);
    expect_answer(1, "catatonit", "x");
}
END_TEST

int main(void)
{
    return unit_run("catatonit", options_are_taken_wherever_they_stand_before_two_dashes,
                    without_options_it_is_as_catatonit_is,
                    what_stops_a_background_job_is_not_passed_on,
                    pause_runs_nothing_and_ends_by_two_signals, a_variable_makes_it_tell_everything,
                    only_podman_init_reads_the_variables_of_reeve, what_asks_for_words_is_answered,
                    a_reserved_variable_is_refused);
}
