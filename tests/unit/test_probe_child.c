/*
 * Probes of real sockets: a listener of the test, and a child that accepts one connection and does
 * what a server might.
 */
#include "supervisor/probe_child.h"

#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MEGABYTE = 1 << 20 };

static char reason[PROBE_REASON_SIZE];
static char port[8]; /* of the listener that was made last */

/* --- servers ---------------------------------------------------------------------------------- */

static int listen_on(const char *host)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {.v6 = {0}};
    socklen_t size = sizeof address;
    bool is_v6 = strchr(host, ':') != NULL;
    address.any.sa_family = is_v6 ? AF_INET6 : AF_INET;
    inet_pton(address.any.sa_family, host,
              is_v6 ? (void *)&address.v6.sin6_addr : &address.v4.sin_addr);
    int fd = socket(address.any.sa_family, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, &address.any, is_v6 ? sizeof address.v6 : sizeof address.v4), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    ck_assert_int_eq(getsockname(fd, &address.any, &size), 0);
    snprintf(port, sizeof port, "%u",
             (unsigned)ntohs(is_v6 ? address.v6.sin6_port : address.v4.sin_port));
    return fd;
}

/* A port of 127.0.0.1 where nobody listens, as long as the socket is there. */
static int hold_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    snprintf(port, sizeof port, "%u", (unsigned)ntohs(address.sin_port));
    return fd;
}

/* A child that gives the first connection to `serve` and ends with 0 where that finds all well. */
static pid_t serve_once(int listener, bool (*serve)(int fd))
{
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGPIPE, SIG_IGN);
        int fd = accept(listener, NULL, NULL);
        close(listener);
        _exit(fd >= 0 && serve(fd) ? 0 : 1);
    }
    close(listener);
    return pid;
}

static void expect_well_served(pid_t server)
{
    int status;
    ck_assert_int_eq(waitpid(server, &status, 0), server);
    ck_assert_int_eq(status, 0);
}

static void say(int fd, const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t sent = write(fd, text, length);
        if (sent <= 0)
            return;
        text += sent;
        length -= (size_t)sent;
    }
}

static char request[4096];

/* Up to the empty line. */
static bool read_request(int fd)
{
    size_t length = 0;
    ssize_t got;
    while (!strstr(request, "\r\n\r\n") &&
           (got = read(fd, request + length, sizeof request - 1 - length)) > 0)
        length += (size_t)got;
    return strstr(request, "\r\n\r\n") != NULL;
}

static bool reaches_end(int fd)
{
    char bytes[512];
    ssize_t got;
    while ((got = read(fd, bytes, sizeof bytes)) > 0)
        continue;
    return got == 0;
}

/* --- probes ----------------------------------------------------------------------------------- */

static int run(struct probe probe)
{
    struct probe_finding finding = probe_child_run(&probe);
    probe_finding_describe(&finding, &probe, reason);
    return finding.found == FOUND_WELL ? 0 : 1;
}

static int run_tcp(const char *host)
{
    return run((struct probe){.kind = PROBE_TCP, .host = host, .port = port});
}

static int run_unix(const char *path)
{
    return run((struct probe){.kind = PROBE_UNIX, .path = path});
}

static int run_http(const char *path)
{
    return run((struct probe){.kind = PROBE_HTTP, .host = "127.0.0.1", .port = port, .path = path});
}

/* The reason that is expected: `format` with the port. */
static void expect_reason(const char *before, const char *after)
{
    char expected[PROBE_REASON_SIZE];
    snprintf(expected, sizeof expected, "%s%s%s", before, port, after);
    ck_assert_str_eq(reason, expected);
}

/* --- tcp -------------------------------------------------------------------------------------- */

START_TEST(a_port_that_somebody_listens_on_is_well)
{
    int fd = listen_on("127.0.0.1");
    ck_assert_int_eq(run_tcp("127.0.0.1"), 0);
    expect_reason("tcp:127.0.0.1:", " accepts connections");
    close(fd);
}
END_TEST

