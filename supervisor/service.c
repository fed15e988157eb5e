#include "supervisor/service.h"

#include "supervisor/outcome.h"

enum {
    KILL_AGAIN_MS = 1000, /* to the second SIGKILL, and twice as long each time */
    KILL_AGAIN_MOST_MS = 60000,
    SIGNAL_ROOM_MS = 1000, /* of stop-timeout, for the stop signal behind a stop-command */
};

void service_init(struct service *service, const struct service_conf *conf)
{
    *service = (struct service){
        .conf = conf,
        .name = conf->name,
        .deadline_ms = SERVICE_NO_DEADLINE,
        .keepalive_deadline_ms = SERVICE_NO_DEADLINE,
        .executed_ms = -1,
        .history = policy_no_history,
        .state = SERVICE_DOWN,
    };
}

bool service_has_processes(const struct service *service)
{
    return service->pid != 0 || service->group != 0 || service->helper != 0;
}

bool service_is_at_rest(const struct service *service)
{
    switch ((enum service_state)service->state) {
    case SERVICE_DOWN:
    case SERVICE_FAILED:
    case SERVICE_DONE:
        return true;
    case SERVICE_WAITING:
    case SERVICE_STARTING:
    case SERVICE_UP:
    case SERVICE_STOPPING:
    case SERVICE_BACKOFF:
        return false;
    }
    return false;
}

bool service_outlives_kill(const struct service *service)
{
    return service->state == SERVICE_STOPPING && service->step == STEP_KILL &&
           service->wait_ms > KILL_AGAIN_MS;
}

bool service_cleans_group(const struct service *service)
{
    return service->conf->stop->kill_mode != KILL_PROCESS && !service->leaves_group;
}

bool service_is_executed(const struct service *service)
{
    return service->executed_ms >= 0;
}

int64_t service_deadline_ms(const struct service *service)
{
    int64_t state_ms = service->deadline_ms;
    int64_t keepalive_ms = service->keepalive_deadline_ms;
    bool is_nearer = state_ms == SERVICE_NO_DEADLINE ||
                     (keepalive_ms != SERVICE_NO_DEADLINE && keepalive_ms < state_ms);
    return is_nearer ? keepalive_ms : state_ms;
}

/* Whoever is to end need not be well. */
static bool is_looked_after(const struct service *service)
{
    return service->state == SERVICE_UP && service->is_wanted;
}

bool service_is_checked(const struct service *service)
{
    return is_looked_after(service) && service->conf->health->probe.kind != PROBE_NONE;
}

bool service_ends_all(const struct service *service)
{
    return service->reason == REASON_UNHEALTHY &&
           service->conf->health->on_unhealthy == UNHEALTHY_STOP;
}

/* Its own, or 1 where that says that it went well, which it did not. */
static int forced_code(const struct service *service)
{
    int code = outcome_exit_code(service->wait_status);
    return exit_codes_has(&service->conf->restart->success, code) ? 1 : code;
}

int service_exit_code(const struct service *service)
{
    if (service->is_impossible)
        return service->cause_code;
    if (service->was_forced && service->has_ended)
        return forced_code(service);
    if (service->was_refused)
        return outcome_spawn_code(&service->spawn_error);
    return service->has_ended ? outcome_exit_code(service->wait_status) : 0;
}

static bool is_success(const struct service *service)
{
    return !service->was_refused && !service->was_forced && !service->is_impossible &&
           exit_codes_has(&service->conf->restart->success, service_exit_code(service));
}

bool service_ended_well(const struct service *service)
{
    bool by_stop = service->was_asked && !service->was_refused && !service->was_forced &&
                   service->has_ended &&
                   service_exit_code(service) == 128 + service->conf->stop->signal;
    return by_stop || is_success(service);
}

