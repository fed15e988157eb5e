#include "supervisor/slot.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* --- services by pid -------------------------------------------------------------------------- */

static struct slot **bucket_of(const struct supervisor *supervisor, pid_t pid)
{
    return &supervisor->buckets[pid & supervisor->bucket_mask];
}

void slot_add_pid(struct supervisor *supervisor, struct slot *slot)
{
    struct slot **bucket = bucket_of(supervisor, slot->service.pid);
    slot->next_in_bucket = *bucket;
    *bucket = slot;
}

struct slot *slot_of_pid(const struct supervisor *supervisor, pid_t pid)
{
    struct slot *slot = *bucket_of(supervisor, pid);
    while (slot && slot->service.pid != pid)
        slot = slot->next_in_bucket;
    return slot;
}

void slot_remove_pid(struct supervisor *supervisor, struct slot *slot)
{
    struct slot **at = bucket_of(supervisor, slot->service.pid);
    while (*at != slot)
        at = &(*at)->next_in_bucket;
    *at = slot->next_in_bucket;
}

const struct service *supervisor_find(const struct supervisor *supervisor, pid_t pid)
{
    const struct slot *slot = slot_of_pid(supervisor, pid);
    return slot ? &slot->service : NULL;
}

/* --- one step, and what it asks for ----------------------------------------------------------- */

void slot_queue_spawn(struct supervisor *supervisor, struct slot *slot)
{
    if (slot->is_queued)
        return;
    slot->is_queued = true;
    slot->next_to_spawn = NULL;
    if (supervisor->to_spawn)
        supervisor->last_to_spawn->next_to_spawn = slot;
    else
        supervisor->to_spawn = slot;
    supervisor->last_to_spawn = slot;
}

static void run_stop_command(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    struct service_event event = {.kind = SERVICE_HELPER_FORKED};
    event.pid = supervisor->ops->spawn(supervisor->data, &slot->service, PROGRAM_STOP_COMMAND,
                                       &event.spawn_error);
    supervisor->helpers += event.pid > 0;
    if (event.pid < 0) {
        event.kind = SERVICE_HELPER_ENDED;
        supervisor->ops->helper_ended(supervisor->data, &slot->service, -1, &event.spawn_error);
    }
    slot_step(supervisor, slot, &event, now_ms);
}

/* To its group, whose leader may be dead. */
static int signal_group(struct supervisor *supervisor, struct slot *slot, int sig)
{
    const struct supervisor_ops *ops = supervisor->ops;
    if (slot->service.pid == 0)
        return ops->signal_held(supervisor->data, &slot->service, slot->pidfd, sig);
    ops->signal(supervisor->data, &slot->service, TARGET_GROUP, sig);
    return 0;
}

static void signal_leader(struct supervisor *supervisor, struct slot *slot, int sig)
{
    supervisor->ops->signal(supervisor->data, &slot->service, TARGET_LEADER, sig);
}

static void signal_helper(struct supervisor *supervisor, struct slot *slot, int sig)
{
    supervisor->ops->signal(supervisor->data, &slot->service, TARGET_HELPER, sig);
}

/* Its end may be the end of all, but not of one that is to be started again by hand. */
static void conclude(struct supervisor *supervisor, const struct slot *slot, int64_t now_ms)
{
    bool goes_on = slot->is_removed || slot->is_to_start;
    if (goes_on || !service_is_at_rest(&slot->service) ||
        !ending_note(&supervisor->ending, &slot->service) || supervisor->is_command)
        return;
    supervisor->ops->ended_all(supervisor->data, &slot->service);
    shutdown_begin(&supervisor->shutdown, false, now_ms);
}

