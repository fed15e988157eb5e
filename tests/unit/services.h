/*
 * All services together, beside a kernel that is a table: no process, no clock. A story of what was
 * done, in order, is what tests compare.
 */
#pragma once

#include "supervisor/slot.h"

#include "conf/read.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 10000, FIRST_PID = 10, MOST_OLD = 100 };

static struct conf conf;
static struct conf old_confs[MOST_OLD]; /* in use until what is removed has ended */
static int old_count;
static size_t told_from; /* where in the story the last exchange of them begins */
static struct supervisor supervisor;
static int64_t now_ms;
static int64_t deadline_ms;
static char story[4096];
static int spawn_error; /* of every spawn; 0: none */
static int held;        /* pidfds */
static struct process {
    char name[64];  /* of its service, which moves when another configuration comes */
    bool is_alive;  /* the leader */
    bool others;    /* of its group */
    bool is_helper; /* a stop-command or a probe */
    bool is_probe;
    bool is_known; /* that it could be executed, where a test keeps that */
    bool is_held;  /* its pidfd is */
    int asked;     /* signals but KILL and CONT that its leader got */
    int all_asked; /* and that its group got */
    int killed;
} processes[MOST];
static int process_count;
static int pid_step = 1;                             /* from one pid to the next */
static void (*before_spawn)(const struct service *); /* a walk's checks; NULL: none */
static void (*before_ask)(const struct service *);
static void (*on_change)(const struct service *);
static const char *marked; /* the service that was stopped by hand before we began; NULL: none */

static inline void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void tell(const char *format, ...)
{
    size_t length = strlen(story);
    va_list arguments;
    va_start(arguments, format);
    if (length + 80 < sizeof story)
        vsnprintf(story + length, 80, format, arguments);
    va_end(arguments);
}

static inline void expect_story(const char *expected)
{
    ck_assert_str_eq(story, expected);
    *story = '\0';
}

/* --- the kernel ---------------------------------------------------------------------------- */

static inline struct process *process_of(pid_t pid)
{
    int number = (pid - FIRST_PID) / pid_step;
    ck_assert_msg(pid >= FIRST_PID && number < process_count, "no process %d", pid);
    return &processes[number];
}

static inline pid_t pid_at(const struct process *process)
{
    return FIRST_PID + (pid_t)(process - processes) * pid_step;
}

static inline void expect_no_leader(const struct service *service)
{
    for (int i = 0; i < process_count; i++)
        if (processes[i].is_alive && !processes[i].is_helper &&
            strcmp(processes[i].name, service->name) == 0)
            ck_abort_msg("%s gets a second leader", service->name);
}

static inline pid_t spawn_fake(void *data, const struct service *service,
                               enum supervisor_program program, struct spawn_error *error)
{
    static const char *const words[] = {"spawn", "stop-command of", "probe", "check"};
    (void)data;
    if (program == PROGRAM_MAIN)
        expect_no_leader(service);
    if (before_spawn && program == PROGRAM_MAIN)
        before_spawn(service);
    if (spawn_error != 0) {
        *error = (struct spawn_error){.stage = SPAWN_FORK, .error = spawn_error};
        return -1;
    }
    ck_assert_int_lt(process_count, MOST);
    processes[process_count] = (struct process){.is_alive = true};
    snprintf(processes[process_count].name, sizeof processes->name, "%s", service->name);
    processes[process_count].is_helper = program != PROGRAM_MAIN;
    processes[process_count].is_probe = program == PROGRAM_PROBE || program == PROGRAM_HEALTH_CHECK;
    tell("%s %s, ", words[program], service->name);
    return pid_at(&processes[process_count++]);
}

static inline void got(struct process *process, const struct service *service, int sig,
                       bool whole_group)
{
    if (sig == SIGKILL) {
        int asked = whole_group ? process->all_asked : process->asked;
        ck_assert_msg(asked > 0, "%s was killed unasked", service->name);
        process->killed++;
        tell("kill %s, ", service->name);
    } else if (sig != SIGCONT && sig != 0) {
        if (before_ask)
            before_ask(service);
        process->asked++;
        process->all_asked += whole_group;
        tell("ask %s, ", service->name);
    }
}

