/*
 * Random services that wait for each other in random ways, random ends, orders by hand, other
 * configurations, a stop at a random moment. Whatever happens: nothing starts before what it waits
 * for has come, what stands behind another stops in its turn, every wait has an end, nobody is
 * killed unasked, every order is carried out, what is removed ends, and the end comes in time.
 */
#include "tests/unit/services.h"

#include "supervisor/condition.h"

enum { WALKS = 300, STEPS = 250, FEWEST = 10, SERVICES = 60, INSTANCES = 3 };

static uint64_t random_state;
static unsigned seed;
static int count;
static int rank[SERVICES]; /* its place in an order that is possible */
static enum wait { NO_WAIT, WAIT_AFTER, WAIT_DEFAULT, WAIT_STARTED } waits[SERVICES][SERVICES];
static bool is_behind[SERVICES][SERVICES];  /* i waits for j, or for one that is behind it */
static bool depends_on[SERVICES][SERVICES]; /* the same without those that are only after it */
static const struct service *services[SERVICES][INSTANCES];
static bool is_stuck[MOST];       /* this process cannot be killed */
static int ended_all;             /* how often that was told */
static bool is_reordered;         /* while it stopped: some were asked in the order of before */
static bool steers;               /* somebody gives orders and changes files in this walk */
static bool is_reloaded;          /* in this walk: who depends on whom has changed meanwhile */
static bool is_crowded;           /* more than the first 64 were forked */
static char lines[SERVICES][512]; /* of each service, all but what it stands behind */
static int asked_in_turn;         /* services behind which others stood, in all walks */
static int asked_in_turn_by_hand;
static int reloads_with[4]; /* what was told, in all walks: enum supervisor_reloaded */
static int waited;          /* first starts that had something to wait for, in all walks */
static int stopped_with;    /* services that were stopped by hand on which others depended */
static int waited_for_hand; /* how often nothing but somebody's hand would have led on */
static int probed;
static int forced;         /* stops because of health or watchdog */
static int stopped_before; /* services that were down by hand when another configuration came */

static unsigned pick(unsigned choices)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state >> 20) % choices;
}

/* ck_assert would tell its parent of each one that holds. */
static void expect(bool holds, const char *what, const char *name)
{
    if (!holds)
        ck_abort_msg("seed %u: %s: %s", seed, name, what);
}

static int number_of(const struct service *service)
{
    return atoi(service->name + 1);
}

static const struct slot *slot_of(const struct service *service)
{
    return (const struct slot *)service;
}

static void remember(void *data, const struct service *service)
{
    (void)data;
    if (!slot_of(service)->is_removed)
        services[number_of(service)][service->instance > 0 ? service->instance - 1 : 0] = service;
}

static void remember_all(void)
{
    memset(services, 0, sizeof services);
    supervisor_each(&supervisor, remember, NULL);
    is_crowded = is_crowded || supervisor.count > SUPERVISOR_UNCONFIRMED;
}

/* --- the order -------------------------------------------------------------------------------- */

static enum condition_result look_at(const struct service *service, enum wait wait)
{
    static const enum condition conditions[] = {[WAIT_STARTED] = CONDITION_STARTED};
    bool is_bare = wait == WAIT_DEFAULT;
    bool is_oneshot = service->conf->type == TYPE_ONESHOT;
    enum condition condition = is_bare && is_oneshot ? CONDITION_COMPLETED
                               : is_bare             ? CONDITION_READY
                                                     : conditions[wait];
    return condition_look(service, condition, wait == WAIT_AFTER);
}

/* The first start alone waits; after a crash nobody does. */
static void check_spawn(const struct service *service)
{
    int i = number_of(service);
    expect(service->group == 0 && service->pid == 0 && service->helper == 0,
           "was started while something of it was there", service->name);
    expect(!slot_of(service)->is_removed, "was started after it was removed", service->name);
    spawn_error = pick(8) ? 0 : pick(8) ? EAGAIN : EPERM;
    expect(supervisor.shutdown.phase == SHUTDOWN_RUNNING, "was started after the stop",
           service->name);
    for (int j = 0; j < count && service->history.restarts == 0; j++)
        for (int k = 0; waits[i][j] && k < INSTANCES && services[j][k]; k++) {
            /* With more than 64 it may have crashed or been stopped since it was ready. */
            expect(is_crowded || look_at(services[j][k], waits[i][j]) == CONDITION_MET,
                   "was started before its turn", service->name);
            waited++;
        }
}

