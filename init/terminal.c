#include "init/terminal.h"

#include "init/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

/* Without /dev/tty one of the standard descriptors may be the terminal. */
static int find_in_stdio(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (tcgetpgrp(fd) >= 0) /* only our controlling terminal answers */
            return fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    return -1;
}

void terminal_open(struct terminal *terminal)
{
    terminal->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal->fd < 0 && errno != ENXIO) /* ENXIO: we have none */
        terminal->fd = find_in_stdio();
    terminal->foreground = terminal->fd >= 0 && tcgetpgrp(terminal->fd) == getpgrp();
}

bool terminal_hand_over(const struct terminal *terminal, pid_t group)
{
    if (terminal->fd < 0 || tcgetpgrp(terminal->fd) != getpgrp())
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
