/* The life of one service: how it starts, ends and starts again. */
#include "tests/unit/one_service.h"

/* --- starting and ending ------------------------------------------------------------------- */

START_TEST(it_waits_then_starts_then_is_up)
{
    ck_assert_uint_eq(tell(SERVICE_WANT_UP), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_WAITING);
    ck_assert_uint_eq(tell(SERVICE_DEPS_MET), SERVICE_CHANGED | SERVICE_SPAWN);
    ck_assert_int_eq(service.state, SERVICE_STARTING);
    ck_assert_uint_eq(forked(), 0);
    ck_assert_uint_eq(tell(SERVICE_EXECUTED), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_UP);
    ck_assert_int_eq(service.pid, PID);
}
END_TEST

START_TEST(a_oneshot_is_starting_until_it_ends_and_then_done)
{
    conf.type = TYPE_ONESHOT;
    conf.restart = &conf_restart_never;
    run();
    ck_assert_int_eq(service.state, SERVICE_STARTING);
    exited(0);
    tell(SERVICE_GROUP_GONE);
    ck_assert_int_eq(service.state, SERVICE_DONE);
}
END_TEST

START_TEST(the_end_of_its_leader_stops_its_group_first_and_then_decides)
{
    run();
    ck_assert_uint_eq(exited(1 << 8), SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.state, SERVICE_STOPPING);
    ck_assert_int_eq(service.pid, 0);
    ck_assert_int_eq(service.group, PID);
    ck_assert_uint_eq(tell(SERVICE_GROUP_GONE), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
    ck_assert_int_eq(service.deadline_ms, NOW + 100);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_SPAWN);
}
END_TEST

START_TEST(others_of_its_group_are_killed_after_the_stop_timeout_before_it_starts_again)
{
    run();
    exited(1 << 8);
    ck_assert_uint_eq(tell(SERVICE_GROUP_LEFT), SERVICE_CHANGED);
    ck_assert_uint_eq(tell(SERVICE_GROUP_LEFT), 0); /* said once */
    ck_assert_int_eq(service.deadline_ms, NOW + STOP_MS);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL_GROUP);
    tell(SERVICE_GROUP_GONE);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
}
END_TEST

START_TEST(with_kill_mode_process_others_of_its_group_are_left_alone)
{
    stop_.kill_mode = KILL_PROCESS;
    run();
    ck_assert_uint_eq(exited(1 << 8), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
}
END_TEST

START_TEST(the_one_command_leaves_its_group_to_the_sweep)
{
    service.leaves_group = true;
    restart.policy = RESTART_NO;
    run();
    ck_assert_uint_eq(exited(0), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_DONE);
}
END_TEST

START_TEST(an_exec_that_can_never_work_has_failed_for_good_under_every_policy)
{
    restart.policy = (enum restart_policy)_i;
    start();
    ck_assert_uint_eq(refused(ENOENT), 0); /* the child is still to exit */
    ck_assert_uint_eq(exited(127 << 8), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_FAILED);
    ck_assert_int_eq(service_exit_code(&service), 127);
}
END_TEST

START_TEST(a_start_that_may_work_later_counts_as_a_failed_run_of_no_length)
{
    tell(SERVICE_WANT_UP);
    tell(SERVICE_DEPS_MET);
    ck_assert_uint_eq(refused(EAGAIN), SERVICE_CHANGED); /* no child */
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
    ck_assert_int_eq(service.history.short_failures, 1);
}
END_TEST

START_TEST(a_run_is_measured_from_its_exec)
{
    run();
    now_ms += 10000;
    exited(1 << 8);
    now_ms += 5;
    tell(SERVICE_GROUP_GONE);
    ck_assert_int_eq(service.run_ms, 10000);
    ck_assert_int_eq(service.history.short_failures, 0);
}
END_TEST

START_TEST(an_unwanted_service_is_not_started_again)
{
    run();
    ck_assert_uint_eq(tell(SERVICE_WANT_NO_RESTART), 0);
    ck_assert_int_eq(service.state, SERVICE_UP);
    exited(1 << 8);
    tell(SERVICE_GROUP_GONE);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
}
END_TEST

START_TEST(a_start_by_hand_gives_the_tries_back)
{
    restart.tries = 1;
    run();
    exited(1 << 8);
    tell(SERVICE_GROUP_GONE);
    wait_for_deadline();
    forked();
    exited(1 << 8);
    tell(SERVICE_GROUP_GONE);
    ck_assert_int_eq(service.state, SERVICE_FAILED);
    run();
    exited(1 << 8);
    tell(SERVICE_GROUP_GONE);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "service", configure,
        unit_tests(it_waits_then_starts_then_is_up,
                   a_oneshot_is_starting_until_it_ends_and_then_done,
                   the_end_of_its_leader_stops_its_group_first_and_then_decides,
                   others_of_its_group_are_killed_after_the_stop_timeout_before_it_starts_again,
                   with_kill_mode_process_others_of_its_group_are_left_alone,
                   the_one_command_leaves_its_group_to_the_sweep,
                   a_start_that_may_work_later_counts_as_a_failed_run_of_no_length,
                   a_run_is_measured_from_its_exec, an_unwanted_service_is_not_started_again,
                   a_start_by_hand_gives_the_tries_back),
        unit_loops({an_exec_that_can_never_work_has_failed_for_good_under_every_policy, RESTART_NO,
                    RESTART_UNLESS_STOPPED + 1}));
}
