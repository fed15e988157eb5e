/*
 * The signals of this process: blocked from the first system call on and read one by one from a
 * signalfd. By raw system calls, because a libc hides the signals that it keeps for itself (32,
 * 33, in musl also 34), and every number from 1 to 64 has to pass.
 */
#pragma once

#include "conf/signal_name.h"

#include <sys/types.h>

/* What we were started with and give on to the program. */
struct inherited_signals {
    signal_set mask;
    bool sigchld_ignored;
};

/*
 * Blocks every signal: the first thing that main() does. Before it the kernel drops what PID 1 has
 * no handler for, after it each one waits to be read, also one that was ignored at start.
 */
void signals_block(struct inherited_signals *inherited);

/*
 * Makes SIGCHLD work where we were started with it ignored: then the kernel would reap our
 * children itself and keep their status from us.
 */
void signals_unignore_sigchld(struct inherited_signals *inherited);

/* A non-blocking, close-on-exec signalfd(2) of all signals; -1 with errno where there is none. */
int signals_open(void);

struct arrived_signal {
    int sig;
    pid_t sender; /* 0 where the kernel sent it or could not tell */
};

enum { SIGNALS_BATCH = 32 }; /* all that do not queue, 1 to 31, fit into one batch */

/* Reads up to SIGNALS_BATCH signals. Returns how many there were, 0 where none was waiting. */
int signals_read(int fd, struct arrived_signal batch[static SIGNALS_BATCH]);

/*
 * Lets one pending signal act on this process by its default: to stop as a job would. Returns true
 * where it did stop us and we have been continued, false where the kernel would not: PID 1 is never
 * stopped, nor is a group that no shell looks after (an orphaned process group, setpgid(2)).
 */
bool signals_stop_self(int sig);
