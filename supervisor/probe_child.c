#include "supervisor/probe_child.h"

#include "supervisor/host_address.h"
#include "supervisor/http_status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum { DRAIN_BYTES = 1 << 20 };

static struct probe_finding found(enum probe_found found, int number)
{
    return (struct probe_finding){.found = found, .number = number};
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

static struct probe_finding not_connected(int error)
{
    return error != 0 ? found(FOUND_ERROR, error) : found(FOUND_NO_HOST, 0);
}

static struct probe_finding probe_tcp(const struct probe *probe)
{
    int error;
    int fd = connect_host(probe, &error);
    if (fd < 0)
        return not_connected(error);
    close(fd);
    return found(FOUND_WELL, 0);
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

static struct probe_finding probe_unix(const struct probe *probe)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(probe->path) >= sizeof address.sun_path)
        return found(FOUND_ERROR, ENAMETOOLONG);
    strcpy(address.sun_path, probe->path);
    int fd = connect_unix(&address);
    if (fd < 0)
        return found(FOUND_ERROR, errno);
    close(fd);
    return found(FOUND_WELL, 0);
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

static struct probe_finding judge(int status)
{
    if (status == HTTP_STATUS_NO_HTTP)
        return found(FOUND_NO_HTTP, 0);
    if (status == HTTP_STATUS_MORE)
        return errno != 0 ? found(FOUND_ERROR, errno) : found(FOUND_END, 0);
    return found(status >= 200 && status <= 399 ? FOUND_WELL : FOUND_STATUS, status);
}

static struct probe_finding ask(int fd, const char *request)
{
    send_all(fd, request);
    struct probe_finding finding = judge(receive_status(fd));
    drain(fd);
    return finding;
}

static struct probe_finding probe_http(const struct probe *probe)
{
    char authority[PROBE_AUTHORITY_SIZE];
    int error;
    probe_authority(probe, authority);
    char *request = make_request(probe->path, authority);
    if (!request)
        return found(FOUND_ERROR, ENOMEM);
    int fd = connect_host(probe, &error);
    struct probe_finding finding = fd < 0 ? not_connected(error) : ask(fd, request);
    if (fd >= 0)
        close(fd);
    free(request);
    return finding;
}

struct probe_finding probe_child_run(const struct probe *probe)
{
    switch (probe->kind) {
    case PROBE_TCP:
        return probe_tcp(probe);
    case PROBE_UNIX:
        return probe_unix(probe);
    case PROBE_HTTP:
        return probe_http(probe);
    case PROBE_NONE:
    case PROBE_NOTIFY:
    case PROBE_FD:
    case PROBE_AFTER:
    case PROBE_EXEC:
        break;
    }
    return found(FOUND_ERROR, EINVAL);
}
