/*
 * The environment that a child gets: ours, less what was meant for reeve alone, and what the
 * service adds.
 */
#pragma once

#include "supervisor/identity.h"
#include "supervisor/spawn.h"

/*
 * In the child, which may do with its memory what it wants: makes `environ` that of the program.
 * REEVE_ variables but REEVE_CONTROL are for reeve. Descriptors of sd_listen_fds(3) go to the one
 * command: where LISTEN_PID named reeve it names the child. They, NOTIFY_SOCKET, WATCHDOG_USEC and
 * WATCHDOG_PID are not for configured services, which do not inherit what they speak of.
 *
 * HOME, USER, LOGNAME and SHELL are those of the user that the service names.
 *
 * Returns false with *error, where a file cannot be read or there is no memory.
 */
bool child_env_make(const struct spawn *spawn, const struct identity *identity,
                    struct spawn_error *error);
