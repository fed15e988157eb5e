#include "tests/unit/personality.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>

START_TEST(options_are_taken_wherever_they_stand_before_two_dashes)
{
    ck_assert_int_eq(parse("tini", "sh", "-g", "-c", "x"), OPTIONS_ANSWERED);
    ck_assert_int_eq(parse("tini", "sh", "-gs", "--", "-c", "-g"), OPTIONS_RUN);
    ck_assert(settings.forward_to_group);
    ck_assert(!settings.leaves_orphans);
    ck_assert_str_eq(command(), "sh -c -g ");
}
END_TEST

START_TEST(without_options_it_is_as_tini_is)
{
    ck_assert_int_eq(parse("/sbin/docker-init", "--", "x"), OPTIONS_RUN);
    ck_assert(!settings.forward_to_group);
    ck_assert(settings.leaves_orphans);
    ck_assert(settings.tries_shell);
    ck_assert_int_eq(settings.grouping, SPAWN_OWN_GROUP);
    ck_assert_int_eq(settings.own_error_code, 1);
    ck_assert_int_eq(settings.parent_death_signal, 0);
    ck_assert_int_eq(settings.conf.log_level, LEVEL_WARN);
}
END_TEST

START_TEST(a_signal_has_its_whole_name_in_capitals)
{
    ck_assert_int_eq(parse("tini", "-p", "SIGUSR1", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.parent_death_signal, SIGUSR1);
    ck_assert_int_eq(parse("tini", "-pSIGSYS", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.parent_death_signal, SIGSYS);
    expect_answer(1, "tini", "-p", "USR1", "x");
    expect_answer(1, "tini", "-p", "sigusr1", "x");
    expect_answer(1, "tini", "-p", "10", "x");
    expect_answer(1, "tini", "-p", "SIGRTMIN", "x");
    expect_answer(1, "tini", "-p", "", "x");
}
END_TEST

START_TEST(exit_codes_are_added_up)
{
    ck_assert_int_eq(parse("tini", "-e", "3", "-e255", "-e", " 7", "x"), OPTIONS_RUN);
    for (int code = 0; code < 256; code++)
        ck_assert_int_eq(exit_codes_has(&settings.become_zero, code),
                         code == 3 || code == 255 || code == 7);
    expect_answer(1, "tini", "-e", "256", "x");
    expect_answer(1, "tini", "-e", "-1", "x");
    expect_answer(1, "tini", "-e", "3x", "x");
}
END_TEST

START_TEST(the_environment_comes_behind_the_options)
{
    setenv("TINI_VERBOSITY", "0", 1);
    setenv("TINI_SUBREAPER", "", 1);
    setenv("TINI_KILL_PROCESS_GROUP", "no", 1);
    ck_assert_int_eq(parse("tini", "-vvv", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.conf.log_level, LEVEL_ERROR);
    ck_assert(!settings.leaves_orphans);
    ck_assert(settings.forward_to_group);
    setenv("TINI_VERBOSITY", "-5", 1);
    ck_assert_int_eq(parse("tini", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.conf.log_level, LEVEL_DEBUG);
}
END_TEST

START_TEST(only_docker_init_reads_the_variables_of_reeve)
{
    setenv("REEVE_SHUTDOWN_TIMEOUT", "3s", 1);
    ck_assert_int_eq(parse("docker-init", "--", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.conf.shutdown_timeout_ms, 3000);
    ck_assert_int_eq(parse("tini", "--", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.conf.shutdown_timeout_ms, 9000);
}
END_TEST

START_TEST(what_asks_for_words_is_answered)
{
    expect_answer(0, "tini", "--version");
    expect_answer(1, "tini", "--version", "x");
    expect_answer(0, "tini", "-h");
    expect_answer(0, "tini", "x", "-l");
    expect_answer(1, "tini");
    expect_answer(1, "tini", "--");
    expect_answer(1, "tini", "-x", "y");
    expect_answer(1, "tini", "-p");
}
END_TEST

START_TEST(a_start_that_failed_has_the_code_of_its_reason)
{
    ck_assert_int_eq(parse("tini", "x"), OPTIONS_RUN);
    const struct spawn_error missing = {.stage = SPAWN_EXEC, .error = ENOENT};
    const struct spawn_error denied = {.stage = SPAWN_EXEC, .error = EACCES};
    const struct spawn_error other = {.stage = SPAWN_EXEC, .error = ENOTDIR};
    const struct spawn_error no_child = {.stage = SPAWN_FORK, .error = EAGAIN};
    ck_assert_int_eq(settings.spawn_code(&missing), 127);
    ck_assert_int_eq(settings.spawn_code(&denied), 126);
    ck_assert_int_eq(settings.spawn_code(&other), 1);
    ck_assert_int_eq(settings.spawn_code(&no_child), 1);
}
END_TEST

int main(void)
{
    return unit_run("tini", options_are_taken_wherever_they_stand_before_two_dashes,
                    without_options_it_is_as_tini_is, a_signal_has_its_whole_name_in_capitals,
                    exit_codes_are_added_up, the_environment_comes_behind_the_options,
                    only_docker_init_reads_the_variables_of_reeve, what_asks_for_words_is_answered,
                    a_start_that_failed_has_the_code_of_its_reason);
}
