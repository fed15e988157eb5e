/*
 * Collects every child that has ended, our own and the orphans that the kernel gave to us. Knows
 * nothing of who they are: it reports the facts to two callbacks.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct reaper_callbacks {
    void (*on_exit)(void *data, pid_t pid, int wait_status); /* as waitpid(2) gives it */
    void (*on_stop)(void *data, pid_t pid, int sig);         /* stopped by a signal, still there */
    /* on_exit() comes while the zombie still holds its number, so that its group can be signalled.
     * Each child costs one more system call then. */
    bool peeks;
};

/*
 * Reaps until no child is waiting to be, then returns true where children are left and false
 * where there is none at all (ECHILD). Never blocks. An error of waitid(2) that says nothing
 * about the children ends the drain; the next SIGCHLD begins another.
 */
bool reaper_drain(const struct reaper_callbacks *callbacks, void *data);

/* Is a child waiting to be reaped, or is there none? Reaps nothing. */
bool reaper_has_work(void);

/* It is a child of ours that was not reaped yet. */
bool reaper_is_child(pid_t pid);
