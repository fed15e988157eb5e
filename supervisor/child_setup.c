#include "supervisor/child_setup.h"

#include "supervisor/child_env.h"
#include "supervisor/chown_tree.h"
#include "supervisor/instance.h"
#include "supervisor/privileges.h"
#include "supervisor/resources.h"
#include "supervisor/trusted_path.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FIRST_OTHER = STDERR_FILENO + 1 };

static bool fail(struct spawn_error *error, enum spawn_stage stage)
{
    *error = (struct spawn_error){.stage = stage, .error = errno};
    return false;
}

/* Its own session, or with a terminal its own group. Who leaves a daemon is in the session of who
 * looks for that. */
static bool set_session(const struct spawn *spawn, struct spawn_error *error)
{
    if (spawn->leaves_daemon || spawn->grouping == SPAWN_OUR_GROUP)
        return true;
    if (!spawn_leads_only_group(spawn)) {
        if (setsid() < 0)
            return fail(error, SPAWN_SESSION);
        if (spawn->on_session)
            spawn->on_session(ioctl(STDIN_FILENO, TIOCSCTTY, 0) == 0 ? 0 : errno);
        return true;
    }
    if (setpgid(0, 0) < 0)
        return fail(error, SPAWN_SESSION);
    /* From a background group this raises SIGTTOU, unless that is blocked: here it is. A terminal
     * that is gone (EIO, ENOTTY) is no reason not to start. */
    if (spawn->terminal >= 0 && spawn->foreground && tcsetpgrp(spawn->terminal, getpid()) < 0 &&
        errno == EPERM)
        return fail(error, SPAWN_TERMINAL);
    return true;
}

/* Makes `fd`, unless it is -1, what standard descriptor `standard` is. */
static bool become(int fd, int standard)
{
    if (fd < 0)
        return false;
    if (fd == standard) /* it was closed before; it is not to be closed by exec */
        return fcntl(fd, F_SETFD, 0) == 0;
    return dup2(fd, standard) >= 0;
}

/* Without /dev/null: the end of a pipe that nobody writes to, at which nothing can be read. */
static int get_nothing(const struct spawn *spawn)
{
    int ends[2];
    int fd = spawn->nothing;
    if (fd < 0)
        fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 || pipe2(ends, O_CLOEXEC) < 0)
        return fd;
    close(ends[1]);
    return ends[0];
}

/* Readable for all, as the shell makes it: what may read it is what may enter its folder. Who the
 * service runs as may own that, and is not to have us write to wherever it puts a link to. */
static int open_output(const char *path, int create, const struct identity *identity)
{
    int flags = O_WRONLY | O_APPEND | create | O_CLOEXEC;
    return create && identity && identity->changes ? trusted_path_open_file(path, flags, 0666)
                                                   : open(path, flags, 0666);
}

static bool set_output(const struct spawn *spawn, const struct identity *identity,
                       const struct output *output, int standard)
{
    const char *path = "/dev/null";
    int create = 0;
    switch (output->kind) {
    case OUTPUT_INHERIT:
        return true;
    case OUTPUT_NULL: /* a file of that name would take all that is written to it */
        break;
    case OUTPUT_FILE:
        path = instance_text(output->path, spawn->instance);
        create = O_CREAT;
        break;
    }
    return path && become(open_output(path, create, identity), standard);
}

