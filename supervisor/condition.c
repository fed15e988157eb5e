#include "supervisor/condition.h"

/* It is up, or will not come to be. */
static bool is_behind(const struct service *service)
{
    return service->state == SERVICE_UP || service_is_at_rest(service);
}

/* One that runs. */
static enum condition_result look_at_running(const struct service *service,
                                             enum condition condition)
{
    switch (condition) {
    case CONDITION_STARTED:
        return service_is_executed(service) ? CONDITION_MET : CONDITION_OPEN;
    case CONDITION_READY:
    case CONDITION_DEFAULT:
        return service->state == SERVICE_UP ? CONDITION_MET : CONDITION_OPEN;
    case CONDITION_HEALTHY:
        return service->health == VERDICT_HEALTHY ? CONDITION_MET : CONDITION_OPEN;
    case CONDITION_COMPLETED:
        return CONDITION_OPEN;
    }
    return CONDITION_OPEN;
}

/*
 * Of one that has ended and may or may not be tried again. It was started, where its program could
 * be executed: whether somebody looked in between must not matter.
 */
static bool was_started(const struct service *service)
{
    return !service->was_refused && !service->is_impossible;
}

enum condition_result condition_look(const struct service *service, enum condition condition,
                                     bool is_order_only)
{
    if (is_order_only)
        return is_behind(service) ? CONDITION_MET : CONDITION_OPEN;
    switch ((enum service_state)service->state) {
    case SERVICE_STARTING:
    case SERVICE_UP:
        return look_at_running(service, condition);
    case SERVICE_DONE: /* one that was never to end has been started, and is not ready any more */
        return condition == CONDITION_COMPLETED || condition == CONDITION_STARTED
                   ? CONDITION_MET
                   : CONDITION_IMPOSSIBLE;
    case SERVICE_FAILED:
        return condition == CONDITION_STARTED && was_started(service) ? CONDITION_MET
                                                                      : CONDITION_IMPOSSIBLE;
    case SERVICE_BACKOFF:
        return condition == CONDITION_STARTED && was_started(service) ? CONDITION_MET
                                                                      : CONDITION_OPEN;
    case SERVICE_DOWN: /* somebody may start it */
    case SERVICE_WAITING:
    case SERVICE_STOPPING:
        return CONDITION_OPEN;
    }
    return CONDITION_OPEN;
}
