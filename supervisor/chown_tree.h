/*
 * Folders and files that are given to whom a service runs as, while we are still root.
 *
 * Others may change the tree meanwhile, so no path is looked up twice: all goes by descriptors. No
 * symbolic link is followed, but for trusted ones on the way to the named path (trusted_path.h).
 */
#pragma once

#include "conf/conf.h"

#include <sys/types.h>

enum { CHOWN_PATH_SIZE = 256 };

struct owner {
    uid_t uid;
    gid_t gid;
};

/*
 * Makes owner and group of the path what `owner` says, and with path->is_recursive those of all in
 * it, symbolic links themselves, but not what is mounted there. What is right already is not
 * touched. A file of several links may be one of another place: it is refused (EMLINK), unless the
 * kernel lets nobody make such links to files of others (fs.protected_hardlinks). A tree that is
 * deeper than a path can be is refused (ENAMETOOLONG).
 *
 * Returns 0; else an errno, with the path that failed in `failed`.
 */
int chown_tree(const struct owned_path *path, const struct owner *owner,
               char failed[static CHOWN_PATH_SIZE]);

/*
 * The same, and makes the folder and those above it where they are not there, with mode 0755. What
 * is there and no folder is refused (ENOTDIR).
 */
int chown_make(const struct owned_path *path, const struct owner *owner,
               char failed[static CHOWN_PATH_SIZE]);
