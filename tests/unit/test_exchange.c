/* Another configuration while services run. */
#include "tests/unit/services.h"

static const char pair[] = SERVICE("db") SERVICE("web") "after = db\n";

static void run_pair(void)
{
    begin(pair, false);
    executed("db");
    executed("web");
    *story = '\0';
}

/* --- what is as before ----------------------------------------------------------------------- */

START_TEST(nothing_happens_where_nothing_has_changed)
{
    run_pair();
    struct service before = *service_named("web");
    reload(pair);
    expect_story("");
    ck_assert_int_eq(service_named("web")->pid, before.pid);
    ck_assert_int_eq(service_named("web")->executed_ms, before.executed_ms);
    ck_assert_int_eq(service_named("web")->state, SERVICE_UP);
    ck_assert_ptr_eq(supervisor_find(&supervisor, pid_of("web")), service_named("web"));
    ck_assert(!supervisor_is_using_old(&supervisor));
    ends("web", 1 << 8);
    expect_story("ask web, backoff web, ");
}
END_TEST

START_TEST(others_change_and_the_rest_does_not_notice)
{
    run_pair();
    pid_t pid = service_named("web")->pid;
    reload(OTHER_SERVICE("db") SERVICE("web") "after = db\n");
    expect_story("restarted db, ask db, ");
    ck_assert_int_eq(service_named("web")->pid, pid);
    ends("db", 0);
    expect_story("spawn db, ");
    ck_assert_str_eq(state_of("web"), "up");
}
END_TEST

START_TEST(a_backoff_goes_on_until_its_deadline)
{
    run_two(SERVICE("a") SERVICE("b"));
    ends("a", 1 << 8);
    int64_t then_ms = deadline_ms;
    *story = '\0';
    now_ms += 40;
    reload(SERVICE("a") SERVICE("b") "stop-timeout = 3s\n");
    expect_story("changed b, ");
    ck_assert_int_eq(deadline_ms, then_ms);
    wait_for_deadline();
    expect_story("spawn a, ");
    ck_assert_int_eq(service_named("a")->history.restarts, 1);
}
END_TEST

START_TEST(the_group_of_a_dead_leader_is_still_held)
{
    run_two(SERVICE("a") "restart = always\n" SERVICE("b"));
    leaves_some("a", 1 << 8);
    expect_story("ask a, ");
    reload(SERVICE("b") SERVICE("a") "restart = always\n");
    expect_story("");
    ck_assert_int_eq(held, 1);
    wait_for_deadline();
    expect_story("kill a, ");
    rest_ends("a");
    expect_story("backoff a, ");
    ck_assert_int_eq(held, 0);
}
END_TEST

START_TEST(a_stop_command_goes_on)
{
    static const char text[] = SERVICE("a") "stop-command = y\n" SERVICE("b");
    run_two(text);
    order(ORDER_STOP, "a");
    expect_story("stop-command of a, ");
    reload(SERVICE("b") SERVICE("a") "stop-command = z\n");
    expect_story("changed a, ");
    reap(FIRST_PID + 2, 0);
    expect_story("stop-command of a ended with 0, ask a, ");
    ends("a", 0);
    ck_assert(service_is_held_down(service_named("a")));
}
END_TEST

START_TEST(what_is_known_of_a_run_stays)
{
    run_two(SERVICE("a") "restart = no\nessential = no\n" SERVICE("b"));
    ends("a", 3 << 8);
    *story = '\0';
    reload(SERVICE("b") SERVICE("a") "restart = no\nessential = no\n");
    expect_story("");
    ck_assert_str_eq(state_of("a"), "failed");
    ck_assert_int_eq(service_exit_code(service_named("a")), 3);
}
END_TEST

START_TEST(watchers_move_with_their_service)
{
    run_two(SERVICE("a") SERVICE("b"));
    supervisor_set_watchers(&supervisor, 0, 5);
    reload(SERVICE("b") SERVICE("a"));
    ck_assert_uint_eq(service_named("a")->watchers, 5);
    ck_assert_uint_eq(service_named("b")->watchers, 0);
}
END_TEST

