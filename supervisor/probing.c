/* How services are looked at from outside, by probes: for their readiness, and for their health. */
#include "supervisor/slot.h"

#include <signal.h>

static const struct probe *probe_conf(const struct service_conf *conf, enum probe_purpose purpose)
{
    return purpose == FOR_HEALTH ? &conf->health->probe : &conf->ready->probe;
}

bool slot_needs_probe(const struct service_conf *conf, enum probe_purpose purpose)
{
    switch (probe_conf(conf, purpose)->kind) {
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

bool slot_make_probe(struct supervisor *supervisor, struct slot *slot, enum probe_purpose purpose)
{
    struct probe_run *run = arena_alloc(&supervisor->arena, sizeof *run);
    slot->probes[purpose] = run;
    if (run)
        probe_init(run, purpose == FOR_HEALTH ? slot->service.conf->health : NULL);
    return run != NULL;
}

bool slot_make_probes(struct supervisor *supervisor, struct slot *slot)
{
    for (int purpose = 0; purpose < PURPOSES; purpose++)
        if (slot_needs_probe(slot->service.conf, purpose) &&
            !slot_make_probe(supervisor, slot, purpose))
            return false;
    return true;
}

int slot_count_probes(const struct slot *slot)
{
    int count = 0;
    for (int purpose = 0; purpose < PURPOSES; purpose++)
        count += slot->probes[purpose] && slot->probes[purpose]->pid != 0;
    return count;
}

static bool is_probe_for(const struct slot *slot, enum probe_purpose purpose, pid_t pid)
{
    return slot->probes[purpose] && slot->probes[purpose]->pid == pid;
}

bool slot_is_probe(const struct slot *slot, pid_t pid)
{
    return is_probe_for(slot, FOR_READY, pid) || is_probe_for(slot, FOR_HEALTH, pid);
}

/* --- a step, and what it asks for ------------------------------------------------------------- */

/* What has happened to one of its probes, and what to tell of it. */
struct news {
    enum probe_purpose purpose;
    struct probe_event event;
    struct supervisor_check check;
};

static void step(struct supervisor *supervisor, struct slot *slot, struct news *news,
                 int64_t now_ms);

static void run_probe(struct supervisor *supervisor, struct slot *slot, enum probe_purpose purpose,
                      int64_t now_ms)
{
    static const enum supervisor_program programs[] = {PROGRAM_PROBE, PROGRAM_HEALTH_CHECK};
    struct news news = {.purpose = purpose, .event.kind = PROBE_FORKED};
    pid_t pid = supervisor->ops->spawn(supervisor->data, &slot->service, programs[purpose],
                                       &news.check.error);
    news.event.pid = pid;
    if (pid < 0)
        news.event.kind = PROBE_NOT_FORKED;
    step(supervisor, slot, &news, now_ms);
}

static void tell_verdict(struct supervisor *supervisor, struct slot *slot, const struct news *news,
                         enum service_event_kind kind, int64_t now_ms)
{
    supervisor->ops->checked(supervisor->data, &slot->service, &news->check);
    slot_step_kind(supervisor, slot, kind, now_ms);
}

static void step(struct supervisor *supervisor, struct slot *slot, struct news *news,
                 int64_t now_ms)
{
    struct probe_run *run = slot->probes[news->purpose];
    supervisor->probes -= run->pid != 0;
    unsigned actions = probe_step(run, &news->event, now_ms);
    supervisor->probes += run->pid != 0;
    supervisor->deadlines_changed = true;
    news->check.failures = run->failures;
    if (actions & PROBE_RUN)
        run_probe(supervisor, slot, news->purpose, now_ms);
    if (actions & PROBE_END)
        supervisor->ops->signal_probe(supervisor->data, run->pid, SIGTERM);
    if (actions & PROBE_KILL)
        supervisor->ops->signal_probe(supervisor->data, run->pid, SIGKILL);
    if (actions & PROBE_PASSED)
        slot_step_kind(supervisor, slot, SERVICE_READY, now_ms);
    if (actions & PROBE_HEALTHY)
        tell_verdict(supervisor, slot, news, SERVICE_HEALTHY, now_ms);
    if (actions & PROBE_UNHEALTHY)
        tell_verdict(supervisor, slot, news, SERVICE_UNHEALTHY, now_ms);
}

static void step_kind(struct supervisor *supervisor, struct slot *slot, enum probe_purpose purpose,
                      enum probe_event_kind kind, int64_t now_ms)
{
    struct news news = {.purpose = purpose, .event.kind = kind};
    news.check.is_late = kind == PROBE_DEADLINE;
    step(supervisor, slot, &news, now_ms);
}

/* --- when ------------------------------------------------------------------------------------- */

void slot_begin_readying(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    /* There may be one of an earlier configuration, which is not needed any more. */
    if (slot->probes[FOR_READY] && slot_needs_probe(slot->service.conf, FOR_READY))
        step_kind(supervisor, slot, FOR_READY, PROBE_BEGIN, now_ms);
}

static void settle_readying(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    const struct probe_run *run = slot->probes[FOR_READY];
    if (run && run->is_wanted && slot->service.state != SERVICE_STARTING)
        step_kind(supervisor, slot, FOR_READY, PROBE_CANCEL, now_ms);
}

static void settle_health(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    const struct probe_run *run = slot->probes[FOR_HEALTH];
    bool is_checked = service_is_checked(&slot->service);
    if (run && run->is_wanted != is_checked)
        step_kind(supervisor, slot, FOR_HEALTH, is_checked ? PROBE_BEGIN : PROBE_CANCEL, now_ms);
}

void slot_settle_probes(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    settle_readying(supervisor, slot, now_ms);
    settle_health(supervisor, slot, now_ms);
}

void slot_reconfigure_health(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    struct probe_run *run = slot->probes[FOR_HEALTH];
    if (run) {
        run->health = slot->service.conf->health;
        step_kind(supervisor, slot, FOR_HEALTH, PROBE_RECONFIGURED, now_ms);
    }
    slot_step_kind(supervisor, slot, SERVICE_RECONFIGURED, now_ms);
}

void slot_probe_deadlines(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    for (int purpose = 0; purpose < PURPOSES; purpose++) {
        const struct probe_run *run = slot->probes[purpose];
        if (run && run->deadline_ms != PROBE_NO_DEADLINE && now_ms >= run->deadline_ms)
            step_kind(supervisor, slot, purpose, PROBE_DEADLINE, now_ms);
    }
}

/* --- their ends ------------------------------------------------------------------------------- */

bool slots_probe_ended(struct supervisor *supervisor, pid_t pid, int wait_status, int64_t now_ms)
{
    struct news news = {
        .event = {.kind = PROBE_ENDED, .is_ok = wait_status == 0},
        .check = {.pid = pid, .wait_status = wait_status},
    };
    for (int i = 0; supervisor->probes > 0 && i < supervisor->count; i++)
        for (int purpose = 0; purpose < PURPOSES; purpose++)
            if (is_probe_for(&supervisor->slots[i], purpose, pid)) {
                news.purpose = purpose;
                step(supervisor, &supervisor->slots[i], &news, now_ms);
                return true;
            }
    return false;
}

void supervisor_lost_probes(struct supervisor *supervisor, int64_t now_ms)
{
    for (int i = 0; supervisor->probes > 0 && i < supervisor->count; i++)
        for (int purpose = 0; purpose < PURPOSES; purpose++) {
            const struct probe_run *run = supervisor->slots[i].probes[purpose];
            if (run && run->pid != 0)
                slots_probe_ended(supervisor, run->pid, 1 << 8, now_ms);
        }
}
