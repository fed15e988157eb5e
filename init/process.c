#include "init/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FIRST_FREE = STDERR_FILENO + 1 };

int process_above_stdio(int fd)
{
    if (fd < 0 || fd >= FIRST_FREE)
        return fd;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FREE);
    int error = errno;
    close(fd);
    errno = error;
    if (moved < 0)
        return -1;
    /* An O_PATH descriptor can neither be read nor written: whoever tries gets EBADF, as from a
     * closed one. The program gets them closed, as we did. */
    int plug;
    do
        plug = open("/", O_PATH | O_CLOEXEC);
    while (plug >= 0 && plug < FIRST_FREE);
    if (plug >= 0)
        close(plug);
    return moved;
}

static int compare(const void *a, const void *b)
{
    int left = *(const int *)a;
    int right = *(const int *)b;
    return (left > right) - (left < right);
}

/* Nobody inherits any beyond 64 Ki, and a limit can be a thousand million. */
static int descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > 65536)
        return 65536;
    return (int)limit.rlim_cur;
}

/* Closes first..last, both included. */
static void close_range_of(unsigned first, unsigned last)
{
    if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
        return;
    /* Before Linux 5.9. */
    int limit = descriptor_limit();
    for (unsigned fd = first; fd <= last && (int)fd < limit; fd++)
        close((int)fd);
}

void process_let_go(const int *keep, size_t count)
{
    enum { MOST = 8 };
    int sorted[MOST];
    memcpy(sorted, keep, count * sizeof *keep);
    qsort(sorted, count, sizeof *sorted, compare);
    unsigned first = FIRST_FREE;
    for (size_t i = 0; i < count; i++) {
        if (sorted[i] < (int)first)
            continue;
        close_range_of(first, (unsigned)sorted[i] - 1);
        first = (unsigned)sorted[i] + 1;
    }
    close_range_of(first, ~0U);
}

void process_let_go_inherited(void)
{
    int limit = descriptor_limit();
    for (int fd = FIRST_FREE; fd < limit; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && !(flags & FD_CLOEXEC))
            close(fd);
    }
}

void process_leave_directory(void)
{
    /* It cannot fail but where / may not be searched; then we stay where we are. */
    if (chdir("/") < 0) {
    }
}

void process_open_outputs(void)
{
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        struct stat status;
        if (fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode) && geteuid() == 0 &&
            fchmod(fd, 0622) < 0) {
            /* somebody else's, and we lack the right: then it is as it is */
        }
    }
}

bool process_become_subreaper(void)
{
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
}

bool process_set_parent_death_signal(int sig)
{
    return prctl(PR_SET_PDEATHSIG, sig, 0, 0, 0) == 0;
}
