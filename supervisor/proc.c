#include "supervisor/proc.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What getdents64(2) fills in; libc has it as struct dirent behind a DIR, which it allocates. */
struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t size;
    uint8_t type;
    char name[];
};

static bool is_our_namespace(void)
{
    char self[16];
    ssize_t length = readlink("/proc/self", self, sizeof self - 1);
    if (length < 0)
        return false;
    self[length] = '\0';
    return atoi(self) == getpid();
}

/* The start of field `number` of /proc/PID/stat, counted as proc(5) does; NULL where it ends. */
static const char *stat_field(const char *line, int number)
{
    /* The second one, the name, may have blanks and parentheses in it: go on behind the last. */
    const char *p = strrchr(line, ')');
    for (int i = 2; p && i < number; i++) {
        p = strchr(p, ' ');
        if (p)
            p++;
    }
    return p;
}

static bool read_process(int proc, const char *name, struct proc_entry *process)
{
    char path[32];
    char line[1024];
    snprintf(path, sizeof path, "%.10s/stat", name);
    int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false; /* it is gone already */
    ssize_t length = read(fd, line, sizeof line - 1);
    close(fd);
    if (length <= 0)
        return false;
    line[length] = '\0';
    const char *state = stat_field(line, 3);
    const char *parent = stat_field(line, 4);
    const char *user_ticks = stat_field(line, 14);
    const char *system_ticks = stat_field(line, 15);
    const char *ignored = stat_field(line, 33);
    if (!ignored || *state == 'Z' || *state == 'X')
        return false;
    process->pid = (pid_t)atoi(name);
    process->parent = (pid_t)atoi(parent);
    process->state = *state;
    process->ticks = strtoull(user_ticks, NULL, 10) + strtoull(system_ticks, NULL, 10);
    process->ignored = strtoull(ignored, NULL, 10);
    return process->pid > 0;
}

static void visit_each(int proc, void (*visit)(void *data, const struct proc_entry *process),
                       void *data)
{
    _Alignas(struct entry) char buffer[4096];
    long length;
    while ((length = syscall(SYS_getdents64, proc, buffer, sizeof buffer)) > 0) {
        for (long at = 0; at < length;) {
            const struct entry *entry = (const struct entry *)(buffer + at);
            struct proc_entry process;
            if (*entry->name >= '1' && *entry->name <= '9' &&
                read_process(proc, entry->name, &process) && process.pid != getpid())
                visit(data, &process);
            at += entry->size;
        }
    }
}

bool proc_each(void (*visit)(void *data, const struct proc_entry *process), void *data)
{
    if (!is_our_namespace())
        return false;
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (proc < 0)
        return false;
    visit_each(proc, visit, data);
    close(proc);
    return true;
}

bool proc_owner(pid_t pid, uid_t *uid)
{
    char path[32];
    struct stat status;
    snprintf(path, sizeof path, "/proc/%d", (int)pid);
    if (!is_our_namespace() || stat(path, &status) < 0)
        return false;
    *uid = status.st_uid;
    return true;
}
