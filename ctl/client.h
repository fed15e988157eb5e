/*
 * A connection to reeve, as its clients have it.
 */
#pragma once

#include "ctl/answer.h"

#include <stdint.h>

enum { CLIENT_LINE_SIZE = 2 * ANSWER_SIZE, CLIENT_ERROR_SIZE = 512, CLIENT_FOREVER = -1 };

struct client {
    int fd;
    size_t begin; /* of what was received and not read yet */
    size_t end;
    char buffer[CLIENT_LINE_SIZE];
};

/*
 * Connects and greets. `path` is where the socket is, NULL: where it is otherwise, by REEVE_CONTROL
 * or in one of its standard places. Returns false, with the reason and what to try in `error`,
 * where no reeve answers. Waits until `deadline_ms` at most, see client_now_ms().
 */
bool client_connect(struct client *client, const char *path, int64_t deadline_ms,
                    char error[static CLIENT_ERROR_SIZE]);
void client_close(struct client *client);

/* Sends a line, without its end. Returns false where reeve is gone. */
bool client_send(struct client *client, const char *line);

enum client_result { CLIENT_LINE, CLIENT_GONE, CLIENT_TIMED_OUT };

/*
 * Waits for the next line until deadline_ms, CLIENT_FOREVER for as long as it takes. *line is the
 * caller's to change until the next call.
 */
enum client_result client_read(struct client *client, char **line, int64_t deadline_ms);

/* Monotonic time in milliseconds. */
int64_t client_now_ms(void);
