/*
 * life COUNT PROGRAM [ARGUMENT...]: runs PROGRAM as PID 1 of a PID namespace, COUNT times, and
 * prints for each how many ns it took from the clone(2) until it was waited for.
 */
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    for (int i = 0; i < atoi(argv[1]); i++) {
        int status = 0;
        uint64_t begin = now_ns();
        long pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, NULL, NULL, NULL, NULL);
        if (pid == 0) {
            execv(argv[2], argv + 2);
            _exit(127);
        }
        if (pid < 0 || waitpid((pid_t)pid, &status, 0) < 0 || status != 0)
            return 1;
        printf("%llu\n", (unsigned long long)(now_ns() - begin));
    }
    return 0;
}
