#include "init/run.h"

#include "ctl/server.h"
#include "init/main_pid.h"
#include "init/message.h"
#include "init/process.h"
#include "init/report.h"
#include "init/running.h"
#include "init/signal_policy.h"
#include "reaper/reaper.h"
#include "supervisor/group.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

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
    message_set_files(terminal_for_messages(&run->launch.terminal, STDERR_FILENO),
                      terminal_for_messages(&run->launch.terminal, STDOUT_FILENO));
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
    static struct run run;
    run = (struct run){
        .inherited = *inherited,
        .self = self,
        .pausing = settings->pause,
    };
    run.is_pid1 = self == 1;
    steering_init(&run.steering, settings, &run.supervisor, &run.launch);
    if (!supervisor_init(&run.supervisor, &settings->conf, &running_ops, &run,
                         !settings->has_files)) {
        message_say(LEVEL_ERROR, NULL, "out of memory");
        return -1;
    }
    if (!prepare_process(&run))
        return -1;
    starts_init(&running_starts, &run);
    channels_init(&running_channels, &run);
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
