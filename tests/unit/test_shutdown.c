#include "supervisor/shutdown.h"

#include "tests/unit/unit.h"

enum { T = 9000, SWEEP = 1000, START = 50000 };

static struct shutdown running(void)
{
    struct shutdown shutdown;
    shutdown_init(&shutdown, T, SWEEP, 0);
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
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START), SHUTDOWN_SWEEP_ASK);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 499), SHUTDOWN_SWEEP_ASK);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 500), SHUTDOWN_SWEEP_AGAIN);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 999), SHUTDOWN_SWEEP_ASK);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 1000), SHUTDOWN_SWEEP_END);
    ck_assert_int_eq(s.phase, SHUTDOWN_SWEEP_KILL);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 1999), SHUTDOWN_SWEEP_END);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 2000), SHUTDOWN_SWEEP_END);
    ck_assert_int_eq(s.phase, SHUTDOWN_DONE);
}
END_TEST

START_TEST(a_late_look_still_asks_before_it_kills)
{
    struct shutdown s = running();
    unsigned first = shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START);
    ck_assert_uint_eq(first, SHUTDOWN_SWEEP_ASK);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 5000), SHUTDOWN_SWEEP_END);
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
    shutdown_note_request(&s, START);
    shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 2000);
    ck_assert_int_eq(s.end_ms, START + T);
    ck_assert_int_eq(s.half_ms, START + 2000 + 3500);
}
END_TEST

START_TEST(the_last_stop_request_before_the_sweep_counts)
{
    struct shutdown s = running();
    shutdown_note_request(&s, START);
    shutdown_note_request(&s, START + 5000);
    shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 6000);
    ck_assert_int_eq(s.end_ms, START + 5000 + T);
    shutdown_note_request(&s, START + 7000);
    ck_assert_int_eq(s.requested_ms, START + 5000);
}
END_TEST

START_TEST(a_service_that_took_all_the_time_leaves_the_sweep_its_own)
{
    struct shutdown s = running();
    shutdown_note_request(&s, START);
    shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 8500);
    ck_assert_int_eq(s.end_ms, START + 9500);
}
END_TEST

START_TEST(without_a_shutdown_timeout_the_sweep_has_its_own)
{
    struct shutdown s;
    shutdown_init(&s, 0, SWEEP, 0);
    shutdown_note_request(&s, START);
    shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 1);
    ck_assert_int_eq(s.end_ms, START + 1 + SWEEP);
}
END_TEST

START_TEST(there_is_no_deadline_before_the_sweep_and_none_after_it)
{
    struct shutdown s = running();
    shutdown_note_request(&s, START);
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

/* --- services ------------------------------------------------------------------------------ */

static struct shutdown begun(int64_t timeout_ms, int64_t sweep_ms, int64_t delay_ms, bool is_asked)
{
    struct shutdown s;
    shutdown_init(&s, timeout_ms, sweep_ms, delay_ms);
    shutdown_begin(&s, is_asked, START);
    return s;
}

START_TEST(services_are_asked_in_order_then_all_then_killed)
{
    struct shutdown s = begun(T, SWEEP, 0, true);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START), SHUTDOWN_ASK_NEXT);
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 0), START + T / 2);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + T / 2 - 1), SHUTDOWN_ASK_NEXT);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + T / 2), SHUTDOWN_ASK_ALL);
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 0), START + T - SWEEP);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + T - SWEEP - 1), SHUTDOWN_ASK_ALL);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + T - SWEEP), SHUTDOWN_KILL_ALL);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + T), 0); /* told once */
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 0), SHUTDOWN_FOREVER);
}
END_TEST

START_TEST(the_order_ends_sooner_for_a_stop_timeout_that_somebody_wrote)
{
    struct shutdown s = begun(T, SWEEP, 0, true);
    shutdown_step_services(&s, 6000, START);
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 6000), START + T - SWEEP - 6000);
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 1000), START + T / 2); /* never later */
    ck_assert_uint_eq(shutdown_step_services(&s, 6000, START + 2000), SHUTDOWN_ASK_ALL);
}
END_TEST

START_TEST(a_second_request_asks_all_at_once_and_kills_nobody_sooner)
{
    struct shutdown s = begun(T, SWEEP, 0, true);
    shutdown_step_services(&s, 0, START);
    shutdown_begin(&s, true, START + 10);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + 10), SHUTDOWN_ASK_ALL);
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 0), START + T - SWEEP);
    shutdown_begin(&s, true, START + 20);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + 20), SHUTDOWN_ASK_ALL);
}
END_TEST

