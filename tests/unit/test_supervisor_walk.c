/*
 * Random services in a random order, random ends, a stop at a random moment. Whatever happens: what
 * stands behind another starts and stops in its turn, nobody is killed unasked, and the end comes
 * in time.
 */
#include "tests/unit/services.h"

enum { WALKS = 300, STEPS = 200, FEWEST = 10, SERVICES = 60, INSTANCES = 3 };

static uint64_t random_state;
static unsigned seed;
static int count;
static int rank[SERVICES];                 /* its place in an order that is possible */
static bool after[SERVICES][SERVICES];     /* after[i][j]: i stands behind j */
static bool is_behind[SERVICES][SERVICES]; /* or behind one that stands behind j */
static const struct service *services[SERVICES][INSTANCES];
static bool is_stuck[MOST]; /* this process cannot be killed */
static int ended_all;       /* how often that was told */
static int asked_in_turn;   /* services behind which others stood, in all walks */

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

static void remember(void *data, const struct service *service)
{
    (void)data;
    services[number_of(service)][service->instance > 0 ? service->instance - 1 : 0] = service;
}

/* --- the order -------------------------------------------------------------------------------- */

/* Where more than the first 64 are forked, it may have crashed since it came up. */
static bool lets_others_start(const struct service *service)
{
    bool was_up = service->state == SERVICE_STOPPING || service->state == SERVICE_BACKOFF ||
                  service->history.restarts > 0;
    return service->state == SERVICE_UP || service_is_at_rest(service) ||
           (was_up && supervisor.count > SUPERVISOR_UNCONFIRMED);
}

/* The first start alone waits; after a crash nobody does. */
static void check_spawn(const struct service *service)
{
    int i = number_of(service);
    expect(service->group == 0 && service->pid == 0 && service->helper == 0,
           "was started while something of it was there", service->name);
    spawn_error = pick(8) ? 0 : pick(8) ? EAGAIN : EPERM;
    expect(supervisor.shutdown.phase == SHUTDOWN_RUNNING, "was started after the stop",
           service->name);
    for (int j = 0; j < count && service->history.restarts == 0; j++)
        for (int k = 0; after[i][j] && k < INSTANCES && services[j][k]; k++)
            expect(lets_others_start(services[j][k]), "was started before its turn", service->name);
}