static void perform(struct supervisor *supervisor, struct slot *slot, unsigned actions,
                    int64_t now_ms)
{
    int stop_signal = slot->service.conf->stop->signal;
    if (actions & SERVICE_CHANGED) {
        supervisor->has_changed = true;
        supervisor->ops->changed(supervisor->data, &slot->service);
        conclude(supervisor, slot, now_ms);
    }
    if (actions & SERVICE_SPAWN)
        slot_queue_spawn(supervisor, slot);
    if (actions & SERVICE_AWAIT_READY)
        slot_begin_readying(supervisor, slot, now_ms);
    if (actions & SERVICE_HEALTH_CHANGED) {
        supervisor->has_changed = true;
        supervisor->ops->health_changed(supervisor->data, &slot->service);
    }
    if (actions & SERVICE_RUN_STOP_COMMAND)
        run_stop_command(supervisor, slot, now_ms);
    /* What is stopped could not act on the stop signal without CONT. */
    if (actions & SERVICE_SIGNAL) {
        signal_leader(supervisor, slot, stop_signal);
        signal_leader(supervisor, slot, SIGCONT);
    }
    if (actions & SERVICE_SIGNAL_GROUP) {
        if (signal_group(supervisor, slot, stop_signal) != ESRCH)
            signal_group(supervisor, slot, SIGCONT);
    }
    if (actions & SERVICE_END_HELPER)
        signal_helper(supervisor, slot, SIGTERM);
    if (actions & SERVICE_KILL)
        signal_leader(supervisor, slot, SIGKILL);
    if (actions & SERVICE_KILL_GROUP)
        signal_group(supervisor, slot, SIGKILL);
    if (actions & SERVICE_KILL_HELPER)
        signal_helper(supervisor, slot, SIGKILL);
}

void slot_step(struct supervisor *supervisor, struct slot *slot, const struct service_event *event,
               int64_t now_ms)
{
    struct service *service = &slot->service;
    int64_t deadline_ms = service_deadline_ms(service);
    supervisor->active -= !service_is_at_rest(service);
    supervisor->waiting -= service->state == SERVICE_WAITING;
    supervisor->held -= service_is_held_down(service);
    supervisor->lingering -= service->group != 0;
    unsigned actions = service_step(service, event, now_ms);
    supervisor->active += !service_is_at_rest(service);
    supervisor->waiting += service->state == SERVICE_WAITING;
    supervisor->held += service_is_held_down(service);
    supervisor->lingering += service->group != 0;
    if (service_deadline_ms(service) != deadline_ms)
        supervisor->deadlines_changed = true;
    perform(supervisor, slot, actions, now_ms);
    slot_settle_probes(supervisor, slot, now_ms);
}

void slot_step_kind(struct supervisor *supervisor, struct slot *slot, enum service_event_kind kind,
                    int64_t now_ms)
{
    struct service_event event = {.kind = kind, .reason = REASON_SHUTDOWN};
    slot_step(supervisor, slot, &event, now_ms);
}

void slots_step_kind(struct supervisor *supervisor, enum service_event_kind kind, int64_t now_ms)
{
    for (int i = 0; i < supervisor->count; i++)
        slot_step_kind(supervisor, &supervisor->slots[i], kind, now_ms);
}

/* --- facts ------------------------------------------------------------------------------------ */

void supervisor_executed(struct supervisor *supervisor, pid_t pid, int64_t now_ms)
{
    struct slot *slot = slot_of_pid(supervisor, pid);
    supervisor->unconfirmed--;
    if (slot)
        slot_step_kind(supervisor, slot, SERVICE_EXECUTED, now_ms);
}

void supervisor_not_executed(struct supervisor *supervisor, pid_t pid,
                             const struct spawn_error *error, int64_t now_ms)
{
    struct service_event event = {.kind = SERVICE_SPAWN_FAILED, .spawn_error = *error};
    struct slot *slot = slot_of_pid(supervisor, pid);
    supervisor->unconfirmed--;
    if (slot)
        slot_step(supervisor, slot, &event, now_ms);
}

