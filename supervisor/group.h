/*
 * Signals to a process or to its group.
 *
 * The number of a group is its leader's. While the leader lives, or is a zombie, the number is
 * certain. Once it was reaped, the group may go on without it, and when that is gone, too, the
 * number may soon be a stranger's: so the leader's pidfd is held from before it is reaped.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/*
 * Sends `sig` to process `pid`, which is not reaped, or with `whole_group` to the process group of
 * that number; where that does not exist, because the process has not come to make it yet or has
 * left it, to the process alone. Returns 0 or an errno (kill(2)).
 */
int group_signal(pid_t pid, int sig, bool whole_group);

/* Opens the pidfd of a leader that is not reaped yet; -1 where the kernel has none or none left. */
int group_hold(pid_t leader);

/*
 * Sends `sig`, 0 to look, to what is left of the group that `leader` led, by its pidfd where the
 * kernel can (Linux 6.9), else by its number. Returns 0 or an errno; after an ESRCH it is gone and
 * its number must not be used again.
 */
int group_signal_held(pid_t leader, int pidfd, int sig);

/* The process that `pidfd` was opened for is not reaped; with -1 nobody can tell, and true is said.
 */
bool group_is_held(int pidfd);

void group_release(int pidfd);
