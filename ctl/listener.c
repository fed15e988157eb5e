#include "ctl/listener.h"

#include "supervisor/stale_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128 };

/* Returns the socket; -1 with errno. */
static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if ((errno = stale_socket_remove(&address, SOCK_STREAM)) != 0)
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    mode_t before = umask(0177);
    bool is_bound = bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    umask(before);
    if (is_bound && listen(fd, BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Everybody may look into the standard folder: the socket says who may write, and we ask again. */
static int open_standard(const char *path)
{
    char folder[PLACE_SIZE];
    struct stat status;
    if (strcmp(path, PLACE_STANDARD) != 0)
        return listen_at(path);
    if (mkdir(place_folder(path, folder), 0755) < 0 && errno != EEXIST)
        return -1;
    /* Where everybody may write to /run, somebody else may have made it. */
    if (lstat(folder, &status) < 0)
        return -1;
    if (!S_ISDIR(status.st_mode) || (status.st_uid != 0 && status.st_uid != geteuid())) {
        errno = EPERM;
        return -1;
    }
    return listen_at(path);
}

static int open_in_tmp(char path[static PLACE_SIZE])
{
    char folder[PLACE_SIZE];
    uid_t uid = geteuid();
    place_folder(place_in_tmp(uid, path), folder);
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return -1;
    if (!place_is_safe(uid)) {
        errno = EPERM;
        return -1;
    }
    return listen_at(path);
}

bool listener_open(struct listener *listener, const char *path,
                   char error[static LISTENER_ERROR_SIZE])
{
    snprintf(listener->path, sizeof listener->path, "%s", path);
    listener->fd = open_standard(listener->path);
    if (listener->fd >= 0)
        return true;
    int length = snprintf(error, LISTENER_ERROR_SIZE, "%s: %s", path,
                          errno == EADDRINUSE ? "another reeve answers there" : strerror(errno));
    bool is_taken = errno == EADDRINUSE;
    if (is_taken || strcmp(path, PLACE_STANDARD) != 0)
        return false;
    listener->fd = open_in_tmp(listener->path);
    if (listener->fd < 0)
        snprintf(error + length, LISTENER_ERROR_SIZE - (size_t)length, "; %s: %s", listener->path,
                 errno == EPERM ? "its folder belongs to somebody else" : strerror(errno));
    return listener->fd >= 0;
}

void listener_close(struct listener *listener)
{
    if (listener->fd < 0)
        return;
    unlink(listener->path);
    close(listener->fd);
    listener->fd = -1;
}
