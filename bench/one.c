/*
 * one [--] PROGRAM [ARGUMENT...]: the least that an init of one program can cost. Blocks all
 * signals, starts PROGRAM, passes signals on to it, reaps everything, ends with its code.
 */
#include "raw.h"

static __attribute__((noinline, noreturn)) void exec_program(char **argv, char **environment)
{
    unsigned long none = 0;
    call(__NR_rt_sigprocmask, 2 /* SIG_SETMASK */, (long)&none, 0, sizeof none);
    call(__NR_execve, (long)argv[0], (long)argv, (long)environment, 0);
    leave(127);
}

/* Returns whether the program is gone, and in `status` how. */
static int reap(long program, int *status)
{
    long pid;
    while ((pid = call(__NR_wait4, -1, (long)status, 1 /* WNOHANG */, 0)) > 0)
        if (pid == program)
            return 1;
    return 0;
}

static void start(long *stack)
{
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 2);
    unsigned long all = ~0UL;
    int status = 0;
    if (argc > 1 && argv[0][0] == '-' && argv[0][1] == '-' && !argv[0][2])
        argv++;
    call(__NR_rt_sigprocmask, 2, (long)&all, 0, sizeof all);
    long program = call(__NR_vfork, 0, 0, 0, 0);
    if (program == 0)
        exec_program(argv, (char **)(stack + 1) + argc + 1);
    for (;;) {
        long sig = call(__NR_rt_sigtimedwait, (long)&all, 0, 0, sizeof all);
        if (sig == CHLD && reap(program, &status))
            leave(status & 0x7f ? 128 + (status & 0x7f) : status >> 8);
        if (sig > 0 && sig != CHLD)
            call(__NR_kill, program, sig, 0, 0);
    }
}
