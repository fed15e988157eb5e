/* From the start of a service until it is ready, and what becomes of one that is not in time. */
#include "tests/unit/one_service.h"

enum { READY_MS = 60000, AFTER_MS = 5000 };

static unsigned stops_and_settles(int wait_status)
{
    exited(wait_status);
    return tell(SERVICE_GROUP_GONE);
}

/* It did not say that it is ready, and is stopped for that. */
static void run_out_of_time(void)
{
    ready.timeout_ms = READY_MS;
    run_unready();
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.state, SERVICE_STOPPING);
    ck_assert_int_eq(service.reason, REASON_START_TIMEOUT);
}

/* --- ready --------------------------------------------------------------------------------- */

START_TEST(one_that_says_so_is_up)
{
    run_unready();
    now_ms += 350;
    ck_assert_uint_eq(tell(SERVICE_READY), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_UP);
    ck_assert_int_eq(service.ready_after_ms, 350);
    ck_assert_int_eq(service.deadline_ms, SERVICE_NO_DEADLINE);
}
END_TEST

START_TEST(one_that_is_ready_before_its_exec_is_known_is_up)
{
    ready.probe.kind = PROBE_NOTIFY;
    start();
    ck_assert_uint_eq(tell(SERVICE_READY), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_UP);
    ck_assert(service_is_executed(&service));
    ck_assert_int_eq(service.ready_after_ms, 0);
    now_ms += 10;
    ck_assert_uint_eq(tell(SERVICE_EXECUTED), 0);
    ck_assert_int_eq(service.executed_ms, NOW);
}
END_TEST

START_TEST(ready_counts_once)
{
    run_unready();
    tell(SERVICE_READY);
    now_ms += 10;
    ck_assert_uint_eq(tell(SERVICE_READY), 0);
    ck_assert_int_eq(service.ready_after_ms, 0);
}
END_TEST

START_TEST(ready_is_not_heard_of_one_that_stops)
{
    run_unready();
    want_down();
    ck_assert_uint_eq(tell(SERVICE_READY), 0);
    ck_assert_int_eq(service.state, SERVICE_STOPPING);
    stops_and_settles(SIGTERM);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
}
END_TEST

START_TEST(ready_is_not_heard_of_one_that_is_late)
{
    run_out_of_time();
    ck_assert_uint_eq(tell(SERVICE_READY), 0);
    ck_assert_int_eq(service.state, SERVICE_STOPPING);
}
END_TEST

START_TEST(one_that_ends_before_it_is_ready_has_ended)
{
    ready.timeout_ms = READY_MS;
    run_unready();
    stops_and_settles(3 << 8);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
    ck_assert_int_eq(service_exit_code(&service), 3);
}
END_TEST

/* --- start-timeout ------------------------------------------------------------------------- */

START_TEST(the_time_begins_with_the_fork)
{
    ready.timeout_ms = READY_MS;
    ready.probe.kind = PROBE_NOTIFY;
    tell(SERVICE_WANT_UP);
    tell(SERVICE_DEPS_MET);
    ck_assert_int_eq(service.deadline_ms, SERVICE_NO_DEADLINE); /* many may be before it */
    now_ms += 7;
    forked();
    ck_assert_int_eq(service.deadline_ms, NOW + 7 + READY_MS);
    now_ms += 100;
    tell(SERVICE_EXECUTED);
    ck_assert_int_eq(service.deadline_ms, NOW + 7 + READY_MS);
}
END_TEST

START_TEST(an_exec_that_takes_too_long_is_stopped)
{
    ready.timeout_ms = READY_MS;
    start();
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.reason, REASON_START_TIMEOUT);
}
END_TEST

START_TEST(without_a_start_timeout_it_takes_its_time)
{
    run_unready();
    ck_assert_int_eq(service.deadline_ms, SERVICE_NO_DEADLINE);
}
END_TEST

