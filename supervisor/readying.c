/* How a service is found to be ready that has to be looked at from outside: by probes. */
#include "supervisor/slot.h"

#include <signal.h>

bool slot_needs_probe(const struct service_conf *conf)
{
    switch (conf->ready->probe.kind) {
    case PROBE_TCP:
    case PROBE_UNIX:
    case PROBE_EXEC:
    case PROBE_HTTP:
        return true;
    case PROBE_NONE:
    case PROBE_AFTER: /* by time alone */
    case PROBE_NOTIFY:
    case PROBE_FD: /* it tells by itself */
        return false;
    }
    return false;
}

static void step(struct supervisor *supervisor, struct slot *slot, const struct probe_event *event,
                 int64_t now_ms);

static void run_probe(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    struct spawn_error error;
    struct probe_event event = {.kind = PROBE_FORKED};
    event.pid = supervisor->ops->spawn(supervisor->data, &slot->service, PROGRAM_PROBE, &error);
    if (event.pid < 0)
        event.kind = PROBE_NOT_FORKED;
    step(supervisor, slot, &event, now_ms);
}

static void step(struct supervisor *supervisor, struct slot *slot, const struct probe_event *event,
                 int64_t now_ms)
{
    supervisor->probes -= slot->probe->pid != 0;
    unsigned actions = probe_step(slot->probe, event, now_ms);
    supervisor->probes += slot->probe->pid != 0;
    supervisor->deadlines_changed = true;
    if (actions & PROBE_RUN)
        run_probe(supervisor, slot, now_ms);
    if (actions & PROBE_END)
        supervisor->ops->signal_probe(supervisor->data, slot->probe->pid, SIGTERM);
    if (actions & PROBE_KILL)
        supervisor->ops->signal_probe(supervisor->data, slot->probe->pid, SIGKILL);
    if (actions & PROBE_PASSED)
        slot_step_kind(supervisor, slot, SERVICE_READY, now_ms);
}

static void step_kind(struct supervisor *supervisor, struct slot *slot, enum probe_event_kind kind,
                      int64_t now_ms)
{
    struct probe_event event = {.kind = kind};
    step(supervisor, slot, &event, now_ms);
}

void slot_begin_probe(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    /* There may be one of an earlier configuration, which is not needed any more. */
    if (slot->probe && slot_needs_probe(slot->service.conf))
        step_kind(supervisor, slot, PROBE_BEGIN, now_ms);
}

void slot_settle_probe(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    if (slot->probe && slot->probe->is_wanted && slot->service.state != SERVICE_STARTING)
        step_kind(supervisor, slot, PROBE_CANCEL, now_ms);
}

void slot_probe_deadline(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    if (slot->probe && slot->probe->deadline_ms != PROBE_NO_DEADLINE &&
        now_ms >= slot->probe->deadline_ms)
        step_kind(supervisor, slot, PROBE_DEADLINE, now_ms);
}

bool slots_probe_ended(struct supervisor *supervisor, pid_t pid, bool is_ok, int64_t now_ms)
{
    struct probe_event event = {.kind = PROBE_ENDED, .is_ok = is_ok};
    for (int i = 0; supervisor->probes > 0 && i < supervisor->count; i++) {
        struct slot *slot = &supervisor->slots[i];
        if (!slot->probe || slot->probe->pid != pid)
            continue;
        step(supervisor, slot, &event, now_ms);
        return true;
    }
    return false;
}

void supervisor_lost_probes(struct supervisor *supervisor, int64_t now_ms)
{
    for (int i = 0; supervisor->probes > 0 && i < supervisor->count; i++) {
        const struct slot *slot = &supervisor->slots[i];
        if (slot->probe && slot->probe->pid != 0)
            slots_probe_ended(supervisor, slot->probe->pid, false, now_ms);
    }
}

void supervisor_ready(struct supervisor *supervisor, pid_t pid, int64_t now_ms)
{
    struct slot *slot = slot_of_pid(supervisor, pid);
    if (slot)
        slot_step_kind(supervisor, slot, SERVICE_READY, now_ms);
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
