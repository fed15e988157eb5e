#include "supervisor/stale_socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns 0, or an errno: ECONNREFUSED where nobody listens. */
static int connect_to(const struct sockaddr_un *address, int type)
{
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return errno;
    int error = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 ? 0 : errno;
    close(fd);
    return error;
}

int stale_socket_remove(const struct sockaddr_un *address, int type)
{
    struct stat status;
    if (lstat(address->sun_path, &status) < 0)
        return errno == ENOENT ? 0 : errno;
    if (!S_ISSOCK(status.st_mode))
        return EEXIST;
    int error = connect_to(address, type);
    if (error != ECONNREFUSED)
        return error == EACCES ? EACCES : EADDRINUSE;
    return unlink(address->sun_path) == 0 ? 0 : errno;
}
