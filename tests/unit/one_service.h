/*
 * One service under test, and what may happen to it.
 */
#pragma once

#include "supervisor/service.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { NOW = 1000000, PID = 100, HELPER = 200, DAEMON = 300, STOP_MS = 10000 };

static struct service_conf conf;
static struct restart_conf restart;
static struct stop_conf stop_;
static struct ready_conf ready;
static struct health_conf health;
static struct service service;
static int64_t now_ms;

static inline void configure(void)
{
    conf = service_defaults;
    conf.name = "s";
    restart = *service_defaults.restart;
    stop_ = *service_defaults.stop;
    ready = *service_defaults.ready;
    conf.restart = &restart;
    conf.stop = &stop_;
    conf.ready = &ready;
    health = *service_defaults.health;
    conf.health = &health;
    service_init(&service, &conf);
    now_ms = NOW;
}

static inline unsigned step(struct service_event event)
{
    return service_step(&service, &event, now_ms);
}

static inline unsigned tell(enum service_event_kind kind)
{
    return step((struct service_event){.kind = kind});
}

static inline unsigned want_down(void)
{
    return step((struct service_event){.kind = SERVICE_WANT_DOWN, .reason = REASON_SHUTDOWN});
}

static inline unsigned forked(void)
{
    return step((struct service_event){.kind = SERVICE_FORKED, .pid = PID});
}

static inline unsigned exited(int wait_status)
{
    return step((struct service_event){.kind = SERVICE_EXITED, .wait_status = wait_status});
}

static inline unsigned refused(int error)
{
    return step((struct service_event){
        .kind = SERVICE_SPAWN_FAILED,
        .spawn_error = {.stage = SPAWN_EXEC, .error = error},
    });
}

static inline unsigned wait_for_deadline(void)
{
    ck_assert_int_ge(service.deadline_ms, now_ms);
    now_ms = service.deadline_ms;
    return tell(SERVICE_DEADLINE);
}

static inline void start(void)
{
    tell(SERVICE_WANT_UP);
    ck_assert_uint_eq(tell(SERVICE_DEPS_MET), SERVICE_CHANGED | SERVICE_SPAWN);
    forked();
}

static inline void run(void)
{
    start();
    ck_assert_uint_eq(tell(SERVICE_EXECUTED), SERVICE_CHANGED);
}

/* It runs, and is to say that it is ready. */
static inline void run_unready(void)
{
    ready.probe.kind = PROBE_NOTIFY;
    start();
    ck_assert_uint_eq(tell(SERVICE_EXECUTED), SERVICE_CHANGED | SERVICE_AWAIT_READY);
    ck_assert_int_eq(service.state, SERVICE_STARTING);
}

static inline unsigned extended(int64_t extend_ms)
{
    return step((struct service_event){.kind = SERVICE_EXTENDED, .extend_ms = extend_ms});
}

static inline void run_with_stop_command(void)
{
    static char *const command[] = {"stop", NULL};
    stop_.command = command;
    run();
    ck_assert_uint_eq(want_down(), SERVICE_CHANGED | SERVICE_RUN_STOP_COMMAND);
    step((struct service_event){.kind = SERVICE_HELPER_FORKED, .pid = HELPER});
}