START_TEST(a_second_end_of_a_service_hastens_nothing)
{
    struct shutdown s = begun(T, SWEEP, 0, false);
    shutdown_step_services(&s, 0, START);
    shutdown_begin(&s, false, START + 10);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + 10), SHUTDOWN_ASK_NEXT);
}
END_TEST

START_TEST(a_stop_delay_comes_first_where_somebody_asked)
{
    struct shutdown s = begun(T, SWEEP, 2000, true);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START), 0);
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 0), START + 2000);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + 2000), SHUTDOWN_ASK_NEXT);
    /* What is left of the time is shared out behind it. */
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 0), START + 2000 + (T - 2000) / 2);
    shutdown_step_services(&s, 0, START + 6000);
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 0), START + T - SWEEP);
}
END_TEST

START_TEST(a_second_request_ends_the_stop_delay)
{
    struct shutdown s = begun(T, SWEEP, 2000, true);
    shutdown_begin(&s, true, START + 10);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + 10), SHUTDOWN_ASK_ALL);
}
END_TEST

START_TEST(after_the_end_of_a_service_nothing_is_drained)
{
    struct shutdown s = begun(T, SWEEP, 2000, false);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START), SHUTDOWN_ASK_NEXT);
}
END_TEST

START_TEST(without_a_shutdown_timeout_only_the_stop_timeouts_count)
{
    struct shutdown s = begun(0, SWEEP, 0, true);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + 1000000), SHUTDOWN_ASK_NEXT);
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 5000), SHUTDOWN_FOREVER);
    shutdown_begin(&s, true, START + 1000000);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + 2000000), SHUTDOWN_ASK_ALL);
}
END_TEST

/* Whatever the times are, all are asked before they are killed, and have a moment in between. */
START_TEST(nobody_is_killed_who_was_not_asked_in_time)
{
    static const int64_t times[] = {40, 100, 1000, 1500, 9000, 60000};
    static const int64_t unasked[] = {0, 10, 500, 9000, 100000};
    enum { TIMES = 6, UNASKED = 5 };
    for (int i = 0; i < TIMES * TIMES * UNASKED; i++) {
        int64_t t = times[i % TIMES];
        int64_t unasked_ms = unasked[i / TIMES / TIMES];
        struct shutdown s = begun(t, times[i / TIMES % TIMES], 0, true);
        shutdown_step_services(&s, unasked_ms, START);
        int64_t asked_ms = START;
        if (s.phase == SHUTDOWN_ORDERED) {
            asked_ms = shutdown_services_deadline_ms(&s, unasked_ms);
            ck_assert_uint_eq(shutdown_step_services(&s, unasked_ms, asked_ms), SHUTDOWN_ASK_ALL);
        }
        ck_assert_int_eq(s.phase, SHUTDOWN_ALL_ASKED);
        int64_t killed_ms = shutdown_services_deadline_ms(&s, 0);
        ck_assert_int_ge(killed_ms - asked_ms, t / 4);
        ck_assert_int_le(killed_ms, START + t);
    }
}
END_TEST

/* A table of T, sweep-timeout, stop-delay and the stop-timeout of who is not asked yet. */
START_TEST(every_deadline_of_the_services_leads_on)
{
    static const struct {
        int64_t timeout_ms;
        int64_t sweep_ms;
        int64_t delay_ms;
        int64_t unasked_ms;
    } rows[] = {{T, SWEEP, 0, 0},        {T, SWEEP, 0, 6000},   {T, SWEEP, 0, 60000},
                {T, SWEEP, 2000, 0},     {T, SWEEP, 8999, 500}, {T, 0, 0, 0},
                {T, 60000, 0, 2000},     {1, SWEEP, 0, 0},      {3, 1, 1, 1},
                {100000, 1, 50000, 1000}};
    for (size_t i = 0; i < unit_count(rows); i++) {
        struct shutdown s = begun(rows[i].timeout_ms, rows[i].sweep_ms, rows[i].delay_ms, true);
        int64_t now_ms = START;
        int steps = 0;
        unsigned actions = shutdown_step_services(&s, rows[i].unasked_ms, now_ms);
        while (s.phase != SHUTDOWN_KILLING) {
            enum shutdown_phase before = s.phase;
            ck_assert_int_lt(++steps, 4);
            now_ms = shutdown_services_deadline_ms(&s, rows[i].unasked_ms);
            actions = shutdown_step_services(&s, rows[i].unasked_ms, now_ms);
            ck_assert_int_gt(s.phase, before);
        }
        ck_assert_uint_eq(actions, SHUTDOWN_KILL_ALL);
        ck_assert_int_le(now_ms, START + rows[i].timeout_ms);
    }
}
END_TEST

