/*
 * Long random walks of one service beside a model of its processes. Whatever happens, in whatever
 * order, and whenever its rules change: it is never started while something of it lives, never
 * killed before it was asked, has a deadline whenever something of it is to end, and always comes
 * to rest when it is told to.
 */
#include "supervisor/service.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>

enum { WALKS = 5000, STEPS = 200, LEADER = 100, HELPER = 200, DAEMON = 300, MOMENT_MS = 1000 };

static struct walk {
    unsigned seed;
    uint64_t random;
    int64_t now_ms;
    struct service_conf conf;
    struct restart_conf restart;
    struct stop_conf stop;
    struct health_conf health;
    struct service service;
    /* the model: what is alive, and what it was sent */
    bool leader;
    bool others; /* of the leader's group */
    bool helper;
    bool is_executed; /* of a forking service: its daemon is the leader */
    bool is_launcher; /* the leader is who stands for what is launched */
    bool was_refused; /* the leader told that it could not exec */
    bool leader_asked;
    bool group_asked;
    bool helper_asked;
    bool is_left;    /* the others are not its concern: they were left by the rules of then */
    bool is_late;    /* it was told to be dead, and nobody wanted it since */
    int64_t dead_ms; /* by when it has to have got SIGKILL, then */
} w;

static unsigned pick(unsigned count)
{
    w.random ^= w.random << 13;
    w.random ^= w.random >> 7;
    w.random ^= w.random << 17;
    return (unsigned)(w.random >> 20) % count;
}

