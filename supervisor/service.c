#include "supervisor/service.h"

#include "supervisor/life.h"
#include "supervisor/outcome.h"

void service_init(struct service *service, const struct service_conf *conf)
{
    *service = (struct service){
        .conf = conf,
        .name = conf->name,
        .deadline_ms = SERVICE_NO_DEADLINE,
        .keepalive_deadline_ms = SERVICE_NO_DEADLINE,
        .executed_ms = -1,
        .history = policy_no_history,
        .state = SERVICE_DOWN,
    };
}

bool service_has_processes(const struct service *service)
{
    return service->pid != 0 || service->group != 0 || service->helper != 0;
}

bool service_is_at_rest(const struct service *service)
{
    switch ((enum service_state)service->state) {
    case SERVICE_DOWN:
    case SERVICE_FAILED:
    case SERVICE_DONE:
        return true;
    case SERVICE_WAITING:
    case SERVICE_STARTING:
    case SERVICE_UP:
    case SERVICE_STOPPING:
    case SERVICE_BACKOFF:
        return false;
    }
    return false;
}

bool service_cleans_group(const struct service *service)
{
    return service->conf->stop->kill_mode != KILL_PROCESS && !service->leaves_group;
}

bool service_is_executed(const struct service *service)
{
    return service->executed_ms >= 0;
}

int64_t service_deadline_ms(const struct service *service)
{
    int64_t state_ms = service->deadline_ms;
    int64_t keepalive_ms = service->keepalive_deadline_ms;
    bool is_nearer = state_ms == SERVICE_NO_DEADLINE ||
                     (keepalive_ms != SERVICE_NO_DEADLINE && keepalive_ms < state_ms);
    return is_nearer ? keepalive_ms : state_ms;
}

bool service_is_checked(const struct service *service)
{
    return life_is_looked_after(service) && service->conf->health->probe.kind != PROBE_NONE;
}

bool service_ends_all(const struct service *service)
{
    return service->reason == REASON_UNHEALTHY &&
           service->conf->health->on_unhealthy == UNHEALTHY_STOP;
}

/* Its own, or 1 where that says that it went well, which it did not. */
static int forced_code(const struct service *service)
{
    int code = outcome_exit_code(service->wait_status);
    return exit_codes_has(&service->conf->restart->success, code) ? 1 : code;
}

int service_exit_code(const struct service *service)
{
    if (service->is_impossible)
        return service->cause_code;
    if (service->was_forced && service->has_ended)
        return forced_code(service);
    if (service->was_refused)
        return outcome_spawn_code(&service->spawn_error);
    return service->has_ended ? outcome_exit_code(service->wait_status) : 0;
}

bool life_is_success(const struct service *service)
{
    return !service->was_refused && !service->was_forced && !service->is_impossible &&
           exit_codes_has(&service->conf->restart->success, service_exit_code(service));
}

bool service_ended_well(const struct service *service)
{
    bool by_stop = service->was_asked && !service->was_refused && !service->was_forced &&
                   service->has_ended &&
                   service_exit_code(service) == 128 + service->conf->stop->signal;
    return by_stop || life_is_success(service);
}

const char *service_state_name(enum service_state state)
{
    switch (state) {
    case SERVICE_DOWN:
        return "down";
    case SERVICE_WAITING:
        return "waiting";
    case SERVICE_STARTING:
        return "starting";
    case SERVICE_UP:
        return "up";
    case SERVICE_STOPPING:
        return "stopping";
    case SERVICE_BACKOFF:
        return "backoff";
    case SERVICE_FAILED:
        return "failed";
    case SERVICE_DONE:
        return "done";
    }
    return "?";
}

bool service_is_held_down(const struct service *service)
{
    return service->state == SERVICE_DOWN && service->reason == REASON_BY_HAND;
}
