#include "init/sweep.h"

#include "init/message.h"
#include "supervisor/proc.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { EVERYBODY = -1 };

void sweep_init(struct sweep *sweep, bool is_pid1)
{
    *sweep = (struct sweep){.is_pid1 = is_pid1};
}

static bool was_asked(const struct sweep *sweep, pid_t pid)
{
    for (size_t i = 0; i < sweep->count; i++)
        if (sweep->asked[i] == pid)
            return true;
    return false;
}

/* Without memory it is forgotten, and asked twice. */
static void remember(struct sweep *sweep, pid_t pid)
{
    if (sweep->count == sweep->capacity) {
        size_t capacity = sweep->capacity ? sweep->capacity * 2 : 64;
        pid_t *asked = realloc(sweep->asked, capacity * sizeof *asked);
        if (!asked)
            return;
        sweep->asked = asked;
        sweep->capacity = capacity;
    }
    sweep->asked[sweep->count++] = pid;
}

static bool is_ours(const struct sweep *sweep, const struct proc_entry *process)
{
    return sweep->is_pid1 || process->parent == getpid();
}

/* Whoever ignores TERM cannot be asked by it. */
static void hang_up_deaf(const struct proc_entry *process)
{
    if (signal_in(process->ignored, SIGTERM))
        kill(process->pid, SIGHUP);
}

static void ask_one(void *data, const struct proc_entry *process)
{
    struct sweep *sweep = data;
    if (!is_ours(sweep, process) || was_asked(sweep, process->pid))
        return;
    remember(sweep, process->pid);
    kill(process->pid, SIGTERM);
    hang_up_deaf(process);
    kill(process->pid, SIGCONT);
}

/* Of everybody, who has got TERM just now. */
static void note_one(void *data, const struct proc_entry *process)
{
    remember(data, process->pid);
    hang_up_deaf(process);
}

/* Whose parent we have killed is ours only now: it is asked first, and killed the next time. */
static void kill_one(void *data, const struct proc_entry *process)
{
    if (!is_ours(data, process))
        return;
    if (was_asked(data, process->pid))
        kill(process->pid, SIGKILL);
    else
        ask_one(data, process);
}

static void ask_children(struct sweep *sweep)
{
    if (!proc_each(ask_one, sweep) && !sweep->warned) {
        message_say(LEVEL_WARN, NULL, "cannot find the processes that are left without /proc");
        sweep->warned = true;
    }
}

/* kill(-1) reaches also whom /proc hides from us, and nobody forks in between. */
static void ask_everybody(struct sweep *sweep)
{
    kill(EVERYBODY, SIGTERM);
    proc_each(note_one, sweep);
    kill(EVERYBODY, SIGCONT);
}

void sweep_ask(struct sweep *sweep)
{
    if (!sweep->is_pid1)
        ask_children(sweep);
    else if (!sweep->begun)
        ask_everybody(sweep); /* whoever comes later is asked at half of the time */
    sweep->begun = true;
}

void sweep_ask_again(struct sweep *sweep)
{
    if (proc_each(ask_one, sweep))
        return;
    if (sweep->is_pid1)
        kill(EVERYBODY, SIGHUP);
}

void sweep_kill(struct sweep *sweep)
{
    if (sweep->is_pid1)
        kill(EVERYBODY, SIGKILL);
    else
        proc_each(kill_one, sweep);
}

bool sweep_has_strangers(const struct sweep *sweep)
{
    return sweep->is_pid1 && !(kill(EVERYBODY, 0) < 0 && errno == ESRCH);
}