/* ck_assert would tell its parent of each one that holds. */
#define expect(condition)                                    \
    do {                                                     \
        if (!(condition))                                    \
            ck_abort_msg("seed %u: %s", w.seed, #condition); \
    } while (0)

static void send(struct service_event event);

static void start_leader(void)
{
    expect(!w.leader && !w.helper);
    expect(!w.others || w.is_left);
    w.is_executed = w.was_refused = false;
    w.leader_asked = w.group_asked = w.helper_asked = false;
    if (pick(8) == 0) {
        send((struct service_event){
            .kind = SERVICE_SPAWN_FAILED,
            .spawn_error = {.stage = SPAWN_FORK, .error = pick(4) ? EAGAIN : EPERM}});
        return;
    }
    w.leader = true;
    w.is_launcher = w.conf.type == TYPE_FORKING;
    w.others = false;
    send((struct service_event){.kind = SERVICE_FORKED, .pid = LEADER});
}

static void start_helper(void)
{
    expect(!w.helper);
    w.helper = pick(5) != 0;
    if (w.helper)
        send((struct service_event){.kind = SERVICE_HELPER_FORKED, .pid = HELPER});
    else
        send((struct service_event){.kind = SERVICE_HELPER_ENDED});
}

static void perform(unsigned actions)
{
    bool has_target = w.service.pid != 0 || w.service.group != 0;
    expect(has_target || !(actions & (SERVICE_SIGNAL_GROUP | SERVICE_KILL_GROUP)));
    expect(w.leader || !(actions & (SERVICE_SIGNAL | SERVICE_KILL)));
    if (actions & SERVICE_SPAWN)
        start_leader();
    if (actions & SERVICE_RUN_STOP_COMMAND)
        start_helper();
    if (actions & SERVICE_SIGNAL)
        w.leader_asked = true;
    if (actions & SERVICE_SIGNAL_GROUP)
        w.leader_asked = w.group_asked = true;
    if (actions & SERVICE_END_HELPER) {
        expect(w.helper);
        w.helper_asked = true;
    }
    if (actions & SERVICE_KILL)
        expect(w.leader_asked);
    if (actions & SERVICE_KILL_GROUP)
        expect(w.group_asked);
    if (actions & SERVICE_KILL_HELPER)
        expect(w.helper && w.helper_asked);
}

static void check(void)
{
    const struct service *s = &w.service;
    expect(!service_is_at_rest(s) || s->deadline_ms == SERVICE_NO_DEADLINE);
    expect(s->state != SERVICE_STOPPING || s->deadline_ms >= w.now_ms);
    expect(s->state != SERVICE_BACKOFF || s->deadline_ms >= w.now_ms);
    expect(s->state != SERVICE_WAITING || s->deadline_ms == SERVICE_NO_DEADLINE);
    expect(s->state != SERVICE_STARTING || s->deadline_ms == SERVICE_NO_DEADLINE);
    expect(s->state != SERVICE_UP || s->deadline_ms == SERVICE_NO_DEADLINE);
    /* It is looked after exactly as long as it is up and to stay so. */
    bool is_looked_after = s->state == SERVICE_UP && s->is_wanted;
    expect((s->keepalive_deadline_ms != SERVICE_NO_DEADLINE) ==
           (is_looked_after && s->watchdog_ms > 0));
    expect((s->health != VERDICT_NONE) ==
           (is_looked_after && w.conf.health->probe.kind != PROBE_NONE));
    if (s->state == SERVICE_STOPPING && s->step == STEP_KILL)
        w.is_late = false;
    /* The shutdown has no time for another stop-timeout. */
    expect(!w.is_late || s->state != SERVICE_STOPPING || s->deadline_ms <= w.dead_ms);
    expect((s->pid != 0) == w.leader);
    expect((s->helper != 0) == w.helper);
    expect(!service_is_at_rest(s) || !service_has_processes(s));
    expect(s->state != SERVICE_UP || (w.leader && w.is_executed));
}

/* Whoever is told of changes learns of each, and of a rest once. */
static void check_change(enum service_state before, bool was_at_rest, unsigned actions)
{
    enum service_state state = w.service.state;
    expect(state == before || state == SERVICE_STOPPING || (actions & SERVICE_CHANGED));
    expect(!was_at_rest || state != before || !(actions & SERVICE_CHANGED));
    expect(!(actions & SERVICE_SPAWN) || (state == SERVICE_STARTING && w.service.is_wanted));
    expect(w.service.is_wanted || (state != SERVICE_BACKOFF && state != SERVICE_WAITING));
}

static void send(struct service_event event)
{
    enum service_state before = w.service.state;
    bool was_at_rest = service_is_at_rest(&w.service);
    unsigned actions = service_step(&w.service, &event, w.now_ms);
    if (event.kind == SERVICE_WANT_UP)
        w.is_late = false;
    if (event.kind == SERVICE_WANT_DEAD && !w.is_late) {
        w.is_late = true;
        w.dead_ms = w.now_ms + (int64_t)2 * MOMENT_MS;
    }
    check_change(before, was_at_rest, actions);
    perform(actions);
}

static void tell(enum service_event_kind kind)
{
    send(
        (struct service_event){.kind = kind, .reason = pick(2) ? REASON_BY_HAND : REASON_SHUTDOWN});
}

/* The shell looks at the group as soon as the leader is reaped. */
static void look_at_group(void)
{
    if (w.service.group != 0)
        tell(w.others ? SERVICE_GROUP_LEFT : SERVICE_GROUP_GONE);
}

static void end_leader(void)
{
    static const int statuses[] = {0, 0, 1 << 8, 3 << 8, SIGTERM, SIGKILL};
    w.leader = false;
    w.others = w.is_executed && pick(3) == 0;
    w.is_left = !service_cleans_group(&w.service);
    send((struct service_event){.kind = SERVICE_EXITED, .wait_status = statuses[pick(6)]});
    look_at_group();
}

static void end_helper(void)
{
    w.helper = false;
    tell(SERVICE_HELPER_ENDED);
}

static void reach_deadline(void)
{
    int64_t deadline_ms = service_deadline_ms(&w.service);
    if (deadline_ms == SERVICE_NO_DEADLINE)
        return;
    w.now_ms = deadline_ms > w.now_ms ? deadline_ms : w.now_ms;
    look_at_group();
    if (service_deadline_ms(&w.service) == deadline_ms)
        tell(SERVICE_DEADLINE);
}

/* Those of its configuration, or of another one while it lives. */
static void choose_rules(void)
{
    static char *const command[] = {"stop", NULL};
    w.conf = service_defaults;
    w.restart = *service_defaults.restart;
    w.stop = *service_defaults.stop;
    w.restart.policy = (enum restart_policy)pick(4);
    w.restart.tries = pick(2) ? 0 : (int)pick(4);
    w.restart.crash_limit = pick(2) ? 0 : (int)pick(5);
    w.restart.delay_ms = pick(4) ? 100 : 0;
    w.stop.kill_mode = (enum kill_mode)pick(3);
    w.stop.timeout_ms = (int64_t[]){0, 1, 500, 10000}[pick(4)];
    w.stop.command = pick(2) ? command : NULL;
    w.conf.type = (uint8_t)(int[]){TYPE_SIMPLE, TYPE_SIMPLE, TYPE_ONESHOT, TYPE_FORKING}[pick(4)];
    w.health = *service_defaults.health;
    w.health.probe.kind = pick(3) ? PROBE_EXEC : PROBE_NONE;
    w.health.on_unhealthy = (enum unhealthy_action)pick(3);
    w.health.watchdog_ms = (int64_t[]){0, 1, 700, 30000}[pick(4)];
    w.conf.health = &w.health;
    w.conf.restart = &w.restart;
    w.conf.stop = &w.stop;
}

/* The time that it had, when it was told to be dead, was that of the other rules. */
static void get_other_rules(void)
{
    choose_rules();
    w.is_late = false;
    tell(SERVICE_RECONFIGURED);
}

/* What is found of it, or it says of itself. */
static void hear(void)
{
    static const enum service_event_kind kinds[] = {SERVICE_HEALTHY, SERVICE_UNHEALTHY,
                                                    SERVICE_KEEPALIVE, SERVICE_EXTENDED};
    unsigned kind = pick(24);
    if (kind < 20)
        send((struct service_event){.kind = kinds[kind % 4], .extend_ms = pick(2000)});
    else if (kind < 23)
        send((struct service_event){.kind = SERVICE_WATCHDOG_SET,
                                    .watchdog_ms = (int64_t[]){0, 5, 3000}[kind - 20]});
    else
        tell(SERVICE_WATCHDOG_PULLED);
}

/* The launcher goes on as its daemon, or leaves none and lives until all that is left has gone. */
static void end_launcher(void)
{
    if (pick(4) == 0) {
        tell(SERVICE_DAEMON_MISSING);
        return;
    }
    send((struct service_event){.kind = SERVICE_DAEMON_NAMED, .pid = DAEMON});
    w.is_launcher = false;
    w.is_executed = true;
    /* It has not got what the launcher got, and is asked by this step where it is to stop. */
    w.leader_asked = w.group_asked = false;
    send((struct service_event){.kind = SERVICE_DAEMON_FOUND, .pid = DAEMON, .group = DAEMON});
}

static void get_executed(void)
{
    w.was_refused = pick(4) == 0;
    w.is_executed = !w.was_refused && !w.is_launcher;
    send((struct service_event){
        .kind = w.was_refused ? SERVICE_SPAWN_FAILED : SERVICE_EXECUTED,
        .spawn_error = {.stage = SPAWN_EXEC, .error = pick(2) ? ENOENT : ETXTBSY}});
}

/* One thing that can happen now. */
static void happen(void)
{
    static const enum service_event_kind intents[] = {SERVICE_WANT_UP, SERVICE_WANT_UP,
                                                      SERVICE_WANT_DOWN, SERVICE_WANT_NO_RESTART,
                                                      SERVICE_WANT_DEAD};
    int64_t then_ms = w.now_ms + (pick(3) ? 0 : pick(3000));
    int64_t deadline_ms = service_deadline_ms(&w.service);
    bool is_due = deadline_ms != SERVICE_NO_DEADLINE && deadline_ms <= then_ms;
    w.now_ms = is_due ? w.now_ms : then_ms;
    if (is_due) {
        reach_deadline();
        return;
    }
    switch (pick(12)) {
    case 10:
    case 11:
        hear();
        break;
    case 0:
        tell(intents[pick(5)]);
        break;
    case 1:
    case 2:
        tell(SERVICE_DEPS_MET);
        break;
    case 3:
        if (w.leader && w.is_launcher && !w.was_refused && pick(4) != 0)
            end_launcher();
        else if (w.leader && !w.is_executed && !w.was_refused)
            get_executed();
        break;
    case 4:
    case 5:
        if (w.leader && (w.is_executed || w.was_refused || pick(4) == 0))
            end_leader();
        break;
    case 6:
        if (w.helper)
            end_helper();
        break;
    case 7:
        if (!w.leader && w.others) {
            w.others = pick(2);
            look_at_group();
        }
        break;
    case 8:
        reach_deadline();
        break;
    case 9:
        if (pick(4) == 0)
            get_other_rules();
        break;
    }
}

/* Told to go down for good, where SIGKILL works: it does. */
static void come_to_rest(void)
{
    tell(SERVICE_WANT_DOWN);
    for (int i = 0; i < 20 && !service_is_at_rest(&w.service); i++) {
        if (w.service.state == SERVICE_STOPPING && w.service.step == STEP_KILL) {
            w.others = false;
            if (w.helper)
                end_helper();
            if (w.leader)
                end_leader();
            w.others = false;
            look_at_group();
        }
        if (!service_is_at_rest(&w.service))
            reach_deadline();
        check();
    }
    expect(service_is_at_rest(&w.service));
}

static void begin(unsigned seed)
{
    w = (struct walk){
        .seed = seed, .random = (uint64_t)seed * 2654435761U + 88172645463325252U, .now_ms = 10};
    choose_rules();
    service_init(&w.service, &w.conf);
    w.service.leaves_group = pick(6) == 0;
}

START_TEST(no_walk_breaks_a_rule_and_every_walk_can_be_ended)
{
    int states[SERVICE_DONE + 1] = {0};
    int reasons[REASON_LEADER_GONE + 1] = {0};
    for (unsigned seed = 1; seed <= WALKS; seed++) {
        begin(seed);
        for (int i = 0; i < STEPS; i++) {
            happen();
            check();
            states[w.service.state]++;
            reasons[w.service.reason]++;
        }
        come_to_rest();
    }
    for (int i = 0; i <= SERVICE_DONE; i++) /* a walk that goes nowhere shows nothing */
        ck_assert_int_gt(states[i], WALKS);
    ck_assert_int_gt(reasons[REASON_UNHEALTHY], WALKS / 2);
    ck_assert_int_gt(reasons[REASON_WATCHDOG], WALKS / 2);
}
END_TEST

int main(void)
{
    return unit_run("service_walk", no_walk_breaks_a_rule_and_every_walk_can_be_ended);
}