START_TEST(services_have_the_new_order_of_the_files)
{
    begin(SERVICE("a") SERVICE("b") SERVICE("c"), false);
    executed("a");
    executed("b");
    executed("c");
    *story = '\0';
    reload(SERVICE("c") SERVICE("a") "after = b\n" SERVICE("b"));
    expect_story("changed a, ");
    ck_assert_str_eq(supervisor_service(&supervisor, 0)->name, "c");
    ck_assert_str_eq(supervisor_service(&supervisor, 1)->name, "a");
    ck_assert_str_eq(supervisor_service(&supervisor, 2)->name, "b");
    stop();
    expect_story("ask c, ask a, ");
    ends("a", 0);
    expect_story("ask b, ");
    ends("c", 0);
    ends("b", 0);
    expect_over(0);
}
END_TEST

/* --- what has changed ------------------------------------------------------------------------ */

START_TEST(what_has_changed_restarts_in_order)
{
    run_pair();
    reload(OTHER_SERVICE("db") OTHER_SERVICE("web") "after = db\n");
    expect_story("restarted db, restarted web, ask web, ");
    ends("web", 0);
    expect_story("ask db, ");
    ends("db", 0);
    expect_story("spawn db, ");
    executed("db");
    expect_story("spawn web, ");
    executed("web");
    ck_assert_str_eq(service_named("web")->conf->argv[0], "other");
}
END_TEST

START_TEST(another_policy_applies_without_a_restart)
{
    run_two(SERVICE("a") SERVICE("b"));
    reload(SERVICE("a") "restart = no\nessential = no\nstop-timeout = 2s\n" SERVICE("b"));
    expect_story("changed a, ");
    ends("a", 1 << 8);
    expect_story("ask a, failed a, ");
    expect_goes_on();
}
END_TEST

START_TEST(what_is_down_by_hand_and_changes_stays_down)
{
    run_two(SERVICE("a") SERVICE("b"));
    order(ORDER_STOP, "a");
    ends("a", 0);
    *story = '\0';
    reload(OTHER_SERVICE("a") SERVICE("b"));
    expect_story("changed a, ");
    ck_assert(service_is_held_down(service_named("a")));
    reload(OTHER_SERVICE("a") "stop-timeout = 3s\n" SERVICE("b"));
    expect_story("changed a, ");
    ck_assert_int_eq(supervisor.held, 1);
}
END_TEST

START_TEST(what_has_failed_or_is_done_and_changes_runs_again)
{
    run_two(
        SERVICE("a") "restart = no\nessential = no\n" SERVICE("b") "type = oneshot\n" SERVICE("c"));
    ends("a", 1 << 8);
    ends("b", 0);
    *story = '\0';
    reload(OTHER_SERVICE("a") "restart = no\nessential = no\n" OTHER_SERVICE(
        "b") "type = oneshot\n" SERVICE("c"));
    expect_story("restarted a, restarted b, spawn a, spawn b, ");
}
END_TEST

START_TEST(what_has_failed_and_gets_another_policy_stays_so)
{
    run_two(SERVICE("a") "restart = no\nessential = no\n" SERVICE("b"));
    ends("a", 1 << 8);
    *story = '\0';
    reload(SERVICE("a") "restart = always\nessential = no\n" SERVICE("b"));
    expect_story("changed a, ");
    ck_assert_str_eq(state_of("a"), "failed");
}
END_TEST

START_TEST(a_backoff_of_what_changes_is_cut_short)
{
    run_two(SERVICE("a") SERVICE("b"));
    ends("a", 1 << 8);
    *story = '\0';
    reload(OTHER_SERVICE("a") SERVICE("b"));
    expect_story("restarted a, spawn a, ");
    ck_assert_int_eq(service_named("a")->history.restarts, 0);
}
END_TEST

START_TEST(what_its_leader_has_left_is_gone_before_what_changes_starts)
{
    run_two(SERVICE("a") "restart = no\n" SERVICE("b"));
    leaves_some("a", 1 << 8);
    reload(OTHER_SERVICE("a") "restart = no\n" SERVICE("b"));
    expect_story("ask a, restarted a, ");
    rest_ends("a");
    expect_story("failed a, spawn a, ");
    expect_goes_on();
}
END_TEST

START_TEST(what_is_not_to_start_and_changes_does_not)
{
    begin(SERVICE("a") "start = no\n" SERVICE("b"), false);
    *story = '\0';
    reload(OTHER_SERVICE("a") "start = no\n" SERVICE("b"));
    expect_story("changed a, ");
    ck_assert_str_eq(state_of("a"), "down");
    ck_assert(!service_is_held_down(service_named("a"))); /* nobody has stopped it */
}
END_TEST

