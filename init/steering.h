/*
 * reeve is steered by hand while it runs: over the control socket, and by another configuration.
 */
#pragma once

#include "ctl/server.h"
#include "init/launch.h"
#include "init/settings.h"

struct steering {
    struct settings *settings; /* in use */
    struct supervisor *supervisor;
    struct launch *launch;
    struct control control;
    struct listener listener;
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

void steering_close(struct steering *steering);
