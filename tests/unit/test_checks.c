/* Health checks of services: when they run, and what follows from them for all the others. */
#include "tests/unit/services.h"

#define DB "[service db]\ncommand = x\nrestart = always\n"
#define CHECKED "health = exec:y\nhealth-interval = 1s\nhealth-timeout = 5s\nhealth-retries = 2\n"
#define WEB "[service web]\ncommand = x\n"

static const char checked[] = DB CHECKED;

static void run_db(const char *text)
{
    begin(text, false);
    executed("db");
    *story = '\0';
}

static enum probe_verdict health_of(const char *name)
{
    return (enum probe_verdict)service_named(name)->health;
}

static void fail_checks(int count)
{
    for (int i = 0; i < count; i++) {
        wait_for_deadline();
        probe_ends("db", 1 << 8);
    }
}

START_TEST(a_check_is_made_an_interval_after_it_is_up_and_after_each_other)
{
    begin(checked, false);
    ck_assert_int_eq(deadline_ms, SHUTDOWN_FOREVER);
    executed("db");
    ck_assert_int_eq(deadline_ms, now_ms + 1000);
    *story = '\0';
    wait_for_deadline();
    expect_story("check db, ");
    now_ms += 300;
    probe_ends("db", 0);
    expect_story("db healthy, ");
    ck_assert_int_eq(deadline_ms, now_ms + 1000);
    ck_assert_int_eq(health_of("db"), VERDICT_HEALTHY);
}
END_TEST

START_TEST(a_service_may_have_readiness_and_health)
{
    begin(DB CHECKED "ready = exec:z\n", false);
    executed("db");
    expect_story("spawn db, probe db, ");
    ck_assert_int_eq(health_of("db"), VERDICT_NONE);
    probe_ends("db", 0);
    ck_assert_str_eq(state_of("db"), "up");
    wait_for_deadline();
    expect_story("check db, ");
    probe_ends("db", 0);
    ck_assert_int_eq(health_of("db"), VERDICT_HEALTHY);
}
END_TEST

START_TEST(an_unhealthy_one_is_stopped_and_started_again)
{
    run_db(checked);
    fail_checks(2);
    expect_story("check db, check db, db unhealthy after 2, ask db, ");
    ends("db", 0);
    expect_story("backoff db, ");
    wait_for_deadline();
    executed("db");
    expect_story("spawn db, ");
    ck_assert_int_eq(health_of("db"), VERDICT_STARTING);
}
END_TEST

START_TEST(an_unhealthy_one_that_may_stop_all_does)
{
    run_db(DB CHECKED "essential = no\non-unhealthy = stop\n" WEB);
    executed("web");
    fail_checks(2);
    *story = '\0';
    ends("db", 0);
    expect_story("failed db, because of db, ask web, ");
    ends("web", 0);
    expect_over(1);
}
END_TEST

START_TEST(who_waits_for_health_starts_when_a_check_has_passed)
{
    run_db(DB CHECKED WEB "depends-on = db:healthy\n");
    fail_checks(1);
    expect_story("check db, ");
    wait_for_deadline();
    probe_ends("db", 0);
    expect_story("check db, db healthy, spawn web, ");
}
END_TEST

START_TEST(a_check_that_runs_ends_with_its_service)
{
    run_db(checked);
    wait_for_deadline();
    order(ORDER_STOP, "db");
    expect_story("check db, ask db, end the probe of db, ");
    probe_ends("db", 1 << 8);
    ends("db", 0);
    ck_assert_str_eq(state_of("db"), "down");
    ck_assert_int_eq(deadline_ms, SHUTDOWN_FOREVER);
    expect_story("");
}
END_TEST

START_TEST(a_check_that_is_late_is_ended_and_has_failed)
{
    run_db(DB CHECKED "on-unhealthy = ignore\n");
    fail_checks(1);
    wait_for_deadline();
    wait_for_deadline();
    expect_story("check db, check db, end the probe of db, db unhealthy after 2, ");
    ck_assert_int_eq(health_of("db"), VERDICT_UNHEALTHY);
    wait_for_deadline();
    expect_story("kill the probe of db, ");
    probe_ends("db", SIGKILL);
    ck_assert_int_eq(deadline_ms, now_ms + 1000);
}
END_TEST

