/*
 * reeve, the init of a container: from the first system call to the exit code.
 *
 * This file connects what knows nothing of each other: signals, the reaper, the service, the
 * phases of the shutdown, and the loop that turns them.
 */
#include "init/loop.h"
#include "init/message.h"
#include "init/options.h"
#include "init/plan.h"
#include "init/process.h"
#include "init/report.h"
#include "init/signal_policy.h"
#include "init/signals.h"
#include "init/sweep.h"
#include "init/terminal.h"
#include "reaper/reaper.h"
#include "supervisor/graph.h"
#include "supervisor/group.h"
#include "supervisor/service.h"
#include "supervisor/shutdown.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EXIT_CHECK_FAILED = 1, EXIT_CANNOT_BEGIN = 125 };

struct init {
    struct settings settings;
    pid_t self;
    bool is_pid1;
    bool children_left; /* as the last drain saw it */
    bool pausing;       /* --pause, and not asked to stop yet */
    bool main_stopped;  /* as far as we know: nobody tells us that it goes on */
    int signals;
    struct inherited_signals inherited;
    struct terminal terminal;
    struct service main;
    struct shutdown shutdown;
    struct sweep sweep;
};

/* --- children ------------------------------------------------------------------------------- */

/* How the exec went, once that can be read. */
static void on_status(void *data)
{
    struct init *init = data;
    if (init->main.status < 0)
        return;
    loop_unwatch(LOOP_STATUS);
    if (service_on_status(&init->main))
        report_service(&init->main);
    else
        loop_watch(LOOP_STATUS, init->main.status);
}

static void on_exit_of(void *data, pid_t pid, int wait_status)
{
    struct init *init = data;
    if (pid != init->main.pid) {
        report_orphan(pid, wait_status);
        return;
    }
    on_status(init); /* it is in the pipe by now, and may have come after we looked there */
    terminal_take_back(&init->terminal, pid);
    loop_unwatch(LOOP_STATUS);
    service_on_exit(&init->main, wait_status);
    if (init->main.state == SERVICE_ENDED)
        report_service(&init->main);
}

/*
 * The main program was stopped. With a shell above us the whole job stops, and SIGCONT finds us
 * when it goes on; where there is none, nobody else could ever wake what Ctrl-Z has stopped.
 */
static void on_stop_of(void *data, pid_t pid, int sig)
{
    struct init *init = data;
    bool by_terminal = sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU;
    if (pid != init->main.pid)
        return;
    init->main_stopped = true;
    if (!by_terminal)
        return;
    /* It wants the terminal. A shell may have given it to us only after we looked at the start. */
    if (sig != SIGTSTP && terminal_hand_over(&init->terminal, pid)) {
        group_signal(pid, SIGCONT, true);
        return;
    }
    if (!init->is_pid1 && terminal_suspend(&init->terminal, sig))
        return;
    /* Who reads a terminal that is not its own would only be stopped again. The kernel's answer to
     * a stopped group that nobody looks after is HUP, before CONT. */
    if (sig != SIGTSTP)
        group_signal(pid, SIGHUP, true);
    group_signal(pid, SIGCONT, true);
}

static void reap(struct init *init)
{
    static const struct reaper_callbacks callbacks = {.on_exit = on_exit_of, .on_stop = on_stop_of};
    init->children_left = reaper_drain(&callbacks, init);
    if (init->children_left || !service_has_process(&init->main))
        return;
    message_say(LEVEL_WARN, init->main.conf->name, "its end was lost, taken for exit code 1");
    on_exit_of(init, init->main.pid, 1 << 8);
}

/* --- signals -------------------------------------------------------------------------------- */

static void forward(struct init *init, int sig)
{
    char name[SIGNAL_NAME_SIZE];
    if (!service_has_process(&init->main)) {
        message_say(LEVEL_DEBUG, NULL, "dropped %s: nobody to forward it to",
                    signal_name(sig, name));
        return;
    }
    bool whole_group = init->settings.forward_to_group;
    if (sig == SIGCONT)
        init->main_stopped = false;
    if (sig == SIGCONT && init->terminal.fd >= 0) {
        /* The shell's fg or bg; all that Ctrl-Z has stopped goes on. */
        terminal_hand_over(&init->terminal, init->main.pid);
        whole_group = true;
    }
    int error = group_signal(init->main.pid, sig, whole_group);
    if (error == 0)
        report_forwarded(init->main.conf->name, sig);
    else
        report_unsent(init->main.conf->name, sig, error);
}

