#include "supervisor/spawn.h"

#include "supervisor/child_env.h"
#include "supervisor/outcome.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What container engines set where an image names no PATH. */
static const char default_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const char *spawn_stage_name(enum spawn_stage stage)
{
    switch (stage) {
    case SPAWN_PIPE:
        return "pipe";
    case SPAWN_FORK:
        return "fork";
    case SPAWN_SESSION:
        return "session";
    case SPAWN_TERMINAL:
        return "terminal";
    case SPAWN_EXEC:
        return "exec";
    }
    return "?";
}

/*
 * execvp(3), but the same with every libc: glibc runs a file that it cannot execute (ENOEXEC) by
 * a shell, musl does not, and their default paths differ. Returns only where it failed, with
 * errno set.
 */
static void exec_search(char *const argv[])
{
    const char *file = argv[0];
    if (*file == '\0') {
        errno = ENOENT;
        return;
    }
    if (strchr(file, '/')) {
        execve(file, argv, environ);
        return;
    }
    const char *path = getenv("PATH");
    if (!path)
        path = default_path;
    bool denied = false;
    for (const char *end;; path = end + 1) {
        char name[PATH_MAX];
        end = strchrnul(path, ':');
        int length = (int)(end - path);
        int needed = snprintf(name, sizeof name, "%.*s%s%s", length, path, length ? "/" : "", file);
        if (needed < (int)sizeof name)
            execve(name, argv, environ);
        else
            errno = ENAMETOOLONG;
        if (errno == EACCES)
            denied = true;
        else if (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG)
            return;
        if (*end == '\0')
            break;
    }
    errno = denied ? EACCES : ENOENT;
}

/* Its own session, or with a terminal its own group. Returns the stage that failed, or -1. */
static int set_session(const struct spawn *spawn)
{
    if (spawn->terminal < 0)
        return setsid() < 0 ? SPAWN_SESSION : -1;
    if (setpgid(0, 0) < 0)
        return SPAWN_SESSION;
    /* From a background group this raises SIGTTOU, unless that is blocked: here it is. A terminal
     * that is gone (EIO, ENOTTY) is no reason not to start. */
    if (spawn->foreground && tcsetpgrp(spawn->terminal, getpid()) < 0 && errno == EPERM)
        return SPAWN_TERMINAL;
    return -1;
}

static void restore_signals(const struct spawn *spawn)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    if (spawn->sigchld_ignored)
        sigaction(SIGCHLD, &ignore, NULL);
    /* Last: from here on a signal acts on the child as it will on the program. The raw call, since
     * libc's leaves out the signals that it keeps for itself. */
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &spawn->mask, NULL, sizeof spawn->mask);
}

static _Noreturn void run_child(const struct spawn *spawn, int status)
{
    struct spawn_error error;
    int failed = set_session(spawn);
    if (failed < 0) {
        child_env_prepare(getppid(), getpid());
        restore_signals(spawn);
        exec_search(spawn->argv);
        failed = SPAWN_EXEC;
    }
    error = (struct spawn_error){.stage = (enum spawn_stage)failed, .error = errno};
    /* Less than PIPE_BUF into an empty pipe: all of it or, where reeve is gone, nothing. */
    if (write(status, &error, sizeof error) < 0) {
    }
    _exit(outcome_spawn_code(&error));
}

pid_t spawn(const struct spawn *spawn, int *status, struct spawn_error *error)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
        *error = (struct spawn_error){SPAWN_PIPE, errno};
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0)
        run_child(spawn, ends[1]);
    int fork_error = errno;
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        *error = (struct spawn_error){SPAWN_FORK, fork_error};
        return -1;
    }
    /* In the parent too, so that the group is there whoever runs first. It fails harmlessly where
     * the child has done it and is already another program. A session has no such call. */
    if (spawn->terminal >= 0)
        setpgid(pid, pid);
    *status = ends[0];
    return pid;
}

enum spawn_result spawn_result(int status, struct spawn_error *error)
{
    ssize_t length;
    do
        length = read(status, error, sizeof *error);
    while (length < 0 && errno == EINTR);
    if (length < 0 && errno == EAGAIN)
        return SPAWN_PENDING;
    return length == sizeof *error ? SPAWN_FAILED : SPAWN_RUNNING;
}
