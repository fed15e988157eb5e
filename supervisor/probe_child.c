#include "supervisor/probe_child.h"

#include "supervisor/host_address.h"
#include "supervisor/http_status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    AUTHORITY_SIZE = 256 + 16, /* a name by DNS's limits, brackets and a port */
    WHAT_SIZE = 200,           /* leaves room in the reason for what was found */
    DRAIN_BYTES = 1 << 20,
};

/* --- words ------------------------------------------------------------------------------------ */

static int conclude(char *reason, const char *what, const char *found, bool is_well)
{
    snprintf(reason, PROBE_REASON_SIZE, "%.*s%s", WHAT_SIZE - 1, what, found);
    for (char *c = reason; *c; c++)
        if ((unsigned char)*c < ' ' || *c == '\x7f')
            *c = '?';
    return is_well ? 0 : 1;
}

static int conclude_error(char *reason, const char *what, int error)
{
    char found[PROBE_REASON_SIZE - WHAT_SIZE];
    snprintf(found, sizeof found, ": %s", strerror(error));
    return conclude(reason, what, found, false);
}

/* HOST:PORT as URLs have it, without the port where that is `standard`, which may be NULL. */
static void print_authority(char to[static AUTHORITY_SIZE], const struct probe *probe,
                            const char *standard)
{
    bool has_colons = strchr(probe->host, ':') != NULL;
    bool has_port = !standard || strcmp(probe->port, standard) != 0;
    snprintf(to, AUTHORITY_SIZE, "%s%.256s%s%s%.5s", has_colons ? "[" : "", probe->host,
             has_colons ? "]" : "", has_port ? ":" : "", has_port ? probe->port : "");
}

/* --- connections ------------------------------------------------------------------------------ */

/* Returns the socket, or -1 with errno. */
static int connect_to(const struct sockaddr *address, socklen_t size, int type)
{
    int fd = socket(address->sa_family, type | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, address, size) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/*
 * Where nobody listens, the kernel may choose that very port for our end, and TCP's simultaneous
 * open then connects the socket to itself.
 */
static bool is_connected_to_itself(int fd)
{
    union host_address ends[2] = {{.v6 = {0}}, {.v6 = {0}}};
    socklen_t sizes[2] = {sizeof ends[0], sizeof ends[1]};
    return getsockname(fd, &ends[0].any, &sizes[0]) == 0 &&
           getpeername(fd, &ends[1].any, &sizes[1]) == 0 && sizes[0] == sizes[1] &&
           memcmp(&ends[0], &ends[1], sizes[0]) == 0;
}

static int connect_tcp(const union host_address *address)
{
    int fd = connect_to(&address->any, host_address_size(address), SOCK_STREAM);
    if (fd < 0 || !is_connected_to_itself(fd))
        return fd;
    close(fd);
    errno = ECONNREFUSED;
    return -1;
}

/* The addresses in turn. Returns the socket; -1 with the error of the first one, 0 without any. */
static int connect_host(const struct probe *probe, int *error)
{
    struct host_addresses addresses;
    *error = 0;
    host_addresses_resolve(probe->host, (in_port_t)strtoul(probe->port, NULL, 10), &addresses);
    for (size_t i = 0; i < addresses.count; i++) {
        int fd = connect_tcp(&addresses.list[i]);
        if (fd >= 0)
            return fd;
        if (*error == 0)
            *error = errno;
    }
    return -1;
}

static int conclude_unconnected(char *reason, const char *what, int error)
{
    if (error != 0)
        return conclude_error(reason, what, error);
    return conclude(reason, what, ": no such host in /etc/hosts", false);
}

static int probe_tcp(const struct probe *probe, char *reason)
{
    char authority[AUTHORITY_SIZE];
    char what[WHAT_SIZE];
    int error;
    print_authority(authority, probe, NULL);
    snprintf(what, sizeof what, "tcp:%.180s", authority);
    int fd = connect_host(probe, &error);
    if (fd < 0)
        return conclude_unconnected(reason, what, error);
    close(fd);
    return conclude(reason, what, " accepts connections", true);
}

/* Only a connect can tell of which type a socket is. Returns it, or -1 with errno. */
static int connect_unix(const struct sockaddr_un *address)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    int fd = -1;
    errno = EPROTOTYPE;
    for (size_t i = 0; i < sizeof types / sizeof *types && fd < 0 && errno == EPROTOTYPE; i++)
        fd = connect_to((const struct sockaddr *)address, sizeof *address, types[i]);
    return fd;
}

