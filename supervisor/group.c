#include "supervisor/group.h"

#include <errno.h>
#include <signal.h>

int group_signal(pid_t pid, int sig, bool whole_group)
{
    if (whole_group) {
        if (kill(-pid, sig) == 0)
            return 0;
        if (errno != ESRCH)
            return errno;
    }
    return kill(pid, sig) == 0 ? 0 : errno;
}
