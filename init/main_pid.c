#include "init/main_pid.h"

#include "reaper/reaper.h"
#include "supervisor/proc.h"

#include <unistd.h>

/* Each leader began one, unless it has the terminal; what it has left is in it still. */
static bool has_session(const struct service *service, pid_t session)
{
    if (service->pid != 0 && (session == service->pid || session == getsid(service->pid)))
        return true;
    return session != 0 && (session == service->group || session == service->helper);
}

bool main_pid_is_its(const struct supervisor *supervisor, const struct service *service, pid_t pid,
                     pid_t sender, uid_t uid)
{
    uid_t owner;
    pid_t session = getsid(pid);
    if (session < 0) /* there is no such process */
        return false;
    for (int i = 0; i < supervisor->count; i++) {
        const struct service *other = supervisor_service(supervisor, i);
        if (has_session(other, session))
            return other == service;
    }
    return uid == 0 || uid == geteuid() || sender == pid ||
           (proc_owner(pid, &owner) && owner == uid);
}

pid_t main_pid_group(pid_t pid)
{
    pid_t group = getpgid(pid);
    return group > 1 && group != getpgrp() ? group : 0;
}

bool main_pid_is_ours(pid_t pid)
{
    return reaper_is_child(pid) && main_pid_group(pid) != 0;
}