static int probe_unix(const struct probe *probe, char *reason)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char what[WHAT_SIZE];
    snprintf(what, sizeof what, "unix:%.180s", probe->path);
    if (strlen(probe->path) >= sizeof address.sun_path)
        return conclude_error(reason, what, ENAMETOOLONG);
    strcpy(address.sun_path, probe->path);
    int fd = connect_unix(&address);
    if (fd < 0)
        return conclude_error(reason, what, errno);
    close(fd);
    return conclude(reason, what, " accepts connections", true);
}

/* --- http ------------------------------------------------------------------------------------- */

/* Returns the end of what it has written, three bytes for each of `path` at the most. */
static char *encode_path(char *to, const char *path)
{
    static const char digits[] = "0123456789ABCDEF";
    for (; *path && *path != '#'; path++) {
        unsigned char byte = (unsigned char)*path;
        if (byte > ' ' && byte < 0x7f) {
            *to++ = *path;
            continue;
        }
        *to++ = '%';
        *to++ = digits[byte >> 4];
        *to++ = digits[byte & 15];
    }
    return to;
}

/* The request in memory of malloc's, NULL without. */
static char *make_request(const char *path, const char *authority)
{
    static const char method[] = "GET ";
    static const char format[] = " HTTP/1.0\r\nHost: %s\r\n\r\n";
    size_t tail = sizeof format + strlen(authority);
    char *request = malloc(sizeof method + 3 * strlen(path) + tail);
    if (request) {
        char *end = encode_path(stpcpy(request, method), path);
        snprintf(end, tail, format, authority);
    }
    return request;
}

/* Where it fails, there may be an answer all the same, and the reading finds out what is wrong. */
static void send_all(int fd, const char *text)
{
    size_t length = strlen(text);
    ssize_t sent;
    while (length > 0 && (sent = send(fd, text, length, MSG_NOSIGNAL)) > 0) {
        text += sent;
        length -= (size_t)sent;
    }
}

/* Returns what http_status() does; HTTP_STATUS_MORE with errno, 0 for none, where it broke off. */
static int receive_status(int fd)
{
    char text[HTTP_STATUS_SIZE];
    size_t length = 0;
    int status;
    while ((status = http_status(text, length)) == HTTP_STATUS_MORE) {
        errno = 0;
        ssize_t got = recv(fd, text + length, sizeof text - length, 0);
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    return status;
}

/*
 * A close with unread bytes resets the connection, which many a server writes to its log. What is
 * here is dropped; what is still to come is not waited for.
 */
static void drain(int fd)
{
    recv(fd, NULL, DRAIN_BYTES, MSG_DONTWAIT | MSG_TRUNC);
}

static int conclude_answer(char *reason, const char *what, int status)
{
    char found[sizeof " answered 000"];
    if (status == HTTP_STATUS_NO_HTTP)
        return conclude(reason, what, " answered, but not by HTTP", false);
    if (status == HTTP_STATUS_MORE && errno != 0)
        return conclude_error(reason, what, errno);
    if (status == HTTP_STATUS_MORE)
        return conclude(reason, what, " was not answered before the connection ended", false);
    snprintf(found, sizeof found, " answered %03d", status);
    return conclude(reason, what, found, status >= 200 && status <= 399);
}

static int ask(int fd, const char *request, char *reason, const char *what)
{
    send_all(fd, request);
    int result = conclude_answer(reason, what, receive_status(fd));
    drain(fd);
    return result;
}

static int probe_http(const struct probe *probe, char *reason)
{
    char authority[AUTHORITY_SIZE];
    char what[WHAT_SIZE];
    int error;
    print_authority(authority, probe, "80");
    snprintf(what, sizeof what, "GET http://%.80s%.100s", authority, probe->path);
    char *request = make_request(probe->path, authority);
    if (!request)
        return conclude_error(reason, what, ENOMEM);
    int fd = connect_host(probe, &error);
    int result =
        fd < 0 ? conclude_unconnected(reason, what, error) : ask(fd, request, reason, what);
    if (fd >= 0)
        close(fd);
    free(request);
    return result;
}

int probe_child_run(const struct probe *probe, char reason[static PROBE_REASON_SIZE])
{
    switch (probe->kind) {
    case PROBE_TCP:
        return probe_tcp(probe, reason);
    case PROBE_UNIX:
        return probe_unix(probe, reason);
    case PROBE_HTTP:
        return probe_http(probe, reason);
    case PROBE_NONE:
    case PROBE_NOTIFY:
    case PROBE_FD:
    case PROBE_AFTER:
    case PROBE_EXEC:
        break;
    }
    return conclude(reason, "", "no connection to try", false);
}