START_TEST(the_server_sees_a_connection_that_ends)
{
    pid_t server = serve_once(listen_on("127.0.0.1"), reaches_end);
    ck_assert_int_eq(run_tcp("127.0.0.1"), 0);
    expect_well_served(server);
}
END_TEST

START_TEST(a_port_that_nobody_listens_on_is_not)
{
    int fd = hold_port();
    ck_assert_int_eq(run_tcp("127.0.0.1"), 1);
    expect_reason("tcp:127.0.0.1:", ": Connection refused");
    close(fd);
}
END_TEST

START_TEST(an_ipv6_address_has_brackets)
{
    int fd = listen_on("::1");
    ck_assert_int_eq(run_tcp("::1"), 0);
    expect_reason("tcp:[::1]:", " accepts connections");
    close(fd);
}
END_TEST

START_TEST(localhost_is_well_where_one_of_its_addresses_is)
{
    int fd = listen_on("::1");
    ck_assert_int_eq(run_tcp("localhost"), 0);
    expect_reason("tcp:localhost:", " accepts connections");
    close(fd);
}
END_TEST

START_TEST(a_host_that_is_not_known_is_said_to_be)
{
    strcpy(port, "80");
    ck_assert_int_eq(run_tcp("no-such-host.invalid"), 1);
    ck_assert_str_eq(reason, "tcp:no-such-host.invalid:80: no such host in /etc/hosts");
}
END_TEST

/* A network of its own, with its loopback and one setting of /proc/sys/net; false: not permitted.
 */
static bool enter_network(const char *setting, const char *value)
{
    struct ifreq loopback = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    if (unshare(CLONE_NEWNET) < 0)
        return false;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &loopback), 0);
    close(fd);
    fd = open(setting, O_WRONLY);
    bool is_set = fd >= 0 && write(fd, value, strlen(value)) > 0;
    close(fd);
    return is_set;
}

START_TEST(a_connection_to_itself_is_nobody_s)
{
    if (!enter_network("/proc/sys/net/ipv4/ip_local_port_range", "40000 40000"))
        return; /* only root can */
    strcpy(port, "40000");
    ck_assert_int_eq(run_tcp("127.0.0.1"), 1);
    expect_reason("tcp:127.0.0.1:", ": Connection refused");
}
END_TEST

START_TEST(of_several_addresses_the_first_one_says_why)
{
    if (!enter_network("/proc/sys/net/ipv6/conf/lo/disable_ipv6", "1"))
        return; /* only root can */
    strcpy(port, "40000");
    ck_assert_int_eq(run_tcp("::1"), 1);
    expect_reason("tcp:[::1]:", ": Cannot assign requested address");
    ck_assert_int_eq(run_tcp("localhost"), 1);
    expect_reason("tcp:localhost:", ": Connection refused");
}
END_TEST

/* --- unix ------------------------------------------------------------------------------------- */

static char folder[64];

static void make_folder(void)
{
    strcpy(folder, "/tmp/reeve-probe-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
    char path[128];
    snprintf(path, sizeof path, "%s/s", folder);
    unlink(path);
    rmdir(folder);
}

/* A socket of that type, "s" in the folder; returns its path. */
static const char *bind_unix(int type, int *fd)
{
    static struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/s", folder);
    *fd = socket(AF_UNIX, type, 0);
    ck_assert_int_eq(bind(*fd, (struct sockaddr *)&address, sizeof address), 0);
    return address.sun_path;
}

START_TEST(a_socket_of_any_type_that_somebody_has_is_well)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    char expected[PROBE_REASON_SIZE];
    int fd;
    make_folder();
    const char *path = bind_unix(types[_i], &fd);
    if (types[_i] != SOCK_DGRAM)
        listen(fd, 1);
    ck_assert_int_eq(run_unix(path), 0);
    snprintf(expected, sizeof expected, "unix:%s accepts connections", path);
    ck_assert_str_eq(reason, expected);
    remove_folder();
}
END_TEST