static inline void signal_fake(void *data, const struct service *service,
                               enum supervisor_target target, int sig)
{
    (void)data;
    struct process *process = process_of(target == TARGET_HELPER ? service->helper : service->pid);
    ck_assert(process->is_alive);
    got(process, service, sig, target != TARGET_LEADER);
}

static inline void signal_probe_fake(void *data, pid_t pid, int sig)
{
    (void)data;
    struct process *process = process_of(pid);
    if (!process->is_alive || !process->is_probe)
        ck_abort_msg("%d is no probe", (int)pid);
    if (sig == SIGKILL && process->asked == 0)
        ck_abort_msg("a probe of %s was killed unasked", process->name);
    process->asked += sig != SIGKILL;
    process->killed += sig == SIGKILL;
    tell("%s the probe of %s, ", sig == SIGKILL ? "kill" : "end", process->name);
}

static inline int hold_fake(void *data, pid_t leader)
{
    (void)data;
    ck_assert_msg(!process_of(leader)->is_held, "%d is held twice", leader);
    process_of(leader)->is_held = true;
    held++;
    return 1000 + leader;
}

static inline int signal_held_fake(void *data, const struct service *service, int pidfd, int sig)
{
    (void)data;
    ck_assert_int_eq(pidfd, 1000 + service->group);
    struct process *process = process_of(service->group);
    if (process->is_alive || process->others)
        got(process, service, sig, true);
    return process->others ? 0 : ESRCH;
}

static inline void release_fake(void *data, int pidfd)
{
    (void)data;
    if (pidfd < 0)
        return;
    ck_assert_msg(process_of(pidfd - 1000)->is_held, "pidfd %d is released twice", pidfd);
    process_of(pidfd - 1000)->is_held = false;
    held--;
}

static inline void impossible_fake(void *data, const struct service *service,
                                   const struct service *cause)
{
    (void)data;
    tell("%s without %s, ", service->name, cause->name);
}

static inline void changed_fake(void *data, const struct service *service)
{
    (void)data;
    if (on_change)
        on_change(service);
    if (service->state == SERVICE_FAILED || service->state == SERVICE_DONE ||
        service->state == SERVICE_BACKOFF)
        tell("%s %s, ", service_state_name((enum service_state)service->state), service->name);
}

static inline void checked_fake(void *data, const struct service *service,
                                const struct supervisor_check *check)
{
    (void)data;
    if (check->failures == 0)
        tell("%s healthy, ", service->name);
    else
        tell("%s unhealthy after %d, ", service->name, check->failures);
}

static inline void health_changed_fake(void *data, const struct service *service)
{
    (void)data;
    (void)service;
}

static inline void helper_ended_fake(void *data, const struct service *service, int wait_status,
                                     const struct spawn_error *error)
{
    (void)data;
    (void)error;
    tell("stop-command of %s ended with %d, ", service->name, wait_status);
}

static inline bool was_stopped_fake(void *data, const struct service *service)
{
    (void)data;
    return marked && strcmp(service->name, marked) == 0;
}

static inline void ended_all_fake(void *data, const struct service *service)
{
    (void)data;
    tell("because of %s, ", service->name);
}

static const struct supervisor_ops ops = {
    .spawn = spawn_fake,
    .signal = signal_fake,
    .signal_probe = signal_probe_fake,
    .hold = hold_fake,
    .signal_held = signal_held_fake,
    .release = release_fake,
    .impossible = impossible_fake,
    .changed = changed_fake,
    .checked = checked_fake,
    .health_changed = health_changed_fake,
    .helper_ended = helper_ended_fake,
    .was_stopped = was_stopped_fake,
    .ended_all = ended_all_fake,
};

/* --- what tests do ------------------------------------------------------------------------- */

static inline void expect_count(int counted, int expected, const char *what)
{
    if (counted != expected) /* ck_assert would tell its parent of each one that holds */
        ck_abort_msg("%s: %d, but there are %d", what, counted, expected);
}

/* Every leader that lives is the leader of its service. */
static inline void expect_leaders(void)
{
    for (int i = 0; i < process_count; i++) {
        if (!processes[i].is_alive || processes[i].is_helper)
            continue;
        const struct service *service = supervisor_find(&supervisor, pid_at(&processes[i]));
        if (!service || strcmp(service->name, processes[i].name) != 0)
            ck_abort_msg("%s has lost its leader", processes[i].name);
    }
}

