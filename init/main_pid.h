/*
 * Whom a service may name as its main process, by MAINPID of sd_notify(3): what gets its signals
 * from then on, and whose end is its own.
 */
#pragma once

#include "supervisor/supervisor.h"

/*
 * Is `pid` for the service to name, as the process `sender` of the user `uid` does? What is in the
 * session of a service belongs to it and to nobody else. What has a session of its own may have
 * been started by any of them: root and who we are may name it, else only its own user and itself,
 * as systemd takes a process from outside the unit from root alone.
 */
bool main_pid_is_its(const struct supervisor *supervisor, const struct service *service, pid_t pid,
                     pid_t sender, uid_t uid);

/*
 * The process group that `pid` is in now: a daemon may be named before it begins one of its own.
 * 0 where that is none for us to signal: our own, as PID 1 that of everybody, or one that has no
 * number here, because it began outside.
 */
pid_t main_pid_group(pid_t pid);

/* We can look after `pid`: it is our child, and in such a group. */
bool main_pid_is_ours(pid_t pid);
