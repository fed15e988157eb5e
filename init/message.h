/*
 * What reeve says: one line on standard error a message, as text or as a JSON object.
 *
 * Nothing is buffered, and nothing can stop PID 1: a line that standard error cannot take at once
 * is dropped and counted, and the count is said before the next line that it can take.
 */
#pragma once

#include "conf/conf.h"
#include "ctl/json.h"

#include <limits.h>
#include <stddef.h>

void message_setup(enum log_level level, enum log_format format);

/*
 * Writes to `text` how a message of reeve itself begins in place of "reeve: ", which is not read
 * in JSON.
 */
enum { MESSAGE_PREFIX_SIZE = 64 };
typedef void message_prefix(enum log_level level, char text[static MESSAGE_PREFIX_SIZE]);

/* NULL: "reeve: ", of warnings "reeve: warning: ". */
void message_set_prefix(message_prefix *prefix);

/*
 * A line, or more of them, as it is, to standard output or error: for words that are not reeve's
 * own. As every message it is lost where it would have to wait.
 */
void message_plain(bool to_output, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Where messages go from now on: other open files of what standard error and output are. */
void message_set_files(int fd, int output);

/*
 * A message under way. For JSON it is a set of fields, for text a sentence; whoever sends one
 * gives both.
 *
 *     struct message m;
 *     if (message_begin(&m, LEVEL_INFO, "web", "started")) {
 *         message_text(&m, "started, pid %d", pid);
 *         message_number(&m, "pid", pid);
 *         message_send(&m);
 *     }
 */
struct message {
    enum log_level level;
    const char *service;
    size_t length;       /* of line, as text */
    struct json json;    /* the same as an object */
    char line[PIPE_BUF]; /* a write of at most this much is never torn */
};

/*
 * Begins a message about `service`, or about reeve itself where that is NULL. Returns false where
 * the log level leaves it out.
 */
bool message_begin(struct message *m, enum log_level level, const char *service, const char *event);

/* The sentence; left out of JSON, where the fields say the same. */
void message_text(struct message *m, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same, without "reeve: " before it. */
void message_bare_text(struct message *m, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Fields of JSON, left out of text. A string that is NULL becomes null. */
void message_number(struct message *m, const char *name, long long value);
void message_string(struct message *m, const char *name, const char *value);
void message_null(struct message *m, const char *name);
void message_true(struct message *m, const char *name);

void message_send(struct message *m);

/* Says how many messages were lost, if any were and there is room for it now: a last chance. */
void message_say_lost(void);

/* A whole message of one sentence, which JSON has as the field "text" of the event "message". */
void message_say(enum log_level level, const char *service, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
