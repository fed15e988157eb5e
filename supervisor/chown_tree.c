#include "supervisor/chown_tree.h"

#include "supervisor/trusted_path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/stat.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* No path can name what is deeper. A level takes a descriptor and some stack: a tree without an
 * end, which anybody can make, is not to take all of it. */
enum { MOST_DEPTH = PATH_MAX / 2 };

struct walk {
    const struct owner *owner;
    dev_t device;
    bool is_folder; /* nothing else may be in its place */
    int depth;
    bool may_have_links; /* files of several links are what they seem to be */
    char *failed;
    size_t length; /* of the path in `failed` */
};

static bool is_right(const struct walk *walk, const struct stat *status)
{
    return status->st_uid == walk->owner->uid && status->st_gid == walk->owner->gid;
}

/* Of an open path. Returns 0, or an errno. */
static int give(const struct walk *walk, int fd, const struct stat *status)
{
    if (is_right(walk, status))
        return 0;
    if (!S_ISDIR(status->st_mode) && status->st_nlink > 1 && !walk->may_have_links)
        return EMLINK;
    return fchownat(fd, "", walk->owner->uid, walk->owner->gid, AT_EMPTY_PATH) == 0 ? 0 : errno;
}

static int give_folder(struct walk *walk, int folder);

/* The path for an error, longer by a name; what does not fit is left out. */
static size_t enter(struct walk *walk, const char *name)
{
    size_t before = walk->length;
    int added = snprintf(walk->failed + before, CHOWN_PATH_SIZE - before, "%s%s",
                         before > 0 && walk->failed[before - 1] == '/' ? "" : "/", name);
    walk->length =
        before + (size_t)added < CHOWN_PATH_SIZE ? before + (size_t)added : CHOWN_PATH_SIZE - 1;
    return before;
}

/* The way back, where all is well; else the path stays for who reads it. */
static void leave(struct walk *walk, size_t before)
{
    walk->failed[walk->length = before] = '\0';
}

/* Before Linux 5.8 nobody tells: then it is what its device makes `likely`. */
static bool is_mounted(int fd, bool likely)
{
    struct statx status;
    if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, 0, &status) < 0 ||
        (status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) == 0)
        return likely;
    return (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

/*
 * Of an open path in the tree. The device alone does not tell: what is mounted may be of the same
 * file system, as two volumes are, and on an overlayfs files may have the device of the file system
 * that they really lie on; its folders have that of the overlay.
 */
static bool is_elsewhere(const struct walk *walk, int fd, const struct stat *status)
{
    bool is_other = status->st_dev != walk->device;
    return (is_other && S_ISDIR(status->st_mode)) || is_mounted(fd, is_other);
}

/* What is in there now may be another one than a moment ago: what was opened counts. */
static int give_opened(struct walk *walk, int fd)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return errno;
    return is_elsewhere(walk, fd, &status) ? 0 : give(walk, fd, &status);
}

static int give_entry(struct walk *walk, int folder, const char *name)
{
    struct stat status;
    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : errno; /* somebody has removed it */
    if (S_ISDIR(status.st_mode)) {
        if (status.st_dev != walk->device)
            return 0;
        int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd >= 0)
            return give_folder(walk, fd);
        return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : errno;
    }
    if (is_right(walk, &status))
        return 0;
    int fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : errno;
    int error = give_opened(walk, fd);
    close(fd);
    return error;
}

static int give_entries(struct walk *walk, DIR *entries)
{
    const struct dirent *entry;
    while (errno = 0, (entry = readdir(entries))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        size_t before = enter(walk, entry->d_name);
        int error = give_entry(walk, dirfd(entries), entry->d_name);
        if (error)
            return error;
        leave(walk, before);
    }
    return errno;
}

/* Its entries; NULL with errno, 0 where it is mounted in the tree. Takes the folder. */
static DIR *open_entries(const struct walk *walk, int folder)
{
    struct stat status;
    DIR *entries = NULL;
    if (walk->depth > 0 && fstat(folder, &status) == 0 && is_elsewhere(walk, folder, &status))
        errno = 0;
    else if (walk->depth == MOST_DEPTH)
        errno = ENAMETOOLONG;
    else
        entries = fdopendir(folder);
    if (!entries) {
        int error = errno;
        close(folder);
        errno = error;
    }
    return entries;
}

/* First all that is in it: until then nobody but its old owner can change that. Takes the folder.
 */
static int give_folder(struct walk *walk, int folder)
{
    struct stat status;
    DIR *entries = open_entries(walk, folder);
    if (!entries)
        return errno;
    walk->depth++;
    int error = give_entries(walk, entries);
    walk->depth--;
    if (!error && fstat(folder, &status) == 0 && !is_right(walk, &status) &&
        fchown(folder, walk->owner->uid, walk->owner->gid) < 0)
        error = errno;
    closedir(entries);
    return error;
}

static int give_path(struct walk *walk, int fd, bool is_recursive)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return errno;
    if (walk->is_folder && !S_ISDIR(status.st_mode))
        return ENOTDIR;
    walk->device = status.st_dev;
    if (!is_recursive || !S_ISDIR(status.st_mode))
        return give(walk, fd, &status);
    int folder = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder < 0 ? errno : give_folder(walk, folder);
}

/* The soft limit is meant for programs that use select(2). */
static int give_path_by_many_descriptors(struct walk *walk, int fd, bool is_recursive)
{
    struct rlimit before;
    if (!is_recursive || getrlimit(RLIMIT_NOFILE, &before) < 0)
        return give_path(walk, fd, is_recursive);
    struct rlimit raised = {.rlim_cur = before.rlim_max, .rlim_max = before.rlim_max};
    prlimit(0, RLIMIT_NOFILE, &raised, NULL); /* a static setrlimit(3) brings threads along */
    int error = give_path(walk, fd, is_recursive);
    prlimit(0, RLIMIT_NOFILE, &before, NULL);
    return error;
}

static int give_from(const struct owned_path *path, const struct owner *owner, bool makes,
                     char failed[static CHOWN_PATH_SIZE])
{
    int length = snprintf(failed, CHOWN_PATH_SIZE, "%s", path->path);
    struct walk walk = {
        .owner = owner,
        .is_folder = makes,
        .may_have_links = trusted_path_may_have_links(),
        .failed = failed,
        .length = length < CHOWN_PATH_SIZE ? (size_t)length : CHOWN_PATH_SIZE - 1,
    };
    int fd = trusted_path_open(path->path, makes);
    if (fd < 0)
        return errno;
    int error = give_path_by_many_descriptors(&walk, fd, path->is_recursive);
    close(fd);
    return error;
}

int chown_tree(const struct owned_path *path, const struct owner *owner,
               char failed[static CHOWN_PATH_SIZE])
{
    return give_from(path, owner, false, failed);
}

int chown_make(const struct owned_path *path, const struct owner *owner,
               char failed[static CHOWN_PATH_SIZE])
{
    mode_t mask = umask(022); /* the user is to come through those above it */
    int error = give_from(path, owner, true, failed);
    umask(mask);
    return error;
}
