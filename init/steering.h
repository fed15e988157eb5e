/*
 * reeve is steered by hand while it runs: over the control socket, and by another configuration.
 */
#pragma once

#include "ctl/server.h"
#include "init/launch.h"
#include "init/settings.h"

enum { RELOAD_COMMANDS = 16 }; /* at once */

struct reload_command {
    pid_t pid; /* 0: none */
    char service[64];
};

struct steering {
    struct settings *settings; /* in use */
    struct supervisor *supervisor;
    struct launch *launch;
    struct control control;
    struct listener listener;
    struct reload_command reload_commands[RELOAD_COMMANDS];
};

/* All have to stay. */
void steering_init(struct steering *steering, struct settings *settings,
                   struct supervisor *supervisor, struct launch *launch);

/*
 * Makes the control socket, where there is to be one, before any program is started that is to know
 * where it is. A socket that cannot be made is a warning.
 */
void steering_open(struct steering *steering);

/* Serves clients from now on: the loop is there. */
void steering_begin(struct steering *steering);

/* Reads the configuration again. `listener` hears of it, too; NULL: only the log does. Returns
 * false where nothing has changed because of an error. */
bool steering_reload(struct steering *steering, const struct reload_listener *listener);

/* Frees settings that no service uses any more. */
void steering_forget_old(struct steering *steering);

/* As `was_stopped` of struct supervisor_ops. */
bool steering_was_stopped(const struct steering *steering, const struct service *service);

/* A child has ended. Returns whether it was one of ours. */
bool steering_child_ended(struct steering *steering, pid_t pid, int wait_status);

void steering_close(struct steering *steering);
