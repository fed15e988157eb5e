#include "supervisor/life.h"

/* The time for all of the start begins: for the exec, until it is ready, for a oneshot's run. */
void life_note_forked(struct service *service, pid_t pid, int64_t now_ms)
{
    int64_t timeout_ms = service->conf->ready->timeout_ms;
    service->pid = service->pgid = pid;
    service->ready_after_ms = life_clamp_ms(timeout_ms);
    service->watchdog_ms = service->conf->health->watchdog_ms;
    service->is_launching = service->conf->type == TYPE_FORKING;
    if (service->state == SERVICE_STARTING && timeout_ms > 0)
        life_enter(service, SERVICE_STARTING, now_ms + timeout_ms);
}

static unsigned become_up(struct service *service, int64_t now_ms)
{
    service->ready_after_ms = life_clamp_ms(now_ms - service->executed_ms);
    life_enter(service, SERVICE_UP, SERVICE_NO_DEADLINE);
    life_look_after(service, now_ms);
    return SERVICE_CHANGED;
}

/* When it is ready by time alone. */
static int64_t ready_ms(const struct service *service)
{
    return service->executed_ms + service->conf->ready->probe.ms;
}

static unsigned wait_for_ready(struct service *service, int64_t now_ms)
{
    switch (service->conf->ready->probe.kind) {
    case PROBE_NONE:
        return become_up(service, now_ms);
    case PROBE_AFTER:
        if (service->deadline_ms == SERVICE_NO_DEADLINE || service->deadline_ms > ready_ms(service))
            life_enter(service, SERVICE_STARTING, ready_ms(service));
        return SERVICE_CHANGED;
    case PROBE_NOTIFY:
    case PROBE_FD:
    case PROBE_TCP:
    case PROBE_UNIX:
    case PROBE_EXEC:
    case PROBE_HTTP:
        return SERVICE_CHANGED | SERVICE_AWAIT_READY;
    }
    return SERVICE_CHANGED;
}

unsigned life_on_executed(struct service *service, int64_t now_ms)
{
    if (service_is_executed(service))
        return 0; /* it was ready before we heard of it */
    if (service->is_launching)
        return 0; /* its program is the daemon */
    service->executed_ms = now_ms;
    if (service->state != SERVICE_STARTING)
        return 0; /* it was asked to stop meanwhile */
    return service->conf->type == TYPE_ONESHOT ? SERVICE_CHANGED : wait_for_ready(service, now_ms);
}

/* What it left behind to be its main process, as sd_notify(3) has it. */
unsigned life_on_main_pid(struct service *service, pid_t pid, pid_t group)
{
    if ((service->state != SERVICE_STARTING && service->state != SERVICE_UP) || service->pid == 0 ||
        service->is_launching)
        return 0;
    service->pid = pid;
    service->pgid = group;
    return 0;
}

unsigned life_on_ready(struct service *service, int64_t now_ms)
{
    if (service->state != SERVICE_STARTING || service->pid == 0)
        return 0;
    if (service->is_launching) {
        service->said_ready = true;
        return 0;
    }
    if (!service_is_executed(service))
        service->executed_ms = now_ms;
    return become_up(service, now_ms);
}

/* Its program runs from now on. Where the service is to stop, it may have begun after what was
 * launched got the stop signal. */
unsigned life_on_daemon_found(struct service *service, const struct service_event *event,
                              int64_t now_ms)
{
    service->pid = event->pid;
    service->pgid = event->group;
    service->daemon = 0;
    service->is_launching = false;
    unsigned actions = life_on_executed(service, now_ms);
    if (service->said_ready)
        actions |= life_on_ready(service, now_ms);
    if (service->state == SERVICE_STOPPING)
        actions |= service->group_was_asked ? SERVICE_SIGNAL_GROUP : SERVICE_SIGNAL;
    return actions;
}

unsigned life_on_daemon_missing(struct service *service, int64_t now_ms)
{
    if (!service->is_launching || service->state != SERVICE_STARTING)
        return 0;
    service->reason = REASON_LEADER_GONE;
    service->was_forced = true;
    return life_begin_stop(service, now_ms);
}

/* A shutdown that has no time left, and SIGKILL, wait for nobody. */
static bool may_take_longer(const struct service *service)
{
    switch ((enum service_state)service->state) {
    case SERVICE_STARTING:
        return service->deadline_ms != SERVICE_NO_DEADLINE;
    case SERVICE_STOPPING:
        return !service->is_late && service->step != STEP_KILL;
    case SERVICE_DOWN:
    case SERVICE_WAITING:
    case SERVICE_UP:
    case SERVICE_BACKOFF:
    case SERVICE_FAILED:
    case SERVICE_DONE:
        return false;
    }
    return false;
}

/* It says that it needs longer, and for how long. */
unsigned life_on_extended(struct service *service, int64_t extend_ms, int64_t now_ms)
{
    int64_t more_ms = now_ms + extend_ms - service->deadline_ms;
    if (may_take_longer(service) && more_ms > 0) {
        service->deadline_ms += more_ms;
        if (service->state == SERVICE_STARTING)
            service->ready_after_ms = life_clamp_ms(service->ready_after_ms + more_ms);
    }
    if (service->keepalive_deadline_ms != SERVICE_NO_DEADLINE &&
        service->keepalive_deadline_ms < now_ms + extend_ms)
        service->keepalive_deadline_ms = now_ms + extend_ms;
    return 0;
}

unsigned life_on_start_deadline(struct service *service, int64_t now_ms)
{
    if (service->conf->ready->probe.kind == PROBE_AFTER && service_is_executed(service) &&
        now_ms >= ready_ms(service))
        return become_up(service, now_ms);
    if (service->deadline_ms == SERVICE_NO_DEADLINE)
        return 0;
    return life_force_stop(service, REASON_START_TIMEOUT, now_ms);
}

unsigned life_on_impossible(struct service *service, int cause_code)
{
    if (service->state != SERVICE_WAITING)
        return 0;
    service->is_impossible = true;
    /* Its cause may have ended well; it has not done what it was there for. */
    service->cause_code = (int16_t)(cause_code == 0 ? 1 : cause_code);
    return life_rest(service, SERVICE_FAILED);
}

unsigned life_on_spawn_failed(struct service *service, const struct spawn_error *error,
                              int64_t now_ms)
{
    service->was_refused = true;
    service->was_wanted = service->is_wanted;
    service->spawn_error = *error;
    service->run_ms = 0;
    return life_settle(service, now_ms);
}
