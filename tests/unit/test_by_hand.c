/* What somebody wants of single services by hand. */
#include "tests/unit/services.h"

static const char pair[] = "[service db]\ncommand = x\n[service web]\ncommand = x\nafter = db\n";

static void run_pair(void)
{
    begin(pair, false);
    executed("db");
    executed("web");
    *story = '\0';
}

static void run_one(const char *lines)
{
    char text[512];
    snprintf(text, sizeof text, "[service a]\ncommand = x\n%s", lines);
    begin(text, false);
    executed("a");
    *story = '\0';
}

/* --- one ----------------------------------------------------------------------------------- */

START_TEST(one_that_is_stopped_stays_down)
{
    run_one("restart = always\n");
    order(ORDER_STOP, "a");
    expect_story("ask a, ");
    ck_assert_int_eq(service_named("a")->reason, REASON_BY_HAND);
    ck_assert(!service_is_held_down(service_named("a")));
    ends("a", SIGTERM);
    expect_story("");
    ck_assert_str_eq(state_of("a"), "down");
    ck_assert(service_is_held_down(service_named("a")));
    ck_assert_int_eq(deadline_ms, SHUTDOWN_FOREVER);
    expect_goes_on();
}
END_TEST

START_TEST(one_that_is_down_is_started)
{
    begin("[service a]\ncommand = x\nstart = no\n[service b]\ncommand = x\n", false);
    expect_story("spawn b, ");
    order(ORDER_START, "a");
    expect_story("spawn a, ");
    executed("a");
    ck_assert_str_eq(state_of("a"), "up");
    ck_assert(!supervisor_has_order(&supervisor, 0));
}
END_TEST

START_TEST(one_that_runs_is_not_started_again)
{
    run_one("");
    order(ORDER_START, "a");
    expect_story("");
    ck_assert_str_eq(state_of("a"), "up");
    ck_assert_int_eq(supervisor.orders, 0);
}
END_TEST

START_TEST(a_restart_stops_and_starts)
{
    run_one("restart = no\n");
    order(ORDER_RESTART, "a");
    expect_story("ask a, ");
    ck_assert(supervisor_has_order(&supervisor, 0));
    ck_assert(supervisor_wants_up(&supervisor, 0));
    ends("a", SIGTERM);
    expect_story("spawn a, ");
    executed("a");
    ck_assert_str_eq(state_of("a"), "up");
    ck_assert(!supervisor_has_order(&supervisor, 0));
    ck_assert_int_eq(service_named("a")->reason, REASON_NONE);
}
END_TEST

START_TEST(nothing_is_done_before_the_tick)
{
    run_one("");
    give_order(ORDER_STOP, "a");
    expect_story("");
    ck_assert(supervisor_has_order(&supervisor, 0));
    ck_assert(!supervisor_wants_up(&supervisor, 0));
    ck_assert(service_named("a")->is_wanted);
    tick();
    expect_story("ask a, ");
    ck_assert(!supervisor_wants_up(&supervisor, 0));
    give_order(ORDER_START, "a");
    ck_assert(supervisor_wants_up(&supervisor, 0));
}
END_TEST

START_TEST(the_last_order_is_heard)
{
    run_one("");
    give_order(ORDER_STOP, "a");
    give_order(ORDER_START, "a");
    tick();
    expect_story("");
    give_order(ORDER_START, "a");
    give_order(ORDER_STOP, "a");
    tick();
    expect_story("ask a, ");
    give_order(ORDER_RESTART, "a");
    give_order(ORDER_STOP, "a");
    tick();
    ends("a", SIGTERM);
    expect_story("");
    ck_assert_str_eq(state_of("a"), "down");
}
END_TEST

START_TEST(one_that_is_started_while_it_stops_is_when_it_is_down)
{
    run_one("restart = no\n");
    order(ORDER_STOP, "a");
    order(ORDER_START, "a");
    expect_story("ask a, ");
    ends("a", 1 << 8);
    expect_story("spawn a, ");
}
END_TEST

START_TEST(a_restart_that_is_called_off_while_it_stops_is_a_stop)
{
    run_one("");
    order(ORDER_RESTART, "a");
    order(ORDER_STOP, "a");
    ends("a", SIGTERM);
    expect_story("ask a, ");
    ck_assert(service_is_held_down(service_named("a")));
}
END_TEST

