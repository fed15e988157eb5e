/*
 * What init/loop.c relies on in libev. A libev that changes it turns this red.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <ev.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OURS = EVFLAG_NOENV | EVBACKEND_EPOLL | EVBACKEND_POLL };

static void on_end_of_file(struct ev_loop *loop, ev_io *watcher, int events)
{
    (void)watcher;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

/* Runs `loop` until a child that exits with 7 is gone; returns its pid. */
static pid_t run_past_a_dead_child(struct ev_loop *loop)
{
    int ends[2];
    ev_io watcher;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(7);
    close(ends[1]);
    ev_io_init(&watcher, on_end_of_file, ends[0], EV_READ);
    ev_io_start(loop, &watcher);
    ev_run(loop, 0);
    ev_io_stop(loop, &watcher);
    close(ends[0]);
    return pid;
}

START_TEST(a_loop_of_our_own_leaves_children_to_us)
{
    int status = 0;
    struct ev_loop *loop = ev_loop_new(OURS);
    pid_t pid = run_past_a_dead_child(loop);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(WEXITSTATUS(status), 7);
    ev_loop_destroy(loop);
}
END_TEST

START_TEST(a_loop_of_our_own_does_not_ask_the_environment)
{
    setenv("LIBEV_FLAGS", "1", 1); /* select */
    struct ev_loop *from_environment = ev_loop_new(EVFLAG_AUTO);
    ck_assert_uint_eq(ev_backend(from_environment), EVBACKEND_SELECT);
    struct ev_loop *loop = ev_loop_new(OURS);
    ck_assert_uint_eq(ev_backend(loop), EVBACKEND_EPOLL);
    ev_loop_destroy(loop);
    ev_loop_destroy(from_environment);
}
END_TEST

static unsigned prepared;

static void on_prepare(struct ev_loop *loop, ev_prepare *watcher, int events)
{
    (void)loop;
    (void)watcher;
    (void)events;
    prepared++;
}

static void on_timer(struct ev_loop *loop, ev_timer *watcher, int events)
{
    (void)watcher;
    (void)events;
    ev_break(loop, EVBREAK_ALL);
}

START_TEST(prepare_watchers_come_once_before_each_wait)
{
    ev_prepare prepare;
    ev_timer timer;
    struct ev_loop *loop = ev_loop_new(OURS);
    ev_prepare_init(&prepare, on_prepare);
    ev_prepare_start(loop, &prepare);
    ev_timer_init(&timer, on_timer, 0.001, 0.0);
    ev_timer_start(loop, &timer);
    ev_run(loop, 0);
    ck_assert_uint_ge(prepared, 1);
    ck_assert_uint_le(prepared, 2); /* libev may wake a little early once */
    ev_loop_destroy(loop);
}
END_TEST

int main(void)
{
    return unit_run("libev", a_loop_of_our_own_leaves_children_to_us,
                    a_loop_of_our_own_does_not_ask_the_environment,
                    prepare_watchers_come_once_before_each_wait);
}
