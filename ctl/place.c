#include "ctl/place.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char *place_in_tmp(uid_t uid, char path[static PLACE_SIZE])
{
    snprintf(path, PLACE_SIZE, "/tmp/reeve-%u/control", (unsigned)uid);
    return path;
}

const char *place_folder(const char *path, char folder[static PLACE_SIZE])
{
    const char *slash = strrchr(path, '/');
    snprintf(folder, PLACE_SIZE, "%.*s", slash > path ? (int)(slash - path) : 1, path);
    return folder;
}

bool place_is_safe(uid_t uid)
{
    char path[PLACE_SIZE];
    char folder[PLACE_SIZE];
    struct stat status;
    place_folder(place_in_tmp(uid, path), folder);
    return lstat(folder, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == uid &&
           (status.st_mode & 077) == 0;
}
