#include "init/steering.h"

#include "conf/keys.h"
#include "init/loop.h"
#include "init/message.h"
#include "init/reload.h"
#include "init/report.h"
#include "supervisor/group.h"
#include "supervisor/outcome.h"
#include "supervisor/state_dir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- another configuration -------------------------------------------------------------------- */

struct reloading {
    const struct reload_listener *listener; /* NULL: nobody but the log */
    struct reload_counts counts;
};

static void note_reloaded(void *data, const char *service, enum supervisor_reloaded what)
{
    struct reloading *reloading = data;
    struct reload_counts *counts = &reloading->counts;
    int *const count[] = {
        [RELOADED_ADDED] = &counts->added,
        [RELOADED_REMOVED] = &counts->removed,
        [RELOADED_CHANGED] = &counts->changed,
        [RELOADED_RESTARTED] = &counts->restarted,
    };
    ++*count[what];
    if (reloading->listener)
        reloading->listener->on_change(reloading->listener->session, service, what);
}

/* What is not for a running reeve to change. */
static void warn_unchanged(const struct settings *before, const struct settings *settings)
{
    const char *old = before->conf.control ? before->conf.control : "none";
    const char *new = settings->conf.control ? settings->conf.control : "none";
    if (strcmp(old, new) != 0)
        message_say(LEVEL_WARN, NULL, "control: stays %s until reeve starts again", old);
}

static void apply(struct steering *steering, struct settings *settings)
{
    warn_unchanged(steering->settings, settings);
    settings->before = steering->settings;
    steering->settings = settings;
    message_setup(settings->conf.log_level, settings->conf.log_format);
    launch_reload(steering->launch, settings);
    if (steering->control.state_dir)
        steering->control.state_dir = settings->conf.state_dir;
}

static void complain(const struct conf_errors *errors, const struct reload_listener *listener)
{
    report_conf_errors(errors, "nothing changed");
    for (const struct conf_error *error = errors->first; listener && error; error = error->next)
        listener->on_error(listener->session, error);
}

bool steering_reload(struct steering *steering, const struct reload_listener *listener)
{
    static const struct place nowhere = {"", NO_FILE};
    struct reloading reloading = {.listener = listener};
    struct conf_errors errors;
    struct settings *settings = NULL;
    errors_init(&errors);
    if (!steering->settings->has_files)
        errors_add(&errors, nowhere, "there is no file to read again");
    else if (steering->supervisor->shutdown.phase != SHUTDOWN_RUNNING)
        errors_add(&errors, nowhere, "reeve is stopping");
    else
        settings = reload_read(steering->settings, steering->launch->directory, &errors);
    if (settings && !supervisor_reload(steering->supervisor, &settings->conf, loop_now_ms(),
                                       note_reloaded, &reloading)) {
        errors_add(&errors, nowhere, "out of memory");
        reload_free(settings);
        settings = NULL;
    }
    complain(&errors, listener);
    errors_free(&errors);
    if (!settings)
        return false;
    apply(steering, settings);
    report_reloaded(&reloading.counts);
    return true;
}

/* --- what the control side needs -------------------------------------------------------------- */

static int signal_by_hand(void *data, const struct service *service, int sig)
{
    (void)data;
    int error = group_signal(service->pid, sig, false);
    if (error == 0)
        report_forwarded(service, sig);
    return error;
}

static pid_t run_reload_command(void *data, const struct service *service,
                                struct spawn_error *error)
{
    const struct steering *steering = data;
    return launch_spawn(steering->launch, service, PROGRAM_RELOAD_COMMAND, error);
}

static void reload_command_ended(void *data, const char *service, int wait_status)
{
    char text[OUTCOME_TEXT_SIZE];
    (void)data;
    message_say(wait_status == 0 ? LEVEL_INFO : LEVEL_WARN, service, "its reload-command %s",
                outcome_describe(wait_status, text));
}

static void shut_down(void *data)
{
    struct steering *steering = data;
    report_shutdown_ordered();
    supervisor_stop(steering->supervisor, loop_now_ms());
}

static bool reload_by_hand(void *data, const struct reload_listener *listener)
{
    return steering_reload(data, listener);
}

static const struct control_ops control_ops = {
    .clock_ms = loop_now_ms,
    .signal = signal_by_hand,
    .run_reload_command = run_reload_command,
    .reload_command_ended = reload_command_ended,
    .shutdown = shut_down,
    .reload = reload_by_hand,
};

void steering_init(struct steering *steering, struct settings *settings,
                   struct supervisor *supervisor, struct launch *launch)
{
    *steering = (struct steering){
        .settings = settings,
        .supervisor = supervisor,
        .launch = launch,
        .control = {.supervisor = supervisor, .ops = &control_ops, .data = steering},
        .listener.fd = -1,
    };
}

/* The one command has no socket unless it is asked for: it is to be as small as it can. */
void steering_open(struct steering *steering)
{
    char error[LISTENER_ERROR_SIZE];
    const struct conf *conf = &steering->settings->conf;
    bool is_asked_for = steering->settings->has_files || key_was_written(conf->written, "control");
    if (!is_asked_for || !conf->control)
        return;
    steering->control.state_dir = conf->state_dir;
    if (listener_open(&steering->listener, conf->control, error))
        setenv("REEVE_CONTROL", steering->listener.path, 1);
    else
        message_say(LEVEL_WARN, NULL, "no control socket: %s", error);
    steering->supervisor->is_steered = steering->listener.fd >= 0;
}

void steering_begin(struct steering *steering)
{
    server_init(loop_library(), &steering->listener, &steering->control);
}

void steering_forget_old(struct steering *steering)
{
    if (!supervisor_is_using_old(steering->supervisor))
        reload_free_before(steering->settings);
}

bool steering_was_stopped(const struct steering *steering, const struct service *service)
{
    const char *folder = steering->control.state_dir;
    return folder && service->conf->restart->policy == RESTART_UNLESS_STOPPED &&
           state_dir_has(folder, service->name);
}

void steering_close(struct steering *steering)
{
    server_fini();
    listener_close(&steering->listener);
    if (steering->settings->is_allocated)
        reload_free(steering->settings);
}
