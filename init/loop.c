#include "init/loop.h"

#include <ev.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

_Static_assert(sizeof(ev_io) <= sizeof((struct loop_watch){0}).library, "room for an ev_io");

static struct {
    loop_tick *on_tick;
    void *data;
    struct ev_loop *ev;
    ev_timer timer;
    ev_prepare end_of_wakeup;
} loop;

int64_t loop_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* libev's own allocator aborts when there is no memory, which PID 1 must not: it waits for some. */
static void *allocate(void *old, long size)
{
    if (size == 0) {
        free(old);
        return NULL;
    }
    void *new;
    while (!(new = realloc(old, (size_t)size)))
        poll(NULL, 0, 100);
    return new;
}

/* libev's own handler aborts on an error of epoll_wait(2), and tries again where it returns. */
static void ignore_error(const char *what)
{
    (void)what;
}

static void on_io(struct ev_loop *ev, ev_io *io, int events)
{
    struct loop_watch *watch = io->data;
    (void)ev;
    (void)events;
    watch->on_readable(watch->data);
}

/* The timer only ends the wait. What is due is done in the tick, which comes behind everything. */
static void on_timer(struct ev_loop *ev, ev_timer *timer, int events)
{
    (void)ev;
    (void)timer;
    (void)events;
}

/* libev prepares right before it waits: the end of a wake-up, and the one place for the timer. */
static void on_prepare(struct ev_loop *ev, ev_prepare *prepare, int events)
{
    (void)prepare;
    (void)events;
    int64_t now_ms = loop_now_ms();
    int64_t deadline_ms = loop.on_tick(loop.data, now_ms);
    ev_timer_stop(ev, &loop.timer);
    if (deadline_ms == LOOP_FOREVER)
        return;
    ev_now_update(ev);
    int64_t wait_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;
    ev_timer_set(&loop.timer, (double)wait_ms / 1000.0, 0.0);
    ev_timer_start(ev, &loop.timer);
}

#if EV_PERIODIC_ENABLE
static void on_periodic(struct ev_loop *ev, ev_periodic *periodic, int events)
{
    (void)ev;
    (void)periodic;
    (void)events;
}
#endif

/*
 * A libev with periodic watchers wakes up once a minute to see whether somebody has set the clock,
 * unless a timerfd tells it. It makes that for the first periodic watcher and keeps it.
 */
static void never_wake_idle(struct ev_loop *ev)
{
#if EV_PERIODIC_ENABLE
    ev_periodic periodic;
    ev_periodic_init(&periodic, on_periodic, 1e300, 0.0, NULL);
    ev_periodic_start(ev, &periodic);
    ev_periodic_stop(ev, &periodic);
#else
    (void)ev;
#endif
}

void loop_init(loop_tick *on_tick, void *data)
{
    loop.on_tick = on_tick;
    loop.data = data;
    ev_set_allocator(allocate);
    ev_set_syserr_cb(ignore_error);
    /* Never the default loop: it reaps every child itself. Never the environment: LIBEV_FLAGS is
     * not meant for a PID 1. Where there is no descriptor for epoll, poll needs none. */
    while (!(loop.ev = ev_loop_new(EVFLAG_NOENV | EVBACKEND_EPOLL | EVBACKEND_POLL)))
        poll(NULL, 0, 100);
    never_wake_idle(loop.ev);
    ev_timer_init(&loop.timer, on_timer, 0.0, 0.0);
    ev_prepare_init(&loop.end_of_wakeup, on_prepare);
    ev_prepare_start(loop.ev, &loop.end_of_wakeup);
}

static ev_io *io_of(struct loop_watch *watch)
{
    return (ev_io *)watch->library;
}

void loop_watch(struct loop_watch *watch, int fd, enum loop_turn turn,
                void (*on_readable)(void *data), void *data)
{
    ev_io *io = io_of(watch);
    *watch = (struct loop_watch){.on_readable = on_readable, .data = data};
    ev_io_init(io, on_io, fd, EV_READ);
    ev_set_priority(io, EV_MAXPRI - (int)turn);
    io->data = watch;
    ev_io_start(loop.ev, io);
}

void loop_unwatch(struct loop_watch *watch)
{
    ev_io_stop(loop.ev, io_of(watch));
}

void loop_run(void)
{
    ev_run(loop.ev, 0);
}

void loop_stop(void)
{
    ev_break(loop.ev, EVBREAK_ALL);
}

struct ev_loop *loop_library(void)
{
    return loop.ev;
}
