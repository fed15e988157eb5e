#include "supervisor/life.h"

static void note_end(struct service *service, const struct service_event *event, int64_t now_ms)
{
    /* A child that could not execute its program has nobody in its group. */
    if (service_cleans_group(service) && !service->was_refused)
        service->group = event->group > 0 ? event->group : service->pgid;
    /* It leaves no daemon, whatever it says of itself. */
    if (service->is_launching && service->state == SERVICE_STARTING)
        service->was_forced = true;
    service->is_launching = service->said_ready = false;
    service->daemon = 0;
    service->pid = 0;
    service->run_ms = service_is_executed(service) ? now_ms - service->executed_ms : 0;
    service->executed_ms = -1;
    service->has_ended = true;
    service->was_wanted = service->is_wanted;
    service->wait_status = event->wait_status;
    service->out_of_memory = event->out_of_memory;
}

/* The leader has ended and still holds its number: now its group can be signalled for certain. */
static unsigned on_exited(struct service *service, const struct service_event *event,
                          int64_t now_ms)
{
    note_end(service, event, now_ms);
    if (service->state != SERVICE_STOPPING) {
        if (service->group == 0)
            return life_settle(service, now_ms);
        service->reason = REASON_LEADER_GONE;
        return life_begin_rest(service, now_ms);
    }
    if (service->step != STEP_COMMAND && service->group != 0 && !service->group_was_asked)
        return life_begin_rest(service, now_ms);
    return life_settle(service, now_ms);
}

static unsigned on_group_left(struct service *service, int64_t now_ms)
{
    bool is_news = service->reason == REASON_LEADER_GONE && !service->has_left_some;
    service->has_left_some = true;
    /* Whoever was forked after the stop signal has not got it. */
    if (service->state == SERVICE_STOPPING && service->step == STEP_SIGNAL)
        return life_ask_rest(service, now_ms, service->deadline_ms);
    return is_news ? SERVICE_CHANGED : 0;
}

static unsigned on_group_gone(struct service *service, int64_t now_ms)
{
    service->group = 0;
    return life_settle(service, now_ms);
}

static unsigned on_deadline(struct service *service, int64_t now_ms)
{
    switch ((enum service_state)service->state) {
    case SERVICE_BACKOFF:
        return life_begin_start(service);
    case SERVICE_STOPPING:
        return life_on_step_deadline(service, now_ms);
    case SERVICE_STARTING:
        return life_on_start_deadline(service, now_ms);
    case SERVICE_UP:
        return life_on_keepalive_deadline(service, now_ms);
    case SERVICE_DOWN:
    case SERVICE_WAITING:
    case SERVICE_FAILED:
    case SERVICE_DONE:
        return 0;
    }
    return 0;
}

unsigned service_step(struct service *service, const struct service_event *event, int64_t now_ms)
{
    switch (event->kind) {
    case SERVICE_WANT_UP:
        return life_want_up(service, now_ms);
    case SERVICE_WANT_DOWN:
        return life_want_down(service, event->reason, now_ms);
    case SERVICE_WANT_NO_RESTART:
        return life_want_no_restart(service);
    case SERVICE_WANT_DEAD:
        return life_want_dead(service, now_ms);
    case SERVICE_RECONFIGURED:
        return life_on_reconfigured(service, now_ms);
    case SERVICE_DEPS_MET:
        return service->state == SERVICE_WAITING ? life_begin_start(service) : 0;
    case SERVICE_DEPS_IMPOSSIBLE:
        return life_on_impossible(service, event->cause_code);
    case SERVICE_FORKED:
        life_note_forked(service, event->pid, now_ms);
        return 0;
    case SERVICE_EXECUTED:
        return life_on_executed(service, now_ms);
    case SERVICE_DAEMON_NAMED:
        service->daemon = event->pid;
        return 0;
    case SERVICE_DAEMON_FOUND:
        return life_on_daemon_found(service, event, now_ms);
    case SERVICE_DAEMON_MISSING:
        return life_on_daemon_missing(service, now_ms);
    case SERVICE_MAIN_PID:
        return life_on_main_pid(service, event->pid, event->group);
    case SERVICE_READY:
        return life_on_ready(service, now_ms);
    case SERVICE_EXTENDED:
        return life_on_extended(service, event->extend_ms, now_ms);
    case SERVICE_HEALTHY:
        return life_on_healthy(service);
    case SERVICE_UNHEALTHY:
        return life_on_unhealthy(service, now_ms);
    case SERVICE_KEEPALIVE:
        return life_on_keepalive(service, now_ms);
    case SERVICE_WATCHDOG_SET:
        return life_on_watchdog_set(service, event->watchdog_ms, now_ms);
    case SERVICE_WATCHDOG_PULLED:
        return life_on_watchdog_pulled(service, now_ms);
    case SERVICE_SPAWN_FAILED:
        return life_on_spawn_failed(service, &event->spawn_error, now_ms);
    case SERVICE_EXITED:
        return on_exited(service, event, now_ms);
    case SERVICE_GROUP_LEFT:
        return on_group_left(service, now_ms);
    case SERVICE_GROUP_GONE:
        return on_group_gone(service, now_ms);
    case SERVICE_HELPER_FORKED:
        service->helper = event->pid;
        return 0;
    case SERVICE_HELPER_ENDED:
        return life_on_helper_ended(service, now_ms);
    case SERVICE_DEADLINE:
        return on_deadline(service, now_ms);
    }
    return 0;
}
