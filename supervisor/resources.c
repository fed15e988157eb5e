#include "supervisor/resources.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ioprio.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
    const char *key;
    int resource;
} limits[LIMITS] = {
    [LIMIT_NOFILE] = {"limit-nofile", RLIMIT_NOFILE},
    [LIMIT_CORE] = {"limit-core", RLIMIT_CORE},
    [LIMIT_NPROC] = {"limit-nproc", RLIMIT_NPROC},
    [LIMIT_MEMLOCK] = {"limit-memlock", RLIMIT_MEMLOCK},
    [LIMIT_STACK] = {"limit-stack", RLIMIT_STACK},
    [LIMIT_AS] = {"limit-as", RLIMIT_AS},
    [LIMIT_FSIZE] = {"limit-fsize", RLIMIT_FSIZE},
};

int resources_ionice(enum ionice_class ionice_class, int level)
{
    return (int)ionice_class << IOPRIO_CLASS_SHIFT | level;
}

struct list {
    struct resource_warning *warnings;
    int count;
};

static void warn(struct list *list, const char *key, int64_t asked, int64_t got, int error)
{
    list->warnings[list->count++] =
        (struct resource_warning){.key = key, .asked = asked, .got = got, .error = error};
}

static rlim_t to_rlim(uint64_t value)
{
    return value == UINT64_MAX ? RLIM_INFINITY : (rlim_t)value;
}

static int64_t shown(rlim_t value)
{
    return value == RLIM_INFINITY || value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

static rlim_t least(rlim_t a, rlim_t b)
{
    return a < b ? a : b;
}

/* Without the right to raise the hard limit: as much as it allows. */
static void set_limit(struct list *list, int which, const struct limit_conf *conf)
{
    struct rlimit now = {0};
    struct rlimit wanted = {.rlim_cur = to_rlim(conf->soft), .rlim_max = to_rlim(conf->hard)};
    int resource = limits[which].resource;
    if (!conf->is_set || prlimit(0, resource, &wanted, NULL) == 0)
        return;
    int error = errno;
    if (prlimit(0, resource, NULL, &now) == 0) {
        struct rlimit allowed = {.rlim_cur = least(wanted.rlim_cur, now.rlim_max),
                                 .rlim_max = least(wanted.rlim_max, now.rlim_max)};
        if (prlimit(0, resource, &allowed, NULL) == 0)
            now = allowed;
    }
    warn(list, limits[which].key, shown(wanted.rlim_max), shown(now.rlim_max), error);
}

static int read_oom_score_adj(void)
{
    char text[16] = "";
    int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, text, sizeof text - 1) < 0)
        text[0] = '\0';
    if (fd >= 0)
        close(fd);
    return (int)strtol(text, NULL, 10);
}

static void set_oom_score_adj(struct list *list, int score)
{
    char text[16];
    int length = snprintf(text, sizeof text, "%d", score);
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    bool is_set = fd >= 0 && write(fd, text, (size_t)length) == length;
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (!is_set)
        warn(list, "oom-score-adj", score, read_oom_score_adj(), error);
}

static void set_nice(struct list *list, int nice)
{
    if (setpriority(PRIO_PROCESS, 0, nice) < 0) {
        int error = errno;
        warn(list, "nice", nice, getpriority(PRIO_PROCESS, 0), error);
    }
}

static void set_ionice(struct list *list, const struct resource_conf *conf)
{
    int wanted = resources_ionice(conf->ionice_class, conf->ionice_level);
    if (syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0, wanted) < 0) {
        int error = errno;
        warn(list, "ionice", wanted, syscall(SYS_ioprio_get, IOPRIO_WHO_PROCESS, 0), error);
    }
}

int resources_set(const struct resource_conf *conf,
                  struct resource_warning warnings[static RESOURCE_WARNINGS])
{
    struct list list = {.warnings = warnings};
    if (conf->sets_oom_score_adj)
        set_oom_score_adj(&list, conf->oom_score_adj);
    if (conf->sets_nice)
        set_nice(&list, conf->nice);
    if (conf->ionice_class != IONICE_UNSET)
        set_ionice(&list, conf);
    for (int which = 0; which < LIMITS; which++)
        set_limit(&list, which, &conf->limits[which]);
    return list.count;
}
