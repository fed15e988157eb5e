/*
 * orphans TOTAL BURST: makes orphans, BURST at a time, that end all at once, and waits each time
 * until none of them is there any more, not even as a zombie. Before the first and after the last
 * it writes a byte to standard output and waits for one on standard input.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void meet(void)
{
    char byte = '.';
    if (write(1, &byte, 1) != 1 || read(0, &byte, 1) != 1)
        exit(1);
}

/* A process that has ended leaves `count` behind, which end when the gate is closed. */
static void make(pid_t *pids, int count, const int gate[2], const int report[2])
{
    pid_t parent = fork();
    if (parent == 0) {
        for (int i = 0; i < count; i++) {
            pid_t pid = fork();
            if (pid == 0) {
                char byte;
                close(gate[1]);
                _exit(read(gate[0], &byte, 1) != 0);
            }
            if (pid < 0 || write(report[1], &pid, sizeof pid) != sizeof pid)
                _exit(1);
        }
        _exit(0);
    }
    for (int i = 0; i < count; i++)
        if (read(report[0], &pids[i], sizeof pids[i]) != sizeof pids[i])
            exit(1);
    if (parent < 0 || waitpid(parent, NULL, 0) < 0)
        exit(1);
}

static void wait_until_reaped(const pid_t *pids, int count)
{
    for (int i = 0; i < count; i++)
        while (kill(pids[i], 0) == 0)
            nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
}

enum { MOST = 10000 };

int main(int argc, char **argv)
{
    static pid_t pids[MOST];
    if (argc != 3)
        return 2;
    int total = atoi(argv[1]);
    int burst = atoi(argv[2]);
    if (burst < 1 || burst > MOST)
        return 2;
    meet();
    for (int made = 0; made < total; made += burst) {
        int gate[2];
        int report[2];
        if (pipe(gate) < 0 || pipe(report) < 0)
            return 1;
        make(pids, burst, gate, report);
        close(gate[1]);
        wait_until_reaped(pids, burst);
        close(gate[0]);
        close(report[0]);
        close(report[1]);
    }
    meet();
    return 0;
}
