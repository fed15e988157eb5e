/*
 * reeve-faulty is reeve with this file linked in between it and libc (ld --wrap): it makes single
 * calls fail as the environment says, which no kernel does on demand.
 *
 *     FAULT=CALL:NTH[-LAST|-]:ERRNO[,...]     fork:1-2:EAGAIN,write:3:EIO,kill:1-:EPERM
 *
 * The NTH to LAST of these calls, each name counted by itself from 1, do nothing but return -1 with
 * that errno; with "-" and no LAST it is all from the NTH on. A forked child counts on from where
 * its parent was.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FORK, WAITID, SIGNALFD_READ, WRITE, KILL, PRCTL, PIPE2, SETPGID, CALLS };
enum { MOST_FAULTS = 16, EXIT_BAD_FAULT = 98 };

struct word {
    const char *text;
    int value;
};

static const struct word call_words[] = {
    {"fork", FORK},   {"waitid", WAITID},   {"signalfd_read", SIGNALFD_READ},
    {"write", WRITE}, {"kill", KILL},       {"prctl", PRCTL},
    {"pipe2", PIPE2}, {"setpgid", SETPGID}, {NULL, 0},
};

static const struct word errno_words[] = {
    {"EACCES", EACCES}, {"EAGAIN", EAGAIN}, {"EBADF", EBADF},   {"ECHILD", ECHILD},
    {"EINTR", EINTR},   {"EINVAL", EINVAL}, {"EIO", EIO},       {"EMFILE", EMFILE},
    {"ENFILE", ENFILE}, {"ENOMEM", ENOMEM}, {"ENOSPC", ENOSPC}, {"ENOSYS", ENOSYS},
    {"EPERM", EPERM},   {"EPIPE", EPIPE},   {"ESRCH", ESRCH},   {NULL, 0},
};

static struct fault {
    int call;
    unsigned long first, last;
    int error;
} faults[MOST_FAULTS];
static size_t fault_count;
static unsigned long calls_made[CALLS];

/* Loud and at once: a fault that is not injected would let its test pass for nothing. */
static _Noreturn void refuse(const char *what, const char *where)
{
    dprintf(STDERR_FILENO, "fault: expected %s at \"%s\"\n", what, where);
    _exit(EXIT_BAD_FAULT);
}

static int take_word(const char **text, const struct word *words, const char *what)
{
    size_t length = strcspn(*text, ":,");
    for (; words->text; words++) {
        if (strlen(words->text) == length && memcmp(words->text, *text, length) == 0) {
            *text += length;
            return words->value;
        }
    }
    refuse(what, *text);
}

static unsigned long take_number(const char **text, unsigned long least)
{
    const char *begin = *text;
    char *end;
    unsigned long number = strtoul(begin, &end, 10);
    if (!isdigit((unsigned char)*begin) || number < least)
        refuse("a number, at least 1 and in order", begin);
    *text = end;
    return number;
}

static bool take_char(const char **text, char c)
{
    bool found = **text == c;
    *text += found;
    return found;
}

static void take_fault(const char **text, struct fault *fault)
{
    fault->call = take_word(text, call_words, "the name of a call");
    if (!take_char(text, ':'))
        refuse(":", *text);
    fault->first = fault->last = take_number(text, 1);
    if (take_char(text, '-'))
        fault->last = **text == ':' ? ULONG_MAX : take_number(text, fault->first);
    if (!take_char(text, ':'))
        refuse(":", *text);
    fault->error = take_word(text, errno_words, "the name of an errno");
}

__attribute__((constructor)) static void read_environment(void)
{
    const char *text = getenv("FAULT");
    if (!text)
        return;
    do {
        if (fault_count == MOST_FAULTS)
            refuse("no more faults", text);
        take_fault(&text, &faults[fault_count++]);
    } while (take_char(&text, ','));
    if (*text != '\0')
        refuse("the end", text);
}

static bool must_fail(int call)
{
    unsigned long nth = ++calls_made[call];
    for (const struct fault *fault = faults; fault < faults + fault_count; fault++) {
        if (fault->call == call && fault->first <= nth && nth <= fault->last) {
            errno = fault->error;
            return true;
        }
    }
    return false;
}

/* Only calls for which `counts` is true are counted, and can fail. */
#define WRAP(result, name, parameters, arguments, call, counts)            \
    result __real_##name parameters;                                       \
    result __wrap_##name parameters;                                       \
    result __wrap_##name parameters                                        \
    {                                                                      \
        return (counts) && must_fail(call) ? -1 : __real_##name arguments; \
    }

/* libc's prctl and syscall are variadic, which makes no difference to how words are passed. */
/* NOLINTBEGIN(bugprone-reserved-identifier): ld gives these names */
/* clang-format off */
WRAP(pid_t, fork, (void), (), FORK, true)
WRAP(int, waitid, (idtype_t type, id_t id, siginfo_t *info, int options), (type, id, info, options), WAITID, true)
WRAP(int, kill, (pid_t pid, int sig), (pid, sig), KILL, true)
WRAP(int, pipe2, (int ends[2], int flags), (ends, flags), PIPE2, true)
WRAP(int, setpgid, (pid_t pid, pid_t group), (pid, group), SETPGID, true)
WRAP(int, prctl, (int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d),
     (option, a, b, c, d), PRCTL, true)
WRAP(ssize_t, write, (int fd, const void *from, size_t size), (fd, from, size), WRITE, fd == STDERR_FILENO)
/* Nothing else is read in whole records of this size. */
WRAP(ssize_t, read, (int fd, void *to, size_t size), (fd, to, size), SIGNALFD_READ,
     size >= sizeof(struct signalfd_siginfo) && size % sizeof(struct signalfd_siginfo) == 0)
/* clang-format on */

/* Messages are written by pwritev2(2) first, which not every libc has a function for. */
long __real_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f);
long __wrap_syscall(long number, long a, long b, long c, long d, long e, long f)
{
    bool is_write = number == SYS_pwritev2 && a == STDERR_FILENO;
    return is_write && must_fail(WRITE) ? -1 : __real_syscall(number, a, b, c, d, e, f);
}
/* NOLINTEND(bugprone-reserved-identifier) */
