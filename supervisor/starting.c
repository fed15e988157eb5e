/* In which order services start, and how many at once. */
#include "supervisor/slot.h"

#include "supervisor/condition.h"

static bool is_done(const struct supervisor *supervisor, int node)
{
    for (int i = supervisor->first_slot[node]; i < supervisor->first_slot[node + 1]; i++)
        if (supervisor->slots[i].service.state != SERVICE_DONE)
            return false;
    return true;
}

/* Of all that the service waits for; *cause is the first one that cannot come any more. */
static enum condition_result look(const struct supervisor *supervisor, int node,
                                  const struct service **cause)
{
    const struct graph *graph = &supervisor->graph;
    enum condition_result result = CONDITION_MET;
    for (int e = graph->first_edge[node]; e < graph->first_edge[node + 1]; e++) {
        const struct graph_edge *edge = &graph->edges[e];
        if (supervisor->is_blocked[edge->to] && !edge->is_order_only)
            result = CONDITION_OPEN;
        for (int i = supervisor->first_slot[edge->to]; i < supervisor->first_slot[edge->to + 1];
             i++) {
            *cause = &supervisor->slots[i].service;
            switch (condition_look(*cause, edge->condition, edge->is_order_only)) {
            case CONDITION_IMPOSSIBLE:
                return CONDITION_IMPOSSIBLE;
            case CONDITION_OPEN:
                result = CONDITION_OPEN;
                break;
            case CONDITION_MET:
                break;
            }
        }
    }
    return result;
}

static void release(struct supervisor *supervisor, struct slot *slot, const struct service *cause,
                    int64_t now_ms)
{
    struct service_event event = {.kind = SERVICE_DEPS_MET};
    if (cause) {
        event.kind = SERVICE_DEPS_IMPOSSIBLE;
        event.cause_code = service_exit_code(cause);
        supervisor->ops->impossible(supervisor->data, &slot->service, cause);
    }
    slot_step(supervisor, slot, &event, now_ms);
}

/*
 * In start order, so that what waits for nobody is spawned in the order of the files. What is done
 * passes the wait on, as it does when they stop: of web after migrate after db, whoever stopped db
 * stopped web, too, which is to come back behind it and not at once because migrate is done.
 */
static void release_waiting(struct supervisor *supervisor, int64_t now_ms)
{
    for (int n = 0; supervisor->waiting > 0 && n < supervisor->graph.count; n++) {
        int node = supervisor->graph.order[n];
        const struct service *cause = NULL;
        enum condition_result result = look(supervisor, node, &cause);
        supervisor->is_blocked[node] = result == CONDITION_OPEN && is_done(supervisor, node);
        if (result == CONDITION_OPEN)
            continue;
        for (int i = supervisor->first_slot[node]; i < supervisor->first_slot[node + 1]; i++)
            if (supervisor->slots[i].service.state == SERVICE_WAITING)
                release(supervisor, &supervisor->slots[i],
                        result == CONDITION_IMPOSSIBLE ? cause : NULL, now_ms);
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
