/*
 * Starts one process: fork, what the child has to become, exec; and how that went.
 *
 * The caller has every signal blocked. They stay blocked across the fork and in the child until
 * the last step before exec, so that a signal sent to the child at any moment is either acted on
 * by the new program's default or handler, or kills the child: none is lost in between.
 */
#pragma once

#include "conf/conf.h"
#include "conf/signal_name.h"
#include "supervisor/probe_finding.h"
#include "supervisor/spawn_error.h"

#include <stdbool.h>
#include <sys/types.h>

/* Which session and process group a child leads. */
enum spawn_grouping {
    SPAWN_BY_TERMINAL, /* its own session; with a terminal its own group, which gets that */
    SPAWN_OWN_GROUP,   /* its own group in our session; with a terminal that, too */
    SPAWN_OWN_SESSION, /* its own session */
    SPAWN_OUR_GROUP,   /* neither */
};

struct spawn {
    const struct service_conf *service; /* its descriptors, environment, directory */
    char *const *argv;                  /* argv[0] is looked up in PATH */
    int instance;                       /* what %i is; 0: no instance */
    signal_set mask;                    /* the signal mask that the program begins with */
    bool sigchld_ignored;               /* SIGCHLD is ignored in the program, as it was for us */
    int nothing;     /* /dev/null, opened for reading; -1: the child has to open it */
    int terminal;    /* the controlling terminal, or -1 where it does not get that */
    bool foreground; /* give the terminal's foreground to the program */
    enum spawn_grouping grouping;
    /* SPAWN_OWN_SESSION: its session takes standard input for its terminal, and this is told in the
     * child how that went, 0 or an errno. NULL: it has none. */
    void (*on_session)(int error);
    bool tries_shell;  /* gives what is no program to a shell */
    bool is_command;   /* a command line's: it inherits every descriptor that we did */
    bool holds_others; /* we hold descriptors that only the command is to inherit */
    int (*exit_code)(const struct spawn_error *error); /* where it cannot be executed */
    bool is_helper;            /* not the service's own program: without standard input */
    bool leaves_daemon;        /* it ends and leaves one, which is looked for: see daemon.h */
    const struct probe *probe; /* instead of a program: a look that ends with 0 or 1; NULL: none */
    struct probe_board *board; /* where it notes what it has found; NULL: nowhere */
    int ready_fd;              /* what the program gets as descriptor ready_number; -1: nothing */
    int ready_number;
    const char *notify_socket; /* for NOTIFY_SOCKET; NULL: none */
    int64_t watchdog_ms;       /* for WATCHDOG_USEC; 0: none */
    bool is_quiet;             /* what it prints is for nobody */
    const char *directory;     /* where the service names none; NULL: where we are */
    pid_t main_pid;            /* for MAINPID; 0: none */
};

/* Its session is ours, its group its own. */
bool spawn_leads_only_group(const struct spawn *spawn);

/*
 * Forks and begins to exec. Unless it stays in ours, the group of the child has its pid.
 *
 * Where the program leaves a daemon, the child is who looks for that, see daemon.h.
 *
 * Returns the pid and stores in *status the descriptor that tells how the exec went, to be
 * watched and given to spawn_result(). Returns -1 and fills *error where there is no child.
 */
pid_t spawn(const struct spawn *spawn, int *status, struct spawn_error *error);

/* The same where nobody asks how the exec went: it exits with 126 or 127 where that failed. */
pid_t spawn_unwatched(const struct spawn *spawn, struct spawn_error *error);

/*
 * Forks a child that runs task(data), of ours, and ends with what that returns as its exit code:
 * for what may have to wait. It has nothing of ours open but the standard descriptors. Returns the
 * pid; -1 with *error where there is no child.
 */
pid_t spawn_task(int (*task)(void *data), void *data, struct spawn_error *error);

enum spawn_result { SPAWN_PENDING, SPAWN_TOLD, SPAWN_RUNNING, SPAWN_FAILED };

enum spawn_news {
    NEWS_FAILED, /* it ends: error, what */
    NEWS_LOWER,  /* it goes on, with less than it was to have: error.error, asked, got, what */
    /* Of who looks for the daemon that a launcher leaves: */
    NEWS_NO_PIDFILE, /* it waits: what, which is wrong with the pidfile */
    NEWS_DAEMON,     /* it ends, and leaves the daemon: pid */
    /* ... who finds none: */
    NEWS_LEFT_NONE,    /* it ends, and nobody is left */
    NEWS_LEFT_SEVERAL, /* any of which may be the daemon; it waits until they have ended: what,
                          their pids */
    NEWS_LEFT_UNSEEN,  /* somebody, but nobody can tell who; it waits as well */
    NEWS_LEFT_REST,    /* of a launcher that has failed; it waits as well */
};

enum { SPAWN_WHAT_SIZE = 256 };

/* What a child tells on its way. */
struct spawn_report {
    enum spawn_news news;
    struct spawn_error error;
    int64_t asked; /* as in struct resource_warning */
    int64_t got;
    pid_t pid;
    char what[SPAWN_WHAT_SIZE]; /* NEWS_FAILED: a path, or ""; NEWS_LOWER: the key */
};

/*
 * Reads `status` without blocking. SPAWN_RUNNING: the program runs, or died by a signal on its
 * way; SPAWN_FAILED: *report says why, and the child exits; SPAWN_TOLD: *report has other news, and
 * there may be more to read. The caller closes the descriptor when it is SPAWN_RUNNING or
 * SPAWN_FAILED.
 */
enum spawn_result spawn_result(int status, struct spawn_report *report);
