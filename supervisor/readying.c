/* What services say of themselves. */
#include "supervisor/slot.h"

void supervisor_ready(struct supervisor *supervisor, pid_t pid, int64_t now_ms)
{
    struct slot *slot = slot_of_pid(supervisor, pid);
    if (slot)
        slot_step_kind(supervisor, slot, SERVICE_READY, now_ms);
}

void supervisor_watchdog(struct supervisor *supervisor, pid_t pid, enum service_event_kind kind,
                         int64_t watchdog_ms, int64_t now_ms)
{
    struct service_event event = {.kind = kind, .watchdog_ms = watchdog_ms};
    struct slot *slot = slot_of_pid(supervisor, pid);
    if (slot)
        slot_step(supervisor, slot, &event, now_ms);
}

/* Who stops the one would stop the other. */
static bool is_group_of_another(const struct supervisor *supervisor, const struct slot *slot,
                                pid_t group)
{
    for (int i = 0; i < supervisor->count; i++) {
        const struct slot *other = &supervisor->slots[i];
        bool is_its = (other->service.pid != 0 && other->service.pgid == group) ||
                      (other->service.group != 0 && other->service.group == group);
        if (is_its && other != slot)
            return true;
    }
    return false;
}

/* The event makes that process its leader, unless it, or its group, is something else's. */
static bool change_leader(struct supervisor *supervisor, struct slot *slot,
                          const struct service_event *event, int64_t now_ms)
{
    if (slot_of_pid(supervisor, event->pid) || slots_has_helper(supervisor, event->pid) ||
        is_group_of_another(supervisor, slot, event->group))
        return false;
    slot_remove_pid(supervisor, slot);
    slot_step(supervisor, slot, event, now_ms);
    slot_add_pid(supervisor, slot);
    return true;
}

bool supervisor_main_pid(struct supervisor *supervisor, pid_t old, pid_t pid, pid_t group,
                         int64_t now_ms)
{
    struct service_event event = {.kind = SERVICE_MAIN_PID, .pid = pid, .group = group};
    struct slot *slot = slot_of_pid(supervisor, old);
    return slot && !slot->service.is_launching &&
           (slot->service.state == SERVICE_STARTING || slot->service.state == SERVICE_UP) &&
           change_leader(supervisor, slot, &event, now_ms);
}

void supervisor_daemon_named(struct supervisor *supervisor, pid_t launching, pid_t daemon,
                             int64_t now_ms)
{
    struct service_event event = {.kind = SERVICE_DAEMON_NAMED, .pid = daemon};
    struct slot *slot = slot_of_pid(supervisor, launching);
    if (slot)
        slot_step(supervisor, slot, &event, now_ms);
}

bool supervisor_daemon_found(struct supervisor *supervisor, pid_t launching, pid_t daemon,
                             pid_t group, int64_t now_ms)
{
    struct service_event event = {.kind = SERVICE_DAEMON_FOUND, .pid = daemon, .group = group};
    struct slot *slot = slot_of_pid(supervisor, launching);
    return slot && slot->service.is_launching && change_leader(supervisor, slot, &event, now_ms);
}

void supervisor_daemon_missing(struct supervisor *supervisor, pid_t launching, int64_t now_ms)
{
    struct slot *slot = slot_of_pid(supervisor, launching);
    if (slot)
        slot_step_kind(supervisor, slot, SERVICE_DAEMON_MISSING, now_ms);
}

void supervisor_extended(struct supervisor *supervisor, pid_t pid, int64_t extend_ms,
                         int64_t now_ms)
{
    struct service_event event = {.kind = SERVICE_EXTENDED, .extend_ms = extend_ms};
    struct slot *slot = slot_of_pid(supervisor, pid);
    if (slot)
        slot_step(supervisor, slot, &event, now_ms);
}
