/* Services that wait for others by depends-on, and what that means for who is stopped by hand. */
#include "tests/unit/services.h"

#define DB "[service db]\ncommand = x\n"
#define WEB "[service web]\ncommand = x\n"
#define JOB "[service job]\ntype = oneshot\ncommand = x\n"
#define OTHER "[service other]\ncommand = x\n"
#define UNESSENTIAL "essential = no\n"
#define NEVER "restart = no\n"

static const char stack[] =
    DB "ready = notify\n" JOB "depends-on = db\n" WEB "depends-on = db job\n";

static void run_stack(void)
{
    begin(stack, false);
    executed("db");
    is_ready("db");
    executed("job");
    ends("job", 0);
    executed("web");
    *story = '\0';
}

static const char pair[] = DB WEB "depends-on = db\n";

static void run_pair(const char *text)
{
    begin(text, false);
    executed("db");
    executed("web");
    *story = '\0';
}

static void expect_state(const char *name, const char *state)
{
    ck_assert_msg(strcmp(state_of(name), state) == 0, "%s is %s, expected %s", name, state_of(name),
                  state);
}

/* --- conditions ---------------------------------------------------------------------------- */

START_TEST(each_starts_when_all_that_it_waits_for_has_come)
{
    begin(stack, false);
    expect_story("spawn db, ");
    executed("db");
    expect_story("");
    expect_state("db", "starting");
    is_ready("db");
    expect_story("spawn job, ");
    executed("job");
    expect_story("");
    ends("job", 0);
    expect_story("ask job, done job, spawn web, ");
}
END_TEST

START_TEST(one_that_waits_for_a_start_does_not_wait_for_readiness)
{
    begin(DB "ready = notify\n" WEB "depends-on = db:started\n", false);
    expect_story("spawn db, ");
    executed("db");
    expect_story("spawn web, ");
    expect_state("db", "starting");
}
END_TEST

/* Its start and its end may be heard of in the same moment. */
START_TEST(one_that_has_ended_was_started)
{
    begin(JOB UNESSENTIAL WEB "depends-on = job:started\n", false);
    supervisor_executed(&supervisor, pid_of("job"), now_ms);
    ends("job", 1 << 8);
    expect_story("spawn job, ask job, failed job, spawn web, ");
}
END_TEST

