#include "supervisor/daemon.h"

#include "supervisor/proc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    FIRST_WAIT_MS = 2, /* between two looks, and twice as long each time */
    LONGEST_WAIT_MS = 1024,
    WARN_WAIT_MS = 512, /* of a pidfile, half a second after the first look */
    BUSY_TICKS = 10,    /* so much processor time takes nobody who is about to leave */
    MOST_GROUPS = 64,
};

struct search {
    const struct daemon_search *what;
    pid_t launcher;
    bool has_ended; /* the launcher */
    siginfo_t end;  /* what we end by */
    bool is_over;   /* there is no daemon */
    bool is_told;   /* that */
    int seen;       /* how many were left at the last look, all of them at rest */
    int wait_ms;    /* until the next one */
    int sig;        /* the last one to be passed on, and to whom */
    pid_t asked[MOST_GROUPS];
    int asked_count;
};

bool daemon_search_begin(struct daemon_search *search, const char *path)
{
    search->path = path;
    if (path)
        pidfile_init(&search->pidfile, path);
    return setsid() >= 0 && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
}

/* --- ends ------------------------------------------------------------------------------------- */

static void note_end(struct search *search, const siginfo_t *info)
{
    if (info->si_pid == search->launcher) {
        search->has_ended = true;
        search->is_over = info->si_code != CLD_EXITED || info->si_status != 0;
        search->end = *info;
    } else if (search->has_ended && !search->is_over) {
        search->end = *info;
    }
}

/* Returns whether a child is left. */
static bool reap(struct search *search)
{
    for (;;) {
        siginfo_t info = {.si_pid = 0};
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG) == 0 && info.si_pid == 0)
            return true;
        if (info.si_pid != 0)
            note_end(search, &info);
        else if (errno == ECHILD)
            return false;
    }
}

static _Noreturn void end_as(const siginfo_t *info)
{
    sigset_t set;
    if (info->si_code == CLD_EXITED)
        _exit(info->si_status);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* one core is enough */
    signal(info->si_status, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, info->si_status);
    kill(getpid(), info->si_status);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    _exit(128 + info->si_status);
}

/* --- signals ---------------------------------------------------------------------------------- */

static void ask_group_of(void *data, const struct proc_entry *process)
{
    struct search *search = data;
    pid_t group = process->parent == getpid() ? getpgid(process->pid) : 0;
    for (int i = 0; i < search->asked_count; i++)
        if (search->asked[i] == group)
            return;
    if (group <= 1 || group == getpgrp())
        return;
    if (search->asked_count < MOST_GROUPS)
        search->asked[search->asked_count++] = group;
    kill(-group, search->sig);
    kill(-group, SIGCONT);
}

/* To all of our group, where it waits in our own queue like that of anybody else than our parent;
 * and to all that have left it. */
static void pass_on(struct search *search, int sig)
{
    kill(0, sig);
    if (sig == SIGCONT) /* it goes with another one */
        return;
    search->sig = sig;
    search->asked_count = 0;
    proc_each(ask_group_of, search);
}

/* Those whose parent has ended since then, and who were in no group that got it. */
static void pass_on_to_the_rest(struct search *search)
{
    if (search->sig != 0)
        proc_each(ask_group_of, search);
}

static void kill_child(void *data, const struct proc_entry *process)
{
    (void)data;
    if (process->parent == getpid())
        kill(process->pid, SIGKILL);
}

/* Whom they leave becomes our child, and its turn comes with the next SIGCHLD. */
static void kill_all(void)
{
    if (!proc_each(kill_child, NULL))
        kill(0, SIGKILL);
}

static bool is_given_up(const struct search *search)
{
    struct pollfd status = {.fd = search->what->status};
    return poll(&status, 1, 0) > 0;
}

/* --- looking ---------------------------------------------------------------------------------- */

static void tell(const struct search *search, enum spawn_news news, pid_t pid, const char *what)
{
    struct spawn_report report = {.news = news, .pid = pid};
    snprintf(report.what, sizeof report.what, "%s", what);
    search->what->tell(search->what->data, &report);
}

