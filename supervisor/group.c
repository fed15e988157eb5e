#include "supervisor/group.h"

#include <errno.h>
#include <signal.h>

int group_signal(pid_t pid, int sig, bool whole_group)
{
    if (whole_group && (kill(-pid, sig) == 0 || errno != ESRCH))
        return 0;
    return kill(pid, sig) == 0 ? 0 : errno;
}