START_TEST(a_stop_ends_a_backoff)
{
    run_one("");
    ends("a", 1 << 8);
    expect_story("ask a, backoff a, ");
    order(ORDER_STOP, "a");
    ck_assert(service_is_held_down(service_named("a")));
    ck_assert_int_eq(deadline_ms, SHUTDOWN_FOREVER);
    expect_goes_on();
}
END_TEST

START_TEST(a_start_ends_a_backoff_and_forgets_the_restarts)
{
    run_one("restart = on-failure:3\n");
    for (int i = 0; i < 2; i++) {
        ends("a", 1 << 8);
        wait_for_deadline();
        executed("a");
    }
    ends("a", 1 << 8);
    *story = '\0';
    ck_assert_int_eq(service_named("a")->history.restarts, 3);
    ck_assert_int_eq(deadline_ms, now_ms + 400);
    order(ORDER_START, "a");
    expect_story("spawn a, ");
    ck_assert_int_eq(service_named("a")->history.restarts, 0);
    executed("a");
    ends("a", 1 << 8);
    ck_assert_int_eq(deadline_ms, now_ms + 100);
}
END_TEST

START_TEST(a_restart_forgets_the_restarts)
{
    run_one("");
    ends("a", 1 << 8);
    wait_for_deadline();
    executed("a");
    ck_assert_int_eq(service_named("a")->history.restarts, 1);
    order(ORDER_RESTART, "a");
    ck_assert_int_eq(service_named("a")->history.restarts, 1);
    ends("a", SIGTERM);
    ck_assert_int_eq(service_named("a")->history.restarts, 0);
    executed("a");
    ends("a", 1 << 8);
    ck_assert_int_eq(deadline_ms, now_ms + 100);
}
END_TEST

START_TEST(a_restart_in_a_backoff_starts_at_once)
{
    run_one("");
    ends("a", 1 << 8);
    *story = '\0';
    order(ORDER_RESTART, "a");
    expect_story("spawn a, ");
}
END_TEST

START_TEST(one_that_has_failed_or_is_done_is_started)
{
    begin("[service a]\ncommand = x\nrestart = no\nessential = no\n[service b]\ncommand = x\n"
          "[service job]\ncommand = x\ntype = oneshot\n",
          false);
    executed("a");
    executed("b");
    executed("job");
    ends("a", 1 << 8);
    ends("job", 0);
    *story = '\0';
    order(ORDER_STOP, "a job"); /* there is nothing to stop */
    ck_assert_str_eq(state_of("a"), "failed");
    ck_assert_str_eq(state_of("job"), "done");
    order(ORDER_START, "a");
    expect_story("spawn a, ");
    order(ORDER_RESTART, "job");
    expect_story("spawn job, ");
}
END_TEST

START_TEST(one_that_waits_is_down_at_once)
{
    begin(pair, false);
    order(ORDER_STOP, "web");
    ck_assert(service_is_held_down(service_named("web")));
    executed("db");
    expect_story("spawn db, ");
}
END_TEST

START_TEST(one_that_waits_for_its_fork_is_never_forked)
{
    begin("[service w]\ncommand = x\ninstances = 65\n", false);
    *story = '\0';
    order(ORDER_STOP, "w@65");
    executed("w@1");
    expect_story("");
    ck_assert(service_is_held_down(service_named("w@65")));
    order(ORDER_START, "w@65");
    expect_story("spawn w@65, ");
}
END_TEST

START_TEST(one_that_waits_for_its_fork_and_is_restarted_is_forked_once)
{
    begin("[service w]\ncommand = x\ninstances = 66\n", false);
    *story = '\0';
    order(ORDER_RESTART, "w@65");
    executed("w@1");
    expect_story("spawn w@65, ");
    executed("w@2");
    expect_story("spawn w@66, ");
    executed("w@3");
    expect_story("");
}
END_TEST

START_TEST(one_that_is_down_already_and_is_stopped_is_held_down)
{
    begin("[service a]\ncommand = x\nstart = no\n[service b]\ncommand = x\nessential = no\n",
          false);
    ck_assert(!service_is_held_down(service_named("a")));
    order(ORDER_STOP, "a");
    ck_assert(service_is_held_down(service_named("a")));
    executed("b");
    ends("b", 0);
    expect_goes_on();
}
END_TEST

