/*
 * Starts one process: fork, what the child has to become, exec; and how that went.
 *
 * The caller has every signal blocked. They stay blocked across the fork and in the child until
 * the last step before exec, so that a signal sent to the child at any moment is either acted on
 * by the new program's default or handler, or kills the child: none is lost in between.
 */
#pragma once

#include "conf/signal_name.h"
#include "supervisor/spawn_error.h"

#include <stdbool.h>
#include <sys/types.h>

struct spawn {
    char *const *argv;    /* argv[0] is looked up in PATH */
    signal_set mask;      /* the signal mask that the program begins with */
    bool sigchld_ignored; /* SIGCHLD is ignored in the program, as it was for us */
    int terminal;         /* the controlling terminal, or -1 where there is none */
    bool foreground;      /* give the terminal's foreground to the program */
};

/*
 * Forks and begins to exec. Without a terminal the child leads a session of its own, with one a
 * process group of its own in our session; in both cases its group has its pid.
 *
 * Returns the pid and stores in *status the descriptor that tells how the exec went, to be
 * watched and given to spawn_result(). Returns -1 and fills *error where there is no child.
 */
pid_t spawn(const struct spawn *spawn, int *status, struct spawn_error *error);

enum spawn_result { SPAWN_PENDING, SPAWN_RUNNING, SPAWN_FAILED };

/*
 * Reads `status` without blocking. SPAWN_RUNNING: the program runs, or died by a signal on its
 * way; SPAWN_FAILED: *error says why, and the child exits. The caller closes the descriptor
 * unless it is still SPAWN_PENDING.
 */
enum spawn_result spawn_result(int status, struct spawn_error *error);