START_TEST(a_check_that_cannot_be_forked_has_failed)
{
    run_db(DB CHECKED "on-unhealthy = ignore\n");
    spawn_error = EAGAIN;
    wait_for_deadline();
    wait_for_deadline();
    expect_story("db unhealthy after 2, ");
}
END_TEST

START_TEST(nothing_is_checked_of_what_is_to_go)
{
    run_db("[reeve]\nstop-delay = 30s\n" DB CHECKED);
    stop();
    ck_assert_int_eq(health_of("db"), VERDICT_NONE);
    now_ms += 5000;
    tick();
    expect_story("");
}
END_TEST

START_TEST(other_rules_count_at_once_and_what_was_found_stays)
{
    run_db(checked);
    pid_t pid = pid_of("db");
    wait_for_deadline();
    probe_ends("db", 0);
    *story = '\0';
    now_ms += 200;
    reload(DB CHECKED "health-start-period = 1s\non-unhealthy = ignore\n");
    ck_assert_int_eq(health_of("db"), VERDICT_HEALTHY);
    ck_assert_int_eq(deadline_ms, now_ms + 800);
    reload(DB "health = exec:other\nhealth-interval = 60s\n");
    ck_assert_int_eq(health_of("db"), VERDICT_HEALTHY);
    ck_assert_int_eq(deadline_ms, now_ms + 59800);
    expect_story("changed db, changed db, ");
    ck_assert_int_eq(service_named("db")->pid, pid);
}
END_TEST

START_TEST(checks_are_added_and_removed_without_a_restart)
{
    run_db(DB);
    reload(checked);
    ck_assert_int_eq(health_of("db"), VERDICT_STARTING);
    ck_assert_int_eq(deadline_ms, now_ms + 1000);
    wait_for_deadline();
    reload(DB);
    expect_story("changed db, check db, changed db, end the probe of db, ");
    ck_assert_int_eq(health_of("db"), VERDICT_NONE);
    probe_ends("db", 1 << 8);
    ck_assert_int_eq(deadline_ms, SHUTDOWN_FOREVER);
    expect_story("");
}
END_TEST

START_TEST(a_check_that_runs_goes_on_by_other_rules)
{
    run_db(checked);
    wait_for_deadline();
    *story = '\0';
    reload(DB CHECKED "health-start-interval = 2s\n");
    probe_ends("db", 0);
    expect_story("changed db, db healthy, ");
}
END_TEST

START_TEST(one_that_is_removed_takes_its_check_with_it)
{
    run_db(DB CHECKED WEB);
    executed("web");
    wait_for_deadline();
    *story = '\0';
    reload(WEB);
    expect_story("removed db, ask db, end the probe of db, ");
    ends("db", 0);
    probe_ends("db", 1 << 8);
    ck_assert(!supervisor_is_using_old(&supervisor));
}
END_TEST

START_TEST(silence_is_noticed_in_time)
{
    run_db(DB CHECKED "watchdog = 1500ms\n");
    supervisor_watchdog(&supervisor, pid_of("db"), SERVICE_KEEPALIVE, 0, now_ms + 100);
    wait_for_deadline();
    probe_ends("db", 0);
    *story = '\0';
    ck_assert_int_eq(deadline_ms, now_ms + 600);
    wait_for_deadline();
    expect_story("ask db, ");
    ck_assert_int_eq(service_named("db")->reason, REASON_WATCHDOG);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "checks", reset,
        unit_tests(
            a_check_is_made_an_interval_after_it_is_up_and_after_each_other,
            a_service_may_have_readiness_and_health, an_unhealthy_one_is_stopped_and_started_again,
            an_unhealthy_one_that_may_stop_all_does,
            who_waits_for_health_starts_when_a_check_has_passed,
            a_check_that_runs_ends_with_its_service, a_check_that_is_late_is_ended_and_has_failed,
            a_check_that_cannot_be_forked_has_failed, nothing_is_checked_of_what_is_to_go,
            other_rules_count_at_once_and_what_was_found_stays,
            checks_are_added_and_removed_without_a_restart,
            a_check_that_runs_goes_on_by_other_rules, one_that_is_removed_takes_its_check_with_it,
            silence_is_noticed_in_time),
        NULL, 0);
}
