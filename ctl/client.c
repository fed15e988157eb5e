#include "ctl/client.h"

#include "ctl/place.h"
#include "ctl/request.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int64_t client_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- where ------------------------------------------------------------------------------------ */

/* Who runs as root may ask a reeve that does not: the one that is PID 1 here. */
static bool find_in_tmp(char path[static PLACE_SIZE])
{
    struct stat init;
    uid_t uid = geteuid();
    place_in_tmp(uid, path);
    if (access(path, F_OK) < 0 && uid == 0 && stat("/proc/1", &init) == 0)
        place_in_tmp(uid = init.st_uid, path);
    return access(path, F_OK) == 0 && place_is_safe(uid);
}

/* Returns where to look; the standard place where nothing is there. */
static const char *find_place(const char *path, char room[static PLACE_SIZE])
{
    const char *named = path ? path : getenv("REEVE_CONTROL");
    if (named && *named)
        return named;
    if (access(PLACE_STANDARD, F_OK) < 0 && find_in_tmp(room))
        return room;
    return PLACE_STANDARD;
}

/* What may help, where it failed so; 0 where no system call did. */
static const char *advice(int error)
{
    switch (error) {
    case ENOENT:
        return "is reeve running here, and with a control socket? see --socket and REEVE_CONTROL";
    case ECONNREFUSED:
        return "no reeve listens there any more";
    case EACCES:
        return "only root and the user that reeve runs as are let in";
    case EAGAIN:
        return "is it stopped, or another program?";
    default:
        return "see --socket and REEVE_CONTROL";
    }
}

/* --- connecting ------------------------------------------------------------------------------- */

static bool fail(char error[static CLIENT_ERROR_SIZE], const char *path, const char *why,
                 const char *advice)
{
    /* A path that is too long is cut, and what is wrong with it is not. */
    snprintf(error, CLIENT_ERROR_SIZE, "cannot reach reeve: %.*s: %.150s (%s)", PLACE_SIZE, path,
             why, advice);
    return false;
}

/* connect(2) waits while the queue of those who want to be let in is full: as long as send(2) may.
 */
static void set_patience(const struct client *client, int64_t deadline_ms)
{
    int64_t left_ms = deadline_ms - client_now_ms();
    if (deadline_ms == CLIENT_FOREVER)
        return;
    if (left_ms < 1) /* nothing would mean for ever */
        left_ms = 1;
    struct timeval left = {.tv_sec = left_ms / 1000, .tv_usec = left_ms % 1000 * 1000};
    setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &left, sizeof left);
}

static bool open_socket(struct client *client, const char *path, int64_t deadline_ms,
                        char error[static CLIENT_ERROR_SIZE])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return fail(error, path, "the path of a socket cannot be so long", advice(0));
    memcpy(address.sun_path, path, strlen(path) + 1);
    *client = (struct client){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    set_patience(client, deadline_ms);
    if (client->fd >= 0 &&
        connect(client->fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return true;
    int reason = errno;
    client_close(client);
    return fail(error, path, reason == EAGAIN ? "it does not answer" : strerror(reason),
                advice(reason));
}

/* It says its version first, or why it does not talk to us. */
static bool greet(struct client *client, const char *path, int64_t deadline_ms,
                  char error[static CLIENT_ERROR_SIZE])
{
    char *line;
    struct answer answer;
    client_send(client, REQUEST_GREETING);
    switch (client_read(client, &line, deadline_ms)) {
    case CLIENT_GONE:
        return fail(error, path, "it closed the connection", advice(0));
    case CLIENT_TIMED_OUT:
        return fail(error, path, "it does not answer", advice(EAGAIN));
    case CLIENT_LINE:
        break;
    }
    answer_read(line, &answer);
    if (answer.kind == ANSWER_OTHER && json_find(answer.fields, answer.count, "reeve", JSON_NUMBER))
        return true;
    if (answer.kind == ANSWER_VERDICT && answer.verdict.error)
        return fail(error, path, answer.verdict.error, advice(0));
    return fail(error, path, "what answers there is no reeve", advice(0));
}

bool client_connect(struct client *client, const char *path, int64_t deadline_ms,
                    char error[static CLIENT_ERROR_SIZE])
{
    char room[PLACE_SIZE];
    path = find_place(path, room);
    if (!open_socket(client, path, deadline_ms, error))
        return false;
    if (greet(client, path, deadline_ms, error))
        return true;
    client_close(client);
    return false;
}

void client_close(struct client *client)
{
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
}

/* --- lines ------------------------------------------------------------------------------------ */

bool client_send(struct client *client, const char *line)
{
    char text[REQUEST_SIZE + 2];
    int length = snprintf(text, sizeof text, "%s\n", line);
    for (int sent = 0; sent < length;) {
        ssize_t taken = send(client->fd, text + sent, (size_t)(length - sent), MSG_NOSIGNAL);
        if (taken < 0 && errno != EINTR)
            return false;
        if (taken > 0)
            sent += (int)taken;
    }
    return true;
}

static enum client_result wait_for_bytes(struct client *client, int64_t deadline_ms)
{
    struct pollfd descriptor = {.fd = client->fd, .events = POLLIN};
    int64_t left_ms = deadline_ms == CLIENT_FOREVER ? -1 : deadline_ms - client_now_ms();
    if (deadline_ms != CLIENT_FOREVER && left_ms < 0)
        left_ms = 0;
    int ready = poll(&descriptor, 1, left_ms < INT32_MAX ? (int)left_ms : INT32_MAX);
    if (ready < 0)
        return errno == EINTR ? CLIENT_LINE : CLIENT_GONE;
    return ready == 0 ? CLIENT_TIMED_OUT : CLIENT_LINE;
}

/* More of what comes, behind what is there. */
static enum client_result receive(struct client *client, int64_t deadline_ms)
{
    if (client->begin > 0) {
        memmove(client->buffer, client->buffer + client->begin, client->end - client->begin);
        client->end -= client->begin;
        client->begin = 0;
    }
    if (client->end == sizeof client->buffer)
        return CLIENT_GONE; /* no line of ours is so long */
    enum client_result result = wait_for_bytes(client, deadline_ms);
    if (result != CLIENT_LINE)
        return result;
    ssize_t length = recv(client->fd, client->buffer + client->end,
                          sizeof client->buffer - client->end, MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return CLIENT_LINE;
    if (length <= 0)
        return CLIENT_GONE;
    client->end += (size_t)length;
    return CLIENT_LINE;
}

enum client_result client_read(struct client *client, char **line, int64_t deadline_ms)
{
    for (;;) {
        char *begin = client->buffer + client->begin;
        char *end = memchr(begin, '\n', client->end - client->begin);
        if (end) {
            *end = '\0';
            *line = begin;
            client->begin = (size_t)(end + 1 - client->buffer);
            return CLIENT_LINE;
        }
        enum client_result result = receive(client, deadline_ms);
        if (result != CLIENT_LINE)
            return result;
    }
}
