/*
 * forks N CHECK FILE: each second it forks N times, and each child executes `CHECK FILE`. The same
 * as checks.c, as anybody would write it, with a libc.
 */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void fork_check(char **argv, const sigset_t *mask)
{
    if (fork() != 0)
        return;
    setsid();
    sigprocmask(SIG_SETMASK, mask, NULL);
    execv(argv[0], argv);
    _exit(127);
}

/* Reaps until then. */
static void wait_until(const struct timespec *then, const sigset_t *signals)
{
    struct timespec now;
    while (clock_gettime(CLOCK_MONOTONIC, &now) == 0) {
        long long left_ns =
            (then->tv_sec - now.tv_sec) * 1000000000LL + then->tv_nsec - now.tv_nsec;
        if (left_ns <= 0)
            return;
        struct timespec left = {.tv_sec = left_ns / 1000000000, .tv_nsec = left_ns % 1000000000};
        sigtimedwait(signals, NULL, &left);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
    }
}

int main(int argc, char **argv)
{
    sigset_t signals;
    sigset_t mask;
    struct timespec next;
    int count = argc > 3 ? atoi(argv[1]) : 0;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, &mask);
    clock_gettime(CLOCK_MONOTONIC, &next);
    for (;; next.tv_sec++) {
        wait_until(&next, &signals);
        for (int i = 0; i < count; i++)
            fork_check(argv + 2, &mask);
    }
}