START_TEST(a_sweep_timeout_takes_a_quarter_of_the_time_at_most)
{
    struct shutdown s = begun(4000, 60000, 0, true);
    shutdown_step_services(&s, 0, START + 2000);
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 0), START + 3000);
}
END_TEST

START_TEST(all_are_asked_at_once_where_the_time_is_too_short_for_a_stop_timeout)
{
    struct shutdown s = begun(T, SWEEP, 0, true);
    ck_assert_uint_eq(shutdown_step_services(&s, T, START), SHUTDOWN_ASK_ALL);
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 0), START + T - SWEEP);
}
END_TEST

START_TEST(the_order_has_half_of_the_time_again_when_the_longest_one_was_asked)
{
    struct shutdown s = begun(T, SWEEP, 0, true);
    shutdown_step_services(&s, 6000, START);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + 2000), SHUTDOWN_ASK_NEXT);
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 0), START + T / 2);
}
END_TEST

START_TEST(the_first_request_after_the_end_of_a_service_keeps_the_order)
{
    struct shutdown s = begun(T, SWEEP, 0, false);
    shutdown_step_services(&s, 0, START);
    shutdown_begin(&s, true, START + 10);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + 10), SHUTDOWN_ASK_NEXT);
    shutdown_begin(&s, true, START + 20);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + 20), SHUTDOWN_ASK_ALL);
}
END_TEST

START_TEST(a_stop_delay_is_kept_where_there_is_no_shutdown_timeout)
{
    struct shutdown s = begun(0, SWEEP, 2000, true);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + 1999), 0);
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 0), START + 2000);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + 2000), SHUTDOWN_ASK_NEXT);
    ck_assert_int_eq(shutdown_services_deadline_ms(&s, 0), SHUTDOWN_FOREVER);
}
END_TEST

START_TEST(a_request_when_they_were_killed_changes_nothing)
{
    struct shutdown s = begun(T, SWEEP, 0, true);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + T), SHUTDOWN_KILL_ALL);
    shutdown_begin(&s, true, START + T);
    ck_assert_uint_eq(shutdown_step_services(&s, 0, START + T), 0);
    ck_assert_int_eq(s.requested_ms, START);
}
END_TEST

START_TEST(services_that_are_gone_leave_the_sweep_what_is_left_of_the_time)
{
    struct shutdown s = begun(T, SWEEP, 0, true);
    shutdown_step_services(&s, 0, START);
    ck_assert_uint_eq(shutdown_step(&s, SHUTDOWN_CHILDREN_LEFT, START + 100), SHUTDOWN_SWEEP_ASK);
    ck_assert_int_eq(s.end_ms, START + T);
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
        only_strangers_are_looked_for_every_20_ms, every_deadline_of_the_sweep_leads_on,
        services_are_asked_in_order_then_all_then_killed,
        the_order_ends_sooner_for_a_stop_timeout_that_somebody_wrote,
        a_second_request_asks_all_at_once_and_kills_nobody_sooner,
        a_second_end_of_a_service_hastens_nothing, a_stop_delay_comes_first_where_somebody_asked,
        a_second_request_ends_the_stop_delay, after_the_end_of_a_service_nothing_is_drained,
        without_a_shutdown_timeout_only_the_stop_timeouts_count,
        nobody_is_killed_who_was_not_asked_in_time, every_deadline_of_the_services_leads_on,
        a_sweep_timeout_takes_a_quarter_of_the_time_at_most,
        all_are_asked_at_once_where_the_time_is_too_short_for_a_stop_timeout,
        the_order_has_half_of_the_time_again_when_the_longest_one_was_asked,
        the_first_request_after_the_end_of_a_service_keeps_the_order,
        a_stop_delay_is_kept_where_there_is_no_shutdown_timeout,
        a_request_when_they_were_killed_changes_nothing,
        services_that_are_gone_leave_the_sweep_what_is_left_of_the_time);
}
