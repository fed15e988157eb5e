#include "ctl/connection.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST_ROOM = 1024 };

void connection_init(struct connection *connection, int fd)
{
    *connection = (struct connection){.fd = fd};
}

void connection_fini(struct connection *connection)
{
    close(connection->fd);
    free(connection->out);
    connection->out = NULL;
}

bool connection_has_output(const struct connection *connection)
{
    return connection->queued > connection->sent;
}

void connection_receive(struct connection *connection)
{
    size_t room = sizeof connection->in - connection->length;
    ssize_t length = recv(connection->fd, connection->in + connection->length, room, 0);
    if (length > 0)
        connection->length += (size_t)length;
    else if (length == 0 && room > 0)
        connection->has_ended = true;
    else if (length < 0 && errno != EAGAIN && errno != EINTR)
        connection->is_broken = true;
}

bool connection_take_line(struct connection *connection, char line[static REQUEST_SIZE],
                          bool *is_too_long)
{
    const char *end = memchr(connection->in, '\n', connection->length);
    *is_too_long = !end && connection->length == sizeof connection->in;
    if (!end)
        return false;
    size_t length = (size_t)(end - connection->in);
    memcpy(line, connection->in, length);
    line[length] = '\0';
    for (char *nul; (nul = memchr(line, '\0', length));)
        *nul = '\x01'; /* which is in no word: it would end the line silently */
    connection->length -= length + 1;
    memmove(connection->in, end + 1, connection->length);
    return true;
}

void connection_forget_input(struct connection *connection)
{
    connection->length = 0;
}

/* Room for `size` more bytes. */
static bool make_room(struct connection *connection, size_t size)
{
    size_t needed = connection->queued + size;
    size_t room = connection->room ? connection->room : FIRST_ROOM;
    if (needed <= connection->room)
        return true;
    while (room < needed)
        room *= 2;
    char *out = realloc(connection->out, room);
    if (!out)
        return false;
    connection->out = out;
    connection->room = room;
    return true;
}

void connection_queue(struct connection *connection, const char *line, size_t length, size_t most)
{
    if (connection->is_broken)
        return;
    size_t waiting = connection->queued - connection->sent;
    if (waiting + length > most || !make_room(connection, length)) {
        connection->is_broken = true;
        return;
    }
    memcpy(connection->out + connection->queued, line, length);
    connection->queued += length;
}

/* An idle connection keeps no memory for a long answer of once. */
static void forget_sent(struct connection *connection)
{
    free(connection->out);
    connection->out = NULL;
    connection->queued = connection->sent = connection->room = 0;
}

bool connection_send(struct connection *connection)
{
    size_t waiting = connection->queued - connection->sent;
    if (connection->is_broken || waiting == 0)
        return false;
    /* MSG_NOSIGNAL: our SIGPIPE would be taken for one that somebody sent us to pass on. */
    ssize_t length =
        send(connection->fd, connection->out + connection->sent, waiting, MSG_NOSIGNAL);
    if (length < 0 && errno != EAGAIN && errno != EINTR)
        connection->is_broken = true;
    if (length <= 0)
        return false;
    connection->sent += (size_t)length;
    if (connection->sent == connection->queued)
        forget_sent(connection);
    else if (connection->sent >= connection->room / 2) {
        memmove(connection->out, connection->out + connection->sent,
                connection->queued - connection->sent);
        connection->queued -= connection->sent;
        connection->sent = 0;
    }
    return true;
}