/* What is counted as it changes is what is there. */
static inline void expect_counts(void)
{
    int active = 0, waiting = 0, lingering = 0, down_by_hand = 0, orders = 0, removed = 0;
    int helpers = 0, probes = 0;
    for (int i = 0; i < supervisor.count; i++) {
        const struct slot *slot = &supervisor.slots[i];
        active += !service_is_at_rest(&slot->service);
        waiting += slot->service.state == SERVICE_WAITING;
        lingering += slot->service.group != 0;
        helpers += slot->service.helper != 0;
        probes += slot_count_probes(slot);
        const struct probe_run *health = slot->probes[FOR_HEALTH];
        if (!slot->is_gone) /* what services know of it is what was found */
            expect_count(slot->service.health, health ? health->verdict : VERDICT_NONE, "health");
        down_by_hand += service_is_held_down(&slot->service);
        orders += slot->is_to_stop || slot->is_to_start;
        removed += slot->is_removed && !slot->is_gone;
    }
    expect_count(supervisor.active, active, "active");
    expect_count(supervisor.waiting, waiting, "waiting");
    expect_count(supervisor.lingering, lingering, "lingering");
    expect_count(supervisor.helpers, helpers, "helpers");
    expect_count(supervisor.probes, probes, "probes");
    expect_count(supervisor.held, down_by_hand, "held");
    expect_count(supervisor.orders, orders, "orders");
    expect_count(supervisor.removed, removed, "removed");
}

/* Their owner frees them as soon as he may. */
static inline void free_old(void)
{
    while (old_count > 0)
        conf_free(&old_confs[--old_count]);
}

static inline void tick(void)
{
    deadline_ms = supervisor_tick(&supervisor, now_ms);
    expect_counts();
    expect_leaders();
    if (!supervisor_is_using_old(&supervisor))
        free_old();
}

static inline void read_conf(struct conf *into, const char *text, bool is_check)
{
    struct conf_errors errors;
    struct conf_reader reader;
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    conf_init(into);
    errors_init(&errors);
    errors.is_check = is_check;
    conf_reader_init(&reader, into, &errors);
    conf_reader_file(&reader, file, "f");
    conf_reader_finish(&reader);
    fclose(file);
    ck_assert_msg(errors.count == 0, "%s", errors.first ? errors.first->text : "");
    errors_free(&errors);
}

static inline void begin(const char *text, bool is_command)
{
    conf_free(&conf);
    read_conf(&conf, text, false);
    now_ms = 5; /* a machine that was just started */
    ck_assert(supervisor_init(&supervisor, &conf, &ops, NULL, is_command));
    supervisor_start(&supervisor, now_ms);
    tick();
}

static inline void told_fake(void *data, const char *name, enum supervisor_reloaded what)
{
    static const char *const words[] = {"added", "removed", "changed", "restarted"};
    char named[80];
    ck_assert_ptr_eq(data, &story);
    snprintf(named, sizeof named, " %s, ", name);
    ck_assert_msg(!strstr(story + told_from, named), "%s is told twice", name);
    tell("%s %s, ", words[what], name);
}

/* Another configuration, before the next tick. */
static inline void exchange(const char *text)
{
    struct conf next;
    read_conf(&next, text, false);
    told_from = strlen(story);
    ck_assert(supervisor_reload(&supervisor, &next, now_ms, told_fake, &story));
    expect_counts();
    ck_assert_int_lt(old_count, MOST_OLD);
    old_confs[old_count++] = conf;
    conf = next;
    if (!supervisor_is_using_old(&supervisor))
        free_old();
}

static inline void reload(const char *text)
{
    exchange(text);
    tick();
}

static inline const struct service *service_named(const char *name)
{
    for (int i = 0; i < supervisor.count; i++)
        if (!supervisor_is_gone(&supervisor, i) &&
            strcmp(supervisor_service(&supervisor, i)->name, name) == 0)
            return supervisor_service(&supervisor, i);
    ck_abort_msg("there is no %s", name);
    return NULL;
}

