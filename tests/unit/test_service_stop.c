/* How one service is stopped. */
#include "tests/unit/one_service.h"

/* --- stopping ------------------------------------------------------------------------------ */

START_TEST(a_stop_asks_the_group_and_kills_it_after_the_stop_timeout)
{
    run();
    ck_assert_uint_eq(want_down(), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.deadline_ms, NOW + STOP_MS);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL_GROUP);
}
END_TEST

START_TEST(what_the_leader_leaves_is_asked_once_more_within_the_same_time)
{
    run();
    want_down();
    now_ms += 300;
    ck_assert_uint_eq(exited(0), 0);
    ck_assert_uint_eq(tell(SERVICE_GROUP_LEFT), SERVICE_SIGNAL_GROUP);
    ck_assert_uint_eq(tell(SERVICE_GROUP_LEFT), 0);
    ck_assert_int_eq(service.deadline_ms, NOW + STOP_MS);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL_GROUP);
}
END_TEST

START_TEST(SIGKILL_is_repeated_after_1_s_doubling_to_60)
{
    static const int64_t waits[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
    run();
    want_down();
    wait_for_deadline();
    for (size_t i = 0; i < sizeof waits / sizeof *waits; i++) {
        ck_assert_int_eq(service.deadline_ms - now_ms, waits[i]);
        ck_assert(service_outlives_kill(&service) == (i > 0));
        ck_assert_uint_eq(wait_for_deadline(), SERVICE_KILL_GROUP);
    }
}
END_TEST

START_TEST(with_kill_mode_process_only_the_leader_is_asked_and_killed)
{
    stop_.kill_mode = KILL_PROCESS;
    run();
    ck_assert_uint_eq(want_down(), SERVICE_CHANGED | SERVICE_SIGNAL);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL);
    ck_assert_uint_eq(exited(SIGKILL), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
}
END_TEST

START_TEST(with_kill_mode_mixed_the_rest_is_asked_when_the_leader_has_ended)
{
    stop_.kill_mode = KILL_MIXED;
    run();
    ck_assert_uint_eq(want_down(), SERVICE_CHANGED | SERVICE_SIGNAL);
    now_ms += 300;
    ck_assert_uint_eq(exited(0), SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.deadline_ms, NOW + 300 + STOP_MS);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL_GROUP);
    tell(SERVICE_GROUP_GONE);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
}
END_TEST

START_TEST(with_kill_mode_mixed_the_rest_is_asked_after_the_stop_timeout)
{
    stop_.kill_mode = KILL_MIXED;
    run();
    want_down();
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.deadline_ms, NOW + 2 * STOP_MS);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL_GROUP);
}
END_TEST

START_TEST(the_stop_signal_follows_the_stop_command_within_the_stop_timeout)
{
    run_with_stop_command();
    now_ms += 700;
    ck_assert_uint_eq(tell(SERVICE_HELPER_ENDED), SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.deadline_ms, NOW + STOP_MS);
}
END_TEST

START_TEST(a_stop_command_that_hangs_leaves_the_stop_signal_its_time)
{
    run_with_stop_command();
    ck_assert_int_eq(service.deadline_ms, NOW + STOP_MS - 1000);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_SIGNAL_GROUP | SERVICE_END_HELPER);
    ck_assert_int_eq(service.deadline_ms, NOW + STOP_MS);
    ck_assert_uint_eq(wait_for_deadline(),
                      SERVICE_CHANGED | SERVICE_KILL_GROUP | SERVICE_KILL_HELPER);
}
END_TEST

START_TEST(who_ends_by_its_stop_command_gets_no_signal)
{
    run_with_stop_command();
    ck_assert_uint_eq(exited(0), 0);
    ck_assert_uint_eq(tell(SERVICE_GROUP_GONE), 0);
    ck_assert_int_eq(service.state, SERVICE_STOPPING); /* its command still runs */
    ck_assert_uint_eq(tell(SERVICE_HELPER_ENDED), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
}
END_TEST

START_TEST(a_stop_command_that_outlives_its_service_is_ended_too)
{
    run_with_stop_command();
    exited(0);
    tell(SERVICE_GROUP_GONE);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_END_HELPER);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL_HELPER);
    tell(SERVICE_HELPER_ENDED);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
}
END_TEST

/* The number of its group may be anybody's by then, and 0 is our own. */
START_TEST(a_stop_command_left_alone_with_kill_mode_mixed_has_no_group_to_ask)
{
    stop_.kill_mode = KILL_MIXED;
    service.leaves_group = true;
    run_with_stop_command();
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_SIGNAL | SERVICE_END_HELPER);
    ck_assert_uint_eq(exited(0), 0);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL_HELPER);
}
END_TEST

START_TEST(who_leaves_its_group_to_the_sweep_is_killed_alone)
{
    service.leaves_group = true;
    run();
    ck_assert_uint_eq(want_down(), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL);
    exited(SIGKILL);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
}
END_TEST

START_TEST(a_stop_timeout_of_0_still_asks_before_it_kills)
{
    stop_.timeout_ms = 0;
    run();
    ck_assert_uint_eq(want_down(), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.deadline_ms, NOW);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL_GROUP);
}
END_TEST