START_TEST(all_instances_have_to_be_ready)
{
    begin(DB "instances = 2\nready = notify\n" WEB "depends-on = db\n", false);
    executed("db@1");
    executed("db@2");
    *story = '\0';
    is_ready("db@2");
    expect_story("");
    is_ready("db@1");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(one_that_crashes_before_it_is_ready_is_waited_for)
{
    begin(DB "ready = notify\n" WEB "depends-on = db\n", false);
    executed("db");
    ends("db", 1 << 8);
    wait_for_deadline();
    executed("db");
    *story = '\0';
    is_ready("db");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(a_crash_does_not_restart_who_depends_on_it)
{
    run_pair(pair);
    ends("db", 1 << 8);
    wait_for_deadline();
    executed("db");
    expect_story("ask db, backoff db, spawn db, ");
    expect_state("web", "up");
}
END_TEST

START_TEST(who_crashes_does_not_wait_once_more)
{
    run_pair(pair);
    ends("db", 1 << 8);
    ends("web", 1 << 8);
    *story = '\0';
    now_ms += 1000;
    tick();
    expect_story("spawn db, spawn web, ");
}
END_TEST

/* --- what cannot come ---------------------------------------------------------------------- */

START_TEST(the_container_ends_with_the_code_of_the_cause)
{
    begin(DB UNESSENTIAL NEVER "ready = notify\n" WEB "depends-on = db\n", false);
    executed("db");
    ends("db", 3 << 8);
    expect_story("spawn db, ask db, failed db, web without db, failed web, because of web, ");
    expect_over(3);
}
END_TEST

START_TEST(where_the_cause_is_essential_it_is_the_cause)
{
    begin(DB NEVER "ready = notify\n" WEB "depends-on = db\n", false);
    executed("db");
    ends("db", 3 << 8);
    expect_story("spawn db, ask db, failed db, because of db, ");
    expect_state("web", "down");
    expect_over(3);
}
END_TEST

START_TEST(one_that_is_not_essential_waits_in_vain_and_the_rest_goes_on)
{
    begin(DB UNESSENTIAL NEVER "ready = notify\n" WEB UNESSENTIAL "depends-on = db\n" OTHER, false);
    executed("db");
    executed("other");
    ends("db", 3 << 8);
    expect_state("web", "failed");
    ck_assert_int_eq(service_exit_code(service_named("web")), 3);
    expect_goes_on();
}
END_TEST

START_TEST(a_cause_is_passed_on)
{
    begin(DB UNESSENTIAL NEVER "ready = notify\n" JOB UNESSENTIAL "depends-on = db\n" WEB
                               "depends-on = job\n",
          false);
    executed("db");
    ends("db", 3 << 8);
    expect_story("spawn db, ask db, failed db, job without db, failed job, web without job, failed "
                 "web, because of web, ");
    expect_over(3);
}
END_TEST

START_TEST(what_can_never_be_executed_is_a_cause)
{
    struct spawn_error missing = {.stage = SPAWN_EXEC, .error = ENOENT};
    begin(DB UNESSENTIAL WEB "depends-on = db\n", false);
    supervisor_not_executed(&supervisor, pid_of("db"), &missing, now_ms);
    ends("db", 127 << 8);
    expect_story("spawn db, failed db, web without db, failed web, because of web, ");
    expect_over(127);
}
END_TEST

START_TEST(one_that_ends_well_before_it_is_ready_is_a_cause)
{
    begin(DB UNESSENTIAL "ready = notify\n" WEB "depends-on = db\n", false);
    executed("db");
    ends("db", 0);
    expect_story("spawn db, ask db, done db, web without db, failed web, because of web, ");
    expect_over(1);
}
END_TEST

START_TEST(a_start_that_was_late_for_good_is_a_cause)
{
    begin(DB UNESSENTIAL NEVER "ready = notify\nstart-timeout = 1s\n" WEB "depends-on = db\n",
          false);
    executed("db");
    wait_for_deadline();
    ends("db", 0);
    expect_story("spawn db, ask db, failed db, web without db, failed web, because of web, ");
    expect_over(1);
}
END_TEST

/* --- by hand ------------------------------------------------------------------------------- */

START_TEST(what_is_not_to_start_is_waited_for)
{
    begin(DB "start = no\n" WEB "depends-on = db\n", false);
    expect_story("");
    expect_state("web", "waiting");
    ck_assert_int_eq(deadline_ms, SHUTDOWN_FOREVER);
    expect_goes_on();
    order(ORDER_START, "db");
    executed("db");
    expect_story("spawn db, spawn web, ");
}
END_TEST

START_TEST(a_start_brings_what_it_depends_on_and_so_on)
{
    begin(DB "start = no\n" JOB "start = no\ndepends-on = db\n" WEB
             "start = no\ndepends-on = job\n" OTHER "start = no\n",
          false);
    supervisor.is_steered = true;
    order(ORDER_START, "web");
    expect_story("spawn db, ");
    executed("db");
    expect_story("spawn job, ");
    executed("job");
    ends("job", 0);
    expect_story("ask job, done job, spawn web, ");
    expect_state("other", "down");
}
END_TEST

START_TEST(a_start_does_not_bring_what_it_is_only_behind)
{
    begin(DB "start = no\n" WEB "start = no\nafter = db\n" OTHER, false);
    *story = '\0';
    order(ORDER_START, "web");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(a_start_brings_back_what_has_failed_but_nothing_that_is_done)
{
    begin(JOB DB UNESSENTIAL NEVER "ready = notify\n" WEB UNESSENTIAL "depends-on = db job\n" OTHER,
          false);
    executed("job");
    ends("job", 0);
    executed("db");
    ends("db", 3 << 8);
    expect_state("web", "failed");
    *story = '\0';
    order(ORDER_START, "web");
    expect_story("spawn db, ");
    executed("db");
    is_ready("db");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(one_that_waits_in_vain_for_a_second_time_fails_once_more)
{
    begin(DB UNESSENTIAL NEVER "ready = notify\n" WEB UNESSENTIAL "depends-on = db\n" OTHER, false);
    executed("db");
    ends("db", 3 << 8);
    order(ORDER_START, "web");
    executed("db");
    *story = '\0';
    ends("db", 4 << 8);
    expect_story("ask db, failed db, web without db, failed web, ");
    ck_assert_int_eq(service_exit_code(service_named("web")), 4);
}
END_TEST

START_TEST(a_stop_stops_dependents_first_which_then_wait)
{
    run_stack();
    order(ORDER_STOP, "db");
    expect_story("ask web, ");
    ends("web", SIGTERM);
    expect_story("ask db, ");
    expect_state("web", "waiting");
    ends("db", SIGTERM);
    expect_state("db", "down");
    ck_assert(service_is_held_down(service_named("db")));
    ck_assert(!service_is_held_down(service_named("web")));
    ck_assert_int_eq(deadline_ms, SHUTDOWN_FOREVER);
    expect_goes_on();
}
END_TEST

START_TEST(how_a_dependent_was_stopped_by_hand_is_not_how_the_container_ends)
{
    run_pair(pair);
    order(ORDER_STOP, "db");
    ends("web", SIGKILL);
    ends("db", SIGTERM);
    expect_state("web", "waiting");
    stop();
    expect_over(0);
}
END_TEST

START_TEST(dependents_come_back_with_what_they_depend_on)
{
    run_stack();
    order(ORDER_STOP, "db");
    ends("web", SIGTERM);
    ends("db", SIGTERM);
    *story = '\0';
    order(ORDER_START, "db");
    executed("db");
    expect_story("spawn db, ");
    is_ready("db");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(a_restart_brings_dependents_back)
{
    run_stack();
    order(ORDER_RESTART, "db");
    ends("web", SIGTERM);
    ends("db", SIGTERM);
    expect_story("ask web, ask db, spawn db, ");
    executed("db");
    expect_state("web", "waiting");
    is_ready("db");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(a_stop_of_a_dependent_leaves_what_it_depends_on)
{
    run_stack();
    order(ORDER_STOP, "web");
    ends("web", SIGTERM);
    expect_story("ask web, ");
    expect_state("db", "up");
}
END_TEST

START_TEST(dependents_that_are_down_by_hand_stay_down)
{
    run_stack();
    order(ORDER_STOP, "web");
    ends("web", SIGTERM);
    order(ORDER_RESTART, "db");
    ends("db", SIGTERM);
    executed("db");
    is_ready("db");
    expect_story("ask web, ask db, spawn db, ");
    ck_assert(service_is_held_down(service_named("web")));
}
END_TEST

START_TEST(dependents_that_are_to_stop_stay_down)
{
    run_stack();
    order(ORDER_STOP, "web");
    order(ORDER_RESTART, "db");
    ends("web", SIGTERM);
    ends("db", SIGTERM);
    executed("db");
    is_ready("db");
    expect_story("ask web, ask db, spawn db, ");
    ck_assert(service_is_held_down(service_named("web")));
}
END_TEST

START_TEST(who_is_only_behind_runs_on)
{
    run_pair(DB WEB "after = db\n");
    order(ORDER_STOP, "db");
    expect_story("ask db, ");
    expect_state("web", "up");
}
END_TEST

START_TEST(dependents_of_dependents_stop_before_them)
{
    run_two(SERVICE("a") SERVICE("b") "depends-on = a\n" WEB "depends-on = b\n");
    executed("web");
    *story = '\0';
    order(ORDER_STOP, "a");
    ends("web", SIGTERM);
    ends("b", SIGTERM);
    expect_story("ask web, ask b, ask a, ");
    ends("a", SIGTERM);
    order(ORDER_START, "a");
    executed("a");
    executed("b");
    expect_story("spawn a, spawn b, spawn web, ");
}
END_TEST

/* Of web after job after db, with job long done. */
static const char indirect[] = DB JOB "depends-on = db\n" WEB "depends-on = job\n";

static void run_indirect(void)
{
    begin(indirect, false);
    executed("db");
    executed("job");
    ends("job", 0);
    executed("web");
    *story = '\0';
}

START_TEST(who_depends_on_it_by_way_of_a_job_that_is_done_waits_for_it)
{
    run_indirect();
    order(ORDER_STOP, "db");
    ends("web", SIGTERM);
    ends("db", SIGTERM);
    expect_story("ask web, ask db, ");
    expect_state("web", "waiting");
    order(ORDER_START, "db");
    expect_story("spawn db, ");
    executed("db");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(who_depends_on_it_by_way_of_a_job_that_is_done_comes_back_behind_it)
{
    run_indirect();
    order(ORDER_RESTART, "db");
    ends("web", SIGTERM);
    ends("db", SIGTERM);
    expect_story("ask web, ask db, spawn db, ");
    executed("db");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(a_dependent_that_backs_off_waits_instead)
{
    run_pair(pair);
    ends("web", 1 << 8);
    *story = '\0';
    order(ORDER_STOP, "db");
    ends("db", SIGTERM);
    expect_story("ask db, ");
    expect_state("web", "waiting");
    ck_assert_int_eq(deadline_ms, SHUTDOWN_FOREVER);
}
END_TEST

START_TEST(a_stop_while_the_dependent_waits_still_has_it_wait)
{
    begin(DB "ready = notify\n" WEB "depends-on = db\n", false);
    executed("db");
    *story = '\0';
    order(ORDER_STOP, "db");
    ends("db", SIGTERM);
    expect_story("ask db, ");
    expect_state("web", "waiting");
    ck_assert(!service_is_held_down(service_named("web")));
}
END_TEST

START_TEST(all_that_are_stopped_by_hand_stay_down)
{
    run_pair(pair);
    order(ORDER_STOP, "all");
    ends("web", SIGTERM);
    ends("db", SIGTERM);
    expect_story("ask web, ask db, ");
    ck_assert(service_is_held_down(service_named("db")));
    ck_assert(service_is_held_down(service_named("web")));
}
END_TEST

/* --- the end ------------------------------------------------------------------------------- */

START_TEST(all_stop_in_reverse_order)
{
    run_stack();
    stop();
    ends("web", SIGTERM);
    ends("db", SIGTERM);
    expect_story("ask web, ask db, ");
    expect_over(0);
}
END_TEST

START_TEST(a_stop_while_some_wait_ends_in_time)
{
    begin(stack, false);
    executed("db");
    stop();
    ends("db", SIGTERM);
    expect_story("spawn db, ask db, ");
    expect_state("web", "down");
    expect_over(0);
}
END_TEST

/* --- probes -------------------------------------------------------------------------------- */

static const char probed[] = DB "ready = tcp:127.0.0.1:1\n" WEB "depends-on = db\n";

static void run_probed(void)
{
    begin(probed, false);
    executed("db");
    *story = '\0';
}

START_TEST(a_probe_is_tried_until_it_passes)
{
    begin(probed, false);
    expect_story("spawn db, ");
    executed("db");
    expect_story("probe db, ");
    probe_ends("db", 1 << 8);
    expect_story("");
    ck_assert_int_eq(deadline_ms, now_ms + 100);
    wait_for_deadline();
    expect_story("probe db, ");
    probe_ends("db", SIGKILL);
    ck_assert_int_eq(deadline_ms, now_ms + 200);
    wait_for_deadline();
    *story = '\0';
    probe_ends("db", 0);
    expect_story("spawn web, ");
    expect_state("db", "up");
    executed("web");
    ck_assert(service_named("db")->deadline_ms == SERVICE_NO_DEADLINE);
}
END_TEST

START_TEST(a_probe_that_cannot_be_forked_is_tried_again)
{
    begin(probed, false);
    spawn_error = EAGAIN;
    executed("db");
    ck_assert_int_eq(supervisor.probes, 0);
    ck_assert_int_eq(deadline_ms, now_ms + 100);
    spawn_error = 0;
    wait_for_deadline();
    expect_story("spawn db, probe db, ");
}
END_TEST

START_TEST(a_probe_that_hangs_is_ended_and_killed)
{
    begin(DB "ready = tcp:127.0.0.1:1\nstart-timeout = 0\n", false);
    executed("db");
    wait_for_deadline();
    wait_for_deadline();
    expect_story("spawn db, probe db, end the probe of db, kill the probe of db, ");
    probe_ends("db", SIGKILL);
    wait_for_deadline();
    expect_story("probe db, ");
}
END_TEST

START_TEST(a_stop_ends_the_probe)
{
    run_probed();
    order(ORDER_STOP, "db");
    expect_story("ask db, end the probe of db, ");
    ends("db", SIGTERM);
    probe_ends("db", SIGTERM);
    expect_story("");
    ck_assert_int_eq(deadline_ms, SHUTDOWN_FOREVER);
}
END_TEST

START_TEST(a_crash_ends_the_probe_and_the_next_run_has_one_of_its_own)
{
    run_probed();
    ends("db", 1 << 8);
    expect_story("ask db, end the probe of db, backoff db, ");
    wait_for_deadline();
    executed("db");
    expect_story("spawn db, "); /* the old one is still there */
    probe_ends("db", 0);
    expect_story("probe db, ");
    expect_state("db", "starting");
    probe_ends("db", 0);
    expect_state("db", "up");
}
END_TEST

START_TEST(a_probe_whose_end_was_lost_is_tried_again)
{
    run_probed();
    process_of(probe_of("db"))->is_alive = false;
    supervisor_lost_probes(&supervisor, now_ms);
    tick();
    ck_assert_int_eq(supervisor.probes, 0);
    wait_for_deadline();
    expect_story("probe db, ");
}
END_TEST

START_TEST(who_says_that_it_is_ready_needs_no_probe_any_more)
{
    run_probed();
    is_ready("db");
    expect_story("end the probe of db, spawn web, ");
    probe_ends("db", 1 << 8);
    expect_state("db", "up");
    expect_story("");
}
END_TEST

START_TEST(a_start_timeout_ends_the_probe)
{
    begin(DB "ready = exec:x\nstart-timeout = 20s\n", false);
    executed("db");
    *story = '\0';
    wait_for_deadline();
    expect_story("ask db, end the probe of db, ");
    ends("db", 0);
    expect_story("backoff db, ");
}
END_TEST

START_TEST(a_shutdown_ends_the_probe_and_does_not_wait_for_it)
{
    run_probed();
    stop();
    expect_story("ask db, end the probe of db, ");
    ends("db", SIGTERM);
    expect_over(0);
}
END_TEST

START_TEST(each_instance_has_a_probe_of_its_own)
{
    begin(DB "instances = 2\nready = exec:x\n", false);
    executed("db@1");
    executed("db@2");
    expect_story("spawn db@1, spawn db@2, probe db@1, probe db@2, ");
    probe_ends("db@2", 0);
    expect_state("db@1", "starting");
    expect_state("db@2", "up");
}
END_TEST

/* --- another configuration ----------------------------------------------------------------- */

START_TEST(one_that_waits_goes_on_waiting)
{
    begin(DB "ready = notify\n" WEB "depends-on = db\n", false);
    executed("db");
    *story = '\0';
    reload(OTHER DB "ready = notify\n" WEB "depends-on = db\n");
    expect_story("added other, spawn other, ");
    expect_state("web", "waiting");
    is_ready("db");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(one_that_waits_does_so_by_the_new_conditions)
{
    begin(DB "ready = notify\n" WEB "depends-on = db\n", false);
    executed("db");
    *story = '\0';
    reload(DB "ready = notify\n" WEB "depends-on = db:started\n");
    expect_story("changed web, spawn web, ");
}
END_TEST

START_TEST(one_that_runs_does_not_wait_for_what_is_new)
{
    run_pair(DB WEB);
    reload(DB JOB WEB "depends-on = job db\n");
    expect_state("web", "up");
    expect_story("added job, changed web, spawn job, ");
}
END_TEST

START_TEST(a_probe_goes_on)
{
    run_probed();
    reload(OTHER DB "ready = tcp:127.0.0.1:1\n" WEB "depends-on = db\n");
    expect_story("added other, spawn other, ");
    probe_ends("db", 0);
    expect_story("spawn web, ");
}
END_TEST

START_TEST(another_probe_while_it_starts_restarts_it)
{
    run_probed();
    reload(DB "ready = tcp:127.0.0.1:2\n" WEB "depends-on = db\n");
    expect_story("restarted db, ask db, end the probe of db, ");
    probe_ends("db", 0);
    ends("db", SIGTERM);
    executed("db");
    expect_story("spawn db, probe db, ");
    probe_ends("db", 0);
    expect_story("spawn web, ");
}
END_TEST

START_TEST(another_probe_of_one_that_is_up_changes_nothing_now)
{
    run_probed();
    probe_ends("db", 0);
    executed("web");
    *story = '\0';
    reload(DB "ready = exec:x\n" WEB "depends-on = db\n");
    expect_story("changed db, ");
    expect_state("db", "up");
}
END_TEST

START_TEST(one_that_is_to_say_that_it_is_ready_is_not_probed_any_more)
{
    run_probed();
    reload(DB "ready = notify\n" WEB "depends-on = db\n");
    expect_story("restarted db, ask db, end the probe of db, ");
    ends("db", SIGTERM);
    probe_ends("db", SIGTERM);
    executed("db");
    expect_story("spawn db, ");
    is_ready("db");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(the_probe_of_one_that_is_removed_ends)
{
    run_probed();
    reload(WEB);
    expect_story("changed web, removed db, ask db, end the probe of db, spawn web, ");
    ends("db", SIGTERM);
    probe_ends("db", SIGTERM);
    ck_assert_int_eq(supervisor.probes, 0);
    ck_assert_int_eq(supervisor.removed, 0);
}
END_TEST

START_TEST(a_probe_that_outlives_its_service_is_ours_after_it_was_removed)
{
    run_probed();
    reload(WEB);
    ends("db", SIGTERM);
    reload(WEB OTHER);
    ck_assert(process_of(probe_of("db"))->is_alive);
    probe_ends("db", SIGTERM);
    ck_assert_int_eq(supervisor.probes, 0);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "dependencies", reset,
        unit_tests(
            each_starts_when_all_that_it_waits_for_has_come,
            one_that_waits_for_a_start_does_not_wait_for_readiness, one_that_has_ended_was_started,
            all_instances_have_to_be_ready, one_that_crashes_before_it_is_ready_is_waited_for,
            a_crash_does_not_restart_who_depends_on_it, who_crashes_does_not_wait_once_more,
            the_container_ends_with_the_code_of_the_cause,
            where_the_cause_is_essential_it_is_the_cause,
            one_that_is_not_essential_waits_in_vain_and_the_rest_goes_on, a_cause_is_passed_on,
            what_can_never_be_executed_is_a_cause, one_that_ends_well_before_it_is_ready_is_a_cause,
            a_start_that_was_late_for_good_is_a_cause, what_is_not_to_start_is_waited_for,
            a_start_brings_what_it_depends_on_and_so_on,
            a_start_does_not_bring_what_it_is_only_behind,
            a_start_brings_back_what_has_failed_but_nothing_that_is_done,
            one_that_waits_in_vain_for_a_second_time_fails_once_more,
            a_stop_stops_dependents_first_which_then_wait,
            how_a_dependent_was_stopped_by_hand_is_not_how_the_container_ends,
            dependents_come_back_with_what_they_depend_on, a_restart_brings_dependents_back,
            a_stop_of_a_dependent_leaves_what_it_depends_on,
            dependents_that_are_down_by_hand_stay_down, dependents_that_are_to_stop_stay_down,
            who_is_only_behind_runs_on, dependents_of_dependents_stop_before_them,
            who_depends_on_it_by_way_of_a_job_that_is_done_waits_for_it,
            who_depends_on_it_by_way_of_a_job_that_is_done_comes_back_behind_it,
            a_dependent_that_backs_off_waits_instead,
            a_stop_while_the_dependent_waits_still_has_it_wait,
            all_that_are_stopped_by_hand_stay_down, all_stop_in_reverse_order,
            a_stop_while_some_wait_ends_in_time, a_probe_is_tried_until_it_passes,
            a_probe_that_cannot_be_forked_is_tried_again, a_probe_that_hangs_is_ended_and_killed,
            a_stop_ends_the_probe, a_crash_ends_the_probe_and_the_next_run_has_one_of_its_own,
            a_probe_whose_end_was_lost_is_tried_again,
            who_says_that_it_is_ready_needs_no_probe_any_more, a_start_timeout_ends_the_probe,
            a_shutdown_ends_the_probe_and_does_not_wait_for_it,
            each_instance_has_a_probe_of_its_own, one_that_waits_goes_on_waiting,
            one_that_waits_does_so_by_the_new_conditions,
            one_that_runs_does_not_wait_for_what_is_new, a_probe_goes_on,
            another_probe_while_it_starts_restarts_it,
            another_probe_of_one_that_is_up_changes_nothing_now,
            one_that_is_to_say_that_it_is_ready_is_not_probed_any_more,
            the_probe_of_one_that_is_removed_ends,
            a_probe_that_outlives_its_service_is_ours_after_it_was_removed),
        NULL, 0);
}