const char *service_state_name(enum service_state state)
{
    switch (state) {
    case SERVICE_DOWN:
        return "down";
    case SERVICE_WAITING:
        return "waiting";
    case SERVICE_STARTING:
        return "starting";
    case SERVICE_UP:
        return "up";
    case SERVICE_STOPPING:
        return "stopping";
    case SERVICE_BACKOFF:
        return "backoff";
    case SERVICE_FAILED:
        return "failed";
    case SERVICE_DONE:
        return "done";
    }
    return "?";
}

/* --- changes of state: the only writers of state, step and deadlines -------------------------- */

/* Nobody looks after it there, unless it is up: look_after(). */
static void enter(struct service *service, enum service_state state, int64_t deadline_ms)
{
    service->state = (uint8_t)state;
    service->deadline_ms = deadline_ms;
    service->health = VERDICT_NONE;
    service->keepalive_deadline_ms = SERVICE_NO_DEADLINE;
}

static void expect_keepalive(struct service *service, int64_t now_ms)
{
    bool is_expected = is_looked_after(service) && service->watchdog_ms > 0;
    service->keepalive_deadline_ms =
        is_expected ? now_ms + service->watchdog_ms : SERVICE_NO_DEADLINE;
}

/* It is up: what is known of its health begins anew. */
static void look_after(struct service *service, int64_t now_ms)
{
    service->health = service_is_checked(service) ? VERDICT_STARTING : VERDICT_NONE;
    expect_keepalive(service, now_ms);
}

static void enter_step(struct service *service, enum service_step step, int64_t deadline_ms)
{
    enter(service, SERVICE_STOPPING, deadline_ms);
    service->step = (uint8_t)step;
}

static unsigned rest(struct service *service, enum service_state state)
{
    enter(service, state, SERVICE_NO_DEADLINE);
    return SERVICE_CHANGED;
}

static unsigned begin_waiting(struct service *service)
{
    enter(service, SERVICE_WAITING, SERVICE_NO_DEADLINE);
    service->reason = REASON_NONE;
    service->is_impossible = false;
    service->was_wanted = true; /* that somebody stopped it is over */
    service->history = policy_no_history;
    return SERVICE_CHANGED;
}

static unsigned begin_start(struct service *service)
{
    enter(service, SERVICE_STARTING, SERVICE_NO_DEADLINE);
    service->reason = REASON_NONE;
    service->was_refused = service->was_asked = service->has_left_some = false;
    service->was_forced = service->was_pulled = service->is_late = false;
    return SERVICE_CHANGED | SERVICE_SPAWN;
}

static int32_t clamp_ms(int64_t ms)
{
    return ms < INT32_MAX ? (int32_t)ms : INT32_MAX;
}

/* --- the end of a run ------------------------------------------------------------------------- */

/* Any number, but the same one for the same life, so that rules can be tested. */
static uint32_t random_of(const struct service *service, int64_t now_ms)
{
    uint64_t x = (uint64_t)now_ms * 0x9E3779B97F4A7C15U + (uint64_t)service->wait_status;
    x = (x ^ (x >> 32) ^ service->instance ^ (uintptr_t)service->conf) * 0xD6E8FEB86659FD93U;
    return (uint32_t)(x >> 32);
}

static unsigned begin_backoff(struct service *service, int64_t now_ms)
{
    int64_t delay_ms =
        policy_delay_ms(service->conf->restart, &service->history, random_of(service, now_ms));
    service->wait_ms = clamp_ms(delay_ms);
    enter(service, SERVICE_BACKOFF, now_ms + delay_ms);
    return SERVICE_CHANGED;
}

static unsigned settle_by_policy(struct service *service, int64_t now_ms)
{
    const struct restart_conf *conf = service->conf->restart;
    struct policy_run run = {.length_ms = service->run_ms, .is_success = is_success(service)};
    switch (policy_decide(conf, &service->history, &run)) {
    case POLICY_RESTART:
        return service->is_wanted ? begin_backoff(service, now_ms) : rest(service, SERVICE_DOWN);
    case POLICY_DONE:
        return rest(service, SERVICE_DONE);
    case POLICY_FAILED:
        return rest(service, SERVICE_FAILED);
    }
    return 0;
}