/* In pause there is nobody to rewrite for. */
static const struct signal_map *rewrite_of(const struct init *init)
{
    const struct service_conf *main = init->settings.conf.main;
    return &(main ? main : &service_defaults)->rewrite->map;
}

static void handle_signal(struct init *init, const struct arrived_signal *arrived)
{
    const struct conf *conf = &init->settings.conf;
    struct signal_verdict verdict = signal_policy_decide(
        arrived->sig, arrived->sender == init->self, conf->stop_signals, rewrite_of(init));
    if (verdict.stop) {
        report_stopping(arrived->sig);
        shutdown_request(&init->shutdown, loop_now_ms());
        init->pausing = false;
    }
    if (verdict.action == SIGNAL_FORWARD)
        forward(init, verdict.sig);
    if (verdict.stop && init->main_stopped)
        forward(init, SIGCONT); /* stopped, it could not act on the stop signal */
}

static void on_signals(void *data)
{
    struct init *init = data;
    struct arrived_signal batch[SIGNALS_BATCH];
    int count;
    while ((count = signals_read(init->signals, batch)) > 0) {
        /* The dead first: no signal goes to a number that is free again. */
        for (int i = 0; i < count; i++)
            if (batch[i].sig == SIGCHLD)
                reap(init);
        for (int i = 0; i < count; i++)
            handle_signal(init, &batch[i]);
    }
}

/* --- the end -------------------------------------------------------------------------------- */

static enum shutdown_left look(const struct init *init)
{
    if (init->children_left)
        return SHUTDOWN_CHILDREN_LEFT;
    return sweep_has_strangers(&init->sweep) ? SHUTDOWN_STRANGERS_LEFT : SHUTDOWN_NONE_LEFT;
}

static int64_t on_tick(void *data, int64_t now_ms)
{
    struct init *init = data;
    bool services_gone = init->settings.pause ? !init->pausing : service_is_over(&init->main);
    if (!services_gone)
        return LOOP_FOREVER;
    enum shutdown_left left = look(init);
    unsigned actions = shutdown_step(&init->shutdown, left, now_ms);
    if (actions & SHUTDOWN_ASK)
        sweep_ask(&init->sweep);
    if (actions & SHUTDOWN_ASK_AGAIN)
        sweep_ask_again(&init->sweep);
    if (actions & SHUTDOWN_KILL)
        sweep_kill(&init->sweep);
    if (init->shutdown.phase == SHUTDOWN_DONE)
        loop_stop();
    /* Of what was left when we looked: a stranger that has ended since then is found gone soon. */
    return shutdown_deadline_ms(&init->shutdown, left, now_ms);
}

static int exit_code(const struct init *init)
{
    if (init->settings.pause)
        return 0;
    int code = service_exit_code(&init->main);
    return exit_codes_has(&init->settings.become_zero, code) ? 0 : code;
}

/* --- the beginning -------------------------------------------------------------------------- */

/* Returns false, after saying why, where nothing can begin. */
static bool prepare_process(struct init *init)
{
    int death_signal = init->settings.parent_death_signal;
    signals_unignore_sigchld(&init->inherited);
    if (init->is_pid1)
        ;
    else if (process_become_subreaper())
        message_say(LEVEL_DEBUG, NULL, "not PID 1, became a subreaper");
    else
        message_say(LEVEL_WARN, NULL, "cannot become a subreaper, orphans will not come here: %s",
                    strerror(errno));
    if (death_signal != 0 && !process_set_parent_death_signal(death_signal))
        message_say(LEVEL_WARN, NULL, "cannot be told when our parent dies: %s", strerror(errno));
    /* The first descriptor of ours: it shows whether the standard ones are open. */
    init->signals = process_above_stdio(signals_open());
    if (init->signals < 0)
        message_say(LEVEL_ERROR, NULL, "cannot receive signals: signalfd: %s", strerror(errno));
    return init->signals >= 0;
}

static void start_main(struct init *init)
{
    terminal_open(&init->terminal);
    struct spawn spawn = {
        .argv = init->main.conf->argv,
        .mask = init->inherited.mask,
        .sigchld_ignored = init->inherited.sigchld_ignored,
        .terminal = init->terminal.fd,
        .foreground = init->terminal.foreground,
    };
    service_start(&init->main, &spawn);
    report_service(&init->main);
}