/* --- what a leader has left ----------------------------------------------------------------- */

START_TEST(one_whose_rest_still_ends_is_started_then_whatever_its_policy_says)
{
    run_one("restart = no\n");
    leaves_some("a", 3 << 8);
    order(ORDER_START, "a");
    expect_story("ask a, ");
    ck_assert_str_eq(state_of("a"), "stopping");
    rest_ends("a");
    expect_story("spawn a, ");
    ck_assert_int_eq(held, 0);
    expect_goes_on();
}
END_TEST

START_TEST(one_whose_rest_still_ends_is_restarted_then_whatever_its_policy_says)
{
    run_one("restart = no\n");
    leaves_some("a", 3 << 8);
    order(ORDER_RESTART, "a");
    expect_story("ask a, ");
    rest_ends("a");
    expect_story("failed a, spawn a, ");
    expect_goes_on();
}
END_TEST

START_TEST(one_whose_rest_still_ends_is_stopped_and_not_started_again)
{
    run_one("restart = always\n");
    leaves_some("a", 3 << 8);
    order(ORDER_STOP, "a");
    rest_ends("a");
    expect_story("ask a, ");
    ck_assert(service_is_held_down(service_named("a")));
    expect_goes_on();
}
END_TEST

START_TEST(a_start_behind_a_stop_counts_for_one_whose_rest_still_ends)
{
    run_one("restart = no\n");
    leaves_some("a", 3 << 8);
    order(ORDER_START, "a");
    order(ORDER_STOP, "a");
    order(ORDER_START, "a");
    rest_ends("a");
    expect_story("ask a, failed a, spawn a, ");
}
END_TEST

/* --- several ------------------------------------------------------------------------------- */

START_TEST(several_stop_in_reverse_order_and_the_others_run_on)
{
    run_chain();
    order(ORDER_STOP, "db web cron");
    expect_story("ask web, ask cron, ");
    ends("cron", 0);
    expect_story("");
    ends("web", 0);
    expect_story("ask db, ");
    ends("db", 0);
    expect_story("");
    ck_assert_str_eq(state_of("app"), "up");
}
END_TEST

START_TEST(what_is_not_to_stop_keeps_nobody_up)
{
    run_chain();
    order(ORDER_STOP, "db");
    expect_story("ask db, ");
}
END_TEST

START_TEST(who_is_behind_and_stops_already_is_waited_for)
{
    run_pair();
    order(ORDER_STOP, "web");
    order(ORDER_STOP, "db");
    expect_story("ask web, ");
    ck_assert_str_eq(state_of("db"), "up");
    ends("web", 0);
    expect_story("ask db, ");
}
END_TEST

START_TEST(who_is_behind_and_down_already_is_not_waited_for)
{
    run_pair();
    order(ORDER_STOP, "web");
    ends("web", 0);
    *story = '\0';
    order(ORDER_STOP, "web db");
    expect_story("ask db, ");
}
END_TEST

