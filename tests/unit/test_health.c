/* What follows where a service is found to be well or not, or says so. */
#include "tests/unit/one_service.h"

enum { WATCHDOG_MS = 30000 };

static unsigned stops_and_settles(int wait_status)
{
    exited(wait_status);
    return tell(SERVICE_GROUP_GONE);
}

static void run_checked(void)
{
    health.probe.kind = PROBE_EXEC;
    run();
    ck_assert_int_eq(service.state, SERVICE_UP);
    ck_assert_int_eq(service.health, VERDICT_STARTING);
}

static void run_watched(void)
{
    health.watchdog_ms = WATCHDOG_MS;
    run();
    ck_assert_int_eq(service.state, SERVICE_UP);
    ck_assert_int_eq(service_deadline_ms(&service), now_ms + WATCHDOG_MS);
}

static void become_unhealthy(void)
{
    run_checked();
    ck_assert_uint_eq(tell(SERVICE_UNHEALTHY), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.reason, REASON_UNHEALTHY);
}

static unsigned set_watchdog(int64_t watchdog_ms)
{
    return step((struct service_event){.kind = SERVICE_WATCHDOG_SET, .watchdog_ms = watchdog_ms});
}

static unsigned let_time_pass(int64_t ms)
{
    now_ms += ms;
    return tell(SERVICE_DEADLINE);
}

/* --- health ----------------------------------------------------------------------------------- */

START_TEST(health_begins_when_it_is_up)
{
    health.probe.kind = PROBE_EXEC;
    run_unready();
    ck_assert_int_eq(service.health, VERDICT_NONE);
    ck_assert(!service_is_checked(&service));
    tell(SERVICE_READY);
    ck_assert_int_eq(service.health, VERDICT_STARTING);
    ck_assert(service_is_checked(&service));
}
END_TEST

START_TEST(a_service_without_checks_has_no_health)
{
    run();
    ck_assert_int_eq(service.health, VERDICT_NONE);
    ck_assert_uint_eq(tell(SERVICE_UNHEALTHY) | tell(SERVICE_HEALTHY), 0);
    ck_assert_int_eq(service.state, SERVICE_UP);
    ck_assert_int_eq(service.health, VERDICT_NONE);
}
END_TEST

START_TEST(an_unhealthy_one_that_is_ignored_goes_on)
{
    health.on_unhealthy = UNHEALTHY_IGNORE;
    run_checked();
    ck_assert_uint_eq(tell(SERVICE_UNHEALTHY), SERVICE_HEALTH_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_UP);
    ck_assert_int_eq(service.health, VERDICT_UNHEALTHY);
    ck_assert_uint_eq(tell(SERVICE_HEALTHY), SERVICE_HEALTH_CHANGED);
    ck_assert_int_eq(service.health, VERDICT_HEALTHY);
}
END_TEST

START_TEST(what_is_not_up_has_no_health)
{
    run_checked();
    tell(SERVICE_HEALTHY);
    want_down();
    ck_assert_int_eq(service.health, VERDICT_NONE);
    ck_assert_uint_eq(tell(SERVICE_UNHEALTHY), 0);
    ck_assert_int_eq(service.reason, REASON_SHUTDOWN);
}
END_TEST

/* One that drains its connections may say so by its checks. */
START_TEST(what_is_to_go_need_not_be_well)
{
    health.watchdog_ms = WATCHDOG_MS;
    run_checked();
    tell(SERVICE_WANT_NO_RESTART);
    ck_assert_uint_eq(tell(SERVICE_UNHEALTHY), 0);
    ck_assert_uint_eq(tell(SERVICE_WATCHDOG_PULLED), 0);
    ck_assert_uint_eq(let_time_pass(WATCHDOG_MS), 0);
    ck_assert_int_eq(service.state, SERVICE_UP);
    ck_assert_int_eq(service.health, VERDICT_NONE);
}
END_TEST

START_TEST(what_is_to_stay_after_all_is_looked_after_again)
{
    health.watchdog_ms = WATCHDOG_MS;
    run_checked();
    tell(SERVICE_WANT_NO_RESTART);
    tell(SERVICE_WANT_UP);
    ck_assert_int_eq(service.health, VERDICT_STARTING);
    ck_assert_int_eq(service_deadline_ms(&service), now_ms + WATCHDOG_MS);
}
END_TEST