static void run(struct init *init)
{
    static const struct loop_callbacks callbacks = {
        .on_readable = {[LOOP_STATUS] = on_status, [LOOP_SIGNALS] = on_signals},
        .on_tick = on_tick,
    };
    const int ours[] = {init->signals, init->terminal.fd, init->main.status};
    process_let_go(ours, sizeof ours / sizeof *ours);
    message_set_file(terminal_for_messages(&init->terminal));
    loop_init(&callbacks, init);
    loop_watch(LOOP_SIGNALS, init->signals);
    if (init->main.status >= 0)
        loop_watch(LOOP_STATUS, init->main.status);
    /* Children that we had before we became reeve may be waiting, their SIGCHLD long gone. */
    reap(init);
    loop_run();
}

static int begin(struct init *init)
{
    const struct conf *conf = &init->settings.conf;
    if (!prepare_process(init))
        return EXIT_CANNOT_BEGIN;
    shutdown_init(&init->shutdown, conf->shutdown_timeout_ms, conf->sweep_timeout_ms);
    sweep_init(&init->sweep, init->is_pid1);
    init->terminal.fd = -1;
    init->pausing = init->settings.pause;
    service_init(&init->main, conf->main);
    if (!init->settings.pause)
        start_main(init);
    /* From here on nothing may end us but the end of what we look after. */
    run(init);
    int code = exit_code(init);
    report_stopped(code);
    message_say_lost();
    return code;
}

/* What is wrong with who waits for whom, too. */
static void check_graph(const struct settings *settings, struct graph *graph,
                        struct conf_errors *errors)
{
    if (!graph_init(graph, &settings->conf, errors))
        errors_add(errors, (struct place){"", NO_FILE}, "out of memory");
    errors_sort(errors);
}

/* --check: what would run. */
static int check(const struct settings *settings, struct conf_errors *errors)
{
    struct graph graph;
    check_graph(settings, &graph, errors);
    report_conf_errors(errors);
    if (errors->count == 0)
        plan_print(stdout, &graph);
    graph_fini(&graph);
    return errors->count == 0 ? 0 : EXIT_CHECK_FAILED;
}

/* All that is wrong with the command line and the files, and nothing was started. */
static int refuse_to_begin(const struct settings *settings, struct conf_errors *errors)
{
    struct graph graph;
    if (settings->has_files) {
        check_graph(settings, &graph, errors);
        graph_fini(&graph);
    }
    bool in_files = report_conf_errors(errors);
    return settings->check && in_files ? EXIT_CHECK_FAILED : EXIT_CANNOT_BEGIN;
}

/* Files can be checked; their services are still to come. */
static int begin_unless_files(struct init *init, struct conf_errors *errors)
{
    if (!init->settings.has_files)
        return begin(init);
    errors_add(errors, (struct place){"", NO_FILE},
               "-c: starting services from files is not supported yet, only --check is");
    return refuse_to_begin(&init->settings, errors);
}

static int carry_out(enum options_result result, struct init *init, const struct options *options)
{
    switch (result) {
    case OPTIONS_RUN:
        return begin_unless_files(init, options->errors);
    case OPTIONS_CHECK:
        return check(&init->settings, options->errors);
    case OPTIONS_HELP:
        options_print_help(stdout);
        return 0;
    case OPTIONS_HELP_KEY:
        options_print_key(stdout, options->key);
        return 0;
    case OPTIONS_VERSION:
        puts("reeve " REEVE_VERSION);
        return 0;
    case OPTIONS_ERROR:
        return refuse_to_begin(&init->settings, options->errors);
    }
    return EXIT_CANNOT_BEGIN;
}

int main(int argc, char **argv)
{
    static struct init init;
    signals_block(&init.inherited); /* first of all, see there */
    init.self = getpid();
    init.is_pid1 = init.self == 1;
    struct conf_errors errors;
    struct options options = {
        .settings = &init.settings, .errors = &errors, .is_pid1 = init.is_pid1};
    errors_init(&errors);
    enum options_result result = options_parse(&options, argc, argv);
    message_setup(init.settings.conf.log_level, init.settings.conf.log_format);
    int code = carry_out(result, &init, &options);
    if (fflush(stdout) != 0 && code == 0) { /* help, or what would run */
        message_say(LEVEL_ERROR, NULL, "cannot write to standard output: %s", strerror(errno));
        code = EXIT_CHECK_FAILED;
    }
    errors_free(&errors);
    conf_free(&init.settings.conf);
    return code;
}
