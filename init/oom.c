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

static long read_counter(const char *path)
{
    char text[512];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    if (length <= 0)
        return -1;
    text[length] = '\0';
    return find_counter(text);
}

/* -1 where there is no such file: not mounted, or no limit was ever set. */
static long count_kills(void)
{
    long kills = read_counter("/sys/fs/cgroup/memory.events");
    return kills >= 0 ? kills : read_counter("/sys/fs/cgroup/memory/memory.oom_control");
}

void oom_init(struct oom *oom)
{
    oom->kills = count_kills();
}

bool oom_explains_kill(struct oom *oom)
{
    if (oom->kills < 0 || count_kills() <= oom->kills)
        return false;
    oom->kills++;
    return true;
}
