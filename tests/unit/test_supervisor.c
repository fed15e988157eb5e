/* How services start and start again, and when all of them end. */
#include "tests/unit/services.h"

/* --- starting ------------------------------------------------------------------------------ */

START_TEST(a_service_starts_when_what_it_stands_behind_is_up)
{
    begin(chain, false);
    expect_story("spawn db, ");
    executed("db");
    expect_story("spawn app, spawn cron, ");
    executed("app");
    expect_story("spawn web, ");
    executed("web");
    executed("cron");
    ck_assert_int_eq(deadline_ms, SHUTDOWN_FOREVER);
    ck_assert_str_eq(state_of("web"), "up");
}
END_TEST

START_TEST(a_service_starts_when_what_it_stands_behind_is_done_or_has_failed)
{
    begin("[service job]\ncommand = x\ntype = oneshot\n"
          "[service bad]\ncommand = x\nrestart = no\nessential = no\n"
          "[service a]\ncommand = x\nafter = job\n[service b]\ncommand = x\nafter = bad job\n",
          false);
    executed("job");
    expect_story("spawn job, spawn bad, ");
    ends("job", 0);
    expect_story("ask job, done job, spawn a, ");
    supervisor_not_executed(&supervisor, pid_of("bad"),
                            &(struct spawn_error){.stage = SPAWN_EXEC, .error = ENOENT}, now_ms);
    ends("bad", 127 << 8);
    expect_story("failed bad, spawn b, ");
}
END_TEST

START_TEST(nobody_waits_for_a_service_that_is_not_to_start)
{
    begin("[service tool]\ncommand = x\nstart = no\n[service a]\ncommand = x\nafter = tool\n",
          false);
    expect_story("spawn a, ");
}
END_TEST

START_TEST(instances_are_services_of_their_own_name)
{
    begin("[service w]\ncommand = x\ninstances = 2\n[service a]\ncommand = x\nafter = w\n", false);
    expect_story("spawn w@1, spawn w@2, ");
    executed("w@2");
    expect_story("");
    executed("w@1");
    expect_story("spawn a, ");
    ck_assert_int_eq(supervisor_find(&supervisor, pid_of("w@2"))->instance, 2);
}
END_TEST

START_TEST(at_most_64_are_not_known_to_run_yet)
{
    begin("[service w]\ncommand = x\ninstances = 1000\n", false);
    ck_assert_int_eq(process_count, SUPERVISOR_UNCONFIRMED);
    for (int i = 0; i < 1000; i++) {
        supervisor_executed(&supervisor, FIRST_PID + i, now_ms);
        tick();
        ck_assert_int_le(process_count, i + 1 + SUPERVISOR_UNCONFIRMED);
    }
    ck_assert_int_eq(process_count, 1000);
    ck_assert_int_eq(deadline_ms, SHUTDOWN_FOREVER);
}
END_TEST

START_TEST(a_thousand_that_end_at_once_are_all_started_again)
{
    begin("[service w]\ncommand = x\ninstances = 1000\n", false);
    for (int i = 0; i < 1000; i++) {
        supervisor_executed(&supervisor, FIRST_PID + i, now_ms);
        tick();
    }
    for (int i = 0; i < 1000; i++) {
        supervisor_exited(&supervisor, &(struct supervisor_exit){FIRST_PID + i, 1 << 8, false, 0},
                          now_ms);
        process_of(FIRST_PID + i)->is_alive = false;
    }
    supervisor_drained(&supervisor, now_ms);
    tick();
    ck_assert_int_eq(deadline_ms, now_ms + 100);
    wait_for_deadline();
    for (int i = 1000; i < 2000; i++) {
        supervisor_executed(&supervisor, FIRST_PID + i, now_ms);
        tick();
    }
    ck_assert_int_eq(process_count, 2000);
    ck_assert_int_eq(held, 0);
}
END_TEST

START_TEST(nothing_is_started_any_more_when_the_start_before_it_ends_all)
{
    spawn_error = EPERM;
    begin("[service a]\ncommand = x\n[service b]\ncommand = x\n", false);
    expect_story("failed a, because of a, ");
    expect_over(126);
}
END_TEST

/* --- restarts ------------------------------------------------------------------------------ */

START_TEST(a_service_that_fails_is_started_again_at_its_deadline)
{
    begin("[service a]\ncommand = x\n", false);
    executed("a");
    ends("a", 1 << 8);
    expect_story("spawn a, ask a, backoff a, ");
    ck_assert_int_eq(deadline_ms, now_ms + 100);
    wait_for_deadline();
    expect_story("spawn a, ");
    ck_assert_int_eq(held, 0);
}
END_TEST

START_TEST(what_the_leader_leaves_is_gone_before_the_next_start)
{
    begin("[service a]\ncommand = x\nstop-timeout = 3s\n", false);
    executed("a");
    process_of(pid_of("a"))->others = true;
    ends("a", 1 << 8);
    expect_story("spawn a, ask a, ");
    ck_assert_int_eq(deadline_ms, now_ms + 3000);
    ck_assert_int_eq(held, 1);
    wait_for_deadline();
    expect_story("kill a, ");
    process_of(pid_of("a"))->others = false; /* nobody tells: it is looked at */
    wait_for_deadline();
    expect_story("backoff a, ");
    wait_for_deadline();
    expect_story("spawn a, ");
    ck_assert_int_eq(held, 0);
}
END_TEST

START_TEST(a_fork_that_fails_for_now_is_tried_again)
{
    spawn_error = EAGAIN;
    begin("[service a]\ncommand = x\n", false);
    expect_story("backoff a, ");
    spawn_error = 0;
    wait_for_deadline();
    expect_story("spawn a, ");
}
END_TEST

