/*
 * The environment that a child gets: ours, less what was meant for reeve alone.
 */
#pragma once

#include <sys/types.h>

/*
 * In the child, on its own copy of `environ`: takes out every REEVE_ variable but REEVE_CONTROL,
 * and names the child in LISTEN_PID where that named reeve (sd_listen_fds(3): the descriptors are
 * for the process whose pid it is). Allocates nothing.
 */
void child_env_prepare(pid_t reeve, pid_t child);