START_TEST(what_is_to_start_from_now_on_starts)
{
    begin(SERVICE("a") "start = no\n" SERVICE("b") "start = no\n" SERVICE("c"), false);
    *story = '\0';
    reload(SERVICE("a") OTHER_SERVICE("b") SERVICE("c"));
    expect_story("changed a, changed b, spawn a, spawn b, ");
}
END_TEST

START_TEST(what_somebody_has_stopped_does_not_start_when_it_is_to_start_from_now_on)
{
    static const char before[] = SERVICE("a") "start = no\n" SERVICE("b") "start = no\n" SERVICE(
        "c") "start = no\ntype = oneshot\n" SERVICE("d");
    begin(before, false);
    order(ORDER_START, "a c");
    executed("a");
    executed("c");
    order(ORDER_STOP, "a b");
    ends("a", 0);
    ends("c", 0);
    *story = '\0';
    reload(SERVICE("a") OTHER_SERVICE("b") SERVICE("c") "type = oneshot\n" SERVICE("d"));
    expect_story("changed a, changed b, changed c, ");
}
END_TEST

START_TEST(what_could_not_be_started_by_hand_is_not_when_it_is_to_start_from_now_on)
{
    begin(SERVICE("a") "start = no\nessential = no\n" SERVICE("b"), false);
    spawn_error = EPERM;
    order(ORDER_START, "a");
    spawn_error = 0;
    expect_story("spawn b, failed a, ");
    reload(SERVICE("a") "essential = no\n" SERVICE("b"));
    expect_story("changed a, ");
}
END_TEST

START_TEST(what_is_not_to_start_any_more_runs_on)
{
    run_two(SERVICE("a") SERVICE("b"));
    reload(SERVICE("a") "start = no\n" SERVICE("b"));
    expect_story("changed a, ");
    ck_assert_str_eq(state_of("a"), "up");
}
END_TEST

START_TEST(times_of_the_shutdown_apply)
{
    run_two(SERVICE("a") "stop-timeout = 1m\n" SERVICE("b"));
    reload("[reeve]\nshutdown-timeout = 5s\nstop-delay = 2s\n" SERVICE("a") SERVICE("b"));
    expect_story("changed a, ");
    stop();
    ck_assert_int_eq(deadline_ms, now_ms + 2000);
    wait_for_deadline();
    ck_assert_int_eq(deadline_ms, now_ms + 1500); /* half of what is left of 5 s */
}
END_TEST

/* --- what is new ----------------------------------------------------------------------------- */