START_TEST(a_start_that_is_refused_for_good_takes_its_failure_from_the_exec)
{
    begin("[service a]\ncommand = x\n", false);
    supervisor_not_executed(&supervisor, pid_of("a"),
                            &(struct spawn_error){.stage = SPAWN_EXEC, .error = EACCES}, now_ms);
    expect_story("spawn a, "); /* the child is still to exit */
    ends("a", 1 << 8);
    expect_story("failed a, because of a, ");
    expect_over(126);
}
END_TEST

/* --- the end of all -------------------------------------------------------------------------- */

START_TEST(the_end_of_all_is_told_once)
{
    begin("[service a]\ncommand = x\nrestart = no\n[service b]\ncommand = x\nrestart = no\n",
          false);
    executed("a");
    executed("b");
    *story = '\0';
    supervisor_exited(&supervisor, &(struct supervisor_exit){pid_of("b"), 5 << 8, false, 0},
                      now_ms);
    process_of(pid_of("b"))->is_alive = false;
    ends("a", 3 << 8);
    expect_story("ask b, ask a, failed a, because of a, failed b, ");
    expect_over(3);
}
END_TEST

START_TEST(a_written_stop_timeout_ends_the_order_in_time_for_it)
{
    begin("[service db]\ncommand = x\nstop-timeout = 20s\n"
          "[service web]\ncommand = x\nafter = db\n",
          false);
    executed("db");
    executed("web");
    *story = '\0';
    stop();
    expect_story("ask web, ");
    ck_assert_int_eq(deadline_ms, now_ms + 4000); /* half of 25 s would be too late */
    wait_for_deadline();
    expect_story("ask db, ");
    wait_for_deadline();
    expect_story("kill web, "); /* after 10 s of its own */
    ck_assert_int_eq(deadline_ms, now_ms + 1000);
    ends("web", SIGKILL);
    ck_assert_int_eq(deadline_ms, 5 + 24000); /* db has had 20 s when it is killed */
    wait_for_deadline();
    expect_story("kill db, ");
}
END_TEST

START_TEST(a_stop_asks_whom_the_exec_is_not_known_of)
{
    begin("[service a]\ncommand = x\n", false);
    stop();
    expect_story("spawn a, ask a, ");
    executed("a");
    ends("a", SIGTERM);
    expect_over(0);
}
END_TEST

START_TEST(an_unknown_process_is_an_orphan)
{
    begin("[service a]\ncommand = x\n", false);
    ck_assert(
        !supervisor_exited(&supervisor, &(struct supervisor_exit){9999, 0, false, 0}, now_ms));
}
END_TEST

/* --- daemons ------------------------------------------------------------------------------- */

/* The launcher of "a" says that it leaves `daemon`. Returns whether that is its leader then. */
static bool leaves(pid_t daemon)
{
    pid_t launching = pid_of("a");
    process_of(launching)->is_alive = false;
    supervisor_daemon_named(&supervisor, launching, daemon, now_ms);
    return supervisor_daemon_found(&supervisor, launching, daemon, daemon, now_ms);
}

START_TEST(a_daemon_takes_the_place_of_its_launcher)
{
    begin("[service a]\ncommand = x\ntype = forking\n", false);
    executed("a");
    processes[process_count] = (struct process){.name = "a", .is_alive = true};
    pid_t daemon = pid_at(&processes[process_count]);
    ck_assert(leaves(daemon));
    process_count++;
    ck_assert_ptr_eq(supervisor_find(&supervisor, daemon), supervisor_service(&supervisor, 0));
    ck_assert_int_eq(supervisor_service(&supervisor, 0)->state, SERVICE_UP);
    ends("a", 1 << 8);
    expect_story("spawn a, ask a, backoff a, ");
}
END_TEST

START_TEST(who_leads_another_service_is_nobodys_daemon)
{
    begin("[service a]\ncommand = x\ntype = forking\n[service b]\ncommand = y\n", false);
    executed("b");
    ck_assert(!leaves(pid_of("b")));
    ck_assert_int_eq(supervisor_service(&supervisor, 0)->state, SERVICE_STARTING);
}
END_TEST

START_TEST(a_service_that_launches_nothing_has_no_daemon)
{
    begin("[service a]\ncommand = x\n", false);
    executed("a");
    ck_assert(!leaves(FIRST_PID + 1));
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "supervisor", reset,
        unit_tests(
            a_service_starts_when_what_it_stands_behind_is_up,
            a_service_starts_when_what_it_stands_behind_is_done_or_has_failed,
            nobody_waits_for_a_service_that_is_not_to_start,
            instances_are_services_of_their_own_name, at_most_64_are_not_known_to_run_yet,
            a_thousand_that_end_at_once_are_all_started_again,
            a_daemon_takes_the_place_of_its_launcher, who_leads_another_service_is_nobodys_daemon,
            a_service_that_launches_nothing_has_no_daemon,
            a_service_that_fails_is_started_again_at_its_deadline,
            what_the_leader_leaves_is_gone_before_the_next_start,
            a_fork_that_fails_for_now_is_tried_again,
            nothing_is_started_any_more_when_the_start_before_it_ends_all,
            a_start_that_is_refused_for_good_takes_its_failure_from_the_exec,
            the_end_of_all_is_told_once, a_written_stop_timeout_ends_the_order_in_time_for_it,
            a_stop_asks_whom_the_exec_is_not_known_of, an_unknown_process_is_an_orphan),
        NULL, 0);
}
