#include "reaper/reaper.h"

#include <errno.h>
#include <sys/wait.h>

/* The raw word that wait(2) macros take apart, from what waitid(2) tells. */
static int wait_status(const siginfo_t *info)
{
    switch (info->si_code) {
    case CLD_EXITED:
        return (info->si_status & 0xff) << 8;
    case CLD_DUMPED:
        return info->si_status | 0x80;
    default: /* CLD_KILLED */
        return info->si_status;
    }
}

static void report(const siginfo_t *info, const struct reaper_callbacks *callbacks, void *data)
{
    switch (info->si_code) {
    case CLD_EXITED:
    case CLD_KILLED:
    case CLD_DUMPED:
        callbacks->on_exit(data, info->si_pid, wait_status(info));
        break;
    case CLD_STOPPED:
        callbacks->on_stop(data, info->si_pid, info->si_status);
        break;
    default:
        /* CLD_TRAPPED: a child that asked to be traced by its parent, which we do not do. */
        break;
    }
}

/* Takes what was only peeked at, and nothing that has come since. */
static void take(const siginfo_t *peeked)
{
    siginfo_t info;
    bool is_alive = peeked->si_code == CLD_STOPPED || peeked->si_code == CLD_TRAPPED;
    while (waitid(P_PID, (id_t)peeked->si_pid, &info, (is_alive ? WSTOPPED : WEXITED) | WNOHANG) <
               0 &&
           errno == EINTR) {
    }
}

bool reaper_drain(const struct reaper_callbacks *callbacks, void *data)
{
    int peek = callbacks->peeks ? WNOWAIT : 0;
    for (;;) {
        siginfo_t info = {.si_pid = 0};
        if (waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG | peek) < 0) {
            if (errno == EINTR)
                continue;
            return errno != ECHILD;
        }
        if (info.si_pid == 0)
            return true;
        report(&info, callbacks, data);
        if (peek)
            take(&info);
    }
}

bool reaper_has_work(void)
{
    siginfo_t info = {.si_pid = 0};
    return waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) < 0 || info.si_pid != 0;
}

bool reaper_is_child(pid_t pid)
{
    siginfo_t info;
    return pid > 0 && waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}
