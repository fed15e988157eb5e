#include "init/terminal.h"

#include "init/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Without /dev/tty one of the standard descriptors may be the terminal. */
static int find_in_stdio(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (tcgetpgrp(fd) >= 0) /* only our controlling terminal answers */
            return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    return -1;
}

/*
 * Does our own process group have the foreground? A group outside of our PID namespace has the
 * number 0, like any other one out there: then a read of nothing tells, which the kernel refuses to
 * a group in the background (SIGTTIN is blocked, so it does not stop us).
 */
static bool has_foreground(int fd)
{
    char nothing;
    pid_t own = getpgrp();
    if (own != 0)
        return tcgetpgrp(fd) == own;
    return tcgetpgrp(fd) == 0 && read(fd, &nothing, 0) == 0;
}

void terminal_open(struct terminal *terminal)
{
    /* Not blocking: it is an open file of our own, and messages may be written to it. */
    terminal->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    terminal->is_own_file = terminal->fd >= 0;
    if (terminal->fd < 0 && errno != ENXIO) /* ENXIO: we have none */
        terminal->fd = find_in_stdio();
}

bool terminal_has_foreground(const struct terminal *terminal)
{
    return terminal->fd >= 0 && has_foreground(terminal->fd);
}

bool terminal_hand_over(const struct terminal *terminal, pid_t group)
{
    if (!terminal_has_foreground(terminal))
        return false;
    return tcsetpgrp(terminal->fd, group) == 0; /* SIGTTOU is blocked */
}

void terminal_take_back(const struct terminal *terminal, pid_t group)
{
    if (terminal->fd >= 0 && tcgetpgrp(terminal->fd) == group)
        tcsetpgrp(terminal->fd, getpgrp());
}

bool terminal_suspend(const struct terminal *terminal, int sig)
{
    /* To the whole group: what stands with us in a pipeline would have been stopped too. */
    return terminal->fd >= 0 && kill(0, sig) == 0 && signals_stop_self(sig);
}

int terminal_give_up(void)
{
    return ioctl(STDIN_FILENO, TIOCNOTTY) == 0 ? 0 : errno;
}

int terminal_for_messages(const struct terminal *terminal, int standard)
{
    /* Only the controlling terminal tells its foreground. */
    return terminal->is_own_file && tcgetpgrp(standard) >= 0 ? terminal->fd : standard;
}
