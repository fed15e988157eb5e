/*
 * Paths that we go as root, for somebody who may have put something else there, or does so at this
 * moment. No symbolic link is followed but one that root owns, in a folder that root owns and
 * nobody else may write to, as /var/run is.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/*
 * Returns a descriptor for an absolute path alone (O_PATH), whose last part is never a link; -1
 * with errno, ELOOP at a link that is not followed. `makes`: folders that are not there are made.
 */
int trusted_path_open(const char *path, bool makes);

/*
 * Opens a file as open(2) does; returns -1 with errno, ELOOP at a link that is not followed, EMLINK
 * where the file has several links and may be one of another place.
 */
int trusted_path_open_file(const char *path, int flags, mode_t mode);

/* The kernel lets nobody make links to files of others (fs.protected_hardlinks). */
bool trusted_path_may_have_links(void);
