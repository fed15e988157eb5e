#include "supervisor/life.h"

enum {
    KILL_AGAIN_MS = 1000, /* to the second SIGKILL, and twice as long each time */
    KILL_AGAIN_MOST_MS = 60000,
    SIGNAL_ROOM_MS = 1000, /* of stop-timeout, for the stop signal behind a stop-command */
};

/* Of stop-timeout: what is kept for the stop signal behind a stop-command. */
static int64_t signal_room_ms(const struct service *service)
{
    int64_t half_ms = service->conf->stop->timeout_ms / 2;
    return half_ms < SIGNAL_ROOM_MS ? half_ms : SIGNAL_ROOM_MS;
}

/* The stop signal; whoever is left at end_ms gets SIGKILL. */
static unsigned begin_signal(struct service *service, int64_t now_ms, int64_t end_ms)
{
    unsigned end_helper = service->helper != 0 ? SERVICE_END_HELPER : 0;
    bool has_leader = service->pid != 0;
    service->was_asked = true;
    service->asked_ms = now_ms;
    service->group_was_asked = !has_leader || service->conf->stop->kill_mode == KILL_GROUP;
    life_enter_step(service, has_leader ? STEP_SIGNAL : STEP_REST, end_ms);
    if (!service->group_was_asked)
        return end_helper | SERVICE_SIGNAL;
    return end_helper | (has_leader || service->group != 0 ? SERVICE_SIGNAL_GROUP : 0);
}

/* The stop signal to those whom the leader leaves behind or, with kill-mode = mixed, did not share
 * it with. */
unsigned life_ask_rest(struct service *service, int64_t now_ms, int64_t end_ms)
{
    service->asked_ms = now_ms;
    service->group_was_asked = true;
    life_enter_step(service, STEP_REST, end_ms);
    return SERVICE_SIGNAL_GROUP;
}

/* With kill-mode = mixed, or where kill-mode has changed since its leader was asked. */
static bool has_unasked_rest(const struct service *service)
{
    return service->conf->stop->kill_mode != KILL_PROCESS && !service->group_was_asked &&
           (service->pid != 0 || service->group != 0);
}

unsigned life_begin_rest(struct service *service, int64_t now_ms)
{
    int64_t room_ms = service->is_late ? signal_room_ms(service) : service->conf->stop->timeout_ms;
    return life_ask_rest(service, now_ms, now_ms + room_ms);
}

static unsigned repeat_kill(struct service *service, int64_t now_ms)
{
    unsigned actions = service->helper != 0 ? SERVICE_KILL_HELPER : 0;
    life_enter_step(service, STEP_KILL, now_ms + service->wait_ms);
    if (service->pid == 0 && service->group == 0)
        return actions;
    bool kills_group =
        service->pid == 0 || (service->group_was_asked && service_cleans_group(service));
    return actions | (kills_group ? SERVICE_KILL_GROUP : SERVICE_KILL);
}

static unsigned begin_kill(struct service *service, int64_t now_ms)
{
    service->wait_ms = KILL_AGAIN_MS;
    return repeat_kill(service, now_ms) | SERVICE_CHANGED;
}

/* Asks a running service to end; all of it happens within stop-timeout. */
unsigned life_begin_stop(struct service *service, int64_t now_ms)
{
    int64_t end_ms = now_ms + service->conf->stop->timeout_ms;
    if (!service->conf->stop->command || !service_is_executed(service))
        return begin_signal(service, now_ms, end_ms) | SERVICE_CHANGED;
    service->was_asked = true;
    life_enter_step(service, STEP_COMMAND, end_ms - signal_room_ms(service));
    return SERVICE_RUN_STOP_COMMAND | SERVICE_CHANGED;
}

/* A run that we end counts as failed. */
unsigned life_force_stop(struct service *service, enum service_reason reason, int64_t now_ms)
{
    service->reason = (uint8_t)reason;
    service->was_forced = true;
    return life_begin_stop(service, now_ms);
}

/* It stops although nobody asked for it. */
static bool stops_by_itself(const struct service *service)
{
    switch ((enum service_reason)service->reason) {
    case REASON_START_TIMEOUT:
    case REASON_UNHEALTHY:
    case REASON_WATCHDOG:
    case REASON_LEADER_GONE:
        return true;
    case REASON_NONE:
    case REASON_BY_HAND:
    case REASON_SHUTDOWN:
        return false;
    }
    return false;
}