/* When one begins to stop by hand, nobody behind it is to stop or stops already. */
static void check_change(const struct service *service)
{
    forced += service->state == SERVICE_STOPPING && service->step == STEP_SIGNAL &&
              (service->reason == REASON_UNHEALTHY || service->reason == REASON_WATCHDOG);
    int i = number_of(service);
    if (slot_of(service)->is_removed || service->state != SERVICE_STOPPING ||
        service->reason != REASON_BY_HAND || service->step > STEP_SIGNAL || service->pid == 0)
        return;
    for (int j = 0; j < count; j++)
        for (int k = 0; is_behind[j][i] && k < INSTANCES && services[j][k]; k++) {
            const struct service *other = services[j][k];
            bool stops = other->state == SERVICE_STOPPING && other->reason == REASON_BY_HAND;
            expect(!slot_of(other)->is_to_stop && !stops, "stops by hand before its turn",
                   service->name);
            asked_in_turn_by_hand++;
            if (is_reloaded || !depends_on[j][i])
                continue;
            expect(service_is_at_rest(other) || other->state == SERVICE_WAITING,
                   "stops by hand under its dependents", service->name);
            stopped_with++;
        }
}

static void check_ask(const struct service *service)
{
    int i = number_of(service);
    if (slot_of(service)->is_removed)
        return;
    if (is_reordered || service->reason != REASON_SHUTDOWN ||
        supervisor.shutdown.phase != SHUTDOWN_ORDERED)
        return;
    for (int j = 0; j < count; j++)
        for (int k = 0; is_behind[j][i] && k < INSTANCES && services[j][k]; k++) {
            expect(service_is_at_rest(services[j][k]), "was asked before its turn", service->name);
            asked_in_turn++;
        }
}

/* --- configurations -------------------------------------------------------------------------- */

static void follow(bool (*reaches)[SERVICES], enum wait least)
{
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            reaches[i][j] = waits[i][j] >= least;
    for (int k = 0; k < count; k++)
        for (int i = 0; i < count; i++)
            for (int j = 0; j < count; j++)
                reaches[i][j] |= reaches[i][k] && reaches[k][j];
}

static void make_graph(void)
{
    memset(waits, 0, sizeof waits);
    for (int i = 0; i < count; i++) { /* a shuffled rank */
        int j = (int)pick((unsigned)i + 1);
        rank[i] = rank[j];
        rank[j] = i;
    }
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            if (rank[j] < rank[i] && pick((unsigned)count) < 2)
                waits[i][j] = WAIT_AFTER + pick(3);
}

static void make_lines(int i)
{
    static const char *const restarts[] = {"always", "on-failure:2", "no", "on-failure"};
    static const char *const modes[] = {"group", "group", "mixed", "process"};
    static const char *const readies[] = {"started",  "started",      "tcp:127.0.0.1:1",
                                          "exec:x y", "unix:/nobody", "notify",
                                          "fd:3",     "after:70ms"};
    static const char *const actions[] = {"restart", "restart", "restart", "restart", "ignore",
                                          "ignore",  "ignore",  "ignore",  "stop"};
    unsigned instances = pick(4) ? 0 : 1 + pick(INSTANCES);
    bool is_oneshot = pick(4) == 0;
    char *text = lines[i];
    text += sprintf(text,
                    "[service s%d]\ncommand = %s\nrestart = %s\nessential = %s\ntype = %s\n"
                    "kill-mode = %s\nstart = %s\n",
                    i, pick(2) ? "x" : "y", restarts[pick(4)], pick(12) ? "no" : "yes",
                    is_oneshot ? "oneshot" : "simple", modes[pick(4)], pick(8) ? "yes" : "no");
    if (!is_oneshot)
        text += sprintf(text, "ready = %s\n", readies[pick(8)]);
    if (!is_oneshot && pick(3) == 0)
        text += sprintf(text,
                        "health = exec:x\nhealth-interval = %ums\nhealth-timeout = %ums\n"
                        "health-retries = %u\non-unhealthy = %s\n",
                        1 + pick(100), 1 + pick(1000), 1 + pick(2), actions[pick(9)]);
    if (!is_oneshot && pick(8) == 0)
        text += sprintf(text, "watchdog = %ums\n", 1 + pick(5000));
    if (pick(3) == 0)
        text += sprintf(text, "start-timeout = %ums\n", 71 + pick(500));
    if (pick(2))
        text += sprintf(text, "stop-timeout = %ums\n", pick(5000));
    if (pick(3) == 0)
        text += sprintf(text, "stop-command = y\n");
    if (instances > 0)
        sprintf(text, "instances = %u\n", instances);
}

