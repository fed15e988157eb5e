/*
 * reevectl top: a live table in the terminal, with keys to start, stop and restart.
 */
#pragma once

#include "ctl/client.h"

/*
 * Runs until somebody ends it, or reeve is gone. The connection stays the caller's; `path` is where
 * it leads, as for client_connect(). Returns the exit code of reevectl; what is to be said of it
 * stands in `error`, "" where that is nothing. The terminal is as it was before by then.
 */
int top_run(struct client *client, const char *path, bool in_colour,
            char error[static CLIENT_ERROR_SIZE]);
