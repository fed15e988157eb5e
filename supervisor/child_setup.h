/*
 * What a child becomes between fork and exec, but for its signals.
 */
#pragma once

#include "supervisor/spawn.h"

/* In the child. Returns false with *error at the first step that fails. */
bool child_setup(const struct spawn *spawn, struct spawn_error *error);
