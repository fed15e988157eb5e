/*
 * One client: the lines that come from it and the queue of what goes to it. Never waits; the
 * caller has its descriptor watched.
 */
#pragma once

#include "ctl/request.h"

#include <stdint.h>

struct connection {
    int fd;
    char *out; /* what it was not sent yet begins at `sent` */
    size_t queued;
    size_t sent;
    size_t room;
    size_t length;   /* of `in` */
    bool has_ended;  /* it sends nothing any more */
    bool is_broken;  /* it is to be closed, and nothing more can be sent */
    bool is_closing; /* it is to be closed when everything is sent */
    char in[REQUEST_SIZE];
};

/* Takes over the descriptor, which does not block. */
void connection_init(struct connection *connection, int fd);
void connection_fini(struct connection *connection);

/* Reads what has come, as far as there is room. */
void connection_receive(struct connection *connection);

/*
 * Moves the next line, without its end, to `line`. Returns false where there is no whole one. A
 * line that is too long breaks the connection: is_closing, and `*is_too_long` says why.
 */
bool connection_take_line(struct connection *connection, char line[static REQUEST_SIZE],
                          bool *is_too_long);

/* Forgets what has come and was not taken. */
void connection_forget_input(struct connection *connection);

/*
 * Queues a line. A client that does not read until more than `most` bytes wait for it is broken:
 * it loses its connection, not our time.
 */
void connection_queue(struct connection *connection, const char *line, size_t length, size_t most);

/* Sends what it takes. Returns whether it took anything. */
bool connection_send(struct connection *connection);

bool connection_has_output(const struct connection *connection);