/* The one place that decides what a service becomes, once nothing of it runs any more. */
static unsigned settle(struct service *service, int64_t now_ms)
{
    if (service_has_processes(service))
        return 0;
    /* One that had ended by itself before somebody wanted it down may have failed for good. */
    if (!service->is_wanted && !service->was_wanted)
        return rest(service, SERVICE_DOWN);
    if (service->is_wanted &&
        service->reason == REASON_BY_HAND) /* and it was wanted again meanwhile */
        return begin_waiting(service);
    /* Docker, too, restarts only what has once started. */
    if (service->was_refused && spawn_error_is_permanent(&service->spawn_error))
        return rest(service, SERVICE_FAILED);
    if (service_ends_all(service))
        return rest(service, SERVICE_FAILED);
    return settle_by_policy(service, now_ms);
}

/* --- stopping --------------------------------------------------------------------------------- */

/* Of stop-timeout: what is kept for the stop signal behind a stop-command. */
static int64_t signal_room_ms(const struct service *service)
{
    int64_t half_ms = service->conf->stop->timeout_ms / 2;
    return half_ms < SIGNAL_ROOM_MS ? half_ms : SIGNAL_ROOM_MS;
}

/* The stop signal; whoever is left at end_ms gets SIGKILL. */
static unsigned begin_signal(struct service *service, int64_t now_ms, int64_t end_ms)
{
    unsigned end_helper = service->helper != 0 ? SERVICE_END_HELPER : 0;
    bool has_leader = service->pid != 0;
    service->was_asked = true;
    service->asked_ms = now_ms;
    service->group_was_asked = !has_leader || service->conf->stop->kill_mode == KILL_GROUP;
    enter_step(service, has_leader ? STEP_SIGNAL : STEP_REST, end_ms);
    if (!service->group_was_asked)
        return end_helper | SERVICE_SIGNAL;
    return end_helper | (has_leader || service->group != 0 ? SERVICE_SIGNAL_GROUP : 0);
}

/* The stop signal to those whom the leader leaves behind or, with kill-mode = mixed, did not share
 * it with. */
static unsigned ask_rest(struct service *service, int64_t now_ms, int64_t end_ms)
{
    service->asked_ms = now_ms;
    service->group_was_asked = true;
    enter_step(service, STEP_REST, end_ms);
    return SERVICE_SIGNAL_GROUP;
}

/* With kill-mode = mixed, or where kill-mode has changed since its leader was asked. */
static bool has_unasked_rest(const struct service *service)
{
    return service->conf->stop->kill_mode != KILL_PROCESS && !service->group_was_asked &&
           (service->pid != 0 || service->group != 0);
}

static unsigned begin_rest(struct service *service, int64_t now_ms)
{
    int64_t room_ms = service->is_late ? signal_room_ms(service) : service->conf->stop->timeout_ms;
    return ask_rest(service, now_ms, now_ms + room_ms);
}

static unsigned repeat_kill(struct service *service, int64_t now_ms)
{
    unsigned actions = service->helper != 0 ? SERVICE_KILL_HELPER : 0;
    enter_step(service, STEP_KILL, now_ms + service->wait_ms);
    if (service->pid == 0 && service->group == 0)
        return actions;
    bool kills_group =
        service->pid == 0 || (service->group_was_asked && service_cleans_group(service));
    return actions | (kills_group ? SERVICE_KILL_GROUP : SERVICE_KILL);
}

static unsigned begin_kill(struct service *service, int64_t now_ms)
{
    service->wait_ms = KILL_AGAIN_MS;
    return repeat_kill(service, now_ms) | SERVICE_CHANGED;
}

/* Asks a running service to end; all of it happens within stop-timeout. */
static unsigned begin_stop(struct service *service, int64_t now_ms)
{
    int64_t end_ms = now_ms + service->conf->stop->timeout_ms;
    if (!service->conf->stop->command || !service_is_executed(service))
        return begin_signal(service, now_ms, end_ms) | SERVICE_CHANGED;
    service->was_asked = true;
    enter_step(service, STEP_COMMAND, end_ms - signal_room_ms(service));
    return SERVICE_RUN_STOP_COMMAND | SERVICE_CHANGED;
}