START_TEST(one_that_was_ready_in_time_has_all_the_time)
{
    ready.timeout_ms = READY_MS;
    run_unready();
    tell(SERVICE_READY);
    now_ms += INT64_C(2) * READY_MS;
    ck_assert_uint_eq(tell(SERVICE_DEADLINE), 0);
    ck_assert_int_eq(service.state, SERVICE_UP);
}
END_TEST

/* How it ends after TERM because of its start-timeout, and what its code is then. */
static const struct {
    int wait_status;
    int code;
} late_ends[] = {{0, 1}, {3 << 8, 3}, {SIGTERM, 143}, {143 << 8, 143}, {SIGKILL, 137}};

START_TEST(a_start_timeout_is_a_failed_run_with_its_own_code_or_1)
{
    run_out_of_time();
    stops_and_settles(late_ends[_i].wait_status);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
    ck_assert_int_eq(service_exit_code(&service), late_ends[_i].code);
    ck_assert(!service_ended_well(&service));
    ck_assert_int_eq(service.history.failures, 1);
}
END_TEST

START_TEST(a_code_that_is_a_success_is_none_after_a_start_timeout)
{
    exit_codes_add(&restart.success, 3);
    run_out_of_time();
    stops_and_settles(3 << 8);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
    ck_assert_int_eq(service_exit_code(&service), 1);
    ck_assert(!service_ended_well(&service));
}
END_TEST

START_TEST(the_policy_decides_what_follows_a_start_timeout)
{
    restart.policy = RESTART_NO;
    run_out_of_time();
    stops_and_settles(0);
    ck_assert_int_eq(service.state, SERVICE_FAILED);
    ck_assert_int_eq(service_exit_code(&service), 1);
}
END_TEST

START_TEST(the_next_run_begins_anew)
{
    run_out_of_time();
    stops_and_settles(0);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_SPAWN);
    forked();
    ck_assert_int_eq(service.deadline_ms, now_ms + READY_MS);
    tell(SERVICE_EXECUTED);
    tell(SERVICE_READY);
    ck_assert_int_eq(service.state, SERVICE_UP);
    stops_and_settles(0);
    ck_assert_int_eq(service.state, SERVICE_DONE);
    ck_assert_int_eq(service_exit_code(&service), 0);
}
END_TEST

START_TEST(one_that_does_not_end_after_a_start_timeout_is_killed)
{
    run_out_of_time();
    ck_assert_int_eq(service.deadline_ms, now_ms + STOP_MS);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL_GROUP);
}
END_TEST

START_TEST(a_start_timeout_runs_the_stop_command_of_what_runs)
{
    static char *const command[] = {"stop", NULL};
    stop_.command = command;
    ready.timeout_ms = READY_MS;
    run_unready();
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_RUN_STOP_COMMAND);
}
END_TEST

START_TEST(a_stop_by_hand_while_it_is_late_leaves_it_down)
{
    restart.policy = RESTART_ALWAYS;
    run_out_of_time();
    step((struct service_event){.kind = SERVICE_WANT_DOWN, .reason = REASON_BY_HAND});
    stops_and_settles(SIGTERM);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
    ck_assert(service_is_held_down(&service));
}
END_TEST

START_TEST(a_start_by_hand_while_it_is_late_counts_whatever_its_policy_says)
{
    restart.policy = RESTART_NO;
    run_out_of_time();
    tell(SERVICE_WANT_UP);
    stops_and_settles(SIGTERM);
    ck_assert_int_eq(service.state, SERVICE_WAITING);
}
END_TEST

START_TEST(a_start_timeout_limits_the_run_of_a_oneshot)
{
    conf.type = TYPE_ONESHOT;
    restart.policy = RESTART_NO;
    ready.timeout_ms = READY_MS;
    run();
    ck_assert_int_eq(service.state, SERVICE_STARTING);
    ck_assert_int_eq(service.deadline_ms, NOW + READY_MS);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    stops_and_settles(0);
    ck_assert_int_eq(service.state, SERVICE_FAILED);
    ck_assert_int_eq(service_exit_code(&service), 1);
}
END_TEST

