/*
 * What happens to the one command and what it leaves to us, for whoever has words of its own for
 * it: each way of calling reeve may speak in its own voice, and then the reports of report.h are
 * silent about the same.
 */
#pragma once

#include "supervisor/spawn_error.h"

#include <stdbool.h>
#include <sys/types.h>

struct news {
    enum news_kind {
        NEWS_SUBREAPER,    /* we are not PID 1, and orphans come to us all the same */
        NEWS_SPAWNED,      /* forked: pid */
        NEWS_NOT_EXECUTED, /* the command cannot be started: error, pid; 0: there is no child */
        NEWS_RECEIVED,     /* a signal arrived: sig, SIGCHLD included */
        NEWS_REWRITTEN,    /* ... and is to go on as another one: sig, code */
        NEWS_FORWARDED,    /* ... and went to the command: sig as it was sent, pid */
        NEWS_UNSENT,       /* ... and could not be sent: sig, pid, code is an errno */
        NEWS_REAPED,       /* a child ended: pid, code is a wait status, is_main */
        NEWS_OVER,         /* nothing is left: code is our exit code */
        NEWS_DETACHED,     /* we gave up the terminal: code is an errno or 0, is_leader */
        NEWS_LET_PASS,     /* a signal was of that, and is for nobody: sig */
        NEWS_STOPPING,     /* we stop ourselves as a job */
    } kind;
    pid_t pid;
    int sig;
    int code;
    bool is_main;   /* the command itself */
    bool is_leader; /* of our session */
    const char *command;
    const struct spawn_error *error;
};

typedef void news_voice(const struct news *news);

/* NULL: reeve's own words. */
void news_set_voice(news_voice *voice);

bool news_has_voice(void);

/* Returns whether somebody has its own words for such news. */
bool news_tell(const struct news *news);