/* For each of these names, which a blank divides; "all" of them, too. Before the next tick. */
static inline void give_order(enum supervisor_order what, const char *names)
{
    char text[256];
    snprintf(text, sizeof text, "%s", names);
    for (char *name = strtok(text, " "); name; name = strtok(NULL, " ")) {
        int first = 0;
        int end = supervisor.count;
        if (strcmp(name, "all") != 0)
            ck_assert_msg(supervisor_find_named(&supervisor, name, &first, &end), "%s", name);
        for (int i = first; i < end; i++)
            supervisor_order(&supervisor, i, what);
    }
}

static inline void order(enum supervisor_order what, const char *names)
{
    give_order(what, names);
    tick();
}

/* The number of the youngest process of this service. */
static inline pid_t pid_of(const char *name)
{
    for (int i = process_count - 1; i >= 0; i--)
        if (strcmp(processes[i].name, name) == 0 && !processes[i].is_helper)
            return pid_at(&processes[i]);
    ck_abort_msg("%s was never spawned", name);
    return 0;
}

/* The youngest probe of it. */
static inline pid_t probe_of(const char *name)
{
    for (int i = process_count - 1; i >= 0; i--)
        if (strcmp(processes[i].name, name) == 0 && processes[i].is_probe)
            return pid_at(&processes[i]);
    ck_abort_msg("%s was never probed", name);
    return 0;
}

static inline void executed(const char *name)
{
    supervisor_executed(&supervisor, pid_of(name), now_ms);
    tick();
}

static inline void reap(pid_t pid, int wait_status)
{
    process_of(pid)->is_alive = true; /* a zombie still has its number */
    ck_assert(supervisor_exited(&supervisor, &(struct supervisor_exit){pid, wait_status, false, 0},
                                now_ms));
    process_of(pid)->is_alive = false;
    supervisor_drained(&supervisor, now_ms);
    tick();
}

static inline void ends(const char *name, int wait_status)
{
    reap(pid_of(name), wait_status);
}

static inline void probe_ends(const char *name, int wait_status)
{
    reap(probe_of(name), wait_status);
}

/* It says so. */
static inline void is_ready(const char *name)
{
    supervisor_ready(&supervisor, pid_of(name), now_ms);
    tick();
}

static inline void stop(void)
{
    supervisor_stop(&supervisor, now_ms);
    tick();
}

static inline void wait_for_deadline(void)
{
    ck_assert_int_ge(deadline_ms, now_ms);
    now_ms = deadline_ms;
    tick();
}

static inline const char *state_of(const char *name)
{
    return service_state_name((enum service_state)service_named(name)->state);
}

static inline void expect_over(int code)
{
    ck_assert(supervisor_is_over(&supervisor));
    ck_assert_int_eq(supervisor_exit_code(&supervisor), code);
    ck_assert_int_eq(held, 0);
}

static const char chain[] = "[service db]\ncommand = x\n"
                            "[service app]\ncommand = x\nafter = db\n"
                            "[service web]\ncommand = x\nafter = app gone\n"
                            "[service cron]\ncommand = x\nafter = db\n";

static inline void run_chain(void)
{
    begin(chain, false);
    executed("db");
    executed("app");
    executed("cron");
    executed("web");
    *story = '\0';
}

#define SERVICE(name) "[service " name "]\ncommand = x\n"
#define OTHER_SERVICE(name) "[service " name "]\ncommand = other\n"

/* Of text in which each service is "a" or "b" and has a program that runs at once. */
static inline void run_two(const char *text)
{
    begin(text, false);
    executed("a");
    executed("b");
    *story = '\0';
}

/* Its leader ends and leaves somebody in its group. */
static inline void leaves_some(const char *name, int wait_status)
{
    process_of(pid_of(name))->others = true;
    ends(name, wait_status);
}

/* Whom it has left are gone, too. */
static inline void rest_ends(const char *name)
{
    for (int i = 0; i < process_count; i++)
        if (strcmp(processes[i].name, name) == 0)
            processes[i].others = false;
    supervisor_drained(&supervisor, now_ms);
    tick();
}

static inline void expect_goes_on(void)
{
    ck_assert(!supervisor_is_over(&supervisor));
    ck_assert_int_eq(supervisor.shutdown.phase, SHUTDOWN_RUNNING);
}

static inline void reset(void)
{
    conf_init(&conf);
    process_count = old_count = held = spawn_error = 0;
    marked = NULL;
    *story = '\0';
}
