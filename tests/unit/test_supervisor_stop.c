/* How services stop, and what ends all of them. */
#include "tests/unit/services.h"

/* --- stopping ------------------------------------------------------------------------------ */

START_TEST(services_stop_in_reverse_order_and_what_is_independent_at_once)
{
    run_chain();
    stop();
    expect_story("ask web, ask cron, ");
    ends("cron", 0);
    expect_story("");
    ends("web", 0);
    expect_story("ask app, ");
    ends("app", SIGTERM);
    expect_story("ask db, ");
    ck_assert(!supervisor_is_over(&supervisor));
    ends("db", 0);
    expect_over(0);
}
END_TEST

START_TEST(a_service_at_rest_passes_the_order_on)
{
    begin("[service db]\ncommand = x\n[service migrate]\ncommand = x\ntype = oneshot\nafter = db\n"
          "[service web]\ncommand = x\nafter = migrate\n",
          false);
    executed("db");
    executed("migrate");
    ends("migrate", 0);
    executed("web");
    *story = '\0';
    stop();
    expect_story("ask web, ");
    ends("web", 0);
    expect_story("ask db, ");
}
END_TEST

START_TEST(a_hung_dependent_does_not_cost_the_others_their_stop_signal)
{
    run_chain();
    stop();
    expect_story("ask web, ask cron, ");
    ck_assert_int_eq(deadline_ms, now_ms + 4500);
    wait_for_deadline();
    expect_story("ask db, ask app, ");
    ck_assert_int_eq(deadline_ms, now_ms + 3500);
    wait_for_deadline();
    expect_story("kill db, kill app, kill web, kill cron, ");
}
END_TEST

START_TEST(a_second_request_asks_all_and_kills_nobody)
{
    run_chain();
    stop();
    *story = '\0';
    stop();
    expect_story("ask db, ask app, ");
    stop();
    expect_story("");
}
END_TEST

START_TEST(what_waits_or_backs_off_is_down_at_once)
{
    begin(
        "[service a]\ncommand = x\n[service b]\ncommand = x\nafter = c\n[service c]\ncommand = x\n",
        false);
    executed("a");
    ends("a", 1 << 8);
    *story = '\0';
    stop();
    expect_story("ask c, ");
    ends("c", SIGTERM);
    expect_over(0);
}
END_TEST

START_TEST(what_is_queued_is_never_started_after_a_stop)
{
    begin("[service w]\ncommand = x\ninstances = 100\n", false);
    stop();
    for (int i = 0; i < SUPERVISOR_UNCONFIRMED; i++) {
        supervisor_executed(&supervisor, FIRST_PID + i, now_ms);
        reap(FIRST_PID + i, SIGTERM);
    }
    ck_assert_int_eq(process_count, SUPERVISOR_UNCONFIRMED);
    expect_over(0);
}
END_TEST

START_TEST(an_essential_failure_stops_the_others_and_gives_the_code)
{
    begin("[service a]\ncommand = x\nrestart = no\n[service b]\ncommand = x\n"
          "[service c]\ncommand = x\nrestart = no\n",
          false);
    executed("a");
    executed("b");
    executed("c");
    *story = '\0';
    ends("a", 3 << 8);
    expect_story("ask a, failed a, because of a, ask b, ask c, ");
    ends("c", 5 << 8);
    ends("b", 7 << 8);
    expect_over(3);
}
END_TEST

START_TEST(an_essential_simple_service_that_ends_well_stops_the_others)
{
    begin("[service a]\ncommand = x\n[service b]\ncommand = x\n", false);
    executed("a");
    executed("b");
    *story = '\0';
    ends("a", 0);
    expect_story("ask a, done a, because of a, ask b, ");
    ends("b", SIGTERM);
    expect_over(0);
}
END_TEST

START_TEST(what_backs_off_when_another_one_fails_is_not_started_again)
{
    begin("[service a]\ncommand = x\nrestart = no\n[service b]\ncommand = x\n", false);
    executed("a");
    executed("b");
    ends("b", 1 << 8);
    *story = '\0';
    ends("a", 3 << 8);
    expect_story("ask a, failed a, because of a, ");
    expect_over(3);
}
END_TEST

/* The code where a service ended by itself with 3, and what it left is still there at the stop. */
static int stopped_while_its_rest_is_left(const char *text)
{
    begin(text, false);
    executed("a");
    process_of(pid_of("a"))->others = true;
    ends("a", 3 << 8);
    stop();
    process_of(pid_of("a"))->others = false;
    supervisor_drained(&supervisor, now_ms);
    tick();
    ck_assert(supervisor_is_over(&supervisor));
    return supervisor_exit_code(&supervisor);
}

START_TEST(who_had_failed_for_good_before_a_stop_gives_its_code)
{
    int code = stopped_while_its_rest_is_left("[service a]\ncommand = x\nrestart = no\n");
    ck_assert_int_eq(code, 3);
}
END_TEST

START_TEST(who_would_have_been_started_again_before_a_stop_gives_none)
{
    int code = stopped_while_its_rest_is_left("[service a]\ncommand = x\nrestart = always\n");
    ck_assert_int_eq(code, 0);
}
END_TEST

