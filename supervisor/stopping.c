/* In which order services stop. */
#include "supervisor/slot.h"

static bool is_to_be_asked(const struct service *service)
{
    return service->state == SERVICE_STARTING || service->state == SERVICE_UP;
}

/*
 * A service that is at rest itself passes the need on: of web after migrate after db, the last one
 * is for web, too, when migrate is done.
 */
void slots_find_needed(struct supervisor *supervisor, bool (*is_there)(const struct slot *slot))
{
    const struct graph *graph = &supervisor->graph;
    for (int node = 0; node < graph->count; node++)
        supervisor->is_needed[node] = false;
    for (int n = graph->count - 1; n >= 0; n--) {
        int node = graph->order[n];
        bool needs = supervisor->is_needed[node];
        for (int i = supervisor->first_slot[node]; i < supervisor->first_slot[node + 1]; i++)
            needs = needs || is_there(&supervisor->slots[i]);
        for (int e = graph->first_edge[node]; needs && e < graph->first_edge[node + 1]; e++)
            supervisor->is_needed[graph->edges[e].to] = true;
    }
}

static bool is_not_at_rest(const struct slot *slot)
{
    return !service_is_at_rest(&slot->service);
}

static void ask(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    if (is_to_be_asked(&slot->service))
        slot_step_kind(supervisor, slot, SERVICE_WANT_DOWN, now_ms);
}

static void ask_from(struct supervisor *supervisor, int first, int64_t now_ms)
{
    for (int i = first; i < supervisor->count; i++)
        ask(supervisor, &supervisor->slots[i], now_ms);
}

/* Each service that nothing needs which is still there; what is independent is asked at once. */
static void ask_next(struct supervisor *supervisor, int64_t now_ms)
{
    const struct graph *graph = &supervisor->graph;
    slots_find_needed(supervisor, is_not_at_rest);
    for (int node = 0; node < graph->count; node++)
        for (int i = supervisor->first_slot[node];
             !supervisor->is_needed[node] && i < supervisor->first_slot[node + 1]; i++)
            ask(supervisor, &supervisor->slots[i], now_ms);
    ask_from(supervisor, supervisor->first_slot[graph->count], now_ms); /* they are in no graph */
}

static int64_t longest_unasked_ms(const struct supervisor *supervisor)
{
    int64_t longest_ms = 0;
    for (int i = 0; i < supervisor->count; i++) {
        const struct service *service = &supervisor->slots[i].service;
        if (is_to_be_asked(service) && service->conf->stop->timeout_is_written &&
            service->conf->stop->timeout_ms > longest_ms)
            longest_ms = service->conf->stop->timeout_ms;
    }
    return longest_ms;
}

int64_t slots_stop(struct supervisor *supervisor, int64_t now_ms)
{
    struct shutdown *shutdown = &supervisor->shutdown;
    if (shutdown->phase == SHUTDOWN_RUNNING)
        return SHUTDOWN_FOREVER;
    if (!supervisor->is_stopping)
        slots_step_kind(supervisor, SERVICE_WANT_NO_RESTART, now_ms);
    supervisor->is_stopping = true;
    slots_forget_orders(supervisor);
    unsigned actions = shutdown_step_services(shutdown, longest_unasked_ms(supervisor), now_ms);
    if (actions & SHUTDOWN_ASK_NEXT)
        ask_next(supervisor, now_ms);
    if (actions & SHUTDOWN_ASK_ALL)
        ask_from(supervisor, 0, now_ms);
    if (actions & SHUTDOWN_KILL_ALL)
        slots_step_kind(supervisor, SERVICE_WANT_DEAD, now_ms);
    return shutdown_services_deadline_ms(shutdown, longest_unasked_ms(supervisor));
}