START_TEST(checks_that_come_later_begin_then_and_may_go_again)
{
    run();
    health.probe.kind = PROBE_EXEC;
    ck_assert_uint_eq(tell(SERVICE_RECONFIGURED), SERVICE_HEALTH_CHANGED);
    ck_assert_int_eq(service.health, VERDICT_STARTING);
    tell(SERVICE_HEALTHY);
    ck_assert_uint_eq(tell(SERVICE_RECONFIGURED), 0);
    ck_assert_int_eq(service.health, VERDICT_HEALTHY);
    health.probe.kind = PROBE_NONE;
    ck_assert_uint_eq(tell(SERVICE_RECONFIGURED), SERVICE_HEALTH_CHANGED);
    ck_assert_int_eq(service.health, VERDICT_NONE);
}
END_TEST

START_TEST(one_that_was_ignored_is_stopped_when_it_is_not_any_more)
{
    health.on_unhealthy = UNHEALTHY_IGNORE;
    run_checked();
    tell(SERVICE_UNHEALTHY);
    health.on_unhealthy = UNHEALTHY_RESTART;
    ck_assert_uint_eq(tell(SERVICE_RECONFIGURED), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.reason, REASON_UNHEALTHY);
}
END_TEST

/* --- what follows ----------------------------------------------------------------------------- */

/* How it ends after TERM because of its health, and what its code is then. */
static const struct {
    int wait_status;
    int code;
} forced_ends[] = {{0, 1}, {3 << 8, 3}, {SIGTERM, 143}, {143 << 8, 143}, {SIGKILL, 137}};

START_TEST(a_stop_for_its_health_is_a_failed_run_with_its_own_code_or_1)
{
    become_unhealthy();
    stops_and_settles(forced_ends[_i].wait_status);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
    ck_assert_int_eq(service_exit_code(&service), forced_ends[_i].code);
    ck_assert(!service_ended_well(&service));
    ck_assert_int_eq(service.history.failures, 1);
}
END_TEST

START_TEST(the_policy_decides_what_follows)
{
    restart.policy = RESTART_NO;
    become_unhealthy();
    stops_and_settles(0);
    ck_assert_int_eq(service.state, SERVICE_FAILED);
    ck_assert(!service_ends_all(&service));
}
END_TEST

START_TEST(where_it_is_to_stop_all_no_policy_starts_it_again)
{
    restart.policy = RESTART_ALWAYS;
    health.on_unhealthy = UNHEALTHY_STOP;
    become_unhealthy();
    stops_and_settles(0);
    ck_assert_int_eq(service.state, SERVICE_FAILED);
    ck_assert(service_ends_all(&service));
    ck_assert_int_eq(service_exit_code(&service), 1);
}
END_TEST

START_TEST(the_next_run_begins_anew)
{
    become_unhealthy();
    stops_and_settles(0);
    wait_for_deadline();
    forked();
    tell(SERVICE_EXECUTED);
    ck_assert_int_eq(service.health, VERDICT_STARTING);
    ck_assert_int_eq(service.reason, REASON_NONE);
    stops_and_settles(0);
    ck_assert_int_eq(service.state, SERVICE_DONE);
}
END_TEST

START_TEST(a_start_by_hand_while_it_stops_counts_whatever_was_to_follow)
{
    health.on_unhealthy = UNHEALTHY_STOP;
    become_unhealthy();
    tell(SERVICE_WANT_UP);
    stops_and_settles(0);
    ck_assert_int_eq(service.state, SERVICE_WAITING);
    ck_assert(!service_ends_all(&service));
}
END_TEST

START_TEST(it_is_asked_by_its_stop_command_and_killed_where_it_does_not_go)
{
    static char *const command[] = {"stop", NULL};
    stop_.command = command;
    run_checked();
    ck_assert_uint_eq(tell(SERVICE_UNHEALTHY), SERVICE_CHANGED | SERVICE_RUN_STOP_COMMAND);
    wait_for_deadline();
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL_GROUP);
}
END_TEST

/* --- watchdog --------------------------------------------------------------------------------- */

START_TEST(the_watchdog_counts_from_when_it_is_up)
{
    health.watchdog_ms = WATCHDOG_MS;
    run_unready();
    tell(SERVICE_KEEPALIVE);
    ck_assert_int_eq(service_deadline_ms(&service), SERVICE_NO_DEADLINE);
    now_ms += 3;
    tell(SERVICE_READY);
    ck_assert_int_eq(service_deadline_ms(&service), now_ms + WATCHDOG_MS);
}
END_TEST