static struct slot *find_helper(const struct supervisor *supervisor, pid_t pid)
{
    for (int i = 0; supervisor->helpers > 0 && i < supervisor->count; i++)
        if (supervisor->slots[i].service.helper == pid)
            return &supervisor->slots[i];
    return NULL;
}

bool slots_has_helper(const struct supervisor *supervisor, pid_t pid)
{
    for (int i = 0; i < supervisor->count; i++) {
        const struct slot *slot = &supervisor->slots[i];
        if (slot->service.helper == pid || slot_is_probe(slot, pid))
            return true;
    }
    return false;
}

static void let_group_go(struct supervisor *supervisor, struct slot *slot)
{
    supervisor->ops->release(supervisor->data, slot->pidfd);
    slot->pidfd = -1;
}

/* A process that does not lead its group holds no number but its own. */
static int hold_group(const struct supervisor *supervisor, const struct supervisor_exit *exit)
{
    bool leads_it = exit->group == 0 || exit->group == exit->pid;
    return leads_it ? supervisor->ops->hold(supervisor->data, exit->pid) : -1;
}

/* The pidfd is opened before the step, which may signal the group through it. */
static void leader_exited(struct supervisor *supervisor, struct slot *slot,
                          const struct supervisor_exit *exit, int64_t now_ms)
{
    struct service_event event = {
        .kind = SERVICE_EXITED,
        .wait_status = exit->wait_status,
        .group = exit->group,
        .out_of_memory = exit->out_of_memory,
    };
    slot_remove_pid(supervisor, slot);
    if (service_cleans_group(&slot->service))
        slot->pidfd = hold_group(supervisor, exit);
    slot_step(supervisor, slot, &event, now_ms);
    if (slot->service.group == 0)
        let_group_go(supervisor, slot);
}

bool supervisor_exited(struct supervisor *supervisor, const struct supervisor_exit *exit,
                       int64_t now_ms)
{
    struct slot *slot = slot_of_pid(supervisor, exit->pid);
    if (slot) {
        leader_exited(supervisor, slot, exit, now_ms);
        return true;
    }
    if (slots_probe_ended(supervisor, exit->pid, exit->wait_status, now_ms))
        return true;
    slot = find_helper(supervisor, exit->pid);
    if (!slot)
        return false;
    supervisor->helpers--;
    supervisor->ops->helper_ended(supervisor->data, &slot->service, exit->wait_status, NULL);
    slot_step_kind(supervisor, slot, SERVICE_HELPER_ENDED, now_ms);
    return true;
}

/* Whose leader is reaped: is somebody of its group left? */
static void look_at_group(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    const struct supervisor_ops *ops = supervisor->ops;
    int error = ops->signal_held(supervisor->data, &slot->service, slot->pidfd, 0);
    if (error != ESRCH) {
        slot_step_kind(supervisor, slot, SERVICE_GROUP_LEFT, now_ms);
        return;
    }
    let_group_go(supervisor, slot);
    slot_step_kind(supervisor, slot, SERVICE_GROUP_GONE, now_ms);
}

void supervisor_drained(struct supervisor *supervisor, int64_t now_ms)
{
    for (int i = 0; supervisor->lingering > 0 && i < supervisor->count; i++)
        if (supervisor->slots[i].service.group != 0)
            look_at_group(supervisor, &supervisor->slots[i], now_ms);
}

void supervisor_start(struct supervisor *supervisor, int64_t now_ms)
{
    const struct service_event held = {.kind = SERVICE_WANT_DOWN, .reason = REASON_BY_HAND};
    const struct supervisor_ops *ops = supervisor->ops;
    for (int i = 0; i < supervisor->count; i++) {
        struct slot *slot = &supervisor->slots[i];
        if (ops->was_stopped && ops->was_stopped(supervisor->data, &slot->service))
            slot_step(supervisor, slot, &held, now_ms);
        else if (slot->service.conf->starts)
            slot_step_kind(supervisor, slot, SERVICE_WANT_UP, now_ms);
    }
}

