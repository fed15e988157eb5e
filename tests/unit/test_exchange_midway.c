/* Another configuration in the middle of starts, stops and orders. */
#include "tests/unit/services.h"

static const char pair[] = SERVICE("db") SERVICE("web") "after = db\n";

static void run_pair(void)
{
    begin(pair, false);
    executed("db");
    executed("web");
    *story = '\0';
}

static bool is_there(const char *name)
{
    for (int i = 0; i < supervisor.count; i++)
        if (!supervisor_is_gone(&supervisor, i) &&
            strcmp(supervisor_service(&supervisor, i)->name, name) == 0)
            return true;
    return false;
}

START_TEST(execs_that_are_not_known_yet_stay_so)
{
    begin(SERVICE("a") SERVICE("b") SERVICE("c"), false);
    *story = '\0';
    pid_t of_a = pid_of("a");
    reload(SERVICE("c") SERVICE("b"));
    expect_story("removed a, ask a, ");
    ck_assert_int_eq(supervisor.unconfirmed, 3);
    supervisor_executed(&supervisor, of_a, now_ms);
    executed("b");
    supervisor_not_executed(&supervisor, pid_of("c"),
                            &(struct spawn_error){.stage = SPAWN_EXEC, .error = ETXTBSY}, now_ms);
    ck_assert_int_eq(supervisor.unconfirmed, 0);
    ends("c", 1 << 8);
    expect_story("backoff c, ");
    ck_assert_str_eq(state_of("b"), "up");
    ends("a", SIGTERM);
    ck_assert(!is_there("a"));
}
END_TEST

START_TEST(what_waits_for_its_fork_is_forked_once)
{
    begin(SERVICE("w") "instances = 70\n" SERVICE("b"), false);
    *story = '\0';
    reload(SERVICE("b") SERVICE("w") "instances = 69\n" SERVICE("c"));
    expect_story("added c, removed w@70, ");
    for (int i = 0; i < SUPERVISOR_UNCONFIRMED; i++) {
        supervisor_executed(&supervisor, FIRST_PID + i, now_ms);
        tick();
    }
    expect_story("spawn b, spawn w@65, spawn w@66, spawn w@67, spawn w@68, spawn w@69, spawn c, ");
    ck_assert_int_eq(supervisor.unconfirmed, 7);
    ck_assert_int_eq(supervisor.active, 71);
}
END_TEST

START_TEST(what_changes_while_it_waits_for_its_fork_is_forked_once)
{
    begin(SERVICE("w") "instances = 64\n" SERVICE("b"), false);
    *story = '\0';
    reload(SERVICE("w") "instances = 64\n" OTHER_SERVICE("b"));
    executed("w@1");
    expect_story("restarted b, spawn b, ");
    executed("w@2");
    expect_story("");
}
END_TEST

START_TEST(a_stop_by_hand_goes_on)
{
    run_pair();
    order(ORDER_STOP, "all");
    reload(SERVICE("web") "after = db\n" SERVICE("db"));
    expect_story("ask web, ");
    ends("web", 0);
    expect_story("ask db, ");
    ends("db", 0);
    expect_story("");
    ck_assert_int_eq(supervisor.held, 2);
}
END_TEST

START_TEST(a_stop_by_hand_of_what_changes_is_no_restart)
{
    run_pair();
    order(ORDER_STOP, "all");
    reload(OTHER_SERVICE("db") OTHER_SERVICE("web") "after = db\n");
    expect_story("ask web, changed db, changed web, ");
    ends("web", 0);
    expect_story("ask db, ");
    ends("db", 0);
    expect_story("");
    ck_assert_int_eq(supervisor.held, 2);
}
END_TEST

START_TEST(a_restart_by_hand_goes_on)
{
    run_pair();
    order(ORDER_RESTART, "all");
    reload(OTHER_SERVICE("web") "after = db\n" SERVICE("db"));
    expect_story("ask web, restarted web, ");
    ends("web", 0);
    expect_story("ask db, ");
    ends("db", 0);
    expect_story("spawn db, ");
    executed("db");
    expect_story("spawn web, ");
}
END_TEST

START_TEST(a_start_of_the_same_moment_is_heard)
{
    begin(SERVICE("a") "start = no\n" SERVICE("b"), false);
    *story = '\0';
    give_order(ORDER_START, "a");
    exchange(SERVICE("b") OTHER_SERVICE("a") "start = no\n");
    tick();
    expect_story("restarted a, spawn a, ");
}
END_TEST

START_TEST(an_order_for_what_is_removed_is_forgotten)
{
    run_pair();
    order(ORDER_RESTART, "all");
    reload(SERVICE("web"));
    expect_story("ask web, changed web, removed db, ask db, ");
    ends("db", 0);
    ck_assert(!is_there("db"));
    ends("web", 0);
    expect_story("spawn web, ");
    ck_assert_int_eq(supervisor.orders, 0);
}
END_TEST

START_TEST(what_is_removed_is_asked_with_the_others_when_all_stops)
{
    run_two(SERVICE("a") SERVICE("b"));
    exchange(SERVICE("b"));
    supervisor_stop(&supervisor, now_ms);
    tick();
    expect_story("removed a, ask b, ask a, ");
    ends("a", 3 << 8);
    ends("b", 0);
    expect_over(0);
}
END_TEST

START_TEST(a_shutdown_waits_for_what_is_removed)
{
    run_two(SERVICE("a") SERVICE("b"));
    reload(SERVICE("b"));
    stop();
    ends("b", 0);
    ck_assert(!supervisor_is_over(&supervisor));
    ends("a", 0);
    expect_over(0);
}
END_TEST

START_TEST(a_shutdown_goes_on_by_another_configuration)
{
    run_pair();
    stop();
    *story = '\0';
    int64_t then_ms = deadline_ms;
    reload(OTHER_SERVICE("web") "after = db\n" OTHER_SERVICE("db") SERVICE("new"));
    ck_assert_int_ne(supervisor.shutdown.phase, SHUTDOWN_RUNNING);
    ck_assert_int_eq(deadline_ms, then_ms);
    ck_assert_int_eq(supervisor.orders, 0);
    *story = '\0';
    ends("web", 0);
    ends("db", 0);
    expect_story("ask db, ");
    expect_over(0);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "exchange_midway", reset,
        unit_tests(execs_that_are_not_known_yet_stay_so, what_waits_for_its_fork_is_forked_once,
                   what_changes_while_it_waits_for_its_fork_is_forked_once, a_stop_by_hand_goes_on,
                   a_stop_by_hand_of_what_changes_is_no_restart, a_restart_by_hand_goes_on,
                   a_start_of_the_same_moment_is_heard, an_order_for_what_is_removed_is_forgotten,
                   what_is_removed_is_asked_with_the_others_when_all_stops,
                   a_shutdown_waits_for_what_is_removed,
                   a_shutdown_goes_on_by_another_configuration),
        NULL, 0);
}
