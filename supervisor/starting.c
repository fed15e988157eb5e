/* In which order services start, and how many at once. */
#include "supervisor/slot.h"

/* With `after`: it is up, or will not come to be. */
static bool is_behind(const struct service *service)
{
    switch ((enum service_state)service->state) {
    case SERVICE_UP:
    case SERVICE_FAILED:
    case SERVICE_DONE:
    case SERVICE_DOWN:
        return true;
    case SERVICE_WAITING:
    case SERVICE_STARTING:
    case SERVICE_STOPPING:
    case SERVICE_BACKOFF:
        return false;
    }
    return false;
}

static bool has_to_wait(const struct supervisor *supervisor, int node)
{
    const struct graph *graph = &supervisor->graph;
    for (int e = graph->first_edge[node]; e < graph->first_edge[node + 1]; e++) {
        int to = graph->edges[e].to;
        for (int i = supervisor->first_slot[to]; i < supervisor->first_slot[to + 1]; i++)
            if (!is_behind(&supervisor->slots[i].service))
                return true;
    }
    return false;
}

/* In start order, so that what waits for nobody is spawned in the order of the files. */
static void release_waiting(struct supervisor *supervisor, int64_t now_ms)
{
    for (int n = 0; supervisor->waiting > 0 && n < supervisor->graph.count; n++) {
        int node = supervisor->graph.order[n];
        if (has_to_wait(supervisor, node))
            continue;
        for (int i = supervisor->first_slot[node]; i < supervisor->first_slot[node + 1]; i++)
            if (supervisor->slots[i].service.state == SERVICE_WAITING)
                slot_step_kind(supervisor, &supervisor->slots[i], SERVICE_DEPS_MET, now_ms);
    }
}

static void spawn_one(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    struct service_event event = {.kind = SERVICE_FORKED};
    event.pid =
        supervisor->ops->spawn(supervisor->data, &slot->service, PROGRAM_MAIN, &event.spawn_error);
    if (event.pid < 0)
        event.kind = SERVICE_SPAWN_FAILED;
    slot_step(supervisor, slot, &event, now_ms);
    if (event.pid < 0)
        return;
    supervisor->unconfirmed++;
    slot_add_pid(supervisor, slot);
}

static void spawn_queued(struct supervisor *supervisor, int64_t now_ms)
{
    while (supervisor->to_spawn && supervisor->unconfirmed < SUPERVISOR_UNCONFIRMED) {
        struct slot *slot = supervisor->to_spawn;
        supervisor->to_spawn = slot->next_to_spawn;
        slot->is_queued = false;
        /* It may have been asked to stop while it stood there, or one before it ended all. */
        if (slot->service.state == SERVICE_STARTING &&
            supervisor->shutdown.phase == SHUTDOWN_RUNNING)
            spawn_one(supervisor, slot, now_ms);
    }
}

void slots_start(struct supervisor *supervisor, int64_t now_ms)
{
    release_waiting(supervisor, now_ms);
    spawn_queued(supervisor, now_ms);
}
