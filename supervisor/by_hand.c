/* What somebody wants of single services by hand: started, stopped, restarted, in order. */
#include "supervisor/slot.h"

static void set_order(struct supervisor *supervisor, struct slot *slot, bool is_to_stop,
                      bool is_to_start)
{
    supervisor->orders -= slot->is_to_stop || slot->is_to_start;
    slot->is_to_stop = is_to_stop;
    slot->is_to_start = is_to_start;
    supervisor->orders += is_to_stop || is_to_start;
}

static int node_of(const struct supervisor *supervisor, int number)
{
    int node = 0;
    while (supervisor->first_slot[node + 1] <= number)
        node++;
    return node;
}

static bool depends_on_marked(const struct supervisor *supervisor, int node, const bool *is_marked)
{
    const struct graph *graph = &supervisor->graph;
    for (int e = graph->first_edge[node]; e < graph->first_edge[node + 1]; e++)
        if (!graph->edges[e].is_order_only && is_marked[graph->edges[e].to])
            return true;
    return false;
}

/* What depends on it stops with it and waits for it again, and so on; what is not to run does not.
 */
static void restart_dependents(struct supervisor *supervisor, int node)
{
    const struct graph *graph = &supervisor->graph;
    bool *is_marked = supervisor->is_blocked;
    for (int i = 0; i < graph->count; i++)
        is_marked[i] = i == node;
    for (int n = 0; n < graph->count; n++) {
        int other = graph->order[n];
        if (is_marked[other] || !depends_on_marked(supervisor, other, is_marked))
            continue;
        is_marked[other] = true;
        for (int i = supervisor->first_slot[other]; i < supervisor->first_slot[other + 1]; i++) {
            struct slot *slot = &supervisor->slots[i];
            if (!service_is_at_rest(&slot->service) && supervisor_wants_up(supervisor, i))
                set_order(supervisor, slot, true, true);
        }
    }
}

/* What it depends on is started with it, where it is not to run or has failed, and so on. */
static void start_dependencies(struct supervisor *supervisor, int node)
{
    const struct graph *graph = &supervisor->graph;
    bool *is_marked = supervisor->is_blocked;
    for (int i = 0; i < graph->count; i++)
        is_marked[i] = i == node;
    for (int n = graph->count - 1; n >= 0; n--) {
        int other = graph->order[n];
        for (int e = graph->first_edge[other]; is_marked[other] && e < graph->first_edge[other + 1];
             e++)
            if (!graph->edges[e].is_order_only)
                is_marked[graph->edges[e].to] = true;
    }
    for (int other = 0; other < graph->count; other++)
        for (int i = supervisor->first_slot[other];
             is_marked[other] && other != node && i < supervisor->first_slot[other + 1]; i++) {
            struct slot *slot = &supervisor->slots[i];
            if (slot->service.state == SERVICE_FAILED ||
                (slot->service.state != SERVICE_DONE && !supervisor_wants_up(supervisor, i)))
                set_order(supervisor, slot, false, true);
        }
}

void supervisor_order(struct supervisor *supervisor, int number, enum supervisor_order order)
{
    struct slot *slot = &supervisor->slots[number];
    if (supervisor->is_stopping || slot->is_removed)
        return;
    set_order(supervisor, slot, order != ORDER_START, order != ORDER_STOP);
    if (order != ORDER_START)
        restart_dependents(supervisor, node_of(supervisor, number));
    if (order != ORDER_STOP)
        start_dependencies(supervisor, node_of(supervisor, number));
}

bool supervisor_has_order(const struct supervisor *supervisor, int number)
{
    return supervisor->slots[number].is_to_stop || supervisor->slots[number].is_to_start;
}

bool supervisor_wants_up(const struct supervisor *supervisor, int number)
{
    const struct slot *slot = &supervisor->slots[number];
    if (supervisor_has_order(supervisor, number))
        return slot->is_to_start;
    return slot->service.is_wanted;
}

void slots_forget_orders(struct supervisor *supervisor)
{
    for (int i = 0; supervisor->orders > 0 && i < supervisor->count; i++)
        set_order(supervisor, &supervisor->slots[i], false, false);
}

/* It is to stop, or was asked to and still runs. */
static bool is_stopped_by_hand(const struct slot *slot)
{
    return slot->is_to_stop ||
           (slot->service.state == SERVICE_STOPPING && slot->service.reason == REASON_BY_HAND);
}

static void stop_one(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    const struct service_event event = {.kind = SERVICE_WANT_DOWN, .reason = REASON_BY_HAND};
    if (!slot->is_to_stop)
        return;
    set_order(supervisor, slot, false, slot->is_to_start);
    supervisor->has_changed = true; /* the next one's turn, where this one is down already */
    slot_step(supervisor, slot, &event, now_ms);
}

static void stop_some(struct supervisor *supervisor, int64_t now_ms)
{
    int in_graph = supervisor->first_slot[supervisor->graph.count];
    slots_find_needed(supervisor, is_stopped_by_hand);
    for (int node = 0; node < supervisor->graph.count; node++)
        for (int i = supervisor->first_slot[node];
             !supervisor->is_needed[node] && i < supervisor->first_slot[node + 1]; i++)
            stop_one(supervisor, &supervisor->slots[i], now_ms);
    for (int i = in_graph; i < supervisor->count; i++)
        stop_one(supervisor, &supervisor->slots[i], now_ms);
}

/* Of those before it, or before them: as stopping does, it looks past what runs on between them. */
static bool waits_for_order(const struct supervisor *supervisor, int node)
{
    const struct graph *graph = &supervisor->graph;
    for (int e = graph->first_edge[node]; e < graph->first_edge[node + 1]; e++) {
        int to = graph->edges[e].to;
        if (supervisor->is_blocked[to])
            return true;
        for (int i = supervisor->first_slot[to]; i < supervisor->first_slot[to + 1]; i++)
            if (supervisor_has_order(supervisor, i))
                return true;
    }
    return false;
}

/* One that was stopped to be started again is, when it is down. */
static bool may_start(const struct slot *slot)
{
    bool is_stopping =
        slot->service.state == SERVICE_STOPPING && slot->service.reason == REASON_BY_HAND;
    return slot->is_to_start && !slot->is_to_stop && !is_stopping;
}

/* In start order: what comes behind finds the one before it waiting, and waits in its turn. */
static void start_some(struct supervisor *supervisor, int64_t now_ms)
{
    for (int n = 0; n < supervisor->graph.count; n++) {
        int node = supervisor->graph.order[n];
        supervisor->is_blocked[node] = waits_for_order(supervisor, node);
        for (int i = supervisor->first_slot[node]; i < supervisor->first_slot[node + 1]; i++) {
            struct slot *slot = &supervisor->slots[i];
            if (!may_start(slot) || supervisor->is_blocked[node])
                continue;
            set_order(supervisor, slot, false, false);
            slot_step_kind(supervisor, slot, SERVICE_WANT_UP, now_ms);
        }
    }
}

void slots_follow_orders(struct supervisor *supervisor, int64_t now_ms)
{
    if (supervisor->orders == 0)
        return;
    stop_some(supervisor, now_ms);
    start_some(supervisor, now_ms);
}
