/*
 * The controlling terminal and its foreground: a program started by hand has it while it runs,
 * stops with Ctrl-Z and comes back with fg, as if reeve were not there.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct terminal {
    int fd;           /* the controlling terminal, -1 where there is none */
    bool is_own_file; /* opened here, so that O_NONBLOCK is for nobody else */
};

void terminal_open(struct terminal *terminal);

/* Our own process group has its foreground. */
bool terminal_has_foreground(const struct terminal *terminal);

/* Gives the foreground to `group` where our own has it; returns whether it had. */
bool terminal_hand_over(const struct terminal *terminal, pid_t group);

/* Takes the foreground back from `group`, which is gone, for whoever shares our own group. */
void terminal_take_back(const struct terminal *terminal, pid_t group);

/*
 * Stops our own job by `sig`, as the terminal stopped the program: the shell waits for us, not
 * for it. Returns true after the shell has continued us, false where nobody could.
 */
bool terminal_suspend(const struct terminal *terminal, int sig);

/*
 * Gives up the controlling terminal where standard input is that. What a leader of the session
 * gives up is lost for all of it, and the foreground gets HUP and CONT. Returns 0 or an errno.
 */
int terminal_give_up(void);

/*
 * Where messages for `standard`, a standard descriptor, go: to the terminal's own open file, which
 * does not block, where that is what it is; else to that.
 */
int terminal_for_messages(const struct terminal *terminal, int standard);