START_TEST(a_socket_that_nobody_listens_on_is_not)
{
    static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
    int fd;
    make_folder();
    const char *path = bind_unix(types[_i], &fd);
    close(fd);
    ck_assert_int_eq(run_unix(path), 1);
    ck_assert_ptr_nonnull(strstr(reason, ": Connection refused"));
    remove_folder();
}
END_TEST

START_TEST(a_socket_that_is_not_there_is_not)
{
    ck_assert_int_eq(run_unix("/no/such/socket"), 1);
    ck_assert_str_eq(reason, "unix:/no/such/socket: No such file or directory");
}
END_TEST

START_TEST(a_path_that_no_socket_can_have_is_said_to_be_too_long)
{
    char path[sizeof((struct sockaddr_un *)NULL)->sun_path + 1];
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[sizeof path - 1] = '\0';
    ck_assert_int_eq(run_unix(path), 1);
    ck_assert_ptr_nonnull(strstr(reason, ": File name too long"));
    path[sizeof path - 2] = '\0'; /* one that fits */
    ck_assert_int_eq(run_unix(path), 1);
    ck_assert_ptr_nonnull(strstr(reason, ": No such file or directory"));
}
END_TEST

START_TEST(a_reason_is_one_line)
{
    ck_assert_int_eq(run_unix("/no\n\x1b\x7f"), 1);
    ck_assert_str_eq(reason, "unix:/no???: No such file or directory");
}
END_TEST

/* --- http ------------------------------------------------------------------------------------- */

static bool answer_200(int fd)
{
    bool is_read = read_request(fd);
    say(fd, "HTTP/1.1 200 OK\r\n\r\n");
    return is_read;
}

START_TEST(a_page_that_is_there_is_well)
{
    pid_t server = serve_once(listen_on("127.0.0.1"), answer_200);
    ck_assert_int_eq(run_http("/healthz"), 0);
    expect_reason("GET http://127.0.0.1:", "/healthz answered 200");
    expect_well_served(server);
}
END_TEST

static const struct {
    const char *answer;
    int code;
    const char *found;
} answers[] = {
    {"HTTP/1.1 200 OK\r\n\r\n", 0, " answered 200"},
    {"HTTP/1.0 204\n", 0, " answered 204"},
    {"HTTP/1.1 299 \r\n", 0, " answered 299"},
    {"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\n\r\n", 0, " answered 301"},
    {"HTTP/1.1 399 \r\n", 0, " answered 399"},
    {"HTTP/1.1 400 \r\n", 1, " answered 400"},
    {"HTTP/1.1 503 Service Unavailable\r\n\r\n", 1, " answered 503"},
    {"HTTP/1.1 199 \r\n", 1, " answered 199"},
    {"HTTP/1.1 020 \r\n", 1, " answered 020"},
    {"SSH-2.0-OpenSSH_9.2\r\n", 1, " answered, but not by HTTP"},
    {"<html>200 OK</html>", 1, " answered, but not by HTTP"},
    {"HTTP/1.1 20", 1, " was not answered before the connection ended"},
    {"", 1, " was not answered before the connection ended"},
};
static int answer_number;

static bool answer_by_number(int fd)
{
    bool is_read = read_request(fd);
    say(fd, answers[answer_number].answer);
    return is_read;
}

START_TEST(the_status_of_an_answer_says_whether_it_is_well)
{
    answer_number = _i;
    pid_t server = serve_once(listen_on("127.0.0.1"), answer_by_number);
    ck_assert_int_eq(run_http(""), answers[_i].code);
    expect_reason("GET http://127.0.0.1:", answers[_i].found);
    expect_well_served(server);
}
END_TEST