START_TEST(each_sign_of_life_gives_it_the_whole_time_again)
{
    run_watched();
    now_ms += WATCHDOG_MS - 1;
    ck_assert_uint_eq(tell(SERVICE_KEEPALIVE), 0);
    ck_assert_uint_eq(let_time_pass(WATCHDOG_MS - 1), 0);
    ck_assert_int_eq(service.state, SERVICE_UP);
    ck_assert_uint_eq(let_time_pass(1), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.reason, REASON_WATCHDOG);
    ck_assert_int_eq(service_deadline_ms(&service), now_ms + STOP_MS);
}
END_TEST

START_TEST(silence_is_a_failed_run_with_its_own_code_or_1)
{
    run_watched();
    let_time_pass(WATCHDOG_MS);
    stops_and_settles(forced_ends[_i].wait_status);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
    ck_assert_int_eq(service_exit_code(&service), forced_ends[_i].code);
    ck_assert_int_eq(service.history.failures, 1);
}
END_TEST

START_TEST(without_a_watchdog_it_may_be_silent)
{
    run();
    ck_assert_uint_eq(tell(SERVICE_KEEPALIVE), 0);
    ck_assert_int_eq(service_deadline_ms(&service), SERVICE_NO_DEADLINE);
}
END_TEST

START_TEST(it_may_set_its_watchdog_at_any_time)
{
    run_unready();
    ck_assert_uint_eq(set_watchdog(500), 0);
    ck_assert_int_eq(service_deadline_ms(&service), SERVICE_NO_DEADLINE);
    tell(SERVICE_READY);
    ck_assert_int_eq(service_deadline_ms(&service), now_ms + 500);
    now_ms += 100;
    set_watchdog(1000);
    ck_assert_int_eq(service_deadline_ms(&service), now_ms + 1000);
    set_watchdog(0);
    ck_assert_int_eq(service_deadline_ms(&service), SERVICE_NO_DEADLINE);
}
END_TEST

START_TEST(what_it_has_set_is_for_this_run)
{
    run_watched();
    set_watchdog(500);
    stops_and_settles(1 << 8);
    wait_for_deadline();
    forked();
    tell(SERVICE_EXECUTED);
    ck_assert_int_eq(service_deadline_ms(&service), now_ms + WATCHDOG_MS);
}
END_TEST

START_TEST(it_may_say_that_it_is_not_well_also_without_a_watchdog)
{
    run();
    ck_assert_uint_eq(tell(SERVICE_WATCHDOG_PULLED), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.reason, REASON_WATCHDOG);
    ck_assert(service.was_pulled);
    stops_and_settles(0);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
    wait_for_deadline();
    ck_assert(!service.was_pulled);
}
END_TEST

START_TEST(more_time_is_more_time_for_its_watchdog_and_never_less)
{
    run_watched();
    extended(1);
    ck_assert_int_eq(service_deadline_ms(&service), now_ms + WATCHDOG_MS);
    extended(WATCHDOG_MS + 5);
    ck_assert_int_eq(service_deadline_ms(&service), now_ms + WATCHDOG_MS + 5);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "health", configure,
        unit_tests(
            health_begins_when_it_is_up, a_service_without_checks_has_no_health,
            an_unhealthy_one_that_is_ignored_goes_on, what_is_not_up_has_no_health,
            what_is_to_go_need_not_be_well, what_is_to_stay_after_all_is_looked_after_again,
            checks_that_come_later_begin_then_and_may_go_again,
            one_that_was_ignored_is_stopped_when_it_is_not_any_more,
            the_policy_decides_what_follows, where_it_is_to_stop_all_no_policy_starts_it_again,
            the_next_run_begins_anew, a_start_by_hand_while_it_stops_counts_whatever_was_to_follow,
            it_is_asked_by_its_stop_command_and_killed_where_it_does_not_go,
            the_watchdog_counts_from_when_it_is_up, each_sign_of_life_gives_it_the_whole_time_again,
            without_a_watchdog_it_may_be_silent, it_may_set_its_watchdog_at_any_time,
            what_it_has_set_is_for_this_run, it_may_say_that_it_is_not_well_also_without_a_watchdog,
            more_time_is_more_time_for_its_watchdog_and_never_less),
        unit_loops({a_stop_for_its_health_is_a_failed_run_with_its_own_code_or_1, 0,
                    unit_count(forced_ends)},
                   {silence_is_a_failed_run_with_its_own_code_or_1, 0, unit_count(forced_ends)}));
}
