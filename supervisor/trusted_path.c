#include "supervisor/trusted_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS = 40 }; /* followed on the way, as the kernel has it (path_resolution(7)) */

struct way {
    bool makes;
    int links;
    char rest[PATH_MAX]; /* what is still to go */
};

/* A link that only root could have made, where only root could have put it. */
static bool is_trusted(int folder, const struct stat *link)
{
    struct stat status;
    return link->st_uid == 0 && fstat(folder, &status) == 0 && status.st_uid == 0 &&
           (status.st_mode & 022) == 0;
}

/* Puts the target of the link before the rest of the way. Returns 0, or an errno. */
static int follow(int folder, const char *name, struct way *way)
{
    char path[PATH_MAX];
    ssize_t length = readlinkat(folder, name, path, sizeof path - 1);
    if (length < 0)
        return errno;
    size_t rest = strlen(way->rest);
    if (++way->links > LINKS)
        return ELOOP;
    if ((size_t)length + 1 + rest >= sizeof path)
        return ENAMETOOLONG;
    path[length] = '/';
    memcpy(path + length + 1, way->rest, rest + 1);
    memcpy(way->rest, path, (size_t)length + 1 + rest + 1);
    return 0;
}

/* Takes the next part of the way; false at its end. */
static bool take_part(struct way *way, char part[static NAME_MAX + 2])
{
    char *begin = way->rest + strspn(way->rest, "/");
    size_t length = strcspn(begin, "/");
    if (length == 0)
        return false;
    snprintf(part, NAME_MAX + 2, "%.*s", (int)(length > NAME_MAX ? NAME_MAX + 1 : length), begin);
    memmove(way->rest, begin + length, strlen(begin + length) + 1);
    return true;
}

/* Goes from `folder` to the part of it. Returns a descriptor for the path alone; -1 with errno. */
static int step(int folder, const char *part, const struct way *way)
{
    int fd = openat(folder, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 || errno != ENOENT || !way->makes)
        return fd;
    if (mkdirat(folder, part, 0755) < 0 && errno != EEXIST)
        return -1;
    return openat(folder, part, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static int close_with(int fd, int error)
{
    close(fd);
    errno = error;
    return -1;
}

/* Where the way goes on from this link: from the root, or from the folder that has it. */
static int turn(int folder, int link, const char *part, const struct stat *status, struct way *way)
{
    bool is_last = way->rest[strspn(way->rest, "/")] == '\0';
    int error = is_last || !is_trusted(folder, status) ? ELOOP : follow(folder, part, way);
    close(link);
    if (error)
        return close_with(folder, error);
    if (way->rest[0] != '/')
        return folder;
    close(folder);
    return open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int trusted_path_open(const char *path, bool makes)
{
    struct way way = {.makes = makes};
    char part[NAME_MAX + 2];
    struct stat status;
    if (strlen(path) >= sizeof way.rest) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(way.rest, path);
    int folder = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    while (folder >= 0 && take_part(&way, part)) {
        int fd = step(folder, part, &way);
        if (fd < 0 || fstat(fd, &status) < 0)
            return close_with(folder, errno);
        if (S_ISLNK(status.st_mode)) {
            folder = turn(folder, fd, part, &status, &way);
            continue;
        }
        close(folder);
        folder = fd;
    }
    return folder;
}

/* The folder that has the path's last part, which `*name` becomes; -1 with errno. */
static int open_folder(const char *path, const char **name)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    *name = slash + 1;
    /* Behind its own last part, which then may be a link. */
    int length = snprintf(folder, sizeof folder, "%.*s/.", (int)(slash - path), path);
    if (length < (int)sizeof folder)
        return trusted_path_open(folder, false);
    errno = ENAMETOOLONG;
    return -1;
}

/* Whoever made other links to a file may have no right to it. */
static int refuse_links(int fd)
{
    struct stat status;
    if (fd >= 0 && fstat(fd, &status) == 0 && status.st_nlink > 1 && !trusted_path_may_have_links())
        return close_with(fd, EMLINK);
    return fd;
}

int trusted_path_open_file(const char *path, int flags, mode_t mode)
{
    struct stat status;
    const char *name;
    int folder = open_folder(path, &name);
    if (folder < 0)
        return -1;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISLNK(status.st_mode) ||
        !is_trusted(folder, &status))
        flags |= O_NOFOLLOW;
    int fd = openat(folder, name, flags, mode);
    int error = errno;
    close(folder);
    errno = error;
    return refuse_links(fd);
}

bool trusted_path_may_have_links(void)
{
    char value = '0';
    int fd = open("/proc/sys/fs/protected_hardlinks", O_RDONLY | O_CLOEXEC);
    bool is_read = fd >= 0 && read(fd, &value, 1) == 1;
    if (fd >= 0)
        close(fd);
    return is_read && value == '1';
}
