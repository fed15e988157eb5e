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

static void begin(int64_t (*on_tick)(void *, int64_t))
{
    static struct loop_callbacks callbacks;
    callbacks = (struct loop_callbacks){
        .on_readable = {[LOOP_STATUS] = on_status, [LOOP_SIGNALS] = on_signals},
        .on_tick = on_tick,
    };
    ck_assert_int_eq(pipe(status_pipe), 0);
    ck_assert_int_eq(pipe(signal_pipe), 0);
    loop_init(&callbacks, NULL);
}

START_TEST(of_one_wake_up_status_comes_first_then_signals_then_the_tick)
{
    begin(stop_after_both);
    loop_watch(LOOP_SIGNALS, signal_pipe[0]); /* not the order in which they were watched */
    loop_watch(LOOP_STATUS, status_pipe[0]);
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
    loop_watch(LOOP_STATUS, status_pipe[0]);
    loop_watch(LOOP_SIGNALS, signal_pipe[0]);
    loop_unwatch(LOOP_STATUS);
    ck_assert_int_eq(write(status_pipe[1], "x", 1), 1);
    ck_assert_int_eq(write(signal_pipe[1], "x", 1), 1);
    loop_run();
    ck_assert_str_eq(story, "tSt");
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
    return unit_run("loop", of_one_wake_up_status_comes_first_then_signals_then_the_tick,
                    an_unwatched_source_is_left_alone,
                    the_tick_is_called_when_its_deadline_has_come);
}