START_TEST(a_oneshot_without_a_start_timeout_takes_its_time)
{
    conf.type = TYPE_ONESHOT;
    run();
    ck_assert_int_eq(service.deadline_ms, SERVICE_NO_DEADLINE);
}
END_TEST

/* --- after a time -------------------------------------------------------------------------- */

static void run_for_a_while(int64_t timeout_ms)
{
    ready.probe.kind = PROBE_AFTER;
    ready.probe.ms = AFTER_MS;
    ready.timeout_ms = timeout_ms;
    start();
    now_ms += 100;
    ck_assert_uint_eq(tell(SERVICE_EXECUTED), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_STARTING);
}

START_TEST(one_that_is_ready_by_time_is_when_it_has_run_for_so_long)
{
    run_for_a_while(0);
    ck_assert_int_eq(service.deadline_ms, NOW + 100 + AFTER_MS);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_UP);
    ck_assert_int_eq(service.ready_after_ms, AFTER_MS);
}
END_TEST

START_TEST(it_is_ready_although_its_start_timeout_is_longer)
{
    run_for_a_while(READY_MS);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED);
    ck_assert_int_eq(now_ms, NOW + 100 + AFTER_MS);
    ck_assert_int_eq(service.state, SERVICE_UP);
}
END_TEST

START_TEST(it_is_never_ready_where_its_start_timeout_is_shorter)
{
    run_for_a_while(AFTER_MS);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(now_ms, NOW + AFTER_MS);
    ck_assert_int_eq(service.reason, REASON_START_TIMEOUT);
}
END_TEST

START_TEST(after_no_time_it_is_ready_at_once)
{
    ready.probe.kind = PROBE_AFTER;
    start();
    tell(SERVICE_EXECUTED);
    ck_assert_int_eq(service.deadline_ms, now_ms);
    wait_for_deadline();
    ck_assert_int_eq(service.state, SERVICE_UP);
}
END_TEST

/* --- more time ----------------------------------------------------------------------------- */

START_TEST(one_that_asks_for_more_time_to_start_has_it)
{
    ready.timeout_ms = READY_MS;
    run_unready();
    now_ms += READY_MS - 1;
    ck_assert_uint_eq(extended(1000), 0);
    ck_assert_int_eq(service.deadline_ms, now_ms + 1000);
    wait_for_deadline();
    ck_assert_int_eq(service.reason, REASON_START_TIMEOUT);
    ck_assert_int_eq(service.ready_after_ms, READY_MS - 1 + 1000);
}
END_TEST

START_TEST(nobody_gets_less_time_by_asking)
{
    ready.timeout_ms = READY_MS;
    run_unready();
    extended(1000);
    ck_assert_int_eq(service.deadline_ms, NOW + READY_MS);
    extended(0);
    ck_assert_int_eq(service.deadline_ms, NOW + READY_MS);
}
END_TEST

START_TEST(nobody_gets_a_start_timeout_by_asking)
{
    run_unready();
    extended(1000);
    ck_assert_int_eq(service.deadline_ms, SERVICE_NO_DEADLINE);
}
END_TEST

START_TEST(one_that_asks_for_more_time_to_stop_has_it)
{
    run();
    want_down();
    now_ms += STOP_MS - 1;
    ck_assert_uint_eq(extended(STOP_MS), 0);
    ck_assert_int_eq(service.deadline_ms, now_ms + STOP_MS);
}
END_TEST

START_TEST(the_time_of_the_shutdown_is_not_theirs_to_extend)
{
    run();
    tell(SERVICE_WANT_DEAD);
    int64_t deadline_ms = service.deadline_ms;
    ck_assert_uint_eq(extended(READY_MS), 0);
    ck_assert_int_eq(service.deadline_ms, deadline_ms);
}
END_TEST