START_TEST(it_is_over_when_nothing_is_left_that_may_run_again)
{
    begin("[service a]\ncommand = x\ntype = oneshot\n"
          "[service b]\ncommand = x\nessential = no\nrestart = no\n",
          false);
    executed("a");
    executed("b");
    ends("a", 0);
    ck_assert(!supervisor_is_over(&supervisor));
    ends("b", 3 << 8);
    expect_over(0);
}
END_TEST

START_TEST(who_cannot_be_killed_does_not_hold_up_the_end)
{
    begin("[service a]\ncommand = x\nstop-timeout = 1s\n", false);
    executed("a");
    stop();
    *story = '\0';
    wait_for_deadline();
    expect_story("kill a, ");
    ck_assert(!supervisor_is_over(&supervisor));
    wait_for_deadline();
    ck_assert(supervisor_is_over(&supervisor));
    ck_assert_int_eq(supervisor_exit_code(&supervisor), 137);
}
END_TEST

START_TEST(a_stop_command_comes_before_the_stop_signal)
{
    begin("[service a]\ncommand = x\nstop-command = y\n", false);
    executed("a");
    stop();
    expect_story("spawn a, stop-command of a, ");
    reap(FIRST_PID + 1, 1 << 8);
    expect_story("stop-command of a ended with 256, ask a, ");
    ends("a", 0);
    expect_over(0);
}
END_TEST

START_TEST(a_stop_command_that_cannot_start_is_no_obstacle)
{
    begin("[service a]\ncommand = x\nstop-command = y\n", false);
    executed("a");
    spawn_error = EAGAIN;
    stop();
    expect_story("spawn a, stop-command of a ended with -1, ask a, ");
}
END_TEST

START_TEST(a_stop_delay_lets_services_run_on_but_starts_none_again)
{
    begin("[reeve]\nstop-delay = 2s\n[service a]\ncommand = x\n[service b]\ncommand = x\n", false);
    executed("a");
    executed("b");
    *story = '\0';
    stop();
    expect_story("");
    ck_assert_int_eq(deadline_ms, now_ms + 2000);
    ends("a", 0);
    expect_story("ask a, ");
    wait_for_deadline();
    expect_story("ask b, ");
}
END_TEST

/* --- the one command ----------------------------------------------------------------------- */

START_TEST(the_one_command_has_no_timers_and_is_not_asked)
{
    begin("[service a]\ncommand = x\nmain = yes\nrestart = no\n", true);
    executed("a");
    stop(); /* whoever forwards the signal does it himself */
    expect_story("spawn a, ");
    ck_assert_int_eq(deadline_ms, SHUTDOWN_FOREVER);
    ends("a", SIGTERM);
    expect_over(143);
    ck_assert(!supervisor.cleans_groups);
}
END_TEST

START_TEST(the_one_command_that_ends_by_itself_begins_no_shutdown)
{
    begin("[service a]\ncommand = x\nmain = yes\nrestart = no\n", true);
    executed("a");
    ends("a", 3 << 8);
    expect_story("spawn a, failed a, ");
    ck_assert_int_eq(supervisor.shutdown.phase, SHUTDOWN_RUNNING);
    expect_over(3);
}
END_TEST

START_TEST(the_one_command_is_not_started_again_after_a_stop_signal)
{
    begin("[service a]\ncommand = x\nmain = yes\nrestart = always\n", true);
    executed("a");
    ends("a", 1 << 8);
    wait_for_deadline();
    expect_story("spawn a, ask a, backoff a, spawn a, ");
    executed("a");
    stop();
    ends("a", 0);
    expect_over(0);
}
END_TEST

START_TEST(the_one_command_is_stopped_as_a_service_where_that_was_set)
{
    begin("[service a]\ncommand = x\nmain = yes\nrestart = no\nstop-timeout = 2s\n", true);
    executed("a");
    stop();
    expect_story("spawn a, ask a, ");
    ck_assert_int_eq(deadline_ms, now_ms + 2000);
}
END_TEST

int main(void)
{
    return unit_run_suite("supervisor_stop", reset,
                          unit_tests(services_stop_in_reverse_order_and_what_is_independent_at_once,
                                     a_service_at_rest_passes_the_order_on,
                                     a_hung_dependent_does_not_cost_the_others_their_stop_signal,
                                     a_second_request_asks_all_and_kills_nobody,
                                     what_waits_or_backs_off_is_down_at_once,
                                     what_is_queued_is_never_started_after_a_stop,
                                     an_essential_failure_stops_the_others_and_gives_the_code,
                                     an_essential_simple_service_that_ends_well_stops_the_others,
                                     what_backs_off_when_another_one_fails_is_not_started_again,
                                     who_had_failed_for_good_before_a_stop_gives_its_code,
                                     who_would_have_been_started_again_before_a_stop_gives_none,
                                     it_is_over_when_nothing_is_left_that_may_run_again,
                                     who_cannot_be_killed_does_not_hold_up_the_end,
                                     a_stop_command_comes_before_the_stop_signal,
                                     a_stop_command_that_cannot_start_is_no_obstacle,
                                     a_stop_delay_lets_services_run_on_but_starts_none_again,
                                     the_one_command_has_no_timers_and_is_not_asked,
                                     the_one_command_that_ends_by_itself_begins_no_shutdown,
                                     the_one_command_is_not_started_again_after_a_stop_signal,
                                     the_one_command_is_stopped_as_a_service_where_that_was_set),
                          NULL, 0);
}