/* --- stopping --------------------------------------------------------------------------------- */

void supervisor_stop(struct supervisor *supervisor, int64_t now_ms)
{
    ending_ask(&supervisor->ending);
    slots_forget_orders(supervisor);
    if (supervisor->forwards_stops)
        shutdown_note_request(&supervisor->shutdown, now_ms);
    else
        shutdown_begin(&supervisor->shutdown, true, now_ms);
    slots_step_kind(supervisor, SERVICE_WANT_NO_RESTART, now_ms);
}

/* Somebody may start it by hand: one that was stopped so, or one of a container in which nothing
 * has ended yet, since nothing was to start. */
static bool may_be_started(const struct supervisor *supervisor)
{
    if (supervisor->held > 0)
        return true;
    for (int i = 0; supervisor->is_steered && i < supervisor->count; i++)
        if (supervisor->slots[i].service.state != SERVICE_DOWN)
            return false;
    return supervisor->is_steered && supervisor->count > 0;
}

bool supervisor_is_over(const struct supervisor *supervisor)
{
    if (supervisor->shutdown.phase == SHUTDOWN_RUNNING)
        return supervisor->active == 0 && supervisor->orders == 0 &&
               (supervisor->ending.is_asked || !may_be_started(supervisor));
    if (supervisor->active == 0)
        return true;
    for (int i = 0; i < supervisor->count; i++) {
        const struct service *service = &supervisor->slots[i].service;
        if (!service_is_at_rest(service) && !service_outlives_kill(service))
            return false;
    }
    return true;
}

int supervisor_exit_code(const struct supervisor *supervisor)
{
    struct ending ending = supervisor->ending;
    for (int i = 0; i < supervisor->count; i++)
        if (!service_is_at_rest(&supervisor->slots[i].service))
            ending_note_left(&ending, &supervisor->slots[i].service);
    return ending_exit_code(&ending);
}

/* --- the tick --------------------------------------------------------------------------------- */

static void deliver_deadline(struct supervisor *supervisor, struct slot *slot, int64_t now_ms)
{
    /* Nobody tells when the last one of a group ends that is not our child. */
    if (slot->service.group != 0)
        look_at_group(supervisor, slot, now_ms);
    int64_t deadline_ms = service_deadline_ms(&slot->service);
    if (deadline_ms != SERVICE_NO_DEADLINE && now_ms >= deadline_ms)
        slot_step_kind(supervisor, slot, SERVICE_DEADLINE, now_ms);
}

static void deliver_deadlines(struct supervisor *supervisor, int64_t now_ms)
{
    if (!supervisor->deadlines_changed &&
        (supervisor->earliest_ms == SERVICE_NO_DEADLINE || now_ms < supervisor->earliest_ms))
        return;
    for (int i = 0; i < supervisor->count; i++) {
        struct slot *slot = &supervisor->slots[i];
        int64_t deadline_ms = service_deadline_ms(&slot->service);
        if (deadline_ms != SERVICE_NO_DEADLINE && now_ms >= deadline_ms)
            deliver_deadline(supervisor, slot, now_ms);
        slot_probe_deadlines(supervisor, slot, now_ms);
    }
}

static int64_t earlier_ms(int64_t a_ms, int64_t b_ms)
{
    if (a_ms < 0 || b_ms < 0)
        return a_ms < 0 ? b_ms : a_ms;
    return a_ms < b_ms ? a_ms : b_ms;
}

static void find_earliest(struct supervisor *supervisor)
{
    supervisor->earliest_ms = SERVICE_NO_DEADLINE;
    for (int i = 0; i < supervisor->count; i++) {
        const struct slot *slot = &supervisor->slots[i];
        int64_t *earliest_ms = &supervisor->earliest_ms;
        *earliest_ms = earlier_ms(*earliest_ms, service_deadline_ms(&slot->service));
        for (int purpose = 0; purpose < PURPOSES; purpose++)
            if (slot->probes[purpose])
                *earliest_ms = earlier_ms(*earliest_ms, slot->probes[purpose]->deadline_ms);
    }
    supervisor->deadlines_changed = false;
}

