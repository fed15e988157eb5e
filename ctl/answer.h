/*
 * What reeve answers: JSON objects, one a line, the last of which says how it went. Pure;
 * docs/PROTOCOL.md describes it.
 */
#pragma once

#include "ctl/json.h"
#include "supervisor/service.h"

enum { ANSWER_SIZE = 1024 }; /* room for any line */

/* Exit codes of reevectl, which the last line of an answer has, too. */
enum answer_code {
    ANSWER_DONE = 0,
    ANSWER_FAILED = 1,
    ANSWER_UNREACHABLE = 2, /* only the client can tell */
    ANSWER_NOT_AS_WANTED = 3,
    ANSWER_UNKNOWN_NAME = 4,
    ANSWER_TIMED_OUT = 124, /* only the client can tell */
};

/* Adds what is to be known of a service; `is_wanted` up. */
void answer_service(struct json *json, const struct service *service, bool is_wanted,
                    int64_t now_ms);

/* It is what somebody wants it to be: up, or at its end; or down. */
bool answer_is_as_wanted(const struct service *service, bool is_wanted);

/* The same as a client reads it. Texts point into the line. */
struct status {
    const char *name;
    const char *state;
    const char *wanted;
    const char *health;
    const char *signal; /* that ended its last run; NULL: none did */
    const char *error;  /* why it could not be started; NULL: it could */
    const char *reason; /* NULL: none */
    const char *time;   /* of an event; NULL: it is none */
    long long pid;      /* -1: no process */
    long long uptime_s; /* -1: it does not run */
    long long restarts;
    long long exit_code; /* -1: none */
    bool core_dumped;
    bool out_of_memory;
    bool is_main;
};

/* The last line of an answer. */
struct verdict {
    enum answer_code code;
    const char *error;   /* NULL: none */
    const char *warning; /* NULL: none */
};

size_t answer_verdict(char *line, size_t size, const struct verdict *verdict);

enum answer_kind {
    ANSWER_OTHER, /* an object of another kind, as JSON has it */
    ANSWER_STATUS,
    ANSWER_VERDICT,
    ANSWER_GARBAGE, /* no line of the protocol */
};

enum { ANSWER_FIELDS = 32 };

/* A line that was read. */
struct answer {
    enum answer_kind kind;
    struct status status;
    struct verdict verdict;
    struct json_field fields[ANSWER_FIELDS];
    int count;
};

/* Reads a line, in place. */
void answer_read(char *line, struct answer *answer);

/* A text of ANSWER_OTHER; NULL where there is none. */
const char *answer_text(const struct answer *answer, const char *name);
