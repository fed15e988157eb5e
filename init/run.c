#include "init/run.h"

#include "ctl/server.h"
#include "init/channels.h"
#include "init/job.h"
#include "init/launch.h"
#include "init/loop.h"
#include "init/main_pid.h"
#include "init/message.h"
#include "init/oom.h"
#include "init/process.h"
#include "init/report.h"
#include "init/signal_policy.h"
#include "init/starts.h"
#include "init/steering.h"
#include "init/sweep.h"
#include "reaper/reaper.h"
#include "supervisor/group.h"
#include "supervisor/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

struct run {
    struct inherited_signals inherited;
    struct supervisor supervisor;
    struct launch launch;
    struct sweep sweep;
    struct oom oom;
    struct steering steering;
    struct job job;
    pid_t self;
    int signals;
    struct loop_watch signals_watch;
    bool is_pid1;
    bool children_left; /* as the last drain saw it */
    bool pausing;       /* --pause, and not asked to stop yet */
    bool main_stopped;  /* as far as we know: nobody tells us that it goes on */
};

/* --- what the supervisor needs ---------------------------------------------------------------- */

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

static const struct supervisor_ops supervisor_ops = {
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

/* --- forwarding ------------------------------------------------------------------------------- */

struct forwarding {
    struct run *run;
    int sig;
    bool is_taken;
};

static void forward_to(void *data, const struct service *service)
{
    struct forwarding *forwarding = data;
    struct run *run = forwarding->run;
    bool whole_group = run->steering.settings->forward_to_group && run->supervisor.is_command &&
                       !service->is_launching; /* it passes it on to all of them */
    const struct signal_map *rewrite = &service->conf->rewrite->map;
    int sig = signal_policy_rewrite(rewrite, service->conf->is_main, forwarding->sig);
    if (signal_in(rewrite->named, forwarding->sig))
        report_rewritten(forwarding->sig, sig);
    if (sig == 0 || service->pid == 0)
        return;
    forwarding->is_taken = true;
    if (sig == SIGCONT)
        run->main_stopped = false;
    if (sig == SIGCONT && launch_has_terminal(&run->launch, service) &&
        run->launch.terminal.fd >= 0) {
        /* The shell's fg or bg; all that Ctrl-Z has stopped goes on. */
        terminal_hand_over(&run->launch.terminal, service->pid);
        whole_group = true;
    }
    int error = group_signal(service->pid, sig, whole_group);
    if (error == 0)
        report_forwarded(service, sig);
    else
        report_unsent(service, sig, error);
}

/* --- children --------------------------------------------------------------------------------- */

static void on_executed(void *data, pid_t pid)
{
    struct run *run = data;
    supervisor_executed(&run->supervisor, pid, loop_now_ms());
}

static void on_not_executed(void *data, pid_t pid, const struct spawn_report *report)
{
    struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (service) {
        report_unowned(service, report);
        report_not_executed(service, pid, &report->error);
    }
    supervisor_not_executed(&run->supervisor, pid, &report->error, loop_now_ms());
}

static void on_news(void *data, pid_t pid, const struct spawn_report *report)
{
    struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (!service)
        return;
    report_news(service, report);
    switch (report->news) {
    case NEWS_DAEMON:
        supervisor_daemon_named(&run->supervisor, pid, report->pid, loop_now_ms());
        break;
    case NEWS_LEFT_NONE:
    case NEWS_LEFT_SEVERAL:
    case NEWS_LEFT_UNSEEN:
    case NEWS_LEFT_REST:
        supervisor_daemon_missing(&run->supervisor, pid, loop_now_ms());
        break;
    case NEWS_FAILED:
    case NEWS_LOWER:
    case NEWS_NO_PIDFILE:
        break;
    }
}

static void on_ready(void *data, pid_t pid)
{
    struct run *run = data;
    /* It may have said so right behind its exec, and both be here to be read: that comes first. */
    starts_look_at(pid);
    supervisor_ready(&run->supervisor, pid, loop_now_ms());
}

static void on_extended(void *data, pid_t pid, int64_t extend_ms)
{
    struct run *run = data;
    starts_look_at(pid); /* see on_ready() */
    supervisor_extended(&run->supervisor, pid, extend_ms, loop_now_ms());
}

static void on_phase(void *data, pid_t pid, enum channel_phase phase)
{
    struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (service)
        report_phase(service, phase);
}

static bool on_may_name(void *data, pid_t pid, pid_t main, pid_t sender, uid_t uid)
{
    struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (service && main_pid_is_its(&run->supervisor, service, main, sender, uid) &&
        !control_has_child(&run->steering.control, main))
        return true;
    if (service)
        message_say(LEVEL_DEBUG, service->name, "MAINPID=%d is ignored: it is not the service's",
                    (int)main);
    return false;
}

static bool on_main_pid(void *data, pid_t pid, pid_t main, bool is_last)
{
    struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (main == pid)
        return false;
    starts_look_at(pid); /* see on_ready() */
    if (main_pid_is_ours(main) &&
        supervisor_main_pid(&run->supervisor, pid, main, getpgid(main), loop_now_ms())) {
        message_say(LEVEL_INFO, service->name, "its main process is pid %d from now on", (int)main);
        server_note_change(service, loop_now_ms()); /* no state changed, only whom it tells of */
        return true;
    }
    if (service && is_last)
        message_say(LEVEL_DEBUG, service->name, "MAINPID=%d is ignored: it is no process of ours",
                    (int)main);
    return false;
}

/* In ms, and never none of something. */
static int64_t round_up_us(int64_t us)
{
    return (us + 999) / 1000;
}

static void on_watchdog(void *data, pid_t pid, const struct notify_message *message)
{
    struct supervisor *supervisor = &((struct run *)data)->supervisor;
    starts_look_at(pid); /* see on_ready() */
    if (message->watchdog_us >= 0)
        supervisor_watchdog(supervisor, pid, SERVICE_WATCHDOG_SET,
                            round_up_us(message->watchdog_us), loop_now_ms());
    if (message->is_watchdog)
        supervisor_watchdog(supervisor, pid, SERVICE_KEEPALIVE, 0, loop_now_ms());
    if (message->wants_watchdog_trigger)
        supervisor_watchdog(supervisor, pid, SERVICE_WATCHDOG_PULLED, 0, loop_now_ms());
}

static void on_stranger(void *data, pid_t pid, pid_t sender, uid_t uid)
{
    const struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (service)
        message_say(LEVEL_DEBUG, service->name,
                    "a message of a stranger (pid %d, uid %d) is ignored", (int)sender, (int)uid);
}

static void on_status_text(void *data, pid_t pid, const char *status, size_t length)
{
    const struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (service)
        message_say(LEVEL_DEBUG, service->name, "says: %.*s", (int)length, status);
}

/* The launcher of a service, and who stood for it, are gone. What they left is our child now. */
static bool take_over_daemon(struct run *run, const struct service *service)
{
    pid_t launching = service->pid;
    pid_t daemon = service->daemon;
    if (daemon == 0 || !main_pid_is_ours(daemon) ||
        !supervisor_daemon_found(&run->supervisor, launching, daemon, main_pid_group(daemon),
                                 loop_now_ms()))
        return false;
    channels_move(launching, daemon);
    return true;
}

static void on_exit_of(void *data, pid_t pid, int wait_status)
{
    struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    if (service && launch_has_terminal(&run->launch, service))
        terminal_take_back(&run->launch.terminal, pid);
    starts_finish(pid); /* it may have told after we looked there */
    if (service && take_over_daemon(run, service))
        return;
    channels_finish(pid);
    struct supervisor_exit exit = {
        .pid = pid,
        .wait_status = wait_status,
        .out_of_memory = run->steering.settings->has_files && wait_status == SIGKILL &&
                         !(service && service->state == SERVICE_STOPPING) &&
                         oom_explains_kill(&run->oom),
        .group = service && service->pgid != pid ? main_pid_group(pid) : 0, /* see signal_group() */
    };
    report_reaped(pid, wait_status, service && service->conf->is_main);
    if (run->steering.settings->asks_left && service && service->conf->is_main)
        forward_to(&(struct forwarding){.run = run, .sig = SIGTERM}, service);
    if (!supervisor_exited(&run->supervisor, &exit, loop_now_ms()) &&
        !control_child_ended(&run->steering.control, pid, wait_status))
        report_orphan(pid, wait_status);
}

/*
 * The main program was stopped, or whoever has the terminal. With a shell above us the whole job
 * stops, and SIGCONT finds us when it goes on; where there is none, nobody else could ever wake
 * what Ctrl-Z has stopped.
 */
static void on_stop_of(void *data, pid_t pid, int sig)
{
    struct run *run = data;
    const struct service *service = supervisor_find(&run->supervisor, pid);
    bool stops_with_us = run->steering.settings->stops_itself && !run->is_pid1;
    if (!service || !(service->conf->is_main || launch_has_terminal(&run->launch, service)))
        return;
    run->main_stopped = true;
    if (!job_is_stopped_by(sig) || stops_with_us)
        return;
    /* It wants the terminal. A shell may have given it to us only after we looked at the start. */
    if (sig != SIGTSTP && terminal_hand_over(&run->launch.terminal, pid)) {
        group_signal(pid, SIGCONT, true);
        return;
    }
    if (!run->is_pid1 && terminal_suspend(&run->launch.terminal, sig))
        return;
    /* Who reads a terminal that is not its own would only be stopped again. The kernel's answer to
     * a stopped group that nobody looks after is HUP, before CONT. */
    if (sig != SIGTSTP)
        group_signal(pid, SIGHUP, true);
    group_signal(pid, SIGCONT, true);
}

/* A child that is still known and cannot be waited for: somebody else has reaped it. */
static void give_up_lost(void *data, const struct service *service)
{
    if (service->pid != 0) {
        message_say(LEVEL_WARN, service->name, "its end was lost, taken for exit code 1");
        on_exit_of(data, service->pid, 1 << 8);
    }
    if (service->helper != 0)
        on_exit_of(data, service->helper, 1 << 8);
}

static void reap(struct run *run)
{
    const struct reaper_callbacks callbacks = {
        .on_exit = on_exit_of,
        .on_stop = on_stop_of,
        /* A command that is not started again leaves its group to the sweep. */
        .peeks = run->supervisor.cleans_groups || run->steering.settings->asks_left,
    };
    run->children_left = reaper_drain(&callbacks, run);
    if (!run->children_left) {
        supervisor_each(&run->supervisor, give_up_lost, run);
        supervisor_lost_probes(&run->supervisor, loop_now_ms());
        control_lost_children(&run->steering.control);
    }
    supervisor_drained(&run->supervisor, loop_now_ms());
}

/* --- signals ---------------------------------------------------------------------------------- */

static void forward(struct run *run, int sig)
{
    char name[SIGNAL_NAME_SIZE];
    struct forwarding forwarding = {.run = run, .sig = sig};
    supervisor_each(&run->supervisor, forward_to, &forwarding);
    if (!forwarding.is_taken)
        message_say(LEVEL_DEBUG, NULL, "dropped %s: nobody to forward it to",
                    signal_name(sig, name));
}

static void stop(struct run *run, int sig)
{
    report_stopping(sig);
    supervisor_stop(&run->supervisor, loop_now_ms());
    run->pausing = false;
}

static void handle_signal(struct run *run, const struct arrived_signal *arrived)
{
    const struct signal_rules rules = {
        .stop_signals = run->steering.settings->conf.stop_signals,
        .forwards_stops = run->supervisor.forwards_stops,
        .reloads = run->steering.settings->has_files,
    };
    int sig = arrived->sig;
    if (sig != SIGCHLD)
        report_received(sig);
    if (job_lets_pass(&run->job, sig))
        return;
    bool is_command_stopping =
        run->supervisor.is_command && run->supervisor.shutdown.phase != SHUTDOWN_RUNNING;
    switch (signal_policy_decide(sig, arrived->sender == run->self, &rules)) {
    case SIGNAL_DROP:
    case SIGNAL_REAP:
        break;
    case SIGNAL_STOP:
        stop(run, sig);
        if (is_command_stopping) /* a second time: nobody else is left to be asked */
            forward(run, sig);
        break;
    case SIGNAL_RELOAD:
        steering_reload(&run->steering, NULL);
        break;
    case SIGNAL_FORWARD:
        if (!signal_in(rules.stop_signals, sig)) {
            forward(run, sig);
            break;
        }
        stop(run, sig);
        forward(run, sig);
        if (run->main_stopped)
            forward(run, SIGCONT); /* stopped, it could not act on the stop signal */
        break;
    }
    job_stop(&run->job, sig);
}

static void on_sigchld(struct run *run)
{
    report_received(SIGCHLD);
    reap(run);
}

static void on_signals(void *data)
{
    struct run *run = data;
    struct arrived_signal batch[SIGNALS_BATCH];
    int count;
    do { /* fewer than a batch are all that there were */
        count = signals_read(run->signals, batch);
        /* The dead first: no signal goes to a number that is free again. */
        for (int i = 0; i < count; i++)
            if (batch[i].sig == SIGCHLD)
                on_sigchld(run);
        for (int i = 0; i < count; i++)
            handle_signal(run, &batch[i]);
    } while (count == SIGNALS_BATCH);
}

/* --- the end ---------------------------------------------------------------------------------- */

static enum shutdown_left look(const struct run *run)
{
    if (run->children_left)
        return SHUTDOWN_CHILDREN_LEFT;
    return sweep_has_strangers(&run->sweep) ? SHUTDOWN_STRANGERS_LEFT : SHUTDOWN_NONE_LEFT;
}

static int64_t sweep_on(struct run *run, int64_t now_ms)
{
    struct shutdown *shutdown = &run->supervisor.shutdown;
    enum shutdown_left left = look(run);
    unsigned actions = shutdown_step(shutdown, left, now_ms);
    if (actions & SHUTDOWN_SWEEP_ASK)
        sweep_ask(&run->sweep);
    if (actions & SHUTDOWN_SWEEP_AGAIN)
        sweep_ask_again(&run->sweep);
    if (actions & SHUTDOWN_SWEEP_END)
        sweep_kill(&run->sweep);
    if (shutdown->phase == SHUTDOWN_DONE)
        loop_stop();
    /* Of what was left when we looked: a stranger that has ended since then is found gone soon. */
    return shutdown_deadline_ms(shutdown, left, now_ms);
}

static int64_t on_tick(void *data, int64_t now_ms)
{
    struct run *run = data;
    if (run->pausing)
        return LOOP_FOREVER;
    int64_t deadline_ms;
    int64_t control_ms;
    do { /* what clients ask for behind an answer is done at once, too */
        deadline_ms = supervisor_tick(&run->supervisor, now_ms);
        starts_watch();
        channels_watch();
    } while (server_tick(now_ms, &control_ms));
    steering_forget_old(&run->steering);
    if (supervisor_is_over(&run->supervisor))
        deadline_ms = sweep_on(run, now_ms);
    if (deadline_ms == LOOP_FOREVER || (control_ms != LOOP_FOREVER && control_ms < deadline_ms))
        return control_ms;
    return deadline_ms;
}

static void note_refused(void *data, const struct service *service)
{
    const struct service **refused = data;
    if (service->conf->is_main && service->was_refused)
        *refused = service;
}

static int exit_code(struct run *run)
{
    const struct service *refused = NULL;
    int code = supervisor_exit_code(&run->supervisor);
    supervisor_each(&run->supervisor, note_refused, &refused);
    if (refused && code == service_exit_code(refused))
        code = run->steering.settings->spawn_code(&refused->spawn_error);
    return exit_codes_has(&run->steering.settings->become_zero, code) ? 0 : code;
}

/* --- the beginning ---------------------------------------------------------------------------- */

/* Returns false, after saying why, where nothing can begin. */
static bool prepare_process(struct run *run)
{
    int death_signal = run->steering.settings->parent_death_signal;
    signals_unignore_sigchld(&run->inherited);
    if (run->is_pid1 || run->steering.settings->leaves_orphans)
        ;
    else if (process_become_subreaper())
        report_subreaper();
    else
        message_say(LEVEL_WARN, NULL, "cannot become a subreaper, orphans will not come here: %s",
                    strerror(errno));
    if (death_signal != 0 && !process_set_parent_death_signal(death_signal))
        message_say(LEVEL_WARN, NULL, "cannot be told when our parent dies: %s", strerror(errno));
    /* The first descriptor of ours: it shows whether the standard ones are open. */
    run->signals = process_above_stdio(signals_open());
    if (run->signals < 0)
        message_say(LEVEL_ERROR, NULL, "cannot receive signals: signalfd: %s", strerror(errno));
    return run->signals >= 0;
}

static void turn(struct run *run)
{
    message_set_file(terminal_for_messages(&run->launch.terminal));
    loop_init(on_tick, run);
    loop_watch(&run->signals_watch, run->signals, LOOP_SIGNALS, on_signals, run);
    steering_begin(&run->steering);
    /* Children that we had before we became reeve may be waiting, their SIGCHLD long gone. */
    if (reaper_has_work())
        on_sigchld(run);
    loop_run();
}

int run(struct settings *settings, const struct inherited_signals *inherited, pid_t self)
{
    static const struct starts_callbacks starts_callbacks = {
        .on_executed = on_executed, .on_failed = on_not_executed, .on_news = on_news};
    static const struct channels_callbacks channels_callbacks = {.on_ready = on_ready,
                                                                 .on_extended = on_extended,
                                                                 .on_phase = on_phase,
                                                                 .on_stranger = on_stranger,
                                                                 .may_name = on_may_name,
                                                                 .on_main_pid = on_main_pid,
                                                                 .on_watchdog = on_watchdog,
                                                                 .on_status = on_status_text};
    static struct run run;
    run = (struct run){
        .inherited = *inherited,
        .self = self,
        .pausing = settings->pause,
    };
    run.is_pid1 = self == 1;
    steering_init(&run.steering, settings, &run.supervisor, &run.launch);
    if (!supervisor_init(&run.supervisor, &settings->conf, &supervisor_ops, &run,
                         !settings->has_files)) {
        message_say(LEVEL_ERROR, NULL, "out of memory");
        return -1;
    }
    if (!prepare_process(&run))
        return -1;
    starts_init(&starts_callbacks, &run);
    channels_init(&channels_callbacks, &run);
    sweep_init(&run.sweep, run.is_pid1);
    job_begin(&run.job, settings, self);
    launch_init(&run.launch, settings, &run.inherited);
    launch_let_go_before(&run.launch, run.signals);
    if (settings->has_files)
        oom_init(&run.oom);
    steering_open(&run.steering);
    /* From here on nothing may end us but the end of what we look after. */
    supervisor_start(&run.supervisor, loop_now_ms());
    supervisor_tick(&run.supervisor, loop_now_ms());
    launch_let_go_behind(&run.launch, run.signals, run.steering.listener.fd);
    turn(&run);
    int code = exit_code(&run);
    report_stopped(code);
    message_say_lost();
    steering_close(&run.steering);
    supervisor_fini(&run.supervisor);
    return code;
}