unsigned life_want_up(struct service *service, int64_t now_ms)
{
    bool was_wanted = service->is_wanted;
    service->is_wanted = true;
    switch ((enum service_state)service->state) {
    case SERVICE_DOWN:
    case SERVICE_FAILED:
    case SERVICE_DONE:
    case SERVICE_BACKOFF:
        return life_begin_waiting(service);
    case SERVICE_STOPPING:
        /* What runs of it ends first; then it is started, whatever its policy says. */
        if (stops_by_itself(service))
            service->reason = REASON_BY_HAND;
        return 0;
    case SERVICE_UP:
        if (!was_wanted)
            life_look_after(service, now_ms);
        return 0;
    case SERVICE_WAITING:
    case SERVICE_STARTING:
        return 0;
    }
    return 0;
}

/* What has no process is down at once. */
unsigned life_want_no_restart(struct service *service)
{
    service->is_wanted = false;
    switch ((enum service_state)service->state) {
    case SERVICE_WAITING:
    case SERVICE_BACKOFF:
        return life_rest(service, SERVICE_DOWN);
    case SERVICE_STARTING:
        return service_has_processes(service) ? 0 : life_rest(service, SERVICE_DOWN);
    case SERVICE_UP:
        life_enter(service, SERVICE_UP, SERVICE_NO_DEADLINE); /* nobody looks after it any more */
        return 0;
    case SERVICE_STOPPING:
    case SERVICE_DOWN:
    case SERVICE_FAILED:
    case SERVICE_DONE:
        return 0;
    }
    return 0;
}

unsigned life_want_down(struct service *service, enum service_reason reason, int64_t now_ms)
{
    unsigned actions = life_want_no_restart(service);
    switch ((enum service_state)service->state) {
    case SERVICE_STARTING:
    case SERVICE_UP:
        service->reason = (uint8_t)reason;
        return actions | life_begin_stop(service, now_ms);
    case SERVICE_STOPPING:
    case SERVICE_DOWN:
        service->reason = (uint8_t)reason;
        return actions;
    case SERVICE_WAITING:
    case SERVICE_BACKOFF:
    case SERVICE_FAILED:
    case SERVICE_DONE:
        return actions;
    }
    return actions;
}

/* Never without the stop signal before it: who has not got it yet has a moment for it. */
static unsigned stop_in_a_moment(struct service *service, int64_t now_ms)
{
    int64_t end_ms = now_ms + signal_room_ms(service);
    switch ((enum service_step)service->step) {
    case STEP_COMMAND:
        return begin_signal(service, now_ms, end_ms);
    case STEP_SIGNAL:
        return has_unasked_rest(service) ? life_ask_rest(service, now_ms, end_ms)
                                         : begin_kill(service, now_ms);
    case STEP_REST:
        return begin_kill(service, now_ms);
    case STEP_KILL:
        return 0;
    }
    return 0;
}

unsigned life_want_dead(struct service *service, int64_t now_ms)
{
    unsigned actions = life_want_no_restart(service);
    service->is_late = true;
    switch ((enum service_state)service->state) {
    case SERVICE_STARTING:
    case SERVICE_UP:
        return actions | begin_signal(service, now_ms, now_ms + signal_room_ms(service)) |
               SERVICE_CHANGED;
    case SERVICE_STOPPING:
        return actions | stop_in_a_moment(service, now_ms);
    case SERVICE_WAITING:
    case SERVICE_BACKOFF:
    case SERVICE_DOWN:
    case SERVICE_FAILED:
    case SERVICE_DONE:
        return actions;
    }
    return actions;
}

unsigned life_on_helper_ended(struct service *service, int64_t now_ms)
{
    service->helper = 0;
    if (service_has_processes(service) && service->step == STEP_COMMAND)
        return begin_signal(service, now_ms, service->deadline_ms + signal_room_ms(service));
    return life_settle(service, now_ms);
}

unsigned life_on_step_deadline(struct service *service, int64_t now_ms)
{
    switch ((enum service_step)service->step) {
    case STEP_COMMAND:
        return begin_signal(service, now_ms, now_ms + signal_room_ms(service));
    case STEP_SIGNAL:
        return has_unasked_rest(service) ? life_begin_rest(service, now_ms)
                                         : begin_kill(service, now_ms);
    case STEP_REST:
        return begin_kill(service, now_ms);
    case STEP_KILL:
        service->wait_ms =
            service->wait_ms < KILL_AGAIN_MOST_MS / 2 ? service->wait_ms * 2 : KILL_AGAIN_MOST_MS;
        return repeat_kill(service, now_ms);
    }
    return 0;
}

bool service_outlives_kill(const struct service *service)
{
    return service->state == SERVICE_STOPPING && service->step == STEP_KILL &&
           service->wait_ms > KILL_AGAIN_MS;
}
