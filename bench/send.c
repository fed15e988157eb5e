/*
 * send PID COUNT: sends USR1 to PID, waits for an answer on standard input, and prints how many ns
 * it took from before the kill(2) to the time in the answer; COUNT times. Prints "lost" where there
 * is none within two seconds.
 */
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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
    if (argc != 3)
        return 2;
    for (int i = 0; i < atoi(argv[2]); i++) {
        struct pollfd input = {.fd = 0, .events = POLLIN};
        uint64_t answered;
        uint64_t begin = now_ns();
        if (kill(atoi(argv[1]), SIGUSR1) < 0)
            return 1;
        if (poll(&input, 1, 2000) == 1 && read(0, &answered, sizeof answered) == sizeof answered)
            printf("%llu\n", (unsigned long long)(answered - begin));
        else
            puts("lost");
    }
    return 0;
}