int64_t supervisor_tick(struct supervisor *supervisor, int64_t now_ms)
{
    int64_t shutdown_ms;
    deliver_deadlines(supervisor, now_ms);
    do { /* until nothing follows from anything any more */
        supervisor->has_changed = false;
        shutdown_ms = slots_stop(supervisor, now_ms);
        slots_follow_orders(supervisor, now_ms);
        slots_start(supervisor, now_ms);
    } while (supervisor->has_changed);
    slots_forget_removed(supervisor);
    if (supervisor->deadlines_changed)
        find_earliest(supervisor);
    return earlier_ms(shutdown_ms, supervisor->earliest_ms);
}

/* --- all of it -------------------------------------------------------------------------------- */

/* The name of an instance; the service's own where it has none. NULL: no memory. */
static const char *name_instance(struct supervisor *supervisor, const struct service_conf *conf,
                                 int instance)
{
    char name[64];
    if (instance == 0)
        return conf->name;
    int length = snprintf(name, sizeof name, "%.48s@%d", conf->name, instance);
    return arena_text(&supervisor->arena, name, (size_t)length);
}

/* What the one command leaves is for the sweep, unless it may be started again before. */
static bool leaves_group(const struct supervisor *supervisor, const struct service_conf *conf)
{
    return supervisor->is_command && conf->restart->policy == RESTART_NO;
}

static bool add_slots(struct supervisor *supervisor, const struct service_conf *conf)
{
    int first = conf->instances > 0 ? 1 : 0;
    for (int instance = first; instance <= conf->instances; instance++) {
        struct slot *slot = &supervisor->slots[supervisor->count++];
        *slot = (struct slot){.pidfd = -1};
        service_init(&slot->service, conf);
        slot->service.instance = (uint16_t)instance;
        slot->service.leaves_group = leaves_group(supervisor, conf);
        if (!(slot->service.name = name_instance(supervisor, conf, instance)) ||
            !slot_make_probes(supervisor, slot))
            return false;
    }
    return true;
}

static size_t count_slots(const struct graph *graph)
{
    size_t count = 0;
    for (int n = 0; n < graph->count; n++)
        count += graph->services[n]->instances > 0 ? graph->services[n]->instances : 1;
    return count;
}

/* The one command is forked once, and has room enough. */
static void *allocate_tables(struct supervisor *supervisor, size_t size)
{
    if (supervisor->is_command)
        return arena_alloc(&supervisor->arena, size);
    return own_memory_map(&supervisor->tables, size) ? supervisor->tables.start : NULL;
}

/* With room for `more` slots that are in no graph. */
static bool allocate(struct supervisor *supervisor, size_t more)
{
    size_t nodes = (size_t)supervisor->graph.count + 1;
    size_t count = count_slots(&supervisor->graph) + more;
    size_t buckets = 1;
    while (buckets < count)
        buckets *= 2;
    size_t size = (count + 1) * sizeof *supervisor->slots;
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
    size += buckets * sizeof *supervisor->buckets;
    size += nodes * (sizeof *supervisor->first_slot + sizeof *supervisor->is_needed +
                     sizeof *supervisor->is_blocked);
    if (!(supervisor->slots = allocate_tables(supervisor, size)))
        return false;
    supervisor->bucket_mask = (int)buckets - 1;
    supervisor->buckets = (void *)(supervisor->slots + count + 1);
    supervisor->first_slot = (void *)(supervisor->buckets + buckets);
    supervisor->is_needed = (void *)(supervisor->first_slot + nodes);
    supervisor->is_blocked = supervisor->is_needed + nodes;
    return true;
}

