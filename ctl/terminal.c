#include "ctl/terminal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The alternate screen (xterm 1049), no cursor, and no new line where one is too long. */
#define ENTER "\x1b[?1049h\x1b[?25l\x1b[?7l"
#define LEAVE "\x1b[?7h\x1b[?25h\x1b[0m\x1b[?1049l"

bool terminal_init(struct terminal *terminal, int in, int out)
{
    const char *type = getenv("TERM");
    if (type && strcmp(type, "dumb") == 0)
        return false;
    *terminal = (struct terminal){.in = in, .out = out};
    return isatty(out) && tcgetattr(in, &terminal->before) == 0;
}

/* Ctrl-C and Ctrl-Z stay signals; Ctrl-S does not stop the output, which somebody would wait for.
 */
void terminal_enter(const struct terminal *terminal)
{
    struct termios ours = terminal->before;
    ours.c_lflag &= ~(tcflag_t)(ECHO | ICANON | IEXTEN);
    ours.c_lflag |= ISIG;
    ours.c_iflag &= ~(tcflag_t)IXON;
    ours.c_cc[VMIN] = 1;
    ours.c_cc[VTIME] = 0;
    tcsetattr(terminal->in, TCSANOW, &ours);
    terminal_write(terminal, ENTER, strlen(ENTER));
}

/* What a terminal has not taken in by now is of no use any more, and we would wait behind it. */
static void drop_output(const struct terminal *terminal)
{
    struct pollfd descriptor = {.fd = terminal->out, .events = POLLOUT};
    if (poll(&descriptor, 1, 0) == 0)
        tcflush(terminal->out, TCOFLUSH);
}

void terminal_leave(const struct terminal *terminal)
{
    drop_output(terminal);
    terminal_write(terminal, LEAVE, strlen(LEAVE));
    tcsetattr(terminal->in, TCSANOW, &terminal->before);
}

void terminal_size(const struct terminal *terminal, int *width, int *height)
{
    struct winsize size = {0};
    ioctl(terminal->out, TIOCGWINSZ, &size);
    *width = size.ws_col > 0 ? size.ws_col : 80;
    *height = size.ws_row > 0 ? size.ws_row : 24;
}

bool terminal_write(const struct terminal *terminal, const char *text, size_t length)
{
    ssize_t written = write(terminal->out, text, length);
    return written >= 0 || errno == EINTR || errno == EAGAIN;
}
