#include "init/launch.h"

#include "init/channels.h"
#include "init/message.h"
#include "init/process.h"
#include "init/starts.h"
#include "supervisor/outcome.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* The command, or whoever of the files asks for it. */
static const struct service_conf *find_owner(const struct conf *conf,
                                             const struct service_conf *command)
{
    const struct service_conf *service = conf->services;
    if (command)
        return command;
    while (service && !service->io->tty)
        service = service->next;
    return service;
}

void launch_reload(struct launch *launch, const struct settings *settings)
{
    const struct service_conf *main = settings->conf.main;
    launch->command = main && service_conf_is_command(main) ? main : NULL;
    launch->owner = find_owner(&settings->conf, launch->command);
    if (launch->owner && launch->terminal.fd < 0)
        terminal_open(&launch->terminal);
}

void launch_init(struct launch *launch, const struct settings *settings,
                 const struct inherited_signals *inherited)
{
    *launch = (struct launch){
        .inherited = inherited,
        .terminal.fd = -1,
        .nothing = -1,
        .has_files = settings->has_files,
        .grouping = settings->grouping,
        .spawn_code = settings->spawn_code,
        .tries_shell = settings->tries_shell,
    };
    launch_reload(launch, settings);
}

bool launch_has_terminal(const struct launch *launch, const struct service *service)
{
    return service->conf == launch->owner;
}

/* A command, which may inherit all that we did, and is not started a second time. */
static bool is_started_once(const struct launch *launch)
{
    return !launch->command || launch->command->restart->policy == RESTART_NO;
}

/* Whoever is another user than we cannot open /dev/stdout anew, where that is a pipe. */
static bool may_need_outputs(const struct launch *launch)
{
    return launch->has_files || (launch->command && (launch->command->identity->user ||
                                                     launch->command->identity->group));
}

/*
 * Services begin where we were started: that is remembered, and left. They inherit nothing but the
 * standard descriptors: everything else is let go, unless there is a command that may be started
 * later and inherits all of it. The one command that is started once begins where we are.
 */
void launch_let_go_before(struct launch *launch, int signals)
{
    if (may_need_outputs(launch))
        process_open_outputs();
    if (!launch->has_files && is_started_once(launch))
        return;
    launch->directory = getcwd(NULL, 0);
    if (!launch->directory)
        message_say(LEVEL_WARN, NULL, "cannot tell the working directory, services begin in /: %s",
                    strerror(errno));
    process_leave_directory();
    if (!launch->command)
        process_let_go((const int[]){signals, launch->terminal.fd}, 2);
    /* Once for all starts: finding the file takes longer than all else that it is for. */
    if (launch->has_files)
        launch->nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void launch_let_go_behind(const struct launch *launch, int signals, int control)
{
    int ours[5] = {signals, launch->terminal.fd, control, -1, -1};
    if (launch->has_files || !is_started_once(launch))
        return;
    starts_descriptors(ours + 3, 1);
    channels_descriptors(ours + 4, 1);
    process_let_go(ours, 5);
    process_leave_directory();
}

void launch_let_go_of(const struct launch *launch, const struct service *service)
{
    if (launch->has_files && service->conf == launch->command && is_started_once(launch))
        process_let_go_inherited();
}

static pid_t spawn_main(const struct service *service, struct spawn *how, struct spawn_error *error)
{
    struct channel *channel;
    if (!channels_open(service, how, &channel, error))
        return -1;
    pid_t pid = starts_spawn(how, error);
    channels_begin(channel, how, pid);
    return pid;
}

pid_t launch_spawn(const struct launch *launch, const struct service *service,
                   enum supervisor_program program, struct spawn_error *error)
{
    const struct service_conf *conf = service->conf;
    bool has_terminal = launch_has_terminal(launch, service);
    bool is_command = conf == launch->command;
    struct spawn how = {
        .service = conf,
        .argv = conf->argv,
        .instance = service->instance,
        .mask = launch->inherited->mask,
        .sigchld_ignored = launch->inherited->sigchld_ignored,
        .nothing = launch->nothing,
        .terminal = has_terminal ? launch->terminal.fd : -1,
        .foreground = has_terminal && terminal_has_foreground(&launch->terminal),
        .grouping = is_command ? launch->grouping : SPAWN_BY_TERMINAL,
        .exit_code = is_command ? launch->spawn_code : outcome_spawn_code,
        .tries_shell = is_command && launch->tries_shell,
        .is_command = is_command,
        .holds_others = launch->command != NULL,
        .ready_fd = -1,
        .directory = launch->directory,
    };
    switch (program) {
    case PROGRAM_MAIN:
        return spawn_main(service, &how, error);
    case PROGRAM_STOP_COMMAND:
        how.argv = conf->stop->command;
        how.terminal = -1;
        how.is_helper = true;
        how.main_pid = service->pid;
        return spawn_unwatched(&how, error);
    case PROGRAM_RELOAD_COMMAND:
        how.argv = conf->stop->reload_command;
        how.terminal = -1;
        how.is_helper = true;
        how.main_pid = service->pid;
        return spawn_unwatched(&how, error);
    case PROGRAM_PROBE:
        how.argv = conf->ready->probe.argv;
        how.probe = conf->ready->probe.kind == PROBE_EXEC ? NULL : &conf->ready->probe;
        how.terminal = -1;
        how.is_helper = how.is_quiet = true;
        how.main_pid = service->pid;
        return spawn_unwatched(&how, error);
    }
    return -1;
}
