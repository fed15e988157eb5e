/* A forking service, from the fork of its launcher until its daemon is found, or is not. */
#include "tests/unit/one_service.h"

enum { READY_MS = 60000, OTHER_GROUP = 301 };

static void configure_launcher(void)
{
    configure();
    conf.type = TYPE_FORKING;
}

static unsigned found(void)
{
    step((struct service_event){.kind = SERVICE_DAEMON_NAMED, .pid = DAEMON});
    ck_assert_int_eq(service.daemon, DAEMON);
    return step(
        (struct service_event){.kind = SERVICE_DAEMON_FOUND, .pid = DAEMON, .group = OTHER_GROUP});
}

static void end_for_good(int wait_status)
{
    exited(wait_status);
    tell(SERVICE_GROUP_GONE);
}

/* --- a daemon ------------------------------------------------------------------------------ */

START_TEST(it_is_up_when_its_daemon_is_found)
{
    start();
    ck_assert_uint_eq(tell(SERVICE_EXECUTED), 0);
    ck_assert_int_eq(service.state, SERVICE_STARTING);
    now_ms += 350;
    ck_assert_uint_eq(found(), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_UP);
    ck_assert_int_eq(service.executed_ms, now_ms);
    ck_assert_int_eq(service.pid, DAEMON);
    ck_assert_int_eq(service.pgid, OTHER_GROUP);
}
END_TEST

START_TEST(its_readiness_is_looked_at_when_its_daemon_is_found)
{
    ready.probe.kind = PROBE_TCP;
    start();
    ck_assert_uint_eq(tell(SERVICE_EXECUTED), 0);
    ck_assert_uint_eq(found(), SERVICE_CHANGED | SERVICE_AWAIT_READY);
    ck_assert_int_eq(service.state, SERVICE_STARTING);
    ck_assert_uint_eq(tell(SERVICE_READY), SERVICE_CHANGED);
    ck_assert_int_eq(service.state, SERVICE_UP);
}
END_TEST

START_TEST(what_its_daemon_says_before_it_is_found_counts_then)
{
    ready.probe.kind = PROBE_NOTIFY;
    start();
    ck_assert_uint_eq(tell(SERVICE_READY), 0);
    ck_assert_int_eq(service.state, SERVICE_STARTING);
    found();
    ck_assert_int_eq(service.state, SERVICE_UP);
}
END_TEST

START_TEST(what_the_daemon_before_it_said_does_not_count)
{
    ready.probe.kind = PROBE_NOTIFY;
    start();
    tell(SERVICE_READY);
    found();
    end_for_good(1 << 8);
    wait_for_deadline();
    forked();
    found();
    ck_assert_int_eq(service.state, SERVICE_STARTING);
}
END_TEST

START_TEST(its_time_to_be_ready_begins_with_the_launcher)
{
    ready.timeout_ms = READY_MS;
    ready.probe.kind = PROBE_TCP;
    start();
    now_ms += 100;
    found();
    ck_assert_int_eq(service.deadline_ms, NOW + READY_MS);
}
END_TEST

START_TEST(a_launcher_that_takes_too_long_is_stopped)
{
    ready.timeout_ms = READY_MS;
    start();
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.reason, REASON_START_TIMEOUT);
    end_for_good(0);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
    ck_assert_int_eq(service_exit_code(&service), 1);
}
END_TEST

START_TEST(the_end_of_its_daemon_is_its_own)
{
    start();
    found();
    now_ms += 20000;
    ck_assert_uint_eq(exited(3 << 8), SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.group, OTHER_GROUP);
    tell(SERVICE_GROUP_GONE);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
    ck_assert_int_eq(service_exit_code(&service), 3);
    ck_assert_int_eq(service.run_ms, 20000);
}
END_TEST

START_TEST(a_daemon_that_ends_well_is_done)
{
    start();
    found();
    end_for_good(0);
    ck_assert_int_eq(service.state, SERVICE_DONE);
}
END_TEST

START_TEST(its_daemon_can_name_another_main_process)
{
    start();
    found();
    step((struct service_event){.kind = SERVICE_MAIN_PID, .pid = HELPER, .group = HELPER});
    ck_assert_int_eq(service.pid, HELPER);
}
END_TEST

/* --- none ---------------------------------------------------------------------------------- */

/* How who launches may end, and which code that is. */
static const struct {
    int wait_status;
    int code;
} ends[] = {{0, 1}, {1 << 8, 1}, {3 << 8, 3}, {SIGSEGV, 139}, {5 << 8, 1}};