static void check_ask(const struct service *service)
{
    int i = number_of(service);
    if (service->reason != REASON_SHUTDOWN || supervisor.shutdown.phase != SHUTDOWN_ORDERED)
        return;
    for (int j = 0; j < count; j++)
        for (int k = 0; is_behind[j][i] && k < INSTANCES && services[j][k]; k++) {
            expect(service_is_at_rest(services[j][k]), "was asked before its turn", service->name);
            asked_in_turn++;
        }
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

static void end(struct process *process)
{
    static const int statuses[] = {0, 1 << 8, 1 << 8, SIGTERM, SIGSEGV};
    struct supervisor_exit exit = {.pid = pid_at(process), .wait_status = statuses[pick(5)]};
    if (!process->is_helper && !process->is_known)
        confirm(process); /* its pipe is read before it is reaped */
    process->others = !process->is_helper && process->service->executed_ms >= 0 && pick(4) == 0;
    bool is_ours = supervisor_exited(&supervisor, &exit, now_ms);
    expect(is_ours, "was taken for an orphan", process->service->name);
    process->is_alive = false; /* and reaped */
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

static void happen(void)
{
    struct process *process = &processes[pick((unsigned)process_count)];
    bool may_end = !is_stuck[process - processes] && (process->asked > 0 || pick(8) == 0);
    switch (pick(5)) {
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
    }
    die();
    supervisor_drained(&supervisor, now_ms);
    tick();
    ended_all += strstr(story, "because of") != NULL;
    *story = '\0';
}

/* Something moves it on: the time, or the end of a process. */
static void check_progress(void)
{
    bool is_alone = true;
    for (int i = 0; i < process_count; i++)
        is_alone = is_alone && !processes[i].is_alive && !processes[i].others;
    bool is_over = supervisor_is_over(&supervisor);
    expect(is_over || !is_alone || deadline_ms != SHUTDOWN_FOREVER, "nothing leads on", "all");
    expect(!is_over || supervisor.active > 0 || supervisor.shutdown.phase != SHUTDOWN_RUNNING ||
               deadline_ms == SHUTDOWN_FOREVER,
           "it waits for nothing", "all");
    expect(ended_all <= 1, "an end of all was told twice", "all");
}

/* --- walks ------------------------------------------------------------------------------------ */

static void make_graph(void)
{
    memset(after, 0, sizeof after);
    memset(services, 0, sizeof services);
    count = FEWEST + (int)pick(SERVICES - FEWEST + 1);
    for (int i = 0; i < count; i++) { /* a shuffled rank */
        int j = (int)pick((unsigned)i + 1);
        rank[i] = rank[j];
        rank[j] = i;
    }
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            after[i][j] = rank[j] < rank[i] && pick((unsigned)count) < 2;
    memcpy(is_behind, after, sizeof after);
    for (int k = 0; k < count; k++)
        for (int i = 0; i < count; i++)
            for (int j = 0; j < count; j++)
                is_behind[i][j] |= is_behind[i][k] && is_behind[k][j];
}

static char *make_service(char *text, int i)
{
    static const char *const restarts[] = {"always", "on-failure:2", "no", "on-failure"};
    static const char *const modes[] = {"group", "group", "mixed", "process"};
    unsigned instances = pick(4) ? 0 : 1 + pick(INSTANCES);
    text += sprintf(text,
                    "[service s%d]\ncommand = x\nrestart = %s\nessential = %s\ntype = %s\n"
                    "kill-mode = %s\nstart = %s\n",
                    i, restarts[pick(4)], pick(12) ? "no" : "yes", pick(4) ? "simple" : "oneshot",
                    modes[pick(4)], pick(8) ? "yes" : "no");
    if (pick(2))
        text += sprintf(text, "stop-timeout = %ums\n", pick(5000));
    if (pick(3) == 0)
        text += sprintf(text, "stop-command = y\n");
    if (instances > 0)
        text += sprintf(text, "instances = %u\n", instances);
    text += sprintf(text, "after = none");
    for (int j = 0; j < count; j++)
        if (after[i][j])
            text += sprintf(text, " s%d", j);
    return text + sprintf(text, "\n");
}

static void check_end(void)
{
    const struct shutdown *shutdown = &supervisor.shutdown;
    expect(supervisor_is_over(&supervisor), "it does not end", "all");
    /* To be killed at last are who got their stop signal when that time had come. */
    expect(now_ms - shutdown->requested_ms <= shutdown->timeout_ms + 3000, "it ended late", "all");
    for (int i = 0; i < process_count; i++)
        expect(!processes[i].is_alive || is_stuck[i], "was left", processes[i].service->name);
}

static void walk(void)
{
    static char text[64 * 1024];
    char *at = text + sprintf(text, "[reeve]\nstop-delay = %ums\n", pick(3) ? 0 : pick(3000));
    unsigned stop_at = pick(STEPS * 2);
    make_graph();
    for (int i = 0; i < count; i++)
        at = make_service(at, i);
    for (int i = 0; i < MOST; i++)
        is_stuck[i] = pick(100) == 0;
    ended_all = 0;
    pid_step = 16; /* numbers that the table of pids cannot tell apart */
    before_spawn = before_ask = NULL;
    begin(text, false);
    supervisor_each(&supervisor, remember, NULL);
    before_spawn = check_spawn;
    before_ask = check_ask;
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
}

START_TEST(no_walk_breaks_the_order_and_every_walk_ends)
{
    for (seed = 1; seed <= WALKS; seed++) {
        random_state = (uint64_t)seed * 2654435761U + 88172645463325252U;
        reset();
        walk();
    }
    ck_assert_int_gt(asked_in_turn, WALKS); /* a walk that goes nowhere shows nothing */
}
END_TEST

int main(void)
{
    return unit_run("supervisor_walk", no_walk_breaks_the_order_and_every_walk_ends);
}
