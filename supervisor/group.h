/*
 * Signals to a process or to its group.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/*
 * Sends `sig` to process `pid`, or with `whole_group` to the process group of that number; where
 * that does not exist, because the process has not come to make it yet or has left it, to the
 * process alone. Returns 0 or an errno (kill(2)).
 */
int group_signal(pid_t pid, int sig, bool whole_group);
