/*
 * What survives a restart of the container: which services were stopped by hand. Each is a file of
 * its own, NAME.stopped, which is there or is not.
 */
#pragma once

#include <stdbool.h>

/*
 * Makes the mark of a service, and the folder where it is not there, or removes the mark. It is on
 * the disk when this returns, for which it may wait long. Returns 0, or an errno.
 */
int state_dir_set(const char *path, const char *service, bool is_stopped);

/* Was it stopped by hand? Not, as far as anybody can tell, where the folder cannot be read. */
bool state_dir_has(const char *path, const char *service);