START_TEST(a_launcher_that_leaves_no_daemon_has_failed)
{
    exit_codes_add(&restart.success, 5);
    start();
    end_for_good(ends[_i].wait_status);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
    ck_assert_int_eq(service_exit_code(&service), ends[_i].code);
    ck_assert(!service_ended_well(&service));
    ck_assert_int_eq(service.run_ms, 0);
}
END_TEST

START_TEST(what_is_left_without_a_daemon_is_asked_and_killed)
{
    start();
    ck_assert_uint_eq(tell(SERVICE_DAEMON_MISSING), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.reason, REASON_LEADER_GONE);
    ck_assert_int_eq(service.deadline_ms, now_ms + STOP_MS);
    ck_assert_uint_eq(wait_for_deadline(), SERVICE_CHANGED | SERVICE_KILL_GROUP);
    end_for_good(0);
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
    ck_assert_int_eq(service_exit_code(&service), 1);
}
END_TEST

START_TEST(a_failed_launcher_is_not_one_that_we_stopped)
{
    start();
    tell(SERVICE_DAEMON_MISSING);
    end_for_good(143 << 8);
    ck_assert(!service_ended_well(&service));
    ck_assert_int_eq(service.state, SERVICE_BACKOFF);
}
END_TEST

START_TEST(a_launcher_that_cannot_be_executed_fails_for_good)
{
    start();
    refused(ENOENT);
    end_for_good(127 << 8);
    ck_assert_int_eq(service.state, SERVICE_FAILED);
    ck_assert_int_eq(service_exit_code(&service), 127);
}
END_TEST

START_TEST(no_stop_command_runs_before_there_is_a_daemon)
{
    static char *const command[] = {"stop", NULL};
    stop_.command = command;
    start();
    ck_assert_uint_eq(want_down(), SERVICE_CHANGED | SERVICE_SIGNAL_GROUP);
}
END_TEST

/* --- stopped ------------------------------------------------------------------------------- */

START_TEST(a_daemon_that_is_found_in_the_stop_is_asked_too)
{
    start();
    want_down();
    ck_assert_uint_eq(found(), SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.state, SERVICE_STOPPING);
    ck_assert_int_eq(service.deadline_ms, now_ms + STOP_MS);
    end_for_good(SIGTERM);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
    ck_assert(service_ended_well(&service));
}
END_TEST

START_TEST(with_kill_mode_mixed_it_is_asked_alone)
{
    stop_.kill_mode = KILL_MIXED;
    start();
    ck_assert_uint_eq(want_down(), SERVICE_CHANGED | SERVICE_SIGNAL);
    ck_assert_uint_eq(found(), SERVICE_SIGNAL);
}
END_TEST

START_TEST(what_it_said_before_does_not_bring_it_up_in_the_stop)
{
    ready.probe.kind = PROBE_NOTIFY;
    start();
    tell(SERVICE_READY);
    want_down();
    ck_assert_uint_eq(found(), SERVICE_SIGNAL_GROUP);
    ck_assert_int_eq(service.state, SERVICE_STOPPING);
}
END_TEST

START_TEST(a_launcher_that_ends_by_the_stop_signal_ends_well)
{
    start();
    want_down();
    end_for_good(SIGTERM);
    ck_assert_int_eq(service.state, SERVICE_DOWN);
    ck_assert(service_ended_well(&service));
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "launching", configure_launcher,
        unit_tests(
            it_is_up_when_its_daemon_is_found, its_readiness_is_looked_at_when_its_daemon_is_found,
            what_its_daemon_says_before_it_is_found_counts_then,
            what_the_daemon_before_it_said_does_not_count,
            its_time_to_be_ready_begins_with_the_launcher,
            a_launcher_that_takes_too_long_is_stopped, the_end_of_its_daemon_is_its_own,
            a_daemon_that_ends_well_is_done, its_daemon_can_name_another_main_process,
            what_is_left_without_a_daemon_is_asked_and_killed,
            a_failed_launcher_is_not_one_that_we_stopped,
            a_launcher_that_cannot_be_executed_fails_for_good,
            no_stop_command_runs_before_there_is_a_daemon,
            a_daemon_that_is_found_in_the_stop_is_asked_too, with_kill_mode_mixed_it_is_asked_alone,
            what_it_said_before_does_not_bring_it_up_in_the_stop,
            a_launcher_that_ends_by_the_stop_signal_ends_well),
        unit_loops({a_launcher_that_leaves_no_daemon_has_failed, 0, unit_count(ends)}));
}
