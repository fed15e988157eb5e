#include "init/main_pid.h"
#include "init/report.h"
#include "init/running.h"
#include "supervisor/group.h"

#include <errno.h>
#include <signal.h>

static pid_t spawn_program(void *data, const struct service *service,
                           enum supervisor_program program, struct spawn_error *error)
{
    struct run *run = data;
    pid_t pid = launch_spawn(&run->launch, service, program, error);
    if (pid >= 0 && program == PROGRAM_MAIN)
        report_spawned(service, pid);
    return pid;
}

static void report_signal(const struct service *service, int sig, int error)
{
    if (sig == SIGCONT) /* it only goes with another one, of which the same was said */
        return;
    if (error == 0)
        report_forwarded(service, sig);
    else if (error != ESRCH)
        report_unsent(service, sig, error);
}

/* Of one that was named we only know in which group it was then. */
static int signal_group(const struct service *service, int sig)
{
    if (service->pid == service->pgid)
        return group_signal(service->pid, sig, true);
    pid_t group = main_pid_group(service->pid);
    return group != 0 ? group_signal_held(group, -1, sig) : group_signal(service->pid, sig, false);
}

/* Who stands for what is launched passes on what it gets to all of that. */
static int signal_launched(pid_t pid, int sig)
{
    if (sig == SIGKILL && starts_abandon(pid))
        sig = SIGCONT; /* it is to look at that */
    return group_signal(pid, sig, sig == SIGKILL);
}

static void signal_service(void *data, const struct service *service, enum supervisor_target target,
                           int sig)
{
    (void)data;
    if (target == TARGET_HELPER)
        report_signal(service, sig, group_signal(service->helper, sig, true));
    else if (service->is_launching)
        report_signal(service, sig, signal_launched(service->pid, sig));
    else if (target == TARGET_GROUP)
        report_signal(service, sig, signal_group(service, sig));
    else
        report_signal(service, sig, group_signal(service->pid, sig, false));
}

static void signal_probe(void *data, pid_t pid, int sig)
{
    (void)data;
    group_signal(pid, sig, true);
}

static int hold_group(void *data, pid_t leader)
{
    (void)data;
    return group_hold(leader);
}

static int signal_held(void *data, const struct service *service, int pidfd, int sig)
{
    (void)data;
    int error = group_signal_held(service->group, pidfd, sig);
    if (error == EPERM && sig != 0)
        report_unsent(service, sig, error);
    return error;
}

static void release_group(void *data, int pidfd)
{
    (void)data;
    group_release(pidfd);
}

static void on_changed(void *data, const struct service *service)
{
    const struct run *run = data;
    if (service_is_executed(service))
        launch_let_go_of(&run->launch, service);
    report_service(service);
    server_note_change(service, loop_now_ms());
}

static void on_checked(void *data, const struct service *service,
                       const struct supervisor_check *check)
{
    const struct run *run = data;
    char reason[PROBE_REASON_SIZE];
    report_health(service, check, launch_reason(&run->launch, service, check, reason));
}

static void on_health_changed(void *data, const struct service *service)
{
    (void)data;
    server_note_change(service, loop_now_ms());
}

static bool was_stopped(void *data, const struct service *service)
{
    const struct run *run = data;
    return steering_was_stopped(&run->steering, service);
}

static void on_impossible(void *data, const struct service *service, const struct service *cause)
{
    (void)data;
    report_impossible(service, cause);
}

static void on_helper_ended(void *data, const struct service *service, int wait_status,
                            const struct spawn_error *error)
{
    (void)data;
    report_stop_command(service, wait_status, error);
}

static void on_ended_all(void *data, const struct service *service)
{
    (void)data;
    report_cause(service);
}

const struct supervisor_ops running_ops = {
    .spawn = spawn_program,
    .signal = signal_service,
    .signal_probe = signal_probe,
    .hold = hold_group,
    .signal_held = signal_held,
    .release = release_group,
    .changed = on_changed,
    .checked = on_checked,
    .health_changed = on_health_changed,
    .impossible = on_impossible,
    .helper_ended = on_helper_ended,
    .was_stopped = was_stopped,
    .ended_all = on_ended_all,
};
