#include "supervisor/shutdown.h"

#include "tests/unit/unit.h"

enum { T = 9000, SWEEP = 1000, START = 50000 };

static struct shutdown running(void)
{
    struct shutdown shutdown;
    shutdown_init(&shutdown, T, SWEEP);
    return shutdown;
}

START_TEST(nothing_left_is_done_at_once_and_asks_nobody)
{
    struct shutdown s = running();
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_NONE_LEFT, START), 0);
    ck_assert_int_eq(s.phase, SHUTDOWN_DONE);
}
END_TEST

START_TEST(what_is_left_is_asked_asked_again_and_killed)
{
    struct shutdown s = running();
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START), SHUTDOWN_ASK);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 499), SHUTDOWN_ASK);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 500), SHUTDOWN_ASK_AGAIN);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 999), SHUTDOWN_ASK);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 1000), SHUTDOWN_KILL);
    ck_assert_int_eq(s.phase, SHUTDOWN_SWEEP_KILL);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 1999), SHUTDOWN_KILL);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 2000), SHUTDOWN_KILL);
    ck_assert_int_eq(s.phase, SHUTDOWN_DONE);
}
END_TEST

START_TEST(a_late_look_still_asks_before_it_kills)
{
    struct shutdown s = running();
    unsigned first = shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START);
    ck_assert_uint_eq(first, SHUTDOWN_ASK);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 5000), SHUTDOWN_KILL);
}
END_TEST

START_TEST(the_sweep_is_over_in_any_phase_when_the_last_one_is_gone)
{
    static const int64_t after[] = {1, 600, 1100};
    for (size_t i = 0; i < sizeof after / sizeof *after; i++) {
        struct shutdown s = running();
        shutdown_step(&s, SHUTDOWN_STRANGERS_LEFT, START);
        shutdown_step(&s, SHUTDOWN_STRANGERS_LEFT, START + after[i]);
        ck_assert_int_ne(s.phase, SHUTDOWN_DONE);
        shutdown_step(&s, SHUTDOWN_NONE_LEFT, START + after[i] + 1);
        ck_assert_int_eq(s.phase, SHUTDOWN_DONE);
    }
}
END_TEST

START_TEST(after_a_stop_request_the_sweep_has_what_is_left_of_the_whole_time)
{
    struct shutdown s = running();
    shutdown_request(&s, START);
    shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 2000);
    ck_assert_int_eq(s.end_ms, START + T);
    ck_assert_int_eq(s.half_ms, START + 2000 + 3500);
}
END_TEST

START_TEST(the_last_stop_request_before_the_sweep_counts)
{
    struct shutdown s = running();
    shutdown_request(&s, START);
    shutdown_request(&s, START + 5000);
    shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 6000);
    ck_assert_int_eq(s.end_ms, START + 5000 + T);
    shutdown_request(&s, START + 7000);
    ck_assert_int_eq(s.requested_ms, START + 5000);
}
END_TEST

START_TEST(a_service_that_took_all_the_time_leaves_the_sweep_its_own)
{
    struct shutdown s = running();
    shutdown_request(&s, START);
    shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 8500);
    ck_assert_int_eq(s.end_ms, START + 9500);
}
END_TEST

START_TEST(without_a_shutdown_timeout_the_sweep_has_its_own)
{
    struct shutdown s;
    shutdown_init(&s, 0, SWEEP);
    shutdown_request(&s, START);
    shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 1);
    ck_assert_int_eq(s.end_ms, START + 1 + SWEEP);
}
END_TEST

START_TEST(there_is_no_deadline_before_the_sweep_and_none_after_it)
{
    struct shutdown s = running();
    shutdown_request(&s, START);
    ck_assert_int_eq(shutdown_deadline_ms(&s, SHUTDOWN_CHILDREN_LEFT, START), -1);
    shutdown_step(&s, SHUTDOWN_NONE_LEFT, START);
    ck_assert_int_eq(shutdown_deadline_ms(&s, SHUTDOWN_NONE_LEFT, START), -1);
}
END_TEST

START_TEST(only_strangers_are_looked_for_every_20_ms)
{
    struct shutdown s = running();
    shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START);
    ck_assert_int_eq(shutdown_deadline_ms(&s, SHUTDOWN_CHILDREN_LEFT, START), START + 500);
    ck_assert_int_eq(shutdown_deadline_ms(&s, SHUTDOWN_STRANGERS_LEFT, START), START + 20);
    ck_assert_int_eq(shutdown_deadline_ms(&s, SHUTDOWN_STRANGERS_LEFT, START + 490), START + 500);
}
END_TEST

START_TEST(every_deadline_of_the_sweep_leads_on)
{
    struct shutdown s = running();
    int64_t now_ms = START;
    int steps = 0;
    shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, now_ms);
    while (s.phase != SHUTDOWN_DONE && ++steps < 10) {
        now_ms = shutdown_deadline_ms(&s, SHUTDOWN_CHILDREN_LEFT, now_ms);
        shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, now_ms);
    }
    ck_assert_int_eq(s.phase, SHUTDOWN_DONE);
    ck_assert_int_eq(steps, 3);
}
END_TEST

int main(void)
{
    return unit_run(
        "shutdown", nothing_left_is_done_at_once_and_asks_nobody,
        what_is_left_is_asked_asked_again_and_killed, a_late_look_still_asks_before_it_kills,
        the_sweep_is_over_in_any_phase_when_the_last_one_is_gone,
        after_a_stop_request_the_sweep_has_what_is_left_of_the_whole_time,
        the_last_stop_request_before_the_sweep_counts,
        a_service_that_took_all_the_time_leaves_the_sweep_its_own,
        without_a_shutdown_timeout_the_sweep_has_its_own,
        there_is_no_deadline_before_the_sweep_and_none_after_it,
        only_strangers_are_looked_for_every_20_ms, every_deadline_of_the_sweep_leads_on);
}