static const struct {
    const char *path;
    const char *line; /* of the request */
} paths[] = {
    {"/", "GET / HTTP/1.0\r\n"},
    {"/a?b=c&d=%20e", "GET /a?b=c&d=%20e HTTP/1.0\r\n"},
    {"/a b", "GET /a%20b HTTP/1.0\r\n"},
    {"/a\r\nB: c\t\x1f", "GET /a%0D%0AB:%20c%09%1F HTTP/1.0\r\n"},
    {"/\xc3\xa4\x7f!~", "GET /%C3%A4%7F!~ HTTP/1.0\r\n"},
    {"/a#b", "GET /a HTTP/1.0\r\n"},
};
static int path_number;

static bool expect_path(int fd)
{
    const char *line = paths[path_number].line;
    bool is_right = read_request(fd) && strncmp(request, line, strlen(line)) == 0;
    say(fd, "HTTP/1.1 200 OK\r\n\r\n");
    return is_right;
}

START_TEST(a_path_is_asked_for_as_it_may_be_sent)
{
    path_number = _i;
    pid_t server = serve_once(listen_on("127.0.0.1"), expect_path);
    ck_assert_int_eq(run_http(paths[_i].path), 0);
    expect_well_served(server);
}
END_TEST

static const char *expected_host;

static bool expect_host(int fd)
{
    char header[64];
    snprintf(header, sizeof header, "\r\nHost: %s:%s\r\n\r\n", expected_host, port);
    bool is_right = read_request(fd) && strstr(request, header);
    say(fd, "HTTP/1.1 200 OK\r\n\r\n");
    return is_right;
}

static void ask_host(const char *host, const char *written)
{
    expected_host = written;
    pid_t server = serve_once(listen_on(strchr(host, ':') ? host : "127.0.0.1"), expect_host);
    ck_assert_int_eq(
        run((struct probe){.kind = PROBE_HTTP, .host = host, .port = port, .path = "/"}), 0);
    expect_well_served(server);
}

START_TEST(the_host_is_told_as_it_was_written)
{
    ask_host("127.0.0.1", "127.0.0.1");
    ask_host("localhost", "localhost");
    ask_host("::1", "[::1]");
}
END_TEST

START_TEST(the_port_of_http_is_not_written)
{
    ck_assert_int_eq(
        run((struct probe){
            .kind = PROBE_HTTP, .host = "no-such-host.invalid", .port = "80", .path = "/"}),
        1);
    ck_assert_str_eq(reason, "GET http://no-such-host.invalid/: no such host in /etc/hosts");
}
END_TEST

START_TEST(a_server_that_is_not_there_refuses)
{
    int fd = hold_port();
    ck_assert_int_eq(run_http("/"), 1);
    expect_reason("GET http://127.0.0.1:", "/: Connection refused");
    close(fd);
}
END_TEST

/* Bytes that the other end of a connection has got but not read, as the kernel tells; 0 where there
 * is none. */
static unsigned count_unread(int fd)
{
    struct sockaddr_in peer = {.sin_port = 0};
    socklen_t size = sizeof peer;
    unsigned own = 0;
    unsigned unread = 0;
    char line[256];
    getpeername(fd, (struct sockaddr *)&peer, &size);
    FILE *table = fopen("/proc/net/tcp", "re");
    while (table && own != ntohs(peer.sin_port) && fgets(line, sizeof line, table))
        if (sscanf(line, "%*d: %*x:%x %*x:%*x %*x %*x:%x", &own, &unread) != 2)
            own = 0;
    if (table)
        fclose(table);
    return own == ntohs(peer.sin_port) ? unread : 0;
}

