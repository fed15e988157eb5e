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

bool supervisor_main_pid(struct supervisor *supervisor, pid_t old, pid_t pid, pid_t group,
                         int64_t now_ms)
{
    struct service_event event = {.kind = SERVICE_MAIN_PID, .pid = pid, .group = group};
    struct slot *slot = slot_of_pid(supervisor, old);
    if (!slot || slot_of_pid(supervisor, pid) || slots_has_helper(supervisor, pid) ||
        is_group_of_another(supervisor, slot, group) ||
        (slot->service.state != SERVICE_STARTING && slot->service.state != SERVICE_UP))
        return false;
    slot_remove_pid(supervisor, slot);
    slot_step(supervisor, slot, &event, now_ms);
    slot_add_pid(supervisor, slot);
    return true;
}

void supervisor_regrouped(struct supervisor *supervisor, pid_t pid, pid_t group, int64_t now_ms)
{
    struct service_event event = {.kind = SERVICE_MAIN_PID, .pid = pid, .group = group};
    struct slot *slot = slot_of_pid(supervisor, pid);
    if (slot)
        slot_step(supervisor, slot, &event, now_ms);
}

void supervisor_extended(struct supervisor *supervisor, pid_t pid, int64_t extend_ms,
                         int64_t now_ms)
{
    struct service_event event = {.kind = SERVICE_EXTENDED, .extend_ms = extend_ms};
    struct slot *slot = slot_of_pid(supervisor, pid);
    if (slot)
        slot_step(supervisor, slot, &event, now_ms);
}