/* A run that we end counts as failed. */
static unsigned force_stop(struct service *service, enum service_reason reason, int64_t now_ms)
{
    service->reason = (uint8_t)reason;
    service->was_forced = true;
    return begin_stop(service, now_ms);
}

/* --- intents ---------------------------------------------------------------------------------- */

/* It stops although nobody asked for it. */
static bool stops_by_itself(const struct service *service)
{
    switch ((enum service_reason)service->reason) {
    case REASON_START_TIMEOUT:
    case REASON_UNHEALTHY:
    case REASON_WATCHDOG:
    case REASON_LEADER_GONE:
        return true;
    case REASON_NONE:
    case REASON_BY_HAND:
    case REASON_SHUTDOWN:
        return false;
    }
    return false;
}

static unsigned want_up(struct service *service, int64_t now_ms)
{
    bool was_wanted = service->is_wanted;
    service->is_wanted = true;
    switch ((enum service_state)service->state) {
    case SERVICE_DOWN:
    case SERVICE_FAILED:
    case SERVICE_DONE:
    case SERVICE_BACKOFF:
        return begin_waiting(service);
    case SERVICE_STOPPING:
        /* What runs of it ends first; then it is started, whatever its policy says. */
        if (stops_by_itself(service))
            service->reason = REASON_BY_HAND;
        return 0;
    case SERVICE_UP:
        if (!was_wanted)
            look_after(service, now_ms);
        return 0;
    case SERVICE_WAITING:
    case SERVICE_STARTING:
        return 0;
    }
    return 0;
}

/* What has no process is down at once. */
static unsigned want_no_restart(struct service *service)
{
    service->is_wanted = false;
    switch ((enum service_state)service->state) {
    case SERVICE_WAITING:
    case SERVICE_BACKOFF:
        return rest(service, SERVICE_DOWN);
    case SERVICE_STARTING:
        return service_has_processes(service) ? 0 : rest(service, SERVICE_DOWN);
    case SERVICE_UP:
        enter(service, SERVICE_UP, SERVICE_NO_DEADLINE); /* nobody looks after it any more */
        return 0;
    case SERVICE_STOPPING:
    case SERVICE_DOWN:
    case SERVICE_FAILED:
    case SERVICE_DONE:
        return 0;
    }
    return 0;
}

static unsigned want_down(struct service *service, enum service_reason reason, int64_t now_ms)
{
    unsigned actions = want_no_restart(service);
    switch ((enum service_state)service->state) {
    case SERVICE_STARTING:
    case SERVICE_UP:
        service->reason = (uint8_t)reason;
        return actions | begin_stop(service, now_ms);
    case SERVICE_STOPPING:
    case SERVICE_DOWN:
        service->reason = (uint8_t)reason;
        return actions;
    case SERVICE_WAITING:
    case SERVICE_BACKOFF:
    case SERVICE_FAILED:
    case SERVICE_DONE:
        return actions;
    }
    return actions;
}

bool service_is_held_down(const struct service *service)
{
    return service->state == SERVICE_DOWN && service->reason == REASON_BY_HAND;
}

/* Never without the stop signal before it: who has not got it yet has a moment for it. */
static unsigned stop_in_a_moment(struct service *service, int64_t now_ms)
{
    int64_t end_ms = now_ms + signal_room_ms(service);
    switch ((enum service_step)service->step) {
    case STEP_COMMAND:
        return begin_signal(service, now_ms, end_ms);
    case STEP_SIGNAL:
        return has_unasked_rest(service) ? ask_rest(service, now_ms, end_ms)
                                         : begin_kill(service, now_ms);
    case STEP_REST:
        return begin_kill(service, now_ms);
    case STEP_KILL:
        return 0;
    }
    return 0;
}

