/*
 * What 100 health checks a second cost at least.
 *
 * checks FILE: a check. It adds a byte to FILE, and ends well.
 * checks N FILE: each second it forks N times, and each child executes the check.
 */
#include "raw.h"

enum { SECOND_NS = 1000000000 };

static void add_byte(const char *path)
{
    long file = call(__NR_open, (long)path, 02001 /* O_WRONLY | O_APPEND */, 0, 0);
    call(__NR_write, file, (long)"x", 1, 0);
    leave(0);
}

static void fork_check(char **argv, char **environment)
{
    unsigned long none = 0;
    if (call(__NR_fork, 0, 0, 0, 0) != 0)
        return;
    argv[1] = argv[0];
    call(__NR_setsid, 0, 0, 0, 0);
    call(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, (long)&none, 0, sizeof none);
    call(__NR_execve, (long)argv[0], (long)(argv + 1), (long)environment, 0);
    leave(127);
}

/* Reaps until then. */
static void wait_until(unsigned long then_ns)
{
    unsigned long signals = BIT(CHLD);
    unsigned long now = 0;
    while ((now = now_ns()) < then_ns) {
        long left[2] = {(long)((then_ns - now) / SECOND_NS), (long)((then_ns - now) % SECOND_NS)};
        call(__NR_rt_sigtimedwait, (long)&signals, 0, (long)left, sizeof signals);
        while (call(__NR_wait4, -1, 0, 1 /* WNOHANG */, 0) > 0)
            continue;
    }
}

static void start(long *stack)
{
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 1);
    unsigned long signals = BIT(CHLD);
    int count = 0;
    if (argc < 3)
        add_byte(argv[1]);
    for (const char *digit = argv[1]; *digit; digit++)
        count = count * 10 + (*digit - '0');
    call(__NR_rt_sigprocmask, 2, (long)&signals, 0, sizeof signals);
    for (unsigned long next = now_ns();; next += SECOND_NS) {
        wait_until(next);
        for (int i = 0; i < count; i++)
            fork_check(argv, argv + argc + 1);
    }
}
