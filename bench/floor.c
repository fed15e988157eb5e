/*
 * floor N PROGRAM: the least that a supervisor can cost. Runs N copies of PROGRAM, starts one again
 * as soon as it has died, and on TERM asks all to end and waits for them.
 */
#include "raw.h"

static __attribute__((noinline, noreturn)) void exec_program(char **argv, char **environment)
{
    unsigned long none = 0;
    call(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, (long)&none, 0, sizeof none);
    call(__NR_execve, (long)argv[0], (long)argv, (long)environment, 0);
    leave(127);
}

static void spawn(char **argv, char **environment)
{
    if (call(__NR_vfork, 0, 0, 0, 0) == 0)
        exec_program(argv, environment);
}

static void start(long *stack)
{
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 1);
    unsigned long signals = BIT(CHLD) | BIT(TERM) | BIT(INT);
    int count = 0;
    int is_stopping = 0;
    for (const char *digit = argc > 2 ? argv[1] : ""; *digit; digit++)
        count = count * 10 + (*digit - '0');
    call(__NR_rt_sigprocmask, 2, (long)&signals, 0, sizeof signals);
    for (int i = 0; i < count; i++)
        spawn(argv + 2, argv + argc + 1);
    while (count > 0) {
        long sig = call(__NR_rt_sigtimedwait, (long)&signals, 0, 0, sizeof signals);
        if (sig == TERM || sig == INT) {
            is_stopping = 1;
            call(__NR_kill, -1, TERM, 0, 0);
        }
        while (call(__NR_wait4, -1, 0, 1 /* WNOHANG */, 0) > 0) {
            if (is_stopping)
                count--;
            else
                spawn(argv + 2, argv + argc + 1);
        }
    }
    leave(0);
}