static unsigned want_dead(struct service *service, int64_t now_ms)
{
    unsigned actions = want_no_restart(service);
    service->is_late = true;
    switch ((enum service_state)service->state) {
    case SERVICE_STARTING:
    case SERVICE_UP:
        return actions | begin_signal(service, now_ms, now_ms + signal_room_ms(service)) |
               SERVICE_CHANGED;
    case SERVICE_STOPPING:
        return actions | stop_in_a_moment(service, now_ms);
    case SERVICE_WAITING:
    case SERVICE_BACKOFF:
    case SERVICE_DOWN:
    case SERVICE_FAILED:
    case SERVICE_DONE:
        return actions;
    }
    return actions;
}

/* --- facts ------------------------------------------------------------------------------------ */

/* The time for all of the start begins: for the exec, until it is ready, for a oneshot's run. */
static void note_forked(struct service *service, pid_t pid, int64_t now_ms)
{
    int64_t timeout_ms = service->conf->ready->timeout_ms;
    service->pid = service->pgid = pid;
    service->ready_after_ms = clamp_ms(timeout_ms);
    service->watchdog_ms = service->conf->health->watchdog_ms;
    service->is_launching = service->conf->type == TYPE_FORKING;
    if (service->state == SERVICE_STARTING && timeout_ms > 0)
        enter(service, SERVICE_STARTING, now_ms + timeout_ms);
}

static unsigned become_up(struct service *service, int64_t now_ms)
{
    service->ready_after_ms = clamp_ms(now_ms - service->executed_ms);
    enter(service, SERVICE_UP, SERVICE_NO_DEADLINE);
    look_after(service, now_ms);
    return SERVICE_CHANGED;
}

/* When it is ready by time alone. */
static int64_t ready_ms(const struct service *service)
{
    return service->executed_ms + service->conf->ready->probe.ms;
}

static unsigned wait_for_ready(struct service *service, int64_t now_ms)
{
    switch (service->conf->ready->probe.kind) {
    case PROBE_NONE:
        return become_up(service, now_ms);
    case PROBE_AFTER:
        if (service->deadline_ms == SERVICE_NO_DEADLINE || service->deadline_ms > ready_ms(service))
            enter(service, SERVICE_STARTING, ready_ms(service));
        return SERVICE_CHANGED;
    case PROBE_NOTIFY:
    case PROBE_FD:
    case PROBE_TCP:
    case PROBE_UNIX:
    case PROBE_EXEC:
    case PROBE_HTTP:
        return SERVICE_CHANGED | SERVICE_AWAIT_READY;
    }
    return SERVICE_CHANGED;
}

static unsigned on_executed(struct service *service, int64_t now_ms)
{
    if (service_is_executed(service))
        return 0; /* it was ready before we heard of it */
    if (service->is_launching)
        return 0; /* its program is the daemon */
    service->executed_ms = now_ms;
    if (service->state != SERVICE_STARTING)
        return 0; /* it was asked to stop meanwhile */
    return service->conf->type == TYPE_ONESHOT ? SERVICE_CHANGED : wait_for_ready(service, now_ms);
}

/* What it left behind to be its main process, as sd_notify(3) has it. */
static unsigned on_main_pid(struct service *service, pid_t pid, pid_t group)
{
    if ((service->state != SERVICE_STARTING && service->state != SERVICE_UP) || service->pid == 0 ||
        service->is_launching)
        return 0;
    service->pid = pid;
    service->pgid = group;
    return 0;
}

static unsigned on_ready(struct service *service, int64_t now_ms)
{
    if (service->state != SERVICE_STARTING || service->pid == 0)
        return 0;
    if (service->is_launching) {
        service->said_ready = true;
        return 0;
    }
    if (!service_is_executed(service))
        service->executed_ms = now_ms;
    return become_up(service, now_ms);
}

/* Its program runs from now on. Where the service is to stop, it may have begun after what was
 * launched got the stop signal. */