/* Before Linux 5.11 there is no CLOSE_RANGE_CLOEXEC. Nobody inherits any beyond 64 Ki. */
static void leave_others_one_by_one(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur > 65536)
        limit.rlim_cur = 65536;
    for (int fd = FIRST_OTHER; fd < (int)limit.rlim_cur; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static bool set_descriptors(const struct spawn *spawn, const struct identity *identity,
                            struct spawn_error *error)
{
    const struct io_conf *io = spawn->service->io;
    if ((!io->stdin_inherit || spawn->is_helper) && !become(get_nothing(spawn), STDIN_FILENO))
        return fail(error, SPAWN_STDIN);
    static const struct output nowhere = {.kind = OUTPUT_NULL};
    if (!set_output(spawn, identity, spawn->is_quiet ? &nowhere : &io->out, STDOUT_FILENO))
        return fail(error, SPAWN_STDOUT);
    if (spawn->is_quiet ? dup2(STDOUT_FILENO, STDERR_FILENO) < 0
                        : !set_output(spawn, identity, &io->err, STDERR_FILENO))
        return fail(error, SPAWN_STDERR);
    if (spawn->holds_others && !spawn->is_command &&
        syscall(SYS_close_range, FIRST_OTHER, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
        leave_others_one_by_one();
    return true;
}

static bool set_directory(const struct spawn *spawn, struct spawn_error *error)
{
    const char *directory = spawn->service->io->directory;
    directory = directory ? instance_text(directory, spawn->instance) : spawn->directory;
    return !directory || chdir(directory) == 0 || fail(error, SPAWN_DIRECTORY);
}

static bool find_identity(const struct identity_conf *conf, struct identity *identity,
                          struct spawn_report *report)
{
    struct identity_fault fault;
    if (identity_resolve(conf, identity, &fault))
        return true;
    report->error = (struct spawn_error){
        .stage = SPAWN_IDENTITY, .error = fault.error ? fault.error : ENOENT, .item = fault.item};
    return false;
}

/* Returns false with *report at the first path that fails; `item` counts them. */
static bool give_all(const struct owned_path *paths, int instance, const struct owner *owner,
                     int (*give)(const struct owned_path *, const struct owner *, char *),
                     int *item, struct spawn_report *report)
{
    for (; paths; paths = paths->next, ++*item) {
        struct owned_path path = *paths;
        path.path = instance_text(path.path, instance);
        int error = path.path ? give(&path, owner, report->what) : errno;
        if (error == 0)
            continue;
        report->error =
            (struct spawn_error){.stage = SPAWN_OWNERSHIP, .error = error, .item = *item};
        return false;
    }
    *report->what = '\0';
    return true;
}

/* Its helpers come when it has all of that. */
static bool set_ownership(const struct spawn *spawn, const struct identity *identity,
                          struct spawn_report *report)
{
    const struct identity_conf *conf = spawn->service->identity;
    const struct owner owner = {.uid = identity->uid, .gid = identity->gid};
    int instance = spawn->instance;
    int item = 0;
    return spawn->is_helper ||
           (give_all(conf->mkdir, instance, &owner, chown_make, &item, report) &&
            give_all(conf->chown, instance, &owner, chown_tree, &item, report));
}

static __attribute__((noinline)) void
set_resources(const struct spawn *spawn,
              void (*tell)(void *data, const struct spawn_report *report), void *data)
{
    struct resource_warning warnings[RESOURCE_WARNINGS];
    int count = resources_set(spawn->service->resource, warnings);
    for (int i = 0; i < count; i++) {
        struct spawn_report report = {
            .news = NEWS_LOWER,
            .error.error = warnings[i].error,
            .asked = warnings[i].asked,
            .got = warnings[i].got,
        };
        snprintf(report.what, sizeof report.what, "%s", warnings[i].key);
        tell(data, &report);
    }
}

/* As root is allowed to, and then never again as root. */
static bool become_somebody(const struct spawn *spawn, const struct identity *identity,
                            struct spawn_report *report,
                            void (*tell)(void *data, const struct spawn_report *report), void *data)
{
    if (!child_env_make(spawn, identity, &report->error))
        return false;
    if (spawn->service->resource != service_defaults.resource)
        set_resources(spawn, tell, data);
    return !identity || privileges_set(spawn->service->identity, identity, &report->error);
}

/* What is left when it is known who it is to be; NULL: who we are. */
static bool set_up_as(const struct identity *identity, const struct spawn *spawn,
                      struct spawn_report *report,
                      void (*tell)(void *data, const struct spawn_report *report), void *data)
{
    int mask = spawn->service->io->umask;
    if (!set_descriptors(spawn, identity, &report->error) ||
        !become_somebody(spawn, identity, report, tell, data))
        return false;
    if (mask >= 0)
        umask((mode_t)mask);
    return set_directory(spawn, &report->error);
}

/* What it owns comes first: its output may go to a folder that is made for it. */
static __attribute__((noinline)) bool
set_up_as_somebody(const struct spawn *spawn, struct spawn_report *report,
                   void (*tell)(void *data, const struct spawn_report *report), void *data)
{
    struct identity identity;
    return find_identity(spawn->service->identity, &identity, report) &&
           set_ownership(spawn, &identity, report) &&
           set_up_as(&identity, spawn, report, tell, data);
}

/*
 * What few services have is looked at in frames of its own (noinline): each page of the stack that
 * a child writes to is copied first.
 */
bool child_setup(const struct spawn *spawn, struct spawn_report *report,
                 void (*tell)(void *data, const struct spawn_report *report), void *data)
{
    if (!set_session(spawn, &report->error))
        return false;
    return spawn->service->identity == service_defaults.identity
               ? set_up_as(NULL, spawn, report, tell, data)
               : set_up_as_somebody(spawn, report, tell, data);
}
