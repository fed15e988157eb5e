/*
 * What an end means: exit codes and words for a wait status or a spawn that failed. Pure.
 */
#pragma once

#include "supervisor/spawn_error.h"

#include <stddef.h>

enum { OUTCOME_TEXT_SIZE = 64 };

/* The exit code of a wait status: the process's own, or 128 + the termination signal. */
int outcome_exit_code(int wait_status);

/*
 * The exit code for a command that could not be started: 127 where it does not exist, 126 where
 * it exists but cannot be executed, in the sense of POSIX (2.8.2 Exit Status for Commands).
 */
int outcome_spawn_code(const struct spawn_error *error);

/* "exited with code 1" or "killed by SIGSEGV (core dumped)"; returns `text`. */
const char *outcome_describe(int wait_status, char text[static OUTCOME_TEXT_SIZE]);