bool slots_lay_out(struct supervisor *supervisor, const struct conf *conf, int more)
{
    struct conf_errors none;
    errors_init(&none); /* what is wrong was found before */
    bool has_graph = graph_init(&supervisor->graph, conf, &supervisor->arena, &none);
    errors_free(&none);
    if (!has_graph || !allocate(supervisor, (size_t)more))
        return false;
    for (int node = 0; node < supervisor->graph.count; node++) {
        supervisor->first_slot[node] = supervisor->count;
        if (!add_slots(supervisor, supervisor->graph.services[node]))
            return false;
    }
    supervisor->first_slot[supervisor->graph.count] = supervisor->count;
    return true;
}

void slots_note_rules(struct supervisor *supervisor)
{
    supervisor->cleans_groups = false;
    for (int i = 0; i < supervisor->count; i++)
        supervisor->cleans_groups =
            supervisor->cleans_groups || service_cleans_group(&supervisor->slots[i].service);
}

bool supervisor_init(struct supervisor *supervisor, const struct conf *conf,
                     const struct supervisor_ops *ops, void *data, bool is_command)
{
    static char room[512]; /* for the one command no heap is needed before it runs */
    *supervisor = (struct supervisor){
        .ops = ops,
        .data = data,
        .earliest_ms = SERVICE_NO_DEADLINE,
        .is_command = is_command,
    };
    arena_init_in(&supervisor->arena, room, sizeof room);
    ending_init(&supervisor->ending);
    shutdown_init(&supervisor->shutdown, conf->shutdown_timeout_ms, conf->sweep_timeout_ms,
                  conf->stop_delay_ms);
    supervisor->forwards_stops = is_command && conf->main &&
                                 conf->main->stop == service_defaults.stop &&
                                 conf->stop_delay_ms == 0;
    if (!slots_lay_out(supervisor, conf, 0))
        return false;
    slots_note_rules(supervisor);
    return true;
}

void slots_free(struct supervisor *supervisor)
{
    own_memory_unmap(&supervisor->tables);
    arena_free(&supervisor->arena);
}

void supervisor_fini(struct supervisor *supervisor)
{
    slots_free(supervisor);
}

void supervisor_share(const struct supervisor *supervisor, bool is_shared)
{
    own_memory_share(&supervisor->tables, is_shared);
}

const struct service *supervisor_service(const struct supervisor *supervisor, int number)
{
    return &supervisor->slots[number].service;
}

int supervisor_number_of(const struct supervisor *supervisor, const struct service *service)
{
    return (int)((const struct slot *)service - supervisor->slots);
}

void supervisor_set_watchers(struct supervisor *supervisor, int number, uint64_t watchers)
{
    supervisor->slots[number].service.watchers = watchers;
}

bool supervisor_is_gone(const struct supervisor *supervisor, int number)
{
    return supervisor->slots[number].is_gone;
}

bool supervisor_find_named(const struct supervisor *supervisor, const char *name, int *first,
                           int *end)
{
    const struct graph *graph = &supervisor->graph;
    size_t length = strcspn(name, "@");
    for (int node = 0; node < graph->count; node++) {
        const char *base = graph->services[node]->name;
        if (strncmp(base, name, length) != 0 || base[length] != '\0')
            continue;
        *first = supervisor->first_slot[node];
        *end = supervisor->first_slot[node + 1];
        if (name[length] == '\0')
            return true;
        for (int i = *first; i < *end; i++) {
            if (strcmp(supervisor->slots[i].service.name, name) != 0)
                continue;
            *first = i;
            *end = i + 1;
            return true;
        }
    }
    return false;
}

void supervisor_each(struct supervisor *supervisor,
                     void (*visit)(void *data, const struct service *service), void *data)
{
    for (int i = 0; i < supervisor->count; i++)
        if (!supervisor->slots[i].is_gone)
            visit(data, &supervisor->slots[i].service);
}