/* Each byte when the one before it was read. */
static bool dribble(int fd)
{
    bool is_read = read_request(fd);
    for (const char *c = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n"; *c && write(fd, c, 1) == 1; c++)
        while (count_unread(fd) > 0)
            sched_yield();
    return is_read;
}

START_TEST(an_answer_byte_by_byte_is_an_answer)
{
    pid_t server = serve_once(listen_on("127.0.0.1"), dribble);
    ck_assert_int_eq(run_http("/"), 0);
    expect_well_served(server);
}
END_TEST

/* A status line, then headers without an end, until nobody listens any more. */
static bool answer_endlessly(int fd)
{
    bool is_read = read_request(fd);
    char header[1024];
    memset(header, 'x', sizeof header);
    memcpy(header, "X: ", 3);
    memcpy(header + sizeof header - 2, "\r\n", 2);
    say(fd, "HTTP/1.1 200 OK\r\n");
    while (write(fd, header, sizeof header) > 0)
        continue;
    return is_read;
}

START_TEST(headers_without_an_end_are_not_read)
{
    pid_t server = serve_once(listen_on("127.0.0.1"), answer_endlessly);
    ck_assert_int_eq(run_http("/"), 0);
    expect_well_served(server);
}
END_TEST

/* 64 KiB of headers at once, and then it stays. */
static bool answer_64_kib(int fd)
{
    bool is_read = read_request(fd);
    static char answer[65536 + 64];
    char *end = stpcpy(answer, "HTTP/1.1 503 No\r\nX: ");
    memset(end, 'x', 65536);
    say(fd, answer);
    char byte;
    while (read(fd, &byte, 1) > 0)
        continue;
    return is_read;
}

START_TEST(headers_of_64_kib_change_nothing)
{
    pid_t server = serve_once(listen_on("127.0.0.1"), answer_64_kib);
    ck_assert_int_eq(run_http("/"), 1);
    expect_reason("GET http://127.0.0.1:", "/ answered 503");
    expect_well_served(server);
}
END_TEST

static bool answer_garbage(int fd)
{
    char bytes[1024];
    memset(bytes, 'A', sizeof bytes);
    while (write(fd, bytes, sizeof bytes) > 0)
        continue;
    return true;
}

START_TEST(garbage_without_an_end_is_not_read)
{
    pid_t server = serve_once(listen_on("127.0.0.1"), answer_garbage);
    ck_assert_int_eq(run_http("/"), 1);
    expect_reason("GET http://127.0.0.1:", "/ answered, but not by HTTP");
    expect_well_served(server);
}
END_TEST

static bool close_at_once(int fd)
{
    return close(fd) == 0;
}

/* Whether its end or a reset comes first depends on who is faster. */
START_TEST(a_server_that_closes_at_once_has_not_answered)
{
    pid_t server = serve_once(listen_on("127.0.0.1"), close_at_once);
    ck_assert_int_eq(run_http("/"), 1);
    ck_assert(strstr(reason, "/ was not answered before the connection ended") ||
              strstr(reason, "/: Connection reset by peer"));
    expect_well_served(server);
}
END_TEST

static bool reset_when_asked(int fd)
{
    struct linger linger = {.l_onoff = 1};
    bool is_read = read_request(fd);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    return close(fd) == 0 && is_read;
}

START_TEST(a_connection_that_is_reset_is_an_error)
{
    pid_t server = serve_once(listen_on("127.0.0.1"), reset_when_asked);
    ck_assert_int_eq(run_http("/"), 1);
    expect_reason("GET http://127.0.0.1:", "/: Connection reset by peer");
    expect_well_served(server);
}
END_TEST

static bool answer_without_reading(int fd)
{
    say(fd, "HTTP/1.1 200 OK\r\n\r\n");
    shutdown(fd, SHUT_WR);
    return reaches_end(fd);
}

START_TEST(a_server_may_answer_before_it_was_asked)
{
    pid_t server = serve_once(listen_on("127.0.0.1"), answer_without_reading);
    ck_assert_int_eq(run_http("/"), 0);
    expect_well_served(server);
}
END_TEST

/* All of it in one packet, and an orderly end for who has sent it: no reset. */
static bool expect_orderly_end(int fd)
{
    char answer[10000] = "HTTP/1.1 200 OK\r\n\r\n";
    memset(answer + strlen(answer), 'x', sizeof answer - strlen(answer));
    return read_request(fd) && write(fd, answer, sizeof answer) == sizeof answer && reaches_end(fd);
}

START_TEST(a_server_that_has_answered_sees_an_orderly_end)
{
    pid_t server = serve_once(listen_on("127.0.0.1"), expect_orderly_end);
    ck_assert_int_eq(run_http("/"), 0);
    expect_well_served(server);
}
END_TEST

/* --- who never ends --------------------------------------------------------------------------- */

static int news[2]; /* a pipe: that the server has come so far */

static bool never_answer(int fd)
{
    if (!read_request(fd) || write(news[1], "", 1) != 1)
        return false;
    return reaches_end(fd); /* since the probe is ended */
}

static bool never_go_on(int fd)
{
    if (!read_request(fd))
        return false;
    say(fd, "HTTP/1.1 20");
    if (write(news[1], "", 1) != 1)
        return false;
    reaches_end(fd); /* or is reset, where the probe had not read all yet */
    return true;
}

START_TEST(one_that_is_never_answered_waits_until_it_is_ended)
{
    char byte;
    int status;
    ck_assert_int_eq(pipe(news), 0);
    pid_t server = serve_once(listen_on("127.0.0.1"), _i ? never_go_on : never_answer);
    close(news[1]); /* where the server ends, nobody waits for it */
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGTERM, SIG_DFL); /* Check handles it */
        _exit(run_http("/"));
    }
    ck_assert_int_eq(read(news[0], &byte, 1), 1);
    ck_assert_int_eq(waitpid(pid, &status, WNOHANG), 0);
    kill(pid, SIGTERM);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    expect_well_served(server);
}
END_TEST

