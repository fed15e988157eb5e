#include "tests/unit/personality.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>

/* What the command gets where `sig` arrives. */
static int rewritten(int sig)
{
    return settings.conf.main->rewrite->map.to[sig];
}

static bool is_named(int sig)
{
    return signal_in(settings.conf.main->rewrite->map.named, sig);
}

START_TEST(without_options_it_is_as_dumb_init_is)
{
    ck_assert_int_eq(parse("/usr/bin/dumb-init", "x", "-c"), OPTIONS_RUN);
    ck_assert_str_eq(command(), "x -c ");
    ck_assert_int_eq(settings.grouping, SPAWN_OWN_SESSION);
    ck_assert(settings.on_session);
    ck_assert(settings.forward_to_group);
    ck_assert(settings.asks_left);
    ck_assert(settings.stops_itself);
    ck_assert(settings.tries_shell);
    ck_assert(settings.leaves_orphans);
    ck_assert_int_eq(settings.own_error_code, 1);
    ck_assert_int_eq(settings.conf.log_level, LEVEL_ERROR);
}
END_TEST

START_TEST(a_single_child_stays_in_our_group_and_gets_its_signals_alone)
{
    ck_assert_int_eq(parse("dumb-init", "--single-child", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.grouping, SPAWN_OUR_GROUP);
    ck_assert(!settings.on_session);
    ck_assert(!settings.forward_to_group);
    ck_assert(settings.stops_itself);
    for (int sig = 1; sig <= SIGNAL_MAX; sig++)
        ck_assert(rewritten(sig) == sig && !is_named(sig));
}
END_TEST

START_TEST(the_environment_can_ask_for_a_single_child_by_0_alone)
{
    setenv("DUMB_INIT_SETSID", "1", 1);
    ck_assert_int_eq(parse("dumb-init", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.grouping, SPAWN_OWN_SESSION);
    setenv("DUMB_INIT_SETSID", "00", 1);
    ck_assert_int_eq(parse("dumb-init", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.grouping, SPAWN_OWN_SESSION);
    setenv("DUMB_INIT_SETSID", "0", 1);
    ck_assert_int_eq(parse("dumb-init", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.grouping, SPAWN_OUR_GROUP);
}
END_TEST

START_TEST(the_stops_of_a_terminal_become_stop)
{
    ck_assert_int_eq(parse("dumb-init", "-r", "21:21", "-r22:0", "x"), OPTIONS_RUN);
    ck_assert_int_eq(rewritten(SIGTSTP), SIGSTOP);
    ck_assert_int_eq(rewritten(SIGTTIN), SIGTTIN);
    ck_assert_int_eq(rewritten(SIGTTOU), 0);
    ck_assert(is_named(SIGTSTP) && is_named(SIGTTIN) && is_named(SIGTTOU));
    ck_assert(!is_named(SIGTERM));
}
END_TEST

START_TEST(the_last_rewrite_of_a_signal_counts)
{
    ck_assert_int_eq(parse("dumb-init", "-r", "15:3", "--rewrite=15:2", "--rew", "1:0", "x"),
                     OPTIONS_RUN);
    ck_assert_int_eq(rewritten(15), 2);
    ck_assert_int_eq(rewritten(1), 0);
    ck_assert_int_eq(rewritten(2), 2);
}
END_TEST

/* As scanf(3) reads "%d:%d": blanks and signs before numbers, anything behind them. */
START_TEST(a_rewrite_is_two_numbers)
{
    static const char *const right[] = {"15:3", " 15:\t3", "+15:03", "15:3x", "15:3:9"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        ck_assert_int_eq(parse("dumb-init", "-r", "15:1", "-r", right[i], "x"), OPTIONS_RUN);
        ck_assert_msg(rewritten(15) == 3, "'%s'", right[i]);
    }
}
END_TEST

START_TEST(anything_else_is_no_rewrite)
{
    static const char *const wrong[] = {
        "",     "15",   "15:",   ":3",    "15 :3", "15=3",  "TERM:3", "0:3",
        "32:3", "-1:3", "15:32", "15:-1", "x15:3", "15:x3", "15::3",  "99999999999999999999:3"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_answer(1, "dumb-init", "-r", wrong[i], "x");
}
END_TEST

START_TEST(options_that_are_answered_end_it_where_they_stand)
{
    expect_answer(0, "dumb-init", "-h");
    expect_answer(0, "dumb-init", "--vers", "-x");
    expect_answer(0, "dumb-init", "-cV", "-r", "x");
    expect_answer(1, "dumb-init", "-r", "x", "-V");
    expect_answer(1, "dumb-init", "-x", "-V");
    expect_answer(1, "dumb-init", "--ver");
    expect_answer(1, "dumb-init", "--help=1");
    expect_answer(1, "dumb-init", "-r");
    expect_answer(1, "dumb-init");
    expect_answer(1, "dumb-init", "-c", "--");
}
END_TEST

static int spawn_code(enum spawn_stage stage, int reason)
{
    const struct spawn_error error = {.stage = stage, .error = reason};
    return settings.spawn_code(&error);
}

START_TEST(what_cannot_be_executed_gives_2_and_what_cannot_be_forked_1)
{
    ck_assert_int_eq(parse("dumb-init", "x"), OPTIONS_RUN);
    ck_assert_int_eq(spawn_code(SPAWN_EXEC, ENOENT), 2);
    ck_assert_int_eq(spawn_code(SPAWN_EXEC, EACCES), 2);
    ck_assert_int_eq(spawn_code(SPAWN_FORK, EAGAIN), 1);
    ck_assert_int_eq(spawn_code(SPAWN_SESSION, EPERM), 1);
}
END_TEST

START_TEST(the_variables_of_reeve_are_not_read)
{
    setenv("REEVE_SHUTDOWN_TIMEOUT", "3s", 1);
    setenv("REEVE_LOG_LEVEL", "loud", 1);
    ck_assert_int_eq(parse("dumb-init", "x"), OPTIONS_RUN);
    ck_assert_int_eq(settings.conf.shutdown_timeout_ms, 9000);
}
END_TEST

int main(void)
{
    return unit_run("dumb_init", without_options_it_is_as_dumb_init_is,
                    a_single_child_stays_in_our_group_and_gets_its_signals_alone,
                    the_environment_can_ask_for_a_single_child_by_0_alone,
                    the_stops_of_a_terminal_become_stop, the_last_rewrite_of_a_signal_counts,
                    a_rewrite_is_two_numbers, anything_else_is_no_rewrite,
                    options_that_are_answered_end_it_where_they_stand,
                    what_cannot_be_executed_gives_2_and_what_cannot_be_forked_1,
                    the_variables_of_reeve_are_not_read);
}
