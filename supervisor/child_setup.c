#include "supervisor/child_setup.h"

#include "supervisor/child_env.h"
#include "supervisor/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FIRST_OTHER = STDERR_FILENO + 1 };

static bool fail(struct spawn_error *error, enum spawn_stage stage)
{
    *error = (struct spawn_error){.stage = stage, .error = errno};
    return false;
}

/* Its own session, or with a terminal its own group. */
static bool set_session(const struct spawn *spawn, struct spawn_error *error)
{
    if (spawn->terminal < 0)
        return setsid() >= 0 || fail(error, SPAWN_SESSION);
    if (setpgid(0, 0) < 0)
        return fail(error, SPAWN_SESSION);
    /* From a background group this raises SIGTTOU, unless that is blocked: here it is. A terminal
     * that is gone (EIO, ENOTTY) is no reason not to start. */
    if (spawn->foreground && tcsetpgrp(spawn->terminal, getpid()) < 0 && errno == EPERM)
        return fail(error, SPAWN_TERMINAL);
    return true;
}

/* Makes `fd`, unless it is -1, what standard descriptor `standard` is. */
static bool become(int fd, int standard)
{
    if (fd < 0)
        return false;
    if (fd == standard) /* it was closed before; it is not to be closed by exec */
        return fcntl(fd, F_SETFD, 0) == 0;
    return dup2(fd, standard) >= 0;
}

/* Without /dev/null: the end of a pipe that nobody writes to, at which nothing can be read. */
static int get_nothing(const struct spawn *spawn)
{
    int ends[2];
    int fd = spawn->nothing;
    if (fd < 0)
        fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 || pipe2(ends, O_CLOEXEC) < 0)
        return fd;
    close(ends[1]);
    return ends[0];
}

static bool set_output(const struct spawn *spawn, const struct output *output, int standard)
{
    const char *path = "/dev/null";
    int create = 0;
    switch (output->kind) {
    case OUTPUT_INHERIT:
        return true;
    case OUTPUT_NULL: /* a file of that name would take all that is written to it */
        break;
    case OUTPUT_FILE:
        path = instance_text(output->path, spawn->instance);
        create = O_CREAT;
        break;
    }
    /* Readable for all, as the shell makes it: what may read it is what may enter its folder. */
    return path && become(open(path, O_WRONLY | O_APPEND | create | O_CLOEXEC, 0666), standard);
}

/* Before Linux 5.11 there is no CLOSE_RANGE_CLOEXEC. Nobody inherits any beyond 64 Ki. */
static void leave_others_one_by_one(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > 65536)
        limit.rlim_cur = 65536;
    for (int fd = FIRST_OTHER; fd < (int)limit.rlim_cur; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static bool set_descriptors(const struct spawn *spawn, struct spawn_error *error)
{
    const struct io_conf *io = spawn->service->io;
    if ((!io->stdin_inherit || spawn->is_helper) && !become(get_nothing(spawn), STDIN_FILENO))
        return fail(error, SPAWN_STDIN);
    if (!set_output(spawn, &io->out, STDOUT_FILENO))
        return fail(error, SPAWN_STDOUT);
    if (!set_output(spawn, &io->err, STDERR_FILENO))
        return fail(error, SPAWN_STDERR);
    if (spawn->holds_others && !spawn->is_command &&
        syscall(SYS_close_range, FIRST_OTHER, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        leave_others_one_by_one();
    return true;
}

static bool set_directory(const struct spawn *spawn, struct spawn_error *error)
{
    const char *directory = spawn->service->io->directory;
    directory = directory ? instance_text(directory, spawn->instance) : spawn->directory;
    return !directory || chdir(directory) == 0 || fail(error, SPAWN_DIRECTORY);
}

bool child_setup(const struct spawn *spawn, struct spawn_error *error)
{
    int mask = spawn->service->io->umask;
    if (!set_session(spawn, error) || !set_descriptors(spawn, error) ||
        !child_env_make(spawn, error))
        return false;
    if (mask >= 0)
        umask((mode_t)mask);
    return set_directory(spawn, error);
}