static char *add_names(char *at, const char *key, int i, bool is_after)
{
    at += sprintf(at, "%s =", key);
    for (int j = 0; j < count; j++)
        if (waits[i][j] && (waits[i][j] == WAIT_AFTER) == is_after)
            at += sprintf(at, " s%d%s", j, waits[i][j] == WAIT_STARTED ? ":started" : "");
    return at + sprintf(at, "\n");
}

static bool waits_for_some(int i, bool is_after)
{
    for (int j = 0; j < count; j++)
        if (waits[i][j] && (waits[i][j] == WAIT_AFTER) == is_after)
            return true;
    return false;
}

/* Most of them in order, since most files change little. */
static const char *make_text(void)
{
    static char text[64 * 1024];
    char *at = text + sprintf(text, "[reeve]\nstop-delay = %ums\n", pick(3) ? 0 : pick(3000));
    unsigned first = pick(4) ? 0 : pick((unsigned)count);
    for (int n = 0; n < count; n++) {
        int i = (n + (int)first) % count;
        at += sprintf(at, "%s", lines[i]);
        if (waits_for_some(i, true))
            at = add_names(at, "after", i, true);
        if (waits_for_some(i, false))
            at = add_names(at, "depends-on", i, false);
    }
    follow(is_behind, WAIT_AFTER);
    follow(depends_on, WAIT_DEFAULT);
    return text;
}

/* A few leave more to chance: all of them wait, or are down. */
static int pick_count(void)
{
    return pick(8) ? FEWEST + (int)pick(SERVICES - FEWEST + 1) : 2 + (int)pick(3);
}

static const char *make_first_conf(void)
{
    count = pick_count();
    make_graph();
    for (int i = 0; i < SERVICES; i++)
        make_lines(i);
    return make_text();
}

/* More services or fewer, in another order, or with other keys. */
static const char *make_next_conf(void)
{
    if (pick(2))
        count = pick_count();
    if (pick(2))
        make_graph();
    for (int i = count; i < SERVICES; i++)
        for (int j = 0; j < SERVICES; j++)
            waits[i][j] = waits[j][i] = NO_WAIT;
    for (int i = 0; i < SERVICES; i++)
        if (pick(6) == 0)
            make_lines(i);
    return make_text();
}

/* What is down by hand stays so. */
static void check_held(const char *const *names, int held_count)
{
    for (int n = 0; n < held_count; n++)
        for (int i = 0; i < supervisor.count; i++) {
            const struct slot *slot = &supervisor.slots[i];
            if (!slot->is_gone && strcmp(slot->service.name, names[n]) == 0)
                expect(service_is_held_down(&slot->service) && !slot->is_to_start,
                       "does not stay down", names[n]);
        }
    stopped_before += held_count;
}

static void note_told(void)
{
    static const char *const words[] = {"added ", "removed ", "changed ", "restarted "};
    for (int i = 0; i < 4; i++)
        reloads_with[i] += strstr(story, words[i]) != NULL;
}

static void change_conf(void)
{
    static char texts[SERVICES * INSTANCES][64];
    const char *names[SERVICES * INSTANCES];
    int held_count = 0;
    for (int i = 0; i < supervisor.count; i++)
        if (service_is_held_down(&supervisor.slots[i].service) &&
            !supervisor_has_order(&supervisor, i) && !supervisor.slots[i].is_removed) {
            strcpy(texts[held_count], supervisor.slots[i].service.name);
            names[held_count] = texts[held_count];
            held_count++;
        }
    is_reordered = is_reordered || supervisor.shutdown.phase != SHUTDOWN_RUNNING;
    is_reloaded = true;
    exchange(make_next_conf());
    note_told();
    *story = '\0';
    check_held(names, held_count);
    remember_all();
}

static void order_some(void)
{
    char name[16];
    int first;
    int end;
    enum supervisor_order what = (enum supervisor_order)pick(3);
    sprintf(name, "s%u", pick((unsigned)count));
    expect(supervisor_find_named(&supervisor, name, &first, &end), "is not found", name);
    if (pick(50) == 0) { /* all: also what is removed, which does not hear it */
        first = 0;
        end = supervisor.count;
    }
    for (int i = first; i < end; i++)
        if (pick(4) && !supervisor_is_gone(&supervisor, i))
            supervisor_order(&supervisor, i, what);
}

