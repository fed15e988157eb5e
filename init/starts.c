#include "init/starts.h"

#include "init/loop.h"
#include "supervisor/supervisor.h"

#include <unistd.h>

/* A free one has no descriptor. */
struct start {
    pid_t pid;
    int status; /* where the child tells */
    bool is_watched;
};

static struct {
    const struct starts_callbacks *callbacks;
    void *data;
    int unwatched;
    int count; /* all under way are among the first so many */
    struct start starts[SUPERVISOR_UNCONFIRMED];
} all;

/* Apart from them: each page that is written to between two forks is copied after the next. */
static struct loop_watch watches[SUPERVISOR_UNCONFIRMED];

static struct loop_watch *watch_of(const struct start *start)
{
    return &watches[start - all.starts];
}

void starts_init(const struct starts_callbacks *callbacks, void *data)
{
    all.callbacks = callbacks;
    all.data = data;
}

static void forget(struct start *start)
{
    if (start->is_watched)
        loop_unwatch(watch_of(start));
    else
        all.unwatched--;
    close(start->status);
    start->pid = 0;
    start->status = -1;
    while (all.count > 0 && all.starts[all.count - 1].status < 0)
        all.count--;
}

static void tell(struct start *start, enum spawn_result result, const struct spawn_report *report)
{
    pid_t pid = start->pid;
    forget(start);
    if (result == SPAWN_FAILED)
        all.callbacks->on_failed(all.data, pid, report);
    else
        all.callbacks->on_executed(all.data, pid);
}

/* All that the child has told. `is_over`: it will not tell any more. */
static void hear(struct start *start, bool is_over)
{
    struct spawn_report report;
    enum spawn_result result;
    while ((result = spawn_result(start->status, &report)) == SPAWN_TOLD)
        all.callbacks->on_news(all.data, start->pid, &report);
    if (result != SPAWN_PENDING || is_over)
        tell(start, result, &report);
}

static void on_status(void *data)
{
    hear(data, false);
}

static struct start *find_free(void)
{
    for (int i = 0; i < all.count; i++)
        if (all.starts[i].status < 0)
            return &all.starts[i];
    return &all.starts[all.count++];
}

pid_t starts_spawn(const struct spawn *how, struct spawn_error *error)
{
    int status;
    pid_t pid = spawn(how, &status, error);
    if (pid < 0)
        return -1;
    struct start *start = find_free();
    *start = (struct start){.pid = pid, .status = status};
    all.unwatched++;
    return pid;
}

void starts_watch(void)
{
    for (int i = 0; i < all.count && all.unwatched > 0; i++) {
        struct start *start = &all.starts[i];
        if (start->status < 0 || start->is_watched)
            continue;
        loop_watch(watch_of(start), start->status, LOOP_STATUS, on_status, start);
        start->is_watched = true;
        all.unwatched--;
    }
}

static void hear_of(pid_t pid, bool is_over)
{
    for (int i = 0; i < all.count; i++) {
        struct start *start = &all.starts[i];
        if (start->status < 0 || start->pid != pid)
            continue;
        hear(start, is_over);
        return;
    }
}

void starts_look_at(pid_t pid)
{
    hear_of(pid, false);
}

void starts_finish(pid_t pid)
{
    hear_of(pid, true);
}

bool starts_abandon(pid_t pid)
{
    starts_look_at(pid);
    for (int i = 0; i < all.count; i++) {
        struct start *start = &all.starts[i];
        if (start->status < 0 || start->pid != pid)
            continue;
        tell(start, SPAWN_RUNNING, NULL);
        return true;
    }
    return false;
}

size_t starts_descriptors(int *fds, size_t most)
{
    size_t count = 0;
    for (int i = 0; i < all.count && count < most; i++)
        if (all.starts[i].status >= 0)
            fds[count++] = all.starts[i].status;
    return count;
}
