#include "init/loop.h"

#include "tests/unit/unit.h"

#include <string.h>
#include <unistd.h>

static char story[64]; /* what was called, a letter each */
static int status_pipe[2];
static int signal_pipe[2];

static void drain(int fd)
{
    char byte;
    ck_assert_int_eq(read(fd, &byte, 1), 1);
}

static void on_status(void *data)
{
    (void)data;
    drain(status_pipe[0]);
    strcat(story, "s");
}

static void on_signals(void *data)
{
    (void)data;
    drain(signal_pipe[0]);
    strcat(story, "S");
}

static int64_t stop_after(const char *whole)
{
    strcat(story, "t");
    if (strcmp(story, whole) == 0 || strlen(story) > 20)
        loop_stop();
    return LOOP_FOREVER;
}

static int64_t stop_after_both(void *data, int64_t now_ms)
{
    (void)data;
    (void)now_ms;
    return stop_after("tsSt");
}

static struct loop_watch status_watch;
static struct loop_watch signal_watch;

static void begin(loop_tick *on_tick)
{
    ck_assert_int_eq(pipe(status_pipe), 0);
    ck_assert_int_eq(pipe(signal_pipe), 0);
    loop_init(on_tick, NULL);
}

static void watch_status(void)
{
    loop_watch(&status_watch, status_pipe[0], LOOP_STATUS, on_status, NULL);
}

static void watch_signals(void)
{
    loop_watch(&signal_watch, signal_pipe[0], LOOP_SIGNALS, on_signals, NULL);
}

/* Whichever was watched first. */
START_TEST(of_one_wake_up_status_comes_first_then_signals_then_the_tick)
{
    begin(stop_after_both);
    if (_i == 0)
        watch_status();
    watch_signals();
    if (_i == 1)
        watch_status();
    ck_assert_int_eq(write(signal_pipe[1], "x", 1), 1);
    ck_assert_int_eq(write(status_pipe[1], "x", 1), 1);
    loop_run();
    ck_assert_str_eq(story, "tsSt");
}
END_TEST

static int64_t stop_after_signals(void *data, int64_t now_ms)
{
    (void)data;
    (void)now_ms;
    return stop_after("tSt");
}

START_TEST(an_unwatched_source_is_left_alone)
{
    begin(stop_after_signals);
    watch_status();
    watch_signals();
    loop_unwatch(&status_watch);
    ck_assert_int_eq(write(status_pipe[1], "x", 1), 1);
    ck_assert_int_eq(write(signal_pipe[1], "x", 1), 1);
    loop_run();
    ck_assert_str_eq(story, "tSt");
}
END_TEST

static void unwatch_signals(void *data)
{
    on_status(data);
    loop_unwatch(&signal_watch);
}

static int64_t stop_after_status(void *data, int64_t now_ms)
{
    (void)data;
    (void)now_ms;
    return stop_after("tst");
}

START_TEST(a_source_that_is_unwatched_in_the_same_wake_up_is_not_called_any_more)
{
    begin(stop_after_status);
    watch_signals();
    loop_watch(&status_watch, status_pipe[0], LOOP_STATUS, unwatch_signals, NULL);
    ck_assert_int_eq(write(signal_pipe[1], "x", 1), 1);
    ck_assert_int_eq(write(status_pipe[1], "x", 1), 1);
    loop_run();
    ck_assert_str_eq(story, "tst");
}
END_TEST

static void watch_status_instead(void *data)
{
    on_signals(data);
    loop_unwatch(&signal_watch);
    loop_watch(&signal_watch, status_pipe[0], LOOP_STATUS, on_status, NULL);
}

static int64_t stop_after_both_in_turn(void *data, int64_t now_ms)
{
    (void)data;
    (void)now_ms;
    return stop_after("tStst");
}

START_TEST(a_watch_can_be_used_again_for_another_source)
{
    begin(stop_after_both_in_turn);
    loop_watch(&signal_watch, signal_pipe[0], LOOP_SIGNALS, watch_status_instead, NULL);
    ck_assert_int_eq(write(signal_pipe[1], "x", 1), 1);
    ck_assert_int_eq(write(status_pipe[1], "x", 1), 1);
    loop_run();
    ck_assert_str_eq(story, "tStst");
}
END_TEST

static int64_t deadline_ms;

static int64_t wait_for_deadline(void *data, int64_t now_ms)
{
    (void)data;
    if (deadline_ms == 0)
        deadline_ms = now_ms + 30;
    if (now_ms >= deadline_ms)
        loop_stop();
    strcat(story, "t");
    return deadline_ms;
}

START_TEST(the_tick_is_called_when_its_deadline_has_come)
{
    begin(wait_for_deadline);
    loop_run();
    ck_assert_int_ge(loop_now_ms(), deadline_ms);
    ck_assert_uint_le(strlen(story), 4); /* it waits, it does not spin */
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "loop", NULL,
        unit_tests(an_unwatched_source_is_left_alone,
                   a_source_that_is_unwatched_in_the_same_wake_up_is_not_called_any_more,
                   a_watch_can_be_used_again_for_another_source,
                   the_tick_is_called_when_its_deadline_has_come),
        unit_loops({of_one_wake_up_status_comes_first_then_signals_then_the_tick, 0, 2}));
}
