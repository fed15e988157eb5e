#include "supervisor/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void pidfile_init(struct pidfile *pidfile, const char *path)
{
    *pidfile = (struct pidfile){.path = path};
    pidfile->was_there = lstat(path, &pidfile->before) == 0;
}

/* Whoever writes to it sets the time of its change, which nobody can set to another one. */
static bool is_as_before(const struct pidfile *pidfile, const struct stat *now)
{
    const struct stat *before = &pidfile->before;
    return pidfile->was_there && before->st_dev == now->st_dev && before->st_ino == now->st_ino &&
           before->st_ctim.tv_sec == now->st_ctim.tv_sec &&
           before->st_ctim.tv_nsec == now->st_ctim.tv_nsec;
}

/* The number in the first line, with blanks around it at the most; 0 where it is none. */
static pid_t parse(const char *text)
{
    char *end;
    text += strspn(text, " \t");
    if (*text < '1' || *text > '9')
        return 0;
    long pid = strtol(text, &end, 10);
    end += strspn(end, " \t\r");
    return (*end == '\0' || *end == '\n') && pid <= INT_MAX ? (pid_t)pid : 0;
}

static pid_t read_from(const struct pidfile *pidfile, int fd, const char **wrong)
{
    char text[32];
    struct stat status;
    *wrong = "is no regular file";
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode))
        return 0;
    *wrong = "is the one of before";
    if (is_as_before(pidfile, &status))
        return 0;
    *wrong = "has no pid in its first line";
    ssize_t length = read(fd, text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    return parse(text);
}

pid_t pidfile_read(const struct pidfile *pidfile, const char **wrong)
{
    /* The open of a FIFO would wait for its writer. */
    int fd = open(pidfile->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    *wrong = errno == ELOOP ? "is a symbolic link" : strerror(errno);
    if (fd < 0)
        return 0;
    pid_t pid = read_from(pidfile, fd, wrong);
    close(fd);
    return pid;
}
