/*
 * The processes that /proc shows.
 */
#pragma once

#include "conf/signal_name.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct proc_entry {
    pid_t pid;
    pid_t parent;
    char state;         /* as proc(5) has it: R, S, D, T, ... */
    uint64_t ticks;     /* of processor time that it has used, 100 a second */
    signal_set ignored; /* of the signals 1 to 31 */
};

/*
 * Calls `visit` for every process but ourselves that is not a zombie. Allocates nothing. Returns
 * false, with nothing visited, where there is no /proc or where it is that of another PID
 * namespace, whose numbers would mean strangers to us.
 */
bool proc_each(void (*visit)(void *data, const struct proc_entry *process), void *data);

/* Who owns a process: its effective user, root where it keeps others from looking into it. Returns
 * false where it is gone, and where /proc cannot tell. */
bool proc_owner(pid_t pid, uid_t *uid);