START_TEST(what_is_new_starts_in_order)
{
    run_two(SERVICE("a") SERVICE("b"));
    reload(SERVICE("web") "after = db a\n" SERVICE("a") SERVICE("db") SERVICE("b"));
    expect_story("added web, added db, spawn db, ");
    executed("db");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(what_is_new_does_not_start_where_it_is_not_to)
{
    run_two(SERVICE("a") SERVICE("b"));
    marked = "d";
    reload(SERVICE("a") SERVICE("b") SERVICE("c") "start = no\n" SERVICE("d"));
    expect_story("added c, added d, ");
    ck_assert_str_eq(state_of("c"), "down");
    ck_assert(!service_is_held_down(service_named("c")));
    ck_assert(service_is_held_down(service_named("d")));
    ck_assert_int_eq(supervisor.held, 1);
}
END_TEST

START_TEST(what_is_new_ends_the_container_as_any)
{
    run_two(SERVICE("a") SERVICE("b"));
    reload(SERVICE("a") SERVICE("b") SERVICE("c") "restart = no\n");
    executed("c");
    *story = '\0';
    ends("c", 7 << 8);
    expect_story("ask c, failed c, because of c, ask a, ask b, ");
    ends("a", 0);
    ends("b", 0);
    expect_over(7);
}
END_TEST

START_TEST(nobody_has_to_remember_what_was_stopped)
{
    struct supervisor_ops forgetful = ops;
    forgetful.was_stopped = NULL;
    run_two(SERVICE("a") SERVICE("b"));
    supervisor.ops = &forgetful;
    reload(SERVICE("a") SERVICE("b") SERVICE("c"));
    expect_story("added c, spawn c, ");
}
END_TEST

/* --- kill-mode ------------------------------------------------------------------------------- */

START_TEST(whom_a_leader_has_left_is_killed_though_kill_mode_changes)
{
    run_two(SERVICE("a") SERVICE("b"));
    leaves_some("a", 1 << 8);
    reload(SERVICE("a") "kill-mode = process\n" SERVICE("b"));
    wait_for_deadline();
    expect_story("ask a, changed a, kill a, ");
    rest_ends("a");
    expect_story("backoff a, ");
}
END_TEST

/* Only the leader was asked when kill-mode changes: nobody is killed unasked. */
static const char *const changes[] = {"process", "mixed"};

START_TEST(the_rest_of_a_group_is_asked_first_though_kill_mode_changes)
{
    char text[256];
    snprintf(text, sizeof text, SERVICE("a") "kill-mode = %s\n" SERVICE("b"), changes[_i % 2]);
    run_two(text);
    order(ORDER_STOP, "a");
    if (_i >= 2) /* already killed */
        wait_for_deadline();
    if (_i == 3) /* mixed: its rest asked, then killed */
        wait_for_deadline();
    reload(SERVICE("a") "kill-mode = group\n" SERVICE("b"));
    for (int i = 0; i < 4; i++)
        wait_for_deadline(); /* an unasked one that is killed fails here */
    leaves_some("a", SIGKILL);
    for (int i = 0; i < 3; i++)
        wait_for_deadline();
    ck_assert_int_gt(process_of(pid_of("a"))->all_asked, 0);
    ck_assert_int_gt(process_of(pid_of("a"))->killed, 0);
    rest_ends("a");
    ck_assert(service_is_held_down(service_named("a")));
}
END_TEST

START_TEST(the_rest_of_a_group_is_asked_before_its_leader_is_killed)
{
    run_two(SERVICE("a") "kill-mode = process\n" SERVICE("b"));
    order(ORDER_STOP, "a");
    reload(SERVICE("a") SERVICE("b"));
    expect_story("ask a, changed a, ");
    wait_for_deadline();
    expect_story("ask a, ");
    ck_assert_int_eq(process_of(pid_of("a"))->all_asked, 1);
    wait_for_deadline();
    expect_story("kill a, ");
}
END_TEST

START_TEST(groups_are_held_from_now_on)
{
    run_two(SERVICE("a") "kill-mode = process\n" SERVICE("b") "kill-mode = process\n");
    ck_assert(!supervisor.cleans_groups);
    reload(SERVICE("a") "kill-mode = mixed\n" SERVICE("b") "kill-mode = process\n");
    ck_assert(supervisor.cleans_groups);
    leaves_some("a", 1 << 8);
    ck_assert_int_eq(held, 1);
    rest_ends("a");
    reload(SERVICE("a") "kill-mode = process\n" SERVICE("b") "kill-mode = process\n");
    ck_assert(!supervisor.cleans_groups);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "exchange", reset,
        unit_tests(
            nothing_happens_where_nothing_has_changed, others_change_and_the_rest_does_not_notice,
            a_backoff_goes_on_until_its_deadline, the_group_of_a_dead_leader_is_still_held,
            a_stop_command_goes_on, what_is_known_of_a_run_stays, watchers_move_with_their_service,
            services_have_the_new_order_of_the_files, what_has_changed_restarts_in_order,
            another_policy_applies_without_a_restart, what_is_down_by_hand_and_changes_stays_down,
            what_has_failed_or_is_done_and_changes_runs_again,
            what_has_failed_and_gets_another_policy_stays_so,
            a_backoff_of_what_changes_is_cut_short,
            what_its_leader_has_left_is_gone_before_what_changes_starts,
            what_is_not_to_start_and_changes_does_not, what_is_to_start_from_now_on_starts,
            what_somebody_has_stopped_does_not_start_when_it_is_to_start_from_now_on,
            what_could_not_be_started_by_hand_is_not_when_it_is_to_start_from_now_on,
            what_is_not_to_start_any_more_runs_on, nobody_has_to_remember_what_was_stopped,
            times_of_the_shutdown_apply, what_is_new_starts_in_order,
            what_is_new_does_not_start_where_it_is_not_to, what_is_new_ends_the_container_as_any,
            whom_a_leader_has_left_is_killed_though_kill_mode_changes,
            the_rest_of_a_group_is_asked_before_its_leader_is_killed, groups_are_held_from_now_on),
        unit_loops({the_rest_of_a_group_is_asked_first_though_kill_mode_changes, 0, 4}));
}