/* --- words ------------------------------------------------------------------------------------ */

static char long_path[16 * MEGABYTE]; /* more than the kernel takes without a reader */

static void make_long_path(char of, size_t length)
{
    memset(long_path, of, length);
    long_path[0] = '/';
    long_path[length] = '\0';
}

static bool count_request(int fd)
{
    static char bytes[4 * MEGABYTE];
    size_t length = 0;
    ssize_t got;
    while ((length < 4 || memcmp(bytes + length - 4, "\r\n\r\n", 4) != 0) &&
           (got = read(fd, bytes + length, sizeof bytes - length)) > 0)
        length += (size_t)got;
    say(fd, "HTTP/1.1 200 OK\r\n\r\n");
    return strncmp(bytes, "GET /%01%01%01", 14) == 0 &&
           strstr(bytes, " HTTP/1.0\r\n") == bytes + strlen("GET /") + (size_t)3 * (MEGABYTE - 1);
}

START_TEST(a_long_path_is_asked_for_whole_and_named_in_part)
{
    make_long_path('\x01', MEGABYTE);
    pid_t server = serve_once(listen_on("127.0.0.1"), count_request);
    ck_assert_int_eq(run_http(long_path), 0);
    ck_assert_uint_lt(strlen(reason), PROBE_REASON_SIZE);
    ck_assert_ptr_nonnull(strstr(reason, "??? answered 200"));
    expect_well_served(server);
}
END_TEST

/* With an orderly end before the reset, which makes of the next write a broken pipe. */
static bool answer_half_way(int fd)
{
    char byte;
    bool is_asked = read(fd, &byte, 1) == 1;
    say(fd, "HTTP/1.1 414 URI Too Long\r\n\r\n");
    shutdown(fd, SHUT_WR);
    return is_asked;
}

START_TEST(an_answer_to_half_of_the_question_is_heard)
{
    signal(SIGPIPE, SIG_DFL);
    make_long_path('p', sizeof long_path - 1);
    pid_t server = serve_once(listen_on("127.0.0.1"), answer_half_way);
    ck_assert_int_eq(run_http(long_path), 1);
    ck_assert_ptr_nonnull(strstr(reason, "ppp answered 414"));
    expect_well_served(server);
}
END_TEST

