/*
 * All services together, beside a kernel that is a table: no process, no clock. A story of what was
 * done, in order, is what tests compare.
 */
#pragma once

#include "supervisor/supervisor.h"

#include "conf/read.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 2100, FIRST_PID = 10 };

static struct conf conf;
static struct supervisor supervisor;
static int64_t now_ms;
static int64_t deadline_ms;
static char story[4096];
static int spawn_error; /* of every spawn; 0: none */
static int held;        /* pidfds */
static struct process {
    const struct service *service;
    bool is_alive; /* the leader */
    bool others;   /* of its group */
    bool is_helper;
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

static inline pid_t spawn_fake(void *data, const struct service *service,
                               enum supervisor_program program, struct spawn_error *error)
{
    (void)data;
    if (before_spawn && program == PROGRAM_MAIN)
        before_spawn(service);
    if (spawn_error != 0) {
        *error = (struct spawn_error){.stage = SPAWN_FORK, .error = spawn_error};
        return -1;
    }
    ck_assert_int_lt(process_count, MOST);
    processes[process_count] = (struct process){.service = service, .is_alive = true};
    processes[process_count].is_helper = program == PROGRAM_STOP_COMMAND;
    tell("%s %s, ", program == PROGRAM_MAIN ? "spawn" : "stop-command of", service->name);
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

static inline void changed_fake(void *data, const struct service *service)
{
    (void)data;
    if (service->state == SERVICE_FAILED || service->state == SERVICE_DONE ||
        service->state == SERVICE_BACKOFF)
        tell("%s %s, ", service_state_name((enum service_state)service->state), service->name);
}

static inline void helper_ended_fake(void *data, const struct service *service, int wait_status,
                                     const struct spawn_error *error)
{
    (void)data;
    (void)error;
    tell("stop-command of %s ended with %d, ", service->name, wait_status);
}

static inline void ended_all_fake(void *data, const struct service *service)
{
    (void)data;
    tell("because of %s, ", service->name);
}

static const struct supervisor_ops ops = {
    .spawn = spawn_fake,
    .signal = signal_fake,
    .hold = hold_fake,
    .signal_held = signal_held_fake,
    .release = release_fake,
    .changed = changed_fake,
    .helper_ended = helper_ended_fake,
    .ended_all = ended_all_fake,
};

/* --- what tests do ------------------------------------------------------------------------- */

static inline void tick(void)
{
    deadline_ms = supervisor_tick(&supervisor, now_ms);
}

static inline void begin(const char *text, bool is_command)
{
    struct conf_errors errors;
    struct conf_reader reader;
    FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    conf_free(&conf);
    errors_init(&errors);
    conf_reader_init(&reader, &conf, &errors);
    conf_reader_file(&reader, file, "f");
    conf_reader_finish(&reader);
    fclose(file);
    ck_assert_msg(errors.count == 0, "%s", errors.first ? errors.first->text : "");
    now_ms = 5; /* a machine that was just started */
    ck_assert(supervisor_init(&supervisor, &conf, &ops, NULL, is_command));
    supervisor_start(&supervisor, now_ms);
    tick();
}

/* The number of the youngest process of this service. */
static inline pid_t pid_of(const char *name)
{
    for (int i = process_count - 1; i >= 0; i--)
        if (strcmp(processes[i].service->name, name) == 0 && !processes[i].is_helper)
            return pid_at(&processes[i]);
    ck_abort_msg("%s was never spawned", name);
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
    ck_assert(
        supervisor_exited(&supervisor, &(struct supervisor_exit){pid, wait_status, false}, now_ms));
    process_of(pid)->is_alive = false;
    supervisor_drained(&supervisor, now_ms);
    tick();
}

static inline void ends(const char *name, int wait_status)
{
    reap(pid_of(name), wait_status);
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
    return service_state_name(
        (enum service_state)supervisor_find(&supervisor, pid_of(name))->state);
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

static inline void reset(void)
{
    conf_init(&conf);
    process_count = held = spawn_error = 0;
    *story = '\0';
}
