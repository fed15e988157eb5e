#include "supervisor/group.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SIGNAL_PROCESS_GROUP = 1 << 2 }; /* PIDFD_SIGNAL_PROCESS_GROUP of linux/pidfd.h */

int group_signal(pid_t pid, int sig, bool whole_group)
{
    if (pid <= 0) /* 0 would be our own group, and -1 everybody */
        return ESRCH;
    if (whole_group) {
        if (kill(-pid, sig) == 0)
            return 0;
        if (errno != ESRCH)
            return errno;
    }
    return kill(pid, sig) == 0 ? 0 : errno;
}

int group_hold(pid_t leader)
{
    return (int)syscall(SYS_pidfd_open, leader, 0);
}

int group_signal_held(pid_t leader, int pidfd, int sig)
{
    if (leader <= 0)
        return ESRCH;
    if (pidfd >= 0) {
        if (syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, SIGNAL_PROCESS_GROUP) == 0)
            return 0;
        if (errno == ESRCH || errno == EPERM)
            return errno;
    }
    return kill(-leader, sig) == 0 ? 0 : errno;
}

bool group_is_held(int pidfd)
{
    return pidfd < 0 || syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0 || errno == EPERM;
}

void group_release(int pidfd)
{
    if (pidfd >= 0)
        close(pidfd);
}