static void give_up(struct search *search, enum spawn_news news, const char *what)
{
    search->is_over = search->is_told = true;
    tell(search, news, 0, what);
}

static bool is_living_child(pid_t pid)
{
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0;
}

/* Where the pidfile names a child of a child, that becomes ours when the one between them ends. */
static pid_t find_named(struct search *search)
{
    char text[SPAWN_WHAT_SIZE];
    const char *wrong;
    pid_t pid = pidfile_read(&search->what->pidfile, &wrong);
    if (pid != 0 && is_living_child(pid))
        return pid;
    if (search->wait_ms == WARN_WAIT_MS) {
        snprintf(text, sizeof text, "names %d, which the command has not left", (int)pid);
        tell(search, NEWS_NO_PIDFILE, 0, pid != 0 ? text : wrong);
    }
    return 0;
}

struct left {
    int count;
    pid_t last;
    bool is_at_rest; /* all of them are */
    size_t length;
    char pids[SPAWN_WHAT_SIZE];
};

/* Who is about to fork and to leave the daemon to us does not sleep. */
static void count_child(void *data, const struct proc_entry *process)
{
    struct left *left = data;
    if (process->parent != getpid())
        return;
    left->count++;
    left->last = process->pid;
    left->is_at_rest = left->is_at_rest && (process->state == 'S' || process->ticks >= BUSY_TICKS);
    if (left->length + sizeof " 2147483647" < sizeof left->pids)
        left->length +=
            (size_t)snprintf(left->pids + left->length, sizeof left->pids - left->length, "%s%d",
                             left->length > 0 ? " " : "", (int)process->pid);
}

/* What is seen twice, since a look takes its time. */
static pid_t find_only_one(struct search *search)
{
    struct left left = {.is_at_rest = true};
    if (!proc_each(count_child, &left)) {
        give_up(search, NEWS_LEFT_UNSEEN, "");
        return 0;
    }
    bool is_certain = left.is_at_rest && left.count == search->seen;
    search->seen = left.is_at_rest ? left.count : 0;
    if (is_certain && left.count > 1)
        give_up(search, NEWS_LEFT_SEVERAL, left.pids);
    return is_certain && left.count == 1 ? left.last : 0;
}

static void find(struct search *search)
{
    pid_t daemon = search->what->path ? find_named(search) : find_only_one(search);
    if (daemon == 0)
        return;
    tell(search, NEWS_DAEMON, daemon, "");
    _exit(0);
}

/* The launcher has ended, and somebody is left. */
static void look(struct search *search)
{
    if (!search->is_over)
        find(search);
    else if (!search->is_told)
        give_up(search, NEWS_LEFT_REST, "");
    if (search->is_over)
        pass_on_to_the_rest(search);
}

/* --- all of it -------------------------------------------------------------------------------- */

static int wait_for_signal(struct search *search, siginfo_t *info)
{
    sigset_t all;
    sigfillset(&all);
    if (!search->has_ended || search->is_over)
        return sigwaitinfo(&all, info);
    struct timespec wait = {.tv_sec = search->wait_ms / 1000,
                            .tv_nsec = search->wait_ms % 1000 * 1000000L};
    if (search->wait_ms < LONGEST_WAIT_MS)
        search->wait_ms *= 2;
    return sigtimedwait(&all, info, &wait);
}

static _Noreturn void conclude(struct search *search)
{
    if (!search->is_over)
        give_up(search, NEWS_LEFT_NONE, "");
    end_as(&search->end);
}

_Noreturn void daemon_search_run(const struct daemon_search *what, pid_t launcher)
{
    struct search search = {.what = what, .launcher = launcher, .wait_ms = FIRST_WAIT_MS};
    for (;;) {
        siginfo_t info;
        if (!reap(&search))
            conclude(&search);
        if (is_given_up(&search))
            kill_all();
        else if (search.has_ended)
            look(&search);
        int sig = wait_for_signal(&search, &info);
        if (sig > 0 && info.si_pid == getppid() && !is_given_up(&search))
            pass_on(&search, sig);
    }
}
