/*
 * What a client asks for: one line of words. Pure; docs/PROTOCOL.md describes it.
 */
#pragma once

#include "conf/signal_name.h"

#include <stdbool.h>
#include <stddef.h>

/* The first line that a client sends, without its end: the version of what follows. */
#define REQUEST_GREETING "reeve 1"

enum { REQUEST_SIZE = 4096 }; /* bytes of a line at most, its end included */

enum command {
    COMMAND_STATUS,
    COMMAND_START,
    COMMAND_STOP,
    COMMAND_RESTART,
    COMMAND_SIGNAL,
    COMMAND_RELOAD,
    COMMAND_RELOAD_SERVICE,
    COMMAND_HEALTH,
    COMMAND_EVENTS,
    COMMAND_GRAPH,
    COMMAND_SHUTDOWN,
    COMMANDS
};

/* What "well" means for `health`. */
enum health_question {
    HEALTH_SERVING, /* every essential service is up, and none is unhealthy */
    HEALTH_LIVE,    /* none has failed for good or is unhealthy */
    HEALTH_READY,   /* every essential service is up and known to be healthy */
};

struct request {
    enum command command;
    enum health_question question;
    bool waits;        /* the answer comes when it is done */
    int sig;           /* of COMMAND_SIGNAL */
    int count;         /* of names */
    const char *names; /* each ended by a NUL, one behind the other, none of them twice */
};

enum { REQUEST_ERROR_SIZE = 128 };

/*
 * Takes a line apart, in place; it ends with a NUL and has no newline. Returns false, with what is
 * wrong in `error`, where it is no request.
 */
bool request_parse(char *line, struct request *request, char error[static REQUEST_ERROR_SIZE]);

/* The name behind `name`, of those of a request. */
const char *request_next_name(const char *name);

/* The word for a command, as in a line. */
const char *command_name(enum command command);
