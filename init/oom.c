#include "init/oom.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The counter stands behind this word in the files of both versions of cgroups(7). */
static const char word[] = "oom_kill ";

static long find_counter(const char *text)
{
    const char *line = strncmp(text, word, sizeof word - 1) == 0 ? text : NULL;
    for (const char *at = text; !line && (at = strchr(at, '\n')); at++)
        if (strncmp(at + 1, word, sizeof word - 1) == 0)
            line = at + 1;
    return line ? strtol(line + sizeof word - 1, NULL, 10) : -1;
}

/* -1 where there is no such file: not mounted, or no limit was ever set. */
static int open_counter(void)
{
    int fd = open("/sys/fs/cgroup/memory.events", O_RDONLY | O_CLOEXEC);
    return fd >= 0 ? fd : open("/sys/fs/cgroup/memory/memory.oom_control", O_RDONLY | O_CLOEXEC);
}

static long count_kills(const struct oom *oom)
{
    char text[512];
    ssize_t length = pread(oom->counter, text, sizeof text - 1, 0);
    if (length <= 0)
        return -1;
    text[length] = '\0';
    return find_counter(text);
}

/* The file stays open: it is read while a service waits for its next start. */
void oom_init(struct oom *oom)
{
    oom->counter = open_counter();
    oom->kills = count_kills(oom);
}

bool oom_explains_kill(struct oom *oom)
{
    if (oom->kills < 0 || count_kills(oom) <= oom->kills)
        return false;
    oom->kills++;
    return true;
}