static unsigned on_daemon_found(struct service *service, const struct service_event *event,
                                int64_t now_ms)
{
    service->pid = event->pid;
    service->pgid = event->group;
    service->daemon = 0;
    service->is_launching = false;
    unsigned actions = on_executed(service, now_ms);
    if (service->said_ready)
        actions |= on_ready(service, now_ms);
    if (service->state == SERVICE_STOPPING)
        actions |= service->group_was_asked ? SERVICE_SIGNAL_GROUP : SERVICE_SIGNAL;
    return actions;
}

static unsigned on_daemon_missing(struct service *service, int64_t now_ms)
{
    if (!service->is_launching || service->state != SERVICE_STARTING)
        return 0;
    service->reason = REASON_LEADER_GONE;
    service->was_forced = true;
    return begin_stop(service, now_ms);
}

/* A shutdown that has no time left, and SIGKILL, wait for nobody. */
static bool may_take_longer(const struct service *service)
{
    switch ((enum service_state)service->state) {
    case SERVICE_STARTING:
        return service->deadline_ms != SERVICE_NO_DEADLINE;
    case SERVICE_STOPPING:
        return !service->is_late && service->step != STEP_KILL;
    case SERVICE_DOWN:
    case SERVICE_WAITING:
    case SERVICE_UP:
    case SERVICE_BACKOFF:
    case SERVICE_FAILED:
    case SERVICE_DONE:
        return false;
    }
    return false;
}

/* It says that it needs longer, and for how long. */
static unsigned on_extended(struct service *service, int64_t extend_ms, int64_t now_ms)
{
    int64_t more_ms = now_ms + extend_ms - service->deadline_ms;
    if (may_take_longer(service) && more_ms > 0) {
        service->deadline_ms += more_ms;
        if (service->state == SERVICE_STARTING)
            service->ready_after_ms = clamp_ms(service->ready_after_ms + more_ms);
    }
    if (service->keepalive_deadline_ms != SERVICE_NO_DEADLINE &&
        service->keepalive_deadline_ms < now_ms + extend_ms)
        service->keepalive_deadline_ms = now_ms + extend_ms;
    return 0;
}

static unsigned on_healthy(struct service *service)
{
    if (service->health == VERDICT_NONE)
        return 0;
    service->health = VERDICT_HEALTHY;
    return SERVICE_HEALTH_CHANGED;
}

static bool is_to_stop_unhealthy(const struct service *service)
{
    return service->health == VERDICT_UNHEALTHY &&
           service->conf->health->on_unhealthy != UNHEALTHY_IGNORE;
}

static unsigned on_unhealthy(struct service *service, int64_t now_ms)
{
    if (service->health == VERDICT_NONE)
        return 0;
    service->health = VERDICT_UNHEALTHY;
    return is_to_stop_unhealthy(service) ? force_stop(service, REASON_UNHEALTHY, now_ms)
                                         : SERVICE_HEALTH_CHANGED;
}

/* What was found by other checks stays, until one finds something else. */
static unsigned on_reconfigured(struct service *service, int64_t now_ms)
{
    bool was_checked = service->health != VERDICT_NONE;
    if (was_checked != service_is_checked(service)) {
        service->health = was_checked ? VERDICT_NONE : VERDICT_STARTING;
        return SERVICE_HEALTH_CHANGED;
    }
    return is_to_stop_unhealthy(service) ? force_stop(service, REASON_UNHEALTHY, now_ms) : 0;
}

static unsigned on_keepalive(struct service *service, int64_t now_ms)
{
    expect_keepalive(service, now_ms);
    return 0;
}

/* As sd_notify(3) has it, it may be said at any time, and where no watchdog is configured. */
static unsigned on_watchdog_set(struct service *service, int64_t watchdog_ms, int64_t now_ms)
{
    service->watchdog_ms = watchdog_ms;
    expect_keepalive(service, now_ms);
    return 0;
}

