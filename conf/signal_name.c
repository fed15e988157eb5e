#include "conf/signal_name.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const names[] = {
    [SIGHUP] = "HUP",       [SIGINT] = "INT",   [SIGQUIT] = "QUIT",   [SIGILL] = "ILL",
    [SIGTRAP] = "TRAP",     [SIGABRT] = "ABRT", [SIGBUS] = "BUS",     [SIGFPE] = "FPE",
    [SIGKILL] = "KILL",     [SIGUSR1] = "USR1", [SIGSEGV] = "SEGV",   [SIGUSR2] = "USR2",
    [SIGPIPE] = "PIPE",     [SIGALRM] = "ALRM", [SIGTERM] = "TERM",   [SIGSTKFLT] = "STKFLT",
    [SIGCHLD] = "CHLD",     [SIGCONT] = "CONT", [SIGSTOP] = "STOP",   [SIGTSTP] = "TSTP",
    [SIGTTIN] = "TTIN",     [SIGTTOU] = "TTOU", [SIGURG] = "URG",     [SIGXCPU] = "XCPU",
    [SIGXFSZ] = "XFSZ",     [SIGPROF] = "PROF", [SIGPWR] = "PWR",     [SIGSYS] = "SYS",
    [SIGVTALRM] = "VTALRM", [SIGIO] = "IO",     [SIGWINCH] = "WINCH",
};

enum { NAMES = sizeof names / sizeof *names };

static const struct {
    const char *name;
    int sig;
} aliases[] = {{"IOT", SIGABRT}, {"CLD", SIGCHLD}, {"POLL", SIGIO}};

/* Digits only, so that "+15", " 15" and "" are no numbers. Returns -1 where it is none. */
static int parse_number(const char *text)
{
    size_t length = strspn(text, "0123456789");
    if (length == 0 || length > 3 || text[length] != '\0')
        return -1;
    return (int)strtol(text, NULL, 10);
}

/* `rest` is what follows RTMIN or RTMAX: nothing, or a sign and a number. */
static int parse_realtime(const char *rest, int base, char sign)
{
    int offset = 0;
    if (*rest != '\0') {
        offset = *rest == sign ? parse_number(rest + 1) : -1;
        if (offset < 0)
            return 0;
    }
    int sig = sign == '+' ? base + offset : base - offset;
    return sig >= SIGNAL_RTMIN && sig <= SIGNAL_MAX ? sig : 0;
}

int signal_parse(const char *text)
{
    int number = parse_number(text);
    if (number >= 0)
        return number <= SIGNAL_MAX ? number : 0;
    if (strncasecmp(text, "SIG", 3) == 0)
        text += 3;
    if (strncasecmp(text, "RTMIN", 5) == 0)
        return parse_realtime(text + 5, SIGNAL_RTMIN, '+');
    if (strncasecmp(text, "RTMAX", 5) == 0)
        return parse_realtime(text + 5, SIGNAL_MAX, '-');
    for (int sig = 1; sig < NAMES; sig++)
        if (names[sig] && strcasecmp(text, names[sig]) == 0)
            return sig;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (strcasecmp(text, aliases[i].name) == 0)
            return aliases[i].sig;
    return 0;
}

const char *signal_short_name(int sig, char name[static SIGNAL_NAME_SIZE])
{
    if (sig > 0 && sig < NAMES && names[sig])
        snprintf(name, SIGNAL_NAME_SIZE, "%s", names[sig]);
    else if (sig == SIGNAL_RTMIN)
        snprintf(name, SIGNAL_NAME_SIZE, "RTMIN");
    else if (sig > SIGNAL_RTMIN && sig <= SIGNAL_MAX)
        snprintf(name, SIGNAL_NAME_SIZE, "RTMIN+%d", sig - SIGNAL_RTMIN);
    else
        snprintf(name, SIGNAL_NAME_SIZE, "%d", sig);
    return name;
}

const char *signal_name(int sig, char name[static SIGNAL_NAME_SIZE])
{
    char short_name[SIGNAL_NAME_SIZE];
    signal_short_name(sig, short_name);
    bool is_number = *short_name >= '0' && *short_name <= '9';
    snprintf(name, SIGNAL_NAME_SIZE, "%s%.8s", is_number ? "signal " : "SIG", short_name);
    return name;
}
