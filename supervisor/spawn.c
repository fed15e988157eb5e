#include "supervisor/spawn.h"

#include "supervisor/child_setup.h"
#include "supervisor/daemon.h"
#include "supervisor/instance.h"
#include "supervisor/probe_child.h"

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

/* As execvp(3) does. */
static void exec_by_shell(char *file, char *const argv[])
{
    static char shell[] = "/bin/sh";
    size_t count = 1;
    while (argv[count])
        count++;
    char **words = malloc((count + 2) * sizeof *words);
    if (!words)
        return;
    words[0] = shell;
    words[1] = file;
    memcpy(words + 2, argv + 1, count * sizeof *argv); /* with the NULL */
    execve(shell, words, environ);
    int error = errno;
    free(words);
    errno = error;
}

static void exec_file(char *file, char *const argv[], bool tries_shell)
{
    execve(file, argv, environ);
    if (errno == ENOEXEC && tries_shell)
        exec_by_shell(file, argv);
}

/*
 * Not inlined: the room for a name would stand between the frames of who does not search, and each
 * page that a child writes to is copied first.
 */
static __attribute__((noinline)) void exec_in_path(const char *file, char *const argv[],
                                                   bool tries_shell)
{
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
            exec_file(name, argv, tries_shell);
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

/*
 * execvp(3), but the same with every libc: glibc runs a file that it cannot execute (ENOEXEC) by
 * a shell, musl does not, and their default paths differ. Returns only where it failed, with
 * errno set.
 */
static void exec_search(char *const argv[], bool tries_shell)
{
    char *file = argv[0];
    if (*file == '\0')
        errno = ENOENT;
    else if (strchr(file, '/'))
        exec_file(file, argv, tries_shell);
    else
        exec_in_path(file, argv, tries_shell);
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

/* The last descriptor to be set: its number may be that of one of ours, the status pipe included.
 */
static bool set_ready_fd(const struct spawn *spawn, int *status)
{
    int number = spawn->ready_number;
    if (spawn->ready_fd < 0)
        return true;
    if (*status == number)
        *status = fcntl(*status, F_DUPFD_CLOEXEC, number + 1);
    if (spawn->ready_fd == number)
        return fcntl(number, F_SETFD, 0) == 0;
    return dup2(spawn->ready_fd, number) >= 0;
}

static void exec_program(const struct spawn *spawn, int *status, struct spawn_error *error)
{
    char *const *argv = instance_argv(spawn->argv, spawn->instance);
    if (!set_ready_fd(spawn, status)) {
        *error = (struct spawn_error){.stage = SPAWN_CHANNEL, .error = errno};
        return;
    }
    restore_signals(spawn);
    if (argv)
        exec_search(argv, spawn->tries_shell);
    *error = (struct spawn_error){.stage = SPAWN_EXEC, .error = errno};
}

static __attribute__((noinline)) _Noreturn void run_probe(const struct spawn *spawn)
{
    restore_signals(spawn);
    struct probe_finding finding = probe_child_run(spawn->probe);
    if (finding.found == FOUND_WELL)
        _exit(0);
    probe_board_note(spawn->board, &finding);
    _exit(PROBE_FAILED_CODE);
}

/* Less than PIPE_BUF into a pipe with room for all of them: whole or, where reeve is gone, lost. */
static void tell(void *data, const struct spawn_report *report)
{
    const int *status = data;
    if (*status >= 0 && write(*status, report, sizeof *report) < 0) {
    }
}

/* Of what was ours it keeps nothing but the status pipe: a channel, say, is to end with them who
 * have the other end of it. */
static void let_go_but(int fd)
{
    syscall(SYS_close_range, STDERR_FILENO + 1, fd - 1, 0);
    syscall(SYS_close_range, fd + 1, ~0U, 0);
}

/* Returns in a child that is to be the launcher. Returns false where there is none, with *error. */
static bool stand_above(const struct spawn *spawn, int *status, struct spawn_error *error)
{
    const char *path = spawn->service->ready->pidfile;
    struct daemon_search search = {.status = *status, .tell = tell, .data = status};
    if (!daemon_search_begin(&search, path ? instance_text(path, spawn->instance) : NULL)) {
        *error = (struct spawn_error){.stage = SPAWN_SESSION, .error = errno};
        return false;
    }
    pid_t launcher = fork();
    if (launcher > 0) {
        let_go_but(*status);
        daemon_search_run(&search, launcher);
    }
    *error = (struct spawn_error){.stage = SPAWN_FORK, .error = errno};
    return launcher == 0;
}

static _Noreturn void run_child(const struct spawn *spawn, int status)
{
    struct spawn_report report = {.news = NEWS_FAILED};
    if ((!spawn->leaves_daemon || stand_above(spawn, &status, &report.error)) &&
        child_setup(spawn, &report, tell, &status)) {
        if (spawn->probe)
            run_probe(spawn);
        exec_program(spawn, &status, &report.error);
    }
    tell(&status, &report);
    _exit(spawn->exit_code(&report.error));
}

bool spawn_leads_only_group(const struct spawn *spawn)
{
    return spawn->grouping == SPAWN_OWN_GROUP ||
           (spawn->grouping == SPAWN_BY_TERMINAL && spawn->terminal >= 0);
}

static pid_t fork_child(const struct spawn *spawn, int status, struct spawn_error *error)
{
    pid_t pid = fork();
    if (pid == 0)
        run_child(spawn, status);
    if (pid < 0)
        *error = (struct spawn_error){.stage = SPAWN_FORK, .error = errno};
    /* In the parent too, so that the group is there whoever runs first. It fails harmlessly where
     * the child has done it and is already another program. A session has no such call. */
    else if (spawn_leads_only_group(spawn))
        setpgid(pid, pid);
    return pid;
}

pid_t spawn(const struct spawn *spawn, int *status, struct spawn_error *error)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
        *error = (struct spawn_error){.stage = SPAWN_PIPE, .error = errno};
        return -1;
    }
    pid_t pid = fork_child(spawn, ends[1], error);
    close(ends[1]);
    if (pid < 0)
        close(ends[0]);
    else
        *status = ends[0];
    return pid;
}

pid_t spawn_unwatched(const struct spawn *spawn, struct spawn_error *error)
{
    return fork_child(spawn, -1, error);
}

pid_t spawn_task(int (*task)(void *data), void *data, struct spawn_error *error)
{
    pid_t pid = fork();
    if (pid == 0) {
        syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
        _exit(task(data));
    }
    if (pid < 0)
        *error = (struct spawn_error){.stage = SPAWN_FORK, .error = errno};
    return pid;
}

enum spawn_result spawn_result(int status, struct spawn_report *report)
{
    ssize_t length;
    do
        length = read(status, report, sizeof *report);
    while (length < 0 && errno == EINTR);
    if (length < 0 && errno == EAGAIN)
        return SPAWN_PENDING;
    if (length != sizeof *report)
        return SPAWN_RUNNING;
    return report->news == NEWS_FAILED ? SPAWN_FAILED : SPAWN_TOLD;
}