static unsigned on_watchdog_pulled(struct service *service, int64_t now_ms)
{
    bool runs = service->state == SERVICE_STARTING || service->state == SERVICE_UP;
    if (!runs || service->pid == 0 || !service->is_wanted)
        return 0;
    service->was_pulled = true;
    return force_stop(service, REASON_WATCHDOG, now_ms);
}

static unsigned on_start_deadline(struct service *service, int64_t now_ms)
{
    if (service->conf->ready->probe.kind == PROBE_AFTER && service_is_executed(service) &&
        now_ms >= ready_ms(service))
        return become_up(service, now_ms);
    if (service->deadline_ms == SERVICE_NO_DEADLINE)
        return 0;
    return force_stop(service, REASON_START_TIMEOUT, now_ms);
}

static unsigned on_keepalive_deadline(struct service *service, int64_t now_ms)
{
    if (service->keepalive_deadline_ms == SERVICE_NO_DEADLINE ||
        now_ms < service->keepalive_deadline_ms)
        return 0;
    return force_stop(service, REASON_WATCHDOG, now_ms);
}

static unsigned on_impossible(struct service *service, int cause_code)
{
    if (service->state != SERVICE_WAITING)
        return 0;
    service->is_impossible = true;
    /* Its cause may have ended well; it has not done what it was there for. */
    service->cause_code = (int16_t)(cause_code == 0 ? 1 : cause_code);
    return rest(service, SERVICE_FAILED);
}

static unsigned on_spawn_failed(struct service *service, const struct spawn_error *error,
                                int64_t now_ms)
{
    service->was_refused = true;
    service->was_wanted = service->is_wanted;
    service->spawn_error = *error;
    service->run_ms = 0;
    return settle(service, now_ms);
}

static void note_end(struct service *service, const struct service_event *event, int64_t now_ms)
{
    /* A child that could not execute its program has nobody in its group. */
    if (service_cleans_group(service) && !service->was_refused)
        service->group = event->group > 0 ? event->group : service->pgid;
    /* It leaves no daemon, whatever it says of itself. */
    if (service->is_launching && service->state == SERVICE_STARTING)
        service->was_forced = true;
    service->is_launching = service->said_ready = false;
    service->daemon = 0;
    service->pid = 0;
    service->run_ms = service_is_executed(service) ? now_ms - service->executed_ms : 0;
    service->executed_ms = -1;
    service->has_ended = true;
    service->was_wanted = service->is_wanted;
    service->wait_status = event->wait_status;
    service->out_of_memory = event->out_of_memory;
}

/* The leader has ended and still holds its number: now its group can be signalled for certain. */
static unsigned on_exited(struct service *service, const struct service_event *event,
                          int64_t now_ms)
{
    note_end(service, event, now_ms);
    if (service->state != SERVICE_STOPPING) {
        if (service->group == 0)
            return settle(service, now_ms);
        service->reason = REASON_LEADER_GONE;
        return begin_rest(service, now_ms);
    }
    if (service->step != STEP_COMMAND && service->group != 0 && !service->group_was_asked)
        return begin_rest(service, now_ms);
    return settle(service, now_ms);
}

static unsigned on_group_left(struct service *service, int64_t now_ms)
{
    bool is_news = service->reason == REASON_LEADER_GONE && !service->has_left_some;
    service->has_left_some = true;
    /* Whoever was forked after the stop signal has not got it. */
    if (service->state == SERVICE_STOPPING && service->step == STEP_SIGNAL)
        return ask_rest(service, now_ms, service->deadline_ms);
    return is_news ? SERVICE_CHANGED : 0;
}

static unsigned on_group_gone(struct service *service, int64_t now_ms)
{
    service->group = 0;
    return settle(service, now_ms);
}

static unsigned on_helper_ended(struct service *service, int64_t now_ms)
{
    service->helper = 0;
    if (service_has_processes(service) && service->step == STEP_COMMAND)
        return begin_signal(service, now_ms, service->deadline_ms + signal_room_ms(service));
    return settle(service, now_ms);
}

