#include "supervisor/life.h"

/* Nobody looks after it there, unless it is up: life_look_after(). */
void life_enter(struct service *service, enum service_state state, int64_t deadline_ms)
{
    service->state = (uint8_t)state;
    service->deadline_ms = deadline_ms;
    service->health = VERDICT_NONE;
    service->keepalive_deadline_ms = SERVICE_NO_DEADLINE;
}

void life_enter_step(struct service *service, enum service_step step, int64_t deadline_ms)
{
    life_enter(service, SERVICE_STOPPING, deadline_ms);
    service->step = (uint8_t)step;
}

unsigned life_rest(struct service *service, enum service_state state)
{
    life_enter(service, state, SERVICE_NO_DEADLINE);
    return SERVICE_CHANGED;
}

unsigned life_begin_waiting(struct service *service)
{
    life_enter(service, SERVICE_WAITING, SERVICE_NO_DEADLINE);
    service->reason = REASON_NONE;
    service->is_impossible = false;
    service->was_wanted = true; /* that somebody stopped it is over */
    service->history = policy_no_history;
    return SERVICE_CHANGED;
}

unsigned life_begin_start(struct service *service)
{
    life_enter(service, SERVICE_STARTING, SERVICE_NO_DEADLINE);
    service->reason = REASON_NONE;
    service->was_refused = service->was_asked = service->has_left_some = false;
    service->was_forced = service->was_pulled = service->is_late = false;
    return SERVICE_CHANGED | SERVICE_SPAWN;
}

int32_t life_clamp_ms(int64_t ms)
{
    return ms < INT32_MAX ? (int32_t)ms : INT32_MAX;
}

/* Any number, but the same one for the same life, so that rules can be tested. */
static uint32_t random_of(const struct service *service, int64_t now_ms)
{
    uint64_t x = (uint64_t)now_ms * 0x9E3779B97F4A7C15U + (uint64_t)service->wait_status;
    x = (x ^ (x >> 32) ^ service->instance ^ (uintptr_t)service->conf) * 0xD6E8FEB86659FD93U;
    return (uint32_t)(x >> 32);
}

static unsigned begin_backoff(struct service *service, int64_t now_ms)
{
    int64_t delay_ms =
        policy_delay_ms(service->conf->restart, &service->history, random_of(service, now_ms));
    service->wait_ms = life_clamp_ms(delay_ms);
    life_enter(service, SERVICE_BACKOFF, now_ms + delay_ms);
    return SERVICE_CHANGED;
}

static unsigned settle_by_policy(struct service *service, int64_t now_ms)
{
    const struct restart_conf *conf = service->conf->restart;
    struct policy_run run = {.length_ms = service->run_ms, .is_success = life_is_success(service)};
    switch (policy_decide(conf, &service->history, &run)) {
    case POLICY_RESTART:
        return service->is_wanted ? begin_backoff(service, now_ms)
                                  : life_rest(service, SERVICE_DOWN);
    case POLICY_DONE:
        return life_rest(service, SERVICE_DONE);
    case POLICY_FAILED:
        return life_rest(service, SERVICE_FAILED);
    }
    return 0;
}

unsigned life_settle(struct service *service, int64_t now_ms)
{
    if (service_has_processes(service))
        return 0;
    /* One that had ended by itself before somebody wanted it down may have failed for good. */
    if (!service->is_wanted && !service->was_wanted)
        return life_rest(service, SERVICE_DOWN);
    if (service->is_wanted &&
        service->reason == REASON_BY_HAND) /* and it was wanted again meanwhile */
        return life_begin_waiting(service);
    /* Docker, too, restarts only what has once started. */
    if (service->was_refused && spawn_error_is_permanent(&service->spawn_error))
        return life_rest(service, SERVICE_FAILED);
    if (service_ends_all(service))
        return life_rest(service, SERVICE_FAILED);
    return settle_by_policy(service, now_ms);
}
