#include "supervisor/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 128 };

static const char *file_name(const char *service, char name[static NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "%.100s.stopped", service);
    return name;
}

/* A name is on the disk when the folder that has it is. */
static int sync_folder(int folder)
{
    return fsync(folder) == 0 || errno == EINVAL ? 0 : errno; /* EINVAL: it has no disk */
}

static int sync_path(const char *path)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return errno;
    int error = sync_folder(folder);
    close(folder);
    return error;
}

/* Every folder of the path that is not there. Returns 0, or an errno. */
static int make_folder(const char *path)
{
    char part[PATH_MAX];
    if (strlen(path) >= sizeof part)
        return ENAMETOOLONG;
    for (const char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        size_t length = slash ? (size_t)(slash - path) : strlen(path);
        snprintf(part, sizeof part, "%.*s", (int)length, path);
        if (mkdir(part, 0755) == 0) {
            char *last = strrchr(part, '/');
            *(last == part ? last + 1 : last) = '\0';
            sync_path(part); /* where that fails, the mark below fails or is lost with it */
        } else if (errno != EEXIST) {
            return errno;
        }
        if (!slash)
            return 0;
    }
}

static int make_mark(int folder, const char *name)
{
    int file = openat(folder, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (file < 0)
        return errno;
    close(file);
    return sync_folder(folder);
}

static int remove_mark(int folder, const char *name)
{
    if (unlinkat(folder, name, 0) < 0)
        return errno == ENOENT ? 0 : errno;
    return sync_folder(folder);
}

int state_dir_set(const char *path, const char *service, bool is_stopped)
{
    char name[NAME_SIZE];
    int error = is_stopped ? make_folder(path) : 0;
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) {
        if (error == 0)
            error = errno;
        return !is_stopped && error == ENOENT ? 0 : error; /* no folder, no mark */
    }
    file_name(service, name);
    error = is_stopped ? make_mark(folder, name) : remove_mark(folder, name);
    close(folder);
    return error;
}

bool state_dir_has(const char *path, const char *service)
{
    char name[NAME_SIZE];
    struct stat status;
    int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool has = folder >= 0 && fstatat(folder, file_name(service, name), &status, 0) == 0;
    if (folder >= 0)
        close(folder);
    return has;
}