/* --- what can happen -------------------------------------------------------------------------- */

static void confirm(struct process *process)
{
    static const int errors[] = {ENOENT, EACCES, ETXTBSY, ENOMEM};
    struct spawn_error error = {.stage = SPAWN_EXEC, .error = errors[pick(4)]};
    process->is_known = true;
    if (pick(8))
        supervisor_executed(&supervisor, pid_at(process), now_ms);
    else
        supervisor_not_executed(&supervisor, pid_at(process), &error, now_ms);
}

static bool executes(const struct process *process)
{
    const struct service *service = supervisor_find(&supervisor, pid_at(process));
    return service && service_is_executed(service);
}

static void end(struct process *process)
{
    static const int statuses[] = {0, 1 << 8, 1 << 8, SIGTERM, SIGSEGV};
    struct supervisor_exit exit = {.pid = pid_at(process), .wait_status = statuses[pick(5)]};
    if (!process->is_helper && !process->is_known)
        confirm(process); /* its pipe is read before it is reaped */
    process->others = !process->is_helper && executes(process) && pick(4) == 0;
    bool is_ours = supervisor_exited(&supervisor, &exit, now_ms);
    expect(is_ours, "was taken for an orphan", process->name);
    process->is_alive = false; /* and reaped */
}

/* The program says something of itself; it may be heard before its exec is. */
static void say(const struct process *process)
{
    if (!process->is_alive || process->is_helper || (!process->is_known && pick(8)))
        return;
    static const enum service_event_kind kinds[] = {SERVICE_KEEPALIVE, SERVICE_WATCHDOG_SET,
                                                    SERVICE_WATCHDOG_PULLED};
    if (pick(4))
        supervisor_ready(&supervisor, pid_at(process), now_ms);
    else if (pick(2))
        supervisor_watchdog(&supervisor, pid_at(process), kinds[pick(2) + (pick(40) == 0)],
                            pick(3000), now_ms);
    else
        supervisor_extended(&supervisor, pid_at(process), pick(300), now_ms);
}

/* SIGKILL works at once, as a rule. */
static void die(void)
{
    for (struct process *process = processes; process < processes + process_count; process++) {
        if (process->killed == 0 || is_stuck[process - processes])
            continue;
        if (process->is_alive)
            end(process);
        process->others = false;
    }
}

static void pass(int64_t ms)
{
    if (deadline_ms >= 0 && now_ms + ms > deadline_ms)
        ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;
    now_ms += ms;
}

/* One that is there, most of the time. */
static struct process *pick_process(void)
{
    struct process *process = &processes[pick((unsigned)process_count)];
    for (int i = 0; i < 8 && !process->is_alive && !process->others; i++)
        process = &processes[pick((unsigned)process_count)];
    return process;
}

static void happen(void)
{
    struct process *process = pick_process();
    bool may_end = !is_stuck[process - processes] && (process->asked > 0 || pick(8) == 0);
    switch (pick(7)) {
    case 6:
        say(process);
        break;
    case 0:
    case 1:
        if (process->is_alive && !process->is_known && !process->is_helper)
            confirm(process);
        break;
    case 2:
        if (process->is_alive && may_end)
            end(process);
        break;
    case 3:
        process->others = process->others && (is_stuck[process - processes] || pick(3) > 0);
        break;
    case 4:
        pass(pick(200));
        break;
    case 5:
        if (steers && pick(10) == 0)
            change_conf();
        else if (steers)
            order_some();
        break;
    }
    die();
    supervisor_drained(&supervisor, now_ms);
    tick();
    ended_all += strstr(story, "because of") != NULL;
    *story = '\0';
}

/* Something that it waits for may come; what is done passes the wait on. */
static bool waits_in_reason(int i)
{
    for (int j = 0; j < count; j++) {
        bool is_done = waits[i][j] >= WAIT_DEFAULT;
        for (int k = 0; waits[i][j] && k < INSTANCES && services[j][k]; k++) {
            if (look_at(services[j][k], waits[i][j]) == CONDITION_OPEN)
                return true;
            is_done = is_done && services[j][k]->state == SERVICE_DONE;
        }
        if (is_done && waits_in_reason(j))
            return true;
    }
    return false;
}

