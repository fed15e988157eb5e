/*
 * How programs are started: what a child gets that was ours, and that we let go of it in time.
 */
#pragma once

#include "init/settings.h"
#include "init/signals.h"
#include "init/terminal.h"
#include "supervisor/spawn.h"
#include "supervisor/supervisor.h"

struct launch {
    const struct inherited_signals *inherited;
    struct terminal terminal;
    const struct service_conf *command; /* of the command line; NULL: none */
    const struct service_conf *owner;   /* who gets the terminal; NULL: nobody */
    const char *directory;     /* where we were started; NULL: we are still there, or cannot tell */
    int nothing;               /* /dev/null; -1: none is at hand */
    struct probe_board *board; /* of health checks; NULL before the first that connects */
    bool has_files;
    void (*on_session)(int error);                      /* of the command, as in settings */
    enum spawn_grouping grouping;                       /* of the command */
    int (*spawn_code)(const struct spawn_error *error); /* of the command, as in settings */
    bool tries_shell;                                   /* for the command */
};

/* Opens the terminal, where somebody is to get it. Both arguments have to stay. */
void launch_init(struct launch *launch, const struct settings *settings,
                 const struct inherited_signals *inherited);

/* Goes on with other settings, which have to stay. */
void launch_reload(struct launch *launch, const struct settings *settings);

/*
 * Before the first program is started, and behind it: lets go of the working directory and of every
 * descriptor that is not for a program still to come. `signals` and `control` are ours; -1: none.
 */
void launch_let_go_before(struct launch *launch, int signals);
void launch_let_go_behind(const struct launch *launch, int signals, int control);

/* The program of this service is known to run: what it alone was to inherit is let go. */
void launch_let_go_of(const struct launch *launch, const struct service *service);

/* As spawn() of struct supervisor_ops. How the exec of a main program went is told by starts.h. */
pid_t launch_spawn(struct launch *launch, const struct service *service,
                   enum supervisor_program program, struct spawn_error *error);

/* What a health check of it that failed has found; NULL where that is not known. */
const char *launch_reason(const struct launch *launch, const struct service *service,
                          const struct supervisor_check *check,
                          char reason[static PROBE_REASON_SIZE]);

/* Is it the service that gets the terminal? */
bool launch_has_terminal(const struct launch *launch, const struct service *service);