START_TEST(a_kill_that_is_repeated_is_not_put_off)
{
    run();
    want_down();
    wait_for_deadline();
    ck_assert_int_eq(service.step, STEP_KILL);
    int64_t deadline_ms = service.deadline_ms;
    extended(READY_MS);
    ck_assert_int_eq(service.deadline_ms, deadline_ms);
}
END_TEST

/* --- what cannot come ---------------------------------------------------------------------- */

START_TEST(what_it_waits_for_in_vain_gives_its_code)
{
    restart.policy = RESTART_ALWAYS;
    exit_codes_add(&restart.success, 3); /* of its own, not of others */
    tell(SERVICE_WANT_UP);
    step((struct service_event){.kind = SERVICE_DEPS_IMPOSSIBLE, .cause_code = 3});
    ck_assert_int_eq(service.state, SERVICE_FAILED);
    ck_assert_int_eq(service_exit_code(&service), 3);
    ck_assert(!service_ended_well(&service));
}
END_TEST

START_TEST(to_wait_in_vain_for_one_that_ended_well_is_a_failure)
{
    tell(SERVICE_WANT_UP);
    step((struct service_event){.kind = SERVICE_DEPS_IMPOSSIBLE, .cause_code = 0});
    ck_assert_int_eq(service.state, SERVICE_FAILED);
    ck_assert_int_eq(service_exit_code(&service), 1);
}
END_TEST

START_TEST(one_that_waited_in_vain_can_be_started_once_more)
{
    tell(SERVICE_WANT_UP);
    step((struct service_event){.kind = SERVICE_DEPS_IMPOSSIBLE, .cause_code = 3});
    tell(SERVICE_WANT_UP);
    ck_assert_int_eq(service.state, SERVICE_WAITING);
    ck_assert_int_eq(service_exit_code(&service), 0);
    tell(SERVICE_DEPS_MET);
    forked();
    tell(SERVICE_EXECUTED);
    stops_and_settles(4 << 8);
    ck_assert_int_eq(service_exit_code(&service), 4);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "ready", configure,
        unit_tests(
            one_that_says_so_is_up, one_that_is_ready_before_its_exec_is_known_is_up,
            ready_counts_once, ready_is_not_heard_of_one_that_stops,
            ready_is_not_heard_of_one_that_is_late, one_that_ends_before_it_is_ready_has_ended,
            the_time_begins_with_the_fork, an_exec_that_takes_too_long_is_stopped,
            without_a_start_timeout_it_takes_its_time, one_that_was_ready_in_time_has_all_the_time,
            a_code_that_is_a_success_is_none_after_a_start_timeout,
            the_policy_decides_what_follows_a_start_timeout, the_next_run_begins_anew,
            one_that_does_not_end_after_a_start_timeout_is_killed,
            a_start_timeout_runs_the_stop_command_of_what_runs,
            a_stop_by_hand_while_it_is_late_leaves_it_down,
            a_start_by_hand_while_it_is_late_counts_whatever_its_policy_says,
            a_start_timeout_limits_the_run_of_a_oneshot,
            a_oneshot_without_a_start_timeout_takes_its_time,
            one_that_is_ready_by_time_is_when_it_has_run_for_so_long,
            it_is_ready_although_its_start_timeout_is_longer,
            it_is_never_ready_where_its_start_timeout_is_shorter, after_no_time_it_is_ready_at_once,
            one_that_asks_for_more_time_to_start_has_it, nobody_gets_less_time_by_asking,
            nobody_gets_a_start_timeout_by_asking, one_that_asks_for_more_time_to_stop_has_it,
            the_time_of_the_shutdown_is_not_theirs_to_extend,
            a_kill_that_is_repeated_is_not_put_off, what_it_waits_for_in_vain_gives_its_code,
            to_wait_in_vain_for_one_that_ended_well_is_a_failure,
            one_that_waited_in_vain_can_be_started_once_more),
        unit_loops(
            {a_start_timeout_is_a_failed_run_with_its_own_code_or_1, 0, unit_count(late_ends)}));
}
