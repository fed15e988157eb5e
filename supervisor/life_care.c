#include "supervisor/life.h"

bool life_is_looked_after(const struct service *service)
{
    return service->state == SERVICE_UP && service->is_wanted;
}

static void expect_keepalive(struct service *service, int64_t now_ms)
{
    bool is_expected = life_is_looked_after(service) && service->watchdog_ms > 0;
    service->keepalive_deadline_ms =
        is_expected ? now_ms + service->watchdog_ms : SERVICE_NO_DEADLINE;
}

void life_look_after(struct service *service, int64_t now_ms)
{
    service->health = service_is_checked(service) ? VERDICT_STARTING : VERDICT_NONE;
    expect_keepalive(service, now_ms);
}

unsigned life_on_healthy(struct service *service)
{
    if (service->health == VERDICT_NONE)
        return 0;
    service->health = VERDICT_HEALTHY;
    return SERVICE_HEALTH_CHANGED;
}

static bool is_to_stop_unhealthy(const struct service *service)
{
    return service->health == VERDICT_UNHEALTHY &&
           service->conf->health->on_unhealthy != UNHEALTHY_IGNORE;
}

unsigned life_on_unhealthy(struct service *service, int64_t now_ms)
{
    if (service->health == VERDICT_NONE)
        return 0;
    service->health = VERDICT_UNHEALTHY;
    return is_to_stop_unhealthy(service) ? life_force_stop(service, REASON_UNHEALTHY, now_ms)
                                         : SERVICE_HEALTH_CHANGED;
}

/* What was found by other checks stays, until one finds something else. */
unsigned life_on_reconfigured(struct service *service, int64_t now_ms)
{
    bool was_checked = service->health != VERDICT_NONE;
    if (was_checked != service_is_checked(service)) {
        service->health = was_checked ? VERDICT_NONE : VERDICT_STARTING;
        return SERVICE_HEALTH_CHANGED;
    }
    return is_to_stop_unhealthy(service) ? life_force_stop(service, REASON_UNHEALTHY, now_ms) : 0;
}

unsigned life_on_keepalive(struct service *service, int64_t now_ms)
{
    expect_keepalive(service, now_ms);
    return 0;
}

/* As sd_notify(3) has it, it may be said at any time, and where no watchdog is configured. */
unsigned life_on_watchdog_set(struct service *service, int64_t watchdog_ms, int64_t now_ms)
{
    service->watchdog_ms = watchdog_ms;
    expect_keepalive(service, now_ms);
    return 0;
}

unsigned life_on_watchdog_pulled(struct service *service, int64_t now_ms)
{
    bool runs = service->state == SERVICE_STARTING || service->state == SERVICE_UP;
    if (!runs || service->pid == 0 || !service->is_wanted)
        return 0;
    service->was_pulled = true;
    return life_force_stop(service, REASON_WATCHDOG, now_ms);
}

unsigned life_on_keepalive_deadline(struct service *service, int64_t now_ms)
{
    if (service->keepalive_deadline_ms == SERVICE_NO_DEADLINE ||
        now_ms < service->keepalive_deadline_ms)
        return 0;
    return life_force_stop(service, REASON_WATCHDOG, now_ms);
}