static unsigned on_step_deadline(struct service *service, int64_t now_ms)
{
    switch ((enum service_step)service->step) {
    case STEP_COMMAND:
        return begin_signal(service, now_ms, now_ms + signal_room_ms(service));
    case STEP_SIGNAL:
        return has_unasked_rest(service) ? begin_rest(service, now_ms)
                                         : begin_kill(service, now_ms);
    case STEP_REST:
        return begin_kill(service, now_ms);
    case STEP_KILL:
        service->wait_ms =
            service->wait_ms < KILL_AGAIN_MOST_MS / 2 ? service->wait_ms * 2 : KILL_AGAIN_MOST_MS;
        return repeat_kill(service, now_ms);
    }
    return 0;
}

static unsigned on_deadline(struct service *service, int64_t now_ms)
{
    switch ((enum service_state)service->state) {
    case SERVICE_BACKOFF:
        return begin_start(service);
    case SERVICE_STOPPING:
        return on_step_deadline(service, now_ms);
    case SERVICE_STARTING:
        return on_start_deadline(service, now_ms);
    case SERVICE_UP:
        return on_keepalive_deadline(service, now_ms);
    case SERVICE_DOWN:
    case SERVICE_WAITING:
    case SERVICE_FAILED:
    case SERVICE_DONE:
        return 0;
    }
    return 0;
}

unsigned service_step(struct service *service, const struct service_event *event, int64_t now_ms)
{
    switch (event->kind) {
    case SERVICE_WANT_UP:
        return want_up(service, now_ms);
    case SERVICE_WANT_DOWN:
        return want_down(service, event->reason, now_ms);
    case SERVICE_WANT_NO_RESTART:
        return want_no_restart(service);
    case SERVICE_WANT_DEAD:
        return want_dead(service, now_ms);
    case SERVICE_RECONFIGURED:
        return on_reconfigured(service, now_ms);
    case SERVICE_DEPS_MET:
        return service->state == SERVICE_WAITING ? begin_start(service) : 0;
    case SERVICE_DEPS_IMPOSSIBLE:
        return on_impossible(service, event->cause_code);
    case SERVICE_FORKED:
        note_forked(service, event->pid, now_ms);
        return 0;
    case SERVICE_EXECUTED:
        return on_executed(service, now_ms);
    case SERVICE_DAEMON_NAMED:
        service->daemon = event->pid;
        return 0;
    case SERVICE_DAEMON_FOUND:
        return on_daemon_found(service, event, now_ms);
    case SERVICE_DAEMON_MISSING:
        return on_daemon_missing(service, now_ms);
    case SERVICE_MAIN_PID:
        return on_main_pid(service, event->pid, event->group);
    case SERVICE_READY:
        return on_ready(service, now_ms);
    case SERVICE_EXTENDED:
        return on_extended(service, event->extend_ms, now_ms);
    case SERVICE_HEALTHY:
        return on_healthy(service);
    case SERVICE_UNHEALTHY:
        return on_unhealthy(service, now_ms);
    case SERVICE_KEEPALIVE:
        return on_keepalive(service, now_ms);
    case SERVICE_WATCHDOG_SET:
        return on_watchdog_set(service, event->watchdog_ms, now_ms);
    case SERVICE_WATCHDOG_PULLED:
        return on_watchdog_pulled(service, now_ms);
    case SERVICE_SPAWN_FAILED:
        return on_spawn_failed(service, &event->spawn_error, now_ms);
    case SERVICE_EXITED:
        return on_exited(service, event, now_ms);
    case SERVICE_GROUP_LEFT:
        return on_group_left(service, now_ms);
    case SERVICE_GROUP_GONE:
        return on_group_gone(service, now_ms);
    case SERVICE_HELPER_FORKED:
        service->helper = event->pid;
        return 0;
    case SERVICE_HELPER_ENDED:
        return on_helper_ended(service, now_ms);
    case SERVICE_DEADLINE:
        return on_deadline(service, now_ms);
    }
    return 0;
}
