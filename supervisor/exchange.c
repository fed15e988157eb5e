/* Another configuration in place of the one that there is, while services run. */
#include "supervisor/slot.h"

#include "supervisor/reload.h"

#include <string.h>

/* The slot of the same name; a search begins where the one before ended, since most stay in order.
 */
static struct slot *find_same(struct supervisor *supervisor, const char *name, int *from)
{
    for (int n = 0; n < supervisor->count; n++) {
        int i = (*from + n) % supervisor->count;
        struct slot *slot = &supervisor->slots[i];
        if (slot->is_gone || strcmp(slot->service.name, name) != 0)
            continue;
        *from = (i + 1) % supervisor->count;
        return slot;
    }
    return NULL;
}

/* What is known of a service goes on with its new name, rules and place; all the rest as it was. */
static void move_slot(const struct slot *from, struct slot *to)
{
    const struct service as_configured = to->service;
    struct probe_run *const probes[PURPOSES] = {to->probes[FOR_READY], to->probes[FOR_HEALTH]};
    *to = *from;
    for (int i = 0; i < PURPOSES; i++) {
        if (probes[i] && from->probes[i])
            *probes[i] = *from->probes[i];
        to->probes[i] = probes[i];
    }
    to->service.conf = as_configured.conf;
    to->service.name = as_configured.name;
    to->service.instance = as_configured.instance;
    to->service.leaves_group = as_configured.leaves_group;
    to->next_in_bucket = to->next_to_spawn = NULL;
    to->is_queued = to->is_removed = false;
}

static bool is_there(const struct slot *slot)
{
    return !slot->is_gone && (!service_is_at_rest(&slot->service) || slot_count_probes(slot) > 0);
}

static int count_there(const struct supervisor *supervisor)
{
    int count = 0;
    for (int i = 0; i < supervisor->count; i++)
        count += is_there(&supervisor->slots[i]);
    return count;
}

/* What runs is not forgotten where no more is needed. Returns false: no memory. */
static bool keep_probes(struct supervisor *next, const struct slot *from, struct slot *to)
{
    for (int purpose = 0; purpose < PURPOSES; purpose++)
        if (from->probes[purpose] && !to->probes[purpose] && !slot_make_probe(next, to, purpose))
            return false;
    return true;
}

/*
 * Behind all that are in the graph: it is asked to stop, and forgotten when it has. The memory of
 * its name is soon gone.
 */
static bool add_removed(struct supervisor *next, const struct slot *from)
{
    const char *name = from->service.name;
    struct slot *to = &next->slots[next->count];
    *to = (struct slot){.service = from->service};
    if (!(to->service.name = arena_text(&next->arena, name, strlen(name))) ||
        !keep_probes(next, from, to))
        return false;
    move_slot(from, to);
    to->is_to_start = false;
    to->is_to_stop = to->is_removed = true;
    next->count++;
    return true;
}

static bool keep_all_probes(struct supervisor *before, struct supervisor *next)
{
    int from = 0;
    for (int i = 0; i < next->first_slot[next->graph.count]; i++) {
        struct slot *slot = &next->slots[i];
        const struct slot *old = find_same(before, slot->service.name, &from);
        if (old && !keep_probes(next, old, slot))
            return false;
    }
    return true;
}

/* Returns false where there is no memory. */
static bool add_all_removed(struct supervisor *before, struct supervisor *next)
{
    int from = 0;
    for (int i = 0; i < before->count; i++) {
        const struct slot *slot = &before->slots[i];
        if (is_there(slot) && !find_same(next, slot->service.name, &from) &&
            !add_removed(next, slot))
            return false;
    }
    return true;
}

struct listener {
    void (*told)(void *data, const char *name, enum supervisor_reloaded what);
    void *data;
};

static void tell(const struct listener *listener, const struct slot *slot,
                 enum supervisor_reloaded what)
{
    listener->told(listener->data, slot->service.name, what);
}

static void begin_new(const struct supervisor *next, struct slot *slot)
{
    const struct service_event held = {.kind = SERVICE_WANT_DOWN, .reason = REASON_BY_HAND};
    if (next->ops->was_stopped && next->ops->was_stopped(next->data, &slot->service))
        service_step(&slot->service, &held, 0);
    else
        slot->is_to_start = slot->service.conf->starts;
}

/* One that nobody has started or stopped yet, and that is to start from now on. */
static bool starts_now(const struct service_conf *before, const struct slot *slot)
{
    return !before->starts && slot->service.conf->starts && slot->service.state == SERVICE_DOWN &&
           slot->service.reason == REASON_NONE && !slot->service.has_ended;
}

/* It may be under way to be ready in another way than it is looked at from now on. */
static bool makes_ready_otherwise(const struct service_conf *before, const struct slot *slot)
{
    return slot->service.state == SERVICE_STARTING &&
           !reload_same_ready(before, slot->service.conf);
}

