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

/* The command, or whoever of the files asks for it. A daemon has no terminal. */
static const struct service_conf *find_owner(const struct conf *conf,
                                             const struct service_conf *command)
{
    const struct service_conf *service = conf->services;
    if (command)
        return command->type != TYPE_FORKING ? command : NULL;
    while (service && !service->io->tty)
        service = service->next;
    return service;
}

/* Nobody gets the terminal from us who takes it along, or who has it as we do. */
static bool has_use_for_terminal(const struct launch *launch)
{
    return !launch->command || launch->grouping == SPAWN_BY_TERMINAL ||
           launch->grouping == SPAWN_OWN_GROUP;
}

void launch_reload(struct launch *launch, const struct settings *settings)
{
    const struct service_conf *main = settings->conf.main;
    launch->command = main && service_conf_is_command(main) ? main : NULL;
    launch->owner = find_owner(&settings->conf, launch->command);
    if (launch->owner && launch->terminal.fd < 0 && has_use_for_terminal(launch))
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
        .on_session = settings->on_session,
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
    int ours[6] = {signals, launch->terminal.fd, control, -1, -1, -1};
    if (launch->has_files || !is_started_once(launch))
        return;
    starts_descriptors(ours + 3, 1);
    channels_descriptors(ours + 4, 2);
    process_let_go(ours, 6);
    process_leave_directory();
}

void launch_let_go_of(const struct launch *launch, const struct service *service)
{
    if (launch->has_files && service->conf == launch->command && is_started_once(launch))
        process_let_go_inherited();
}

static pid_t spawn_main(const struct service *service, struct spawn *how, struct spawn_error *error)
{
    struct channel *channels;
    how->watchdog_ms = service->conf->health->watchdog_ms;
    if (!channels_open(service, how, &channels, error))
        return -1;
    pid_t pid = starts_spawn(how, error);
    channels_begin(channels, how, pid);
    return pid;
}

/* By the service's own means, and with nothing to say but its exit code. */
static pid_t spawn_helper(const struct service *service, struct spawn *how, char *const *argv,
                          struct spawn_error *error)
{
    how->argv = argv;
    how->terminal = -1;
    how->is_helper = true;
    how->main_pid = service->pid;
    return spawn_unwatched(how, error);
}

static pid_t spawn_probe(const struct service *service, struct spawn *how,
                         const struct probe *probe, struct spawn_error *error)
{
    how->probe = probe->kind == PROBE_EXEC ? NULL : probe;
    how->is_quiet = true;
    return spawn_helper(service, how, probe->argv, error);
}

static pid_t spawn_health_check(struct launch *launch, const struct service *service,
                                struct spawn *how, struct spawn_error *error)
{
    const struct probe *probe = &service->conf->health->probe;
    if (probe->kind != PROBE_EXEC && !launch->board)
        launch->board = probe_board_new();
    how->board = launch->board;
    return spawn_probe(service, how, probe, error);
}

const char *launch_reason(const struct launch *launch, const struct service *service,
                          const struct supervisor_check *check,
                          char reason[static PROBE_REASON_SIZE])
{
    const struct probe *probe = &service->conf->health->probe;
    struct probe_finding finding;
    /* One that was killed or could not begin has noted nothing, but another of its pid may have. */
    bool has_noted = check->pid != 0 && check->wait_status == PROBE_FAILED_CODE << 8;
    if (probe->kind == PROBE_EXEC || !has_noted ||
        !probe_board_look(launch->board, check->pid, &finding))
        return NULL;
    return probe_finding_describe(&finding, probe, reason);
}

pid_t launch_spawn(struct launch *launch, const struct service *service,
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
        .on_session = is_command ? launch->on_session : NULL,
        .exit_code = is_command ? launch->spawn_code : outcome_spawn_code,
        .tries_shell = is_command && launch->tries_shell,
        .is_command = is_command,
        .holds_others = launch->command != NULL,
        .ready_fd = -1,
        .directory = launch->directory,
    };
    switch (program) {
    case PROGRAM_MAIN:
        how.leaves_daemon = conf->type == TYPE_FORKING;
        return spawn_main(service, &how, error);
    case PROGRAM_STOP_COMMAND:
        return spawn_helper(service, &how, conf->stop->command, error);
    case PROGRAM_RELOAD_COMMAND:
        return spawn_helper(service, &how, conf->stop->reload_command, error);
    case PROGRAM_PROBE:
        return spawn_probe(service, &how, &conf->ready->probe, error);
    case PROGRAM_HEALTH_CHECK:
        return spawn_health_check(launch, service, &how, error);
    }
    return -1;
}