START_TEST(a_stop_ends_a_backoff_and_a_wait)
{
    run();
    exited(1 << 8);
    tell(SERVICE_GROUP_GONE);
    ck_assert_uint_eq(want_down(), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
    tell(SERVICE_WANT_UP);
    ck_assert_uint_eq(want_down(), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
}
END_TEST

START_TEST(a_service_that_is_not_forked_yet_is_down_at_once)
{
    tell(SERVICE_WANT_UP);
    tell(SERVICE_DEPS_MET);
    ck_assert_uint_eq(want_down(), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
}
END_TEST

START_TEST(wanted_again_while_it_stops_by_hand_it_starts_anew)
{
    run();
    step((struct service_event){.kind = SERVICE_WANT_DOWN, .reason = REASON_BY_HAND});
    ck_assert_uint_eq(tell(SERVICE_WANT_UP), 0);
    exited(0);
    ck_assert_uint_eq(tell(SERVICE_GROUP_GONE), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_WAITING);
}
END_TEST

START_TEST(the_end_of_all_time_never_kills_whom_nobody_has_asked)
{
    run();
    ck_assert_uint_eq(tell(SERVICE_WANT_DEAD), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL_GROUP);
}
END_TEST

START_TEST(the_end_of_all_time_kills_whom_somebody_has_asked)
{
    run();
    want_down();
    now_ms += 5;
    ck_assert_uint_eq(tell(SERVICE_WANT_DEAD), SERVICE_CHANGED | SERVICE_KILL_GROUP);
    ck_assert_int_eq(now_ms - service.asked_ms, 5);
    ck_assert_uint_eq(tell(SERVICE_WANT_DEAD), 0); /* once */
}
END_TEST

START_TEST(the_end_of_all_time_lets_the_stop_signal_follow_a_stop_command)
{
    run_with_stop_command();
    ck_assert_uint_eq(tell(SERVICE_WANT_DEAD), SERVICE_SIGNAL_GROUP | SERVICE_END_HELPER);
    ck_assert_int_eq(service.deadline_ms, NOW + 1000);
}
END_TEST

START_TEST(at_the_end_of_all_time_kill_mode_mixed_has_no_stop_timeout_left)
{
    stop_.kill_mode = KILL_MIXED;
    run();
    ck_assert_uint_eq(tell(SERVICE_WANT_DEAD) & SERVICE_SIGNAL, SERVICE_SIGNAL);
    ck_assert_int_eq(service.deadline_ms, NOW + 1000);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.deadline_ms, NOW + 2000);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL_GROUP);
}
END_TEST

START_TEST(an_end_by_the_stop_signal_that_we_sent_is_well)
{
    run();
    want_down();
    exited(SIGTERM);
    tell(SERVICE_GROUP_GONE);
    ck_assert(service_ended_well(&service));
    run();
    exited(SIGTERM); /* nobody of us */
    ck_assert(!service_ended_well(&service));
    configure();
    stop_.signal = SIGQUIT;
    run();
    want_down();
    exited((128 + SIGQUIT) << 8);
    ck_assert(service_ended_well(&service));
}
END_TEST

START_TEST(a_stop_before_the_exec_is_known_signals_all_the_same)
{
    start();
    ck_assert_uint_eq(want_down(), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_uint_eq(tell(SERVICE_EXECUTED), 0);
    exited(SIGTERM);
    tell(SERVICE_GROUP_GONE);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
}
END_TEST

START_TEST(what_is_wanted_while_all_stops_is_not_taken_for_a_stop_by_hand)
{
    run();
    want_down();
    tell(SERVICE_WANT_UP);
    ck_assert_int_eq(service.reason, REASON_SHUTDOWN);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "service_stop", configure,
        unit_tests(what_is_wanted_while_all_stops_is_not_taken_for_a_stop_by_hand,
                   a_stop_asks_the_group_and_kills_it_after_the_stop_timeout,
                   what_the_leader_leaves_is_asked_once_more_within_the_same_time,
                   SIGKILL_is_repeated_after_1_s_doubling_to_60,
                   with_kill_mode_process_only_the_leader_is_asked_and_killed,
                   with_kill_mode_mixed_the_rest_is_asked_when_the_leader_has_ended,
                   with_kill_mode_mixed_the_rest_is_asked_after_the_stop_timeout,
                   the_stop_signal_follows_the_stop_command_within_the_stop_timeout,
                   a_stop_command_that_hangs_leaves_the_stop_signal_its_time,
                   who_ends_by_its_stop_command_gets_no_signal,
                   a_stop_command_that_outlives_its_service_is_ended_too,
                   a_stop_command_left_alone_with_kill_mode_mixed_has_no_group_to_ask,
                   who_leaves_its_group_to_the_sweep_is_killed_alone,
                   a_stop_timeout_of_0_still_asks_before_it_kills, a_stop_ends_a_backoff_and_a_wait,
                   a_service_that_is_not_forked_yet_is_down_at_once,
                   wanted_again_while_it_stops_by_hand_it_starts_anew,
                   the_end_of_all_time_never_kills_whom_nobody_has_asked,
                   the_end_of_all_time_kills_whom_somebody_has_asked,
                   the_end_of_all_time_lets_the_stop_signal_follow_a_stop_command,
                   at_the_end_of_all_time_kill_mode_mixed_has_no_stop_timeout_left,
                   an_end_by_the_stop_signal_that_we_sent_is_well,
                   a_stop_before_the_exec_is_known_signals_all_the_same),
        NULL, 0);
}