static void check_waits(void)
{
    for (int i = 0; i < supervisor.count; i++) {
        const struct service *service = &supervisor.slots[i].service;
        if (service->state == SERVICE_WAITING)
            expect(waits_in_reason(number_of(service)), "waits for nothing", service->name);
    }
}

/* None waits for anything but what somebody may start. */
static bool is_for_somebody(void)
{
    waited_for_hand += supervisor.waiting > 0;
    return supervisor.active == supervisor.waiting && supervisor.orders == 0 &&
           (supervisor.waiting > 0 || supervisor.held > 0 || supervisor.is_steered);
}

/* Something moves it on: the time, or the end of a process. */
static void check_progress(void)
{
    bool is_alone = true;
    for (int i = 0; i < process_count; i++)
        is_alone = is_alone && !processes[i].is_alive && !processes[i].others;
    bool is_over = supervisor_is_over(&supervisor);
    check_waits();
    expect(is_over || !is_alone || deadline_ms != SHUTDOWN_FOREVER || is_for_somebody(),
           "nothing leads on", "all");
    expect(!is_over || supervisor.active > 0 || supervisor.probes > 0 ||
               supervisor.shutdown.phase != SHUTDOWN_RUNNING || deadline_ms == SHUTDOWN_FOREVER,
           "it waits for nothing", "all");
    expect(ended_all <= 1, "an end of all was told twice", "all");
}

/* --- walks ------------------------------------------------------------------------------------ */

static void check_end(void)
{
    const struct shutdown *shutdown = &supervisor.shutdown;
    expect(supervisor_is_over(&supervisor), "it does not end", "all");
    /* To be killed at last are who got their stop signal when that time had come. */
    expect(now_ms - shutdown->requested_ms <= shutdown->timeout_ms + 3000, "it ended late", "all");
    /* Of a probe nobody waits for the end. */
    for (int i = 0; i < process_count; i++) {
        bool may_be_left = is_stuck[i] || (processes[i].is_probe && processes[i].asked > 0);
        expect(!processes[i].is_alive || may_be_left, "was left", processes[i].name);
        probed += processes[i].is_probe;
    }
}

static void begin_walk(void)
{
    for (int i = 0; i < MOST; i++)
        is_stuck[i] = pick(100) == 0;
    ended_all = 0;
    steers = pick(3) > 0;
    is_crowded = is_reordered = is_reloaded = false;
    pid_step = 16; /* numbers that the table of pids cannot tell apart */
    before_spawn = before_ask = on_change = NULL;
    begin(make_first_conf(), false);
    supervisor.is_steered = steers && pick(2);
    remember_all();
    before_spawn = check_spawn;
    before_ask = check_ask;
    on_change = check_change;
}

static void walk(void)
{
    unsigned stop_at = pick(STEPS * 2);
    begin_walk();
    for (unsigned i = 0; i < STEPS && process_count > 0 && !supervisor_is_over(&supervisor); i++) {
        if (i == stop_at)
            supervisor_stop(&supervisor, now_ms);
        happen();
        check_progress();
    }
    supervisor_stop(&supervisor, now_ms);
    if (process_count > 0)
        for (int i = 0; i < 5000 && !supervisor_is_over(&supervisor); i++) {
            happen();
            check_progress();
        }
    check_end();
    supervisor_fini(&supervisor);
    conf_free(&conf);
    free_old();
}

START_TEST(no_walk_breaks_the_order_and_every_walk_ends)
{
    for (seed = 1; seed <= WALKS; seed++) {
        random_state = (uint64_t)seed * 2654435761U + 88172645463325252U;
        reset();
        walk();
    }
    ck_assert_int_gt(asked_in_turn, WALKS); /* a walk that goes nowhere shows nothing */
    ck_assert_int_gt(asked_in_turn_by_hand, WALKS);
    ck_assert_int_gt(stopped_before, WALKS);
    ck_assert_int_gt(waited, WALKS);
    ck_assert_int_gt(stopped_with, WALKS);
    ck_assert_int_gt(waited_for_hand, 0);
    ck_assert_int_gt(probed, WALKS);
    ck_assert_int_gt(forced, WALKS / 10);
    for (int i = 0; i < 4; i++)
        ck_assert_int_gt(reloads_with[i], WALKS);
}
END_TEST

int main(void)
{
    return unit_run("supervisor_walk", no_walk_breaks_the_order_and_every_walk_ends);
}
