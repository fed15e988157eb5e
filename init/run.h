/*
 * reeve at work: connects what knows nothing of each other, signals, the reaper, the supervisor,
 * the sweep and the loop that turns them.
 */
#pragma once

#include "init/settings.h"
#include "init/signals.h"

#include <sys/types.h>

/*
 * Runs the command or the services until they, and whatever else is left, are gone; `self` is our
 * pid. Settings that are read in
 * place of these are freed. Returns the exit code; -1, after saying why, where nothing could begin.
 */
int run(struct settings *settings, const struct inherited_signals *inherited, pid_t self);