START_TEST(several_restart_in_order)
{
    run_pair();
    order(ORDER_RESTART, "db web");
    expect_story("ask web, ");
    ends("web", 0);
    expect_story("ask db, ");
    ck_assert_str_eq(state_of("web"), "down");
    ends("db", 0);
    expect_story("spawn db, ");
    executed("db");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(several_restart_in_order_also_when_one_between_them_runs_on)
{
    run_chain();
    order(ORDER_RESTART, "web db");
    expect_story("ask web, ");
    ends("web", 0);
    expect_story("ask db, ");
    ends("db", 0);
    expect_story("spawn db, spawn web, "); /* behind app, which is up */
}
END_TEST

START_TEST(the_order_of_restarts_is_not_that_of_the_files)
{
    begin(SERVICE("web") "after = app\n" SERVICE("app") "after = db\n" SERVICE("db"), false);
    executed("db");
    executed("app");
    executed("web");
    *story = '\0';
    order(ORDER_RESTART, "web db");
    ends("web", 0);
    ends("db", 0);
    expect_story("ask web, ask db, spawn db, spawn web, ");
    executed("db");
    executed("web");
    order(ORDER_RESTART, "db");
    ends("db", 0);
    expect_story("ask db, spawn db, ");
}
END_TEST

START_TEST(a_stop_of_the_one_command_forgets_orders)
{
    begin("[service a]\ncommand = x\nmain = yes\nrestart = no\n", true);
    executed("a");
    give_order(ORDER_RESTART, "a");
    supervisor_stop(&supervisor, now_ms);
    tick();
    expect_story("spawn a, ");
    order(ORDER_RESTART, "a"); /* it lives on, and somebody still wants it */
    ends("a", SIGTERM);
    expect_story("ask a, spawn a, ");
    ck_assert(!supervisor_is_over(&supervisor));
}
END_TEST

START_TEST(all_restart_in_order)
{
    run_chain();
    order(ORDER_RESTART, "all");
    expect_story("ask web, ask cron, ");
    ends("web", 0);
    expect_story("ask app, ");
    ends("app", 0);
    expect_story("");
    ends("cron", 0);
    expect_story("ask db, ");
    ends("db", 0);
    expect_story("spawn db, ");
    executed("db");
    expect_story("spawn app, spawn cron, ");
    executed("app");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(several_start_in_order)
{
    run_pair();
    order(ORDER_STOP, "all");
    ends("web", 0);
    ends("db", 0);
    *story = '\0';
    order(ORDER_START, "web db");
    expect_story("spawn db, ");
    ck_assert_str_eq(state_of("web"), "waiting");
    ck_assert_int_eq(service_named("web")->reason, REASON_NONE);
    executed("db");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(one_alone_starts_where_the_one_before_it_is_down)
{
    run_pair();
    order(ORDER_STOP, "all");
    ends("web", 0);
    ends("db", 0);
    *story = '\0';
    order(ORDER_START, "web");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(one_starts_when_the_one_before_it_has_been_restarted)
{
    run_pair();
    order(ORDER_STOP, "web");
    ends("web", 0);
    *story = '\0';
    order(ORDER_RESTART, "db");
    order(ORDER_START, "web");
    expect_story("ask db, ");
    ends("db", 0);
    expect_story("spawn db, ");
    executed("db");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(one_instance_is_stopped_and_the_others_run_on)
{
    begin("[service w]\ncommand = x\ninstances = 3\n[service b]\ncommand = x\nafter = w\n", false);
    executed("w@1");
    executed("w@2");
    executed("w@3");
    executed("b");
    *story = '\0';
    order(ORDER_STOP, "w@2");
    expect_story("ask w@2, ");
    order(ORDER_STOP, "w b");
    expect_story("ask b, ");
    ends("b", 0);
    expect_story("ask w@1, ask w@3, ");
}
END_TEST

/* --- the container ------------------------------------------------------------------------- */

START_TEST(the_end_of_the_main_service_by_hand_ends_nothing)
{
    run_one("main = yes\n");
    order(ORDER_STOP, "a");
    wait_for_deadline();
    expect_story("ask a, kill a, ");
    ends("a", SIGKILL);
    expect_story("");
    expect_goes_on();
    stop();
    expect_over(0);
}
END_TEST

START_TEST(a_shutdown_after_a_stop_by_hand_ends_with_0)
{
    begin("[service a]\ncommand = x\nmain = yes\n[service b]\ncommand = x\n", false);
    executed("a");
    executed("b");
    order(ORDER_STOP, "all");
    ends("a", 5 << 8);
    ends("b", SIGKILL);
    expect_goes_on();
    stop();
    expect_over(0);
}
END_TEST

START_TEST(the_others_end_the_container_as_before)
{
    begin("[service a]\ncommand = x\n[service b]\ncommand = x\nrestart = no\n", false);
    executed("a");
    executed("b");
    order(ORDER_STOP, "a");
    ends("a", 0);
    ends("b", 3 << 8);
    expect_over(3);
}
END_TEST

START_TEST(orders_are_not_heard_while_all_stops)
{
    run_chain();
    stop();
    *story = '\0';
    give_order(ORDER_STOP, "db");
    give_order(ORDER_RESTART, "web");
    ck_assert(!supervisor_has_order(&supervisor, 0));
    ck_assert_int_eq(supervisor.orders, 0);
    tick();
    expect_story("");
    ends("web", 0);
    expect_story("ask app, ");
    order(ORDER_START, "web");
    expect_story("");
}
END_TEST

START_TEST(a_shutdown_forgets_orders)
{
    run_pair();
    order(ORDER_RESTART, "all");
    ends("web", 0);
    expect_story("ask web, ask db, ");
    stop();
    ck_assert_int_eq(supervisor.orders, 0);
    ends("db", 0);
    expect_story("");
    expect_over(0);
}
END_TEST

START_TEST(an_order_of_the_same_moment_as_a_stop_is_forgotten)
{
    run_pair();
    give_order(ORDER_RESTART, "db");
    supervisor_stop(&supervisor, now_ms);
    give_order(ORDER_STOP, "db");
    tick();
    expect_story("ask web, ");
    ck_assert_int_eq(supervisor.orders, 0);
}
END_TEST

START_TEST(the_one_command_that_was_stopped_by_hand_ends_with_a_stop)
{
    begin("[service a]\ncommand = x\nmain = yes\nrestart = no\n", true);
    executed("a");
    order(ORDER_STOP, "a");
    ends("a", SIGTERM);
    expect_goes_on();
    stop();
    expect_over(0);
}
END_TEST

START_TEST(one_that_fails_before_its_turn_in_a_restart_is_started_again)
{
    begin("[service db]\ncommand = x\nrestart = no\n[service web]\ncommand = x\nafter = db\n",
          false);
    executed("db");
    executed("web");
    *story = '\0';
    order(ORDER_RESTART, "all");
    ends("db", 3 << 8);
    expect_story("ask web, ask db, failed db, ");
    expect_goes_on();
    ends("web", 0);
    expect_story("spawn db, ");
}
END_TEST

START_TEST(one_that_was_stopped_before_we_began_stays_down_and_ends_nothing)
{
    marked = "web";
    begin(pair, false);
    expect_story("spawn db, ");
    executed("db");
    expect_story("");
    ck_assert(service_is_held_down(service_named("web")));
    ck_assert_int_eq(supervisor.held, 1);
    order(ORDER_START, "web");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(a_container_in_which_all_were_stopped_before_goes_on)
{
    marked = "a";
    begin("[service a]\ncommand = x\nmain = yes\n", false);
    expect_story("");
    expect_goes_on();
    stop();
    expect_over(0);
}
END_TEST

START_TEST(nobody_has_to_remember_what_was_stopped)
{
    struct supervisor_ops forgetful = ops;
    forgetful.was_stopped = NULL;
    begin(pair, false);
    supervisor_fini(&supervisor);
    ck_assert(supervisor_init(&supervisor, &conf, &forgetful, NULL, false));
    *story = '\0';
    process_count = 0;
    supervisor_start(&supervisor, now_ms);
    tick();
    expect_story("spawn db, ");
}
END_TEST

START_TEST(a_mark_also_holds_down_what_is_not_to_start)
{
    marked = "a";
    begin("[service a]\ncommand = x\nstart = no\n[service b]\ncommand = x\ntype = oneshot\n",
          false);
    executed("b");
    ends("b", 0);
    expect_goes_on();
}
END_TEST

START_TEST(a_container_in_which_nothing_is_to_start_waits_for_somebody)
{
    static const char text[] = "[service a]\ncommand = x\nstart = no\ntype = oneshot\n"
                               "[service b]\ncommand = x\nstart = no\n";
    begin(text, false);
    expect_over(0);
    supervisor.is_steered = true;
    expect_goes_on();
    order(ORDER_START, "a");
    executed("a");
    ends("a", 0);
    expect_over(0);
}
END_TEST

START_TEST(a_container_without_services_waits_for_nobody)
{
    begin("[reeve]\nlog-level = info\n", false);
    supervisor.is_steered = true;
    expect_over(0);
}
END_TEST

START_TEST(a_start_of_the_same_moment_as_the_last_end_keeps_the_container)
{
    run_one("restart = no\nessential = no\n");
    supervisor_exited(&supervisor, &(struct supervisor_exit){pid_of("a"), 1 << 8, false, 0},
                      now_ms);
    process_of(pid_of("a"))->is_alive = false;
    supervisor_drained(&supervisor, now_ms);
    ck_assert(supervisor_is_over(&supervisor));
    give_order(ORDER_START, "a");
    expect_goes_on();
    tick();
    expect_story("ask a, failed a, spawn a, ");
}
END_TEST

/* --- names --------------------------------------------------------------------------------- */

static void expect_named(const char *name, int expected_first, int expected_end)
{
    int first = -1;
    int end = -1;
    ck_assert_msg(supervisor_find_named(&supervisor, name, &first, &end), "%s", name);
    ck_assert_int_eq(first, expected_first);
    ck_assert_int_eq(end, expected_end);
}

START_TEST(a_name_means_a_service_or_all_of_its_instances_or_one)
{
    int first = 0;
    int end = 0;
    static const char *const unknown[] = {"we",   "webs",  "w@0", "w@9", "w@",
                                          "w@2x", "web@1", "@2",  "",    "x"};
    begin("[service web]\ncommand = x\n[service w]\ncommand = x\ninstances = 3\n"
          "[service website]\ncommand = x\n",
          false);
    expect_named("web", 0, 1);
    expect_named("w", 1, 4);
    expect_named("w@1", 1, 2);
    expect_named("w@2", 2, 3);
    expect_named("w@3", 3, 4);
    expect_named("website", 4, 5);
    for (size_t i = 0; i < unit_count(unknown); i++)
        ck_assert_msg(!supervisor_find_named(&supervisor, unknown[i], &first, &end), "%s",
                      unknown[i]);
    for (int i = 0; i < supervisor.count; i++)
        ck_assert_int_eq(supervisor_number_of(&supervisor, supervisor_service(&supervisor, i)), i);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "by_hand", reset,
        unit_tests(
            one_that_is_stopped_stays_down, one_that_is_down_is_started,
            one_that_runs_is_not_started_again, a_restart_stops_and_starts,
            nothing_is_done_before_the_tick, the_last_order_is_heard,
            one_that_is_started_while_it_stops_is_when_it_is_down,
            a_restart_that_is_called_off_while_it_stops_is_a_stop, a_stop_ends_a_backoff,
            a_start_ends_a_backoff_and_forgets_the_restarts, a_restart_forgets_the_restarts,
            a_restart_in_a_backoff_starts_at_once, one_that_has_failed_or_is_done_is_started,
            one_that_waits_is_down_at_once, one_that_waits_for_its_fork_is_never_forked,
            one_that_waits_for_its_fork_and_is_restarted_is_forked_once,
            one_that_is_down_already_and_is_stopped_is_held_down,
            one_whose_rest_still_ends_is_started_then_whatever_its_policy_says,
            one_whose_rest_still_ends_is_restarted_then_whatever_its_policy_says,
            one_whose_rest_still_ends_is_stopped_and_not_started_again,
            a_start_behind_a_stop_counts_for_one_whose_rest_still_ends,
            several_stop_in_reverse_order_and_the_others_run_on,
            what_is_not_to_stop_keeps_nobody_up, who_is_behind_and_stops_already_is_waited_for,
            who_is_behind_and_down_already_is_not_waited_for, several_restart_in_order,
            several_restart_in_order_also_when_one_between_them_runs_on,
            the_order_of_restarts_is_not_that_of_the_files,
            a_stop_of_the_one_command_forgets_orders, all_restart_in_order, several_start_in_order,
            one_alone_starts_where_the_one_before_it_is_down,
            one_starts_when_the_one_before_it_has_been_restarted,
            one_instance_is_stopped_and_the_others_run_on,
            the_end_of_the_main_service_by_hand_ends_nothing,
            a_shutdown_after_a_stop_by_hand_ends_with_0, the_others_end_the_container_as_before,
            orders_are_not_heard_while_all_stops, a_shutdown_forgets_orders,
            an_order_of_the_same_moment_as_a_stop_is_forgotten,
            the_one_command_that_was_stopped_by_hand_ends_with_a_stop,
            one_that_fails_before_its_turn_in_a_restart_is_started_again,
            one_that_was_stopped_before_we_began_stays_down_and_ends_nothing,
            a_container_in_which_all_were_stopped_before_goes_on,
            nobody_has_to_remember_what_was_stopped, a_mark_also_holds_down_what_is_not_to_start,
            a_container_in_which_nothing_is_to_start_waits_for_somebody,
            a_container_without_services_waits_for_nobody,
            a_start_of_the_same_moment_as_the_last_end_keeps_the_container,
            a_name_means_a_service_or_all_of_its_instances_or_one),
        NULL, 0);
}
