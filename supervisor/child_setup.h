/*
 * What a child becomes between fork and exec, but for its signals.
 */
#pragma once

#include "supervisor/spawn.h"

/*
 * In the child. Tells of each warning on the way. Returns false with *report, which begins empty,
 * at the first step that fails.
 */
bool child_setup(const struct spawn *spawn, struct spawn_report *report,
                 void (*tell)(void *data, const struct spawn_report *report), void *data);