START_TEST(a_long_host_leaves_room_for_what_was_found)
{
    char host[2000];
    memset(host, 'h', sizeof host - 1);
    host[sizeof host - 1] = '\0';
    strcpy(port, "65535");
    ck_assert_int_eq(run_tcp(host), 1);
    ck_assert_ptr_nonnull(strstr(reason, ": no such host in /etc/hosts"));
}
END_TEST

START_TEST(what_a_child_has_found_is_known_by_its_pid)
{
    struct probe_board *board = probe_board_new();
    struct probe_finding finding = {.found = FOUND_STATUS, .number = 503};
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        probe_board_note(board, &finding);
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    finding.number = 0;
    ck_assert(probe_board_look(board, pid, &finding));
    ck_assert_int_eq(finding.found, FOUND_STATUS);
    ck_assert_int_eq(finding.number, 503);
}
END_TEST

START_TEST(of_a_child_that_has_noted_nothing_nothing_is_known)
{
    struct probe_board *board = probe_board_new();
    struct probe_finding finding = {.found = FOUND_END};
    probe_board_note(board, &finding);
    ck_assert(!probe_board_look(board, getpid() + 256, &finding)); /* in the same place */
    ck_assert(!probe_board_look(board, getpid() + 1, &finding));
    ck_assert(!probe_board_look(NULL, getpid(), &finding));
    probe_board_note(NULL, &finding);
}
END_TEST

START_TEST(what_connects_to_nothing_is_not_well)
{
    static const enum probe_kind kinds[] = {PROBE_NONE, PROBE_NOTIFY, PROBE_FD, PROBE_AFTER,
                                            PROBE_EXEC};
    for (size_t i = 0; i < unit_count(kinds); i++) {
        struct probe_finding finding = probe_child_run(&(struct probe){.kind = kinds[i]});
        ck_assert_int_ne(finding.found, FOUND_WELL);
    }
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "probe_child", NULL,
        unit_tests(
            a_port_that_somebody_listens_on_is_well, the_server_sees_a_connection_that_ends,
            a_port_that_nobody_listens_on_is_not, an_ipv6_address_has_brackets,
            localhost_is_well_where_one_of_its_addresses_is,
            of_several_addresses_the_first_one_says_why, a_host_that_is_not_known_is_said_to_be,
            a_connection_to_itself_is_nobody_s, a_socket_that_is_not_there_is_not,
            a_path_that_no_socket_can_have_is_said_to_be_too_long, a_reason_is_one_line,
            a_page_that_is_there_is_well, the_host_is_told_as_it_was_written,
            the_port_of_http_is_not_written, a_server_that_is_not_there_refuses,
            an_answer_byte_by_byte_is_an_answer, headers_without_an_end_are_not_read,
            headers_of_64_kib_change_nothing, garbage_without_an_end_is_not_read,
            a_server_that_closes_at_once_has_not_answered, a_connection_that_is_reset_is_an_error,
            an_answer_to_half_of_the_question_is_heard, a_server_may_answer_before_it_was_asked,
            a_server_that_has_answered_sees_an_orderly_end,
            a_long_path_is_asked_for_whole_and_named_in_part,
            a_long_host_leaves_room_for_what_was_found, what_a_child_has_found_is_known_by_its_pid,
            of_a_child_that_has_noted_nothing_nothing_is_known,
            what_connects_to_nothing_is_not_well),
        unit_loops({the_status_of_an_answer_says_whether_it_is_well, 0, unit_count(answers)},
                   {a_path_is_asked_for_as_it_may_be_sent, 0, unit_count(paths)},
                   {a_socket_of_any_type_that_somebody_has_is_well, 0, 3},
                   {a_socket_that_nobody_listens_on_is_not, 0, 3},
                   {one_that_is_never_answered_waits_until_it_is_ended, 0, 2}));
}
