/*
 * Finds the daemon that a launcher leaves, in a process that stands between it and us for so long.
 *
 * It is a subreaper: whatever the launcher starts and leaves becomes its child, and nobody else
 * does. When the launcher has ended well and the daemon is known, it tells and ends; what are its
 * children then become ours. Where there is no daemon it lives until all that was left has ended.
 * It ends as the launcher did or, where that went well, as the last one of these.
 *
 * Every signal that its parent sends to it is passed on to all of them. SIGKILL is not meant for
 * it: when its parent closes the other end of `status`, it kills all of them and ends.
 */
#pragma once

#include "supervisor/pidfile.h"
#include "supervisor/spawn.h"

struct daemon_search {
    const char *path;       /* of the pidfile; NULL: the daemon is the only one left */
    struct pidfile pidfile; /* where there is one */
    int status;             /* the pipe that tell() writes to */
    void (*tell)(void *data, const struct spawn_report *report);
    void *data;
};

/* In the process that is to look, before it forks the launcher. Returns false with errno. */
bool daemon_search_begin(struct daemon_search *search, const char *path);

/* Behind that. */
_Noreturn void daemon_search_run(const struct daemon_search *what, pid_t launcher);