static void go_on(const struct slot *before, struct slot *slot, const struct listener *listener)
{
    bool has_order = slot->is_to_stop || slot->is_to_start;
    bool is_wanted = has_order ? slot->is_to_start : slot->service.is_wanted;
    enum reload_change change = reload_compare(before->service.conf, slot->service.conf);
    if (makes_ready_otherwise(before->service.conf, slot))
        change = RELOAD_RESTARTS;
    switch (change) {
    case RELOAD_NONE:
        return;
    case RELOAD_APPLIES:
        slot->is_to_start = slot->is_to_start || starts_now(before->service.conf, slot);
        tell(listener, slot, RELOADED_CHANGED);
        return;
    case RELOAD_RESTARTS:
        slot->is_to_stop = slot->is_to_stop || is_wanted;
        slot->is_to_start = is_wanted || starts_now(before->service.conf, slot);
        tell(listener, slot, is_wanted ? RELOADED_RESTARTED : RELOADED_CHANGED);
        return;
    }
}

static void move_all(struct supervisor *before, struct supervisor *next,
                     const struct listener *listener)
{
    int from = 0;
    for (int i = 0; i < next->first_slot[next->graph.count]; i++) {
        struct slot *slot = &next->slots[i];
        const struct slot *old = find_same(before, slot->service.name, &from);
        if (old)
            move_slot(old, slot);
        if (old && !old->is_removed) {
            go_on(old, slot, listener);
            continue;
        }
        begin_new(next, slot); /* where it is there again, when it is down */
        tell(listener, slot, RELOADED_ADDED);
    }
    for (int i = 0, at = 0; i < before->count; i++) {
        const struct slot *slot = &before->slots[i];
        const struct slot *same = slot->is_gone ? NULL : find_same(next, slot->service.name, &at);
        if (!slot->is_gone && !slot->is_removed && (!same || same->is_removed))
            tell(listener, slot, RELOADED_REMOVED);
    }
}

/* What is counted, queued and found by its number. */
static void recount(struct supervisor *supervisor)
{
    supervisor->active = supervisor->waiting = supervisor->held = 0;
    supervisor->lingering = supervisor->orders = supervisor->removed = supervisor->probes = 0;
    for (int i = 0; i < supervisor->count; i++) {
        struct slot *slot = &supervisor->slots[i];
        const struct service *service = &slot->service;
        supervisor->active += !service_is_at_rest(service);
        supervisor->waiting += service->state == SERVICE_WAITING;
        supervisor->held += service_is_held_down(service);
        supervisor->lingering += service->group != 0;
        supervisor->orders += slot->is_to_stop || slot->is_to_start;
        supervisor->removed += slot->is_removed;
        supervisor->probes += slot_count_probes(slot);
        if (service->pid != 0)
            slot_add_pid(supervisor, slot);
        else if (service->state == SERVICE_STARTING)
            slot_queue_spawn(supervisor, slot);
    }
    supervisor->deadlines_changed = true;
}

bool supervisor_reload(struct supervisor *supervisor, const struct conf *conf, int64_t now_ms,
                       void (*told)(void *data, const char *name, enum supervisor_reloaded what),
                       void *data)
{
    const struct listener listener = {.told = told, .data = data};
    struct supervisor next = *supervisor;
    next.count = 0;
    next.to_spawn = next.last_to_spawn = NULL;
    arena_init(&next.arena);
    next.tables = (struct own_memory){.size = 0};
    if (!slots_lay_out(&next, conf, count_there(supervisor)) ||
        !keep_all_probes(supervisor, &next) || !add_all_removed(supervisor, &next)) {
        slots_free(&next);
        return false;
    }
    move_all(supervisor, &next, &listener);
    recount(&next);
    slots_note_rules(&next);
    if (next.shutdown.phase == SHUTDOWN_RUNNING)
        shutdown_init(&next.shutdown, conf->shutdown_timeout_ms, conf->sweep_timeout_ms,
                      conf->stop_delay_ms);
    slots_free(supervisor);
    *supervisor = next;
    for (int i = 0; i < supervisor->count; i++)
        slot_reconfigure_health(supervisor, &supervisor->slots[i], now_ms);
    return true;
}

void slots_forget_removed(struct supervisor *supervisor)
{
    for (int i = 0; supervisor->removed > 0 && i < supervisor->count; i++) {
        struct slot *slot = &supervisor->slots[i];
        if (!slot->is_removed || slot->is_gone || slot->is_to_stop || is_there(slot))
            continue;
        supervisor->held -= service_is_held_down(&slot->service);
        supervisor->removed--;
        service_init(&slot->service, &service_defaults);
        slot->is_gone = true;
    }
}

bool supervisor_is_using_old(const struct supervisor *supervisor)
{
    return supervisor->removed > 0;
}
