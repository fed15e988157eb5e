#include "supervisor/notify_socket.h"

#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SERVICE = 4242, OTHER = 4343 }; /* uids and gids that nobody has */

static const struct owner root = {0, 0};
static const struct owner service = {SERVICE, SERVICE};

static struct notify_socket notify;
static struct notify_datagram datagram;

/* --- places ----------------------------------------------------------------------------------- */

static void mount_place(const char *path, unsigned long flags, const char *options)
{
    ck_assert_int_eq(mount("tmpfs", path, "tmpfs", flags, options), 0);
}

/* Each test has places of its own, which nothing was ever made in. */
static void make_places(void)
{
    ck_assert_int_eq(unshare(CLONE_NEWNS), 0);
    ck_assert_int_eq(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    mount_place("/run", 0, "mode=755");
    mount_place("/dev/shm", 0, "mode=1777");
    mount_place("/tmp", 0, "mode=1777");
    umask(022);
}

static void close_place(const char *path)
{
    mount_place(path, MS_RDONLY, "");
}

static void close_all_places(void)
{
    close_place("/run");
    close_place("/dev/shm");
    close_place("/tmp");
}

static void open_for(const struct owner *owner)
{
    ck_assert_int_eq(notify_socket_open(&notify, "web", owner), 0);
    ck_assert_int_ge(notify.fd, 0);
}

static void expect_address(const char *expected)
{
    ck_assert_str_eq(notify.address, expected);
}

static void expect_abstract(void)
{
    ck_assert_msg(notify.address[0] == '@' && notify.address[1] != '\0', "'%s'", notify.address);
}

static void expect_entry(const char *path, mode_t mode, const struct owner *owner)
{
    struct stat status;
    ck_assert_int_eq(lstat(path, &status), 0);
    ck_assert_uint_eq(status.st_mode, mode);
    ck_assert_uint_eq(status.st_uid, owner->uid);
    ck_assert_uint_eq(status.st_gid, owner->gid);
}

static void become(uid_t uid)
{
    ck_assert_int_eq(setgroups(0, NULL), 0);
    ck_assert_int_eq(setresgid(uid, uid, uid), 0);
    ck_assert_int_eq(setresuid(uid, uid, uid), 0);
}

/* --- senders ---------------------------------------------------------------------------------- */

static socklen_t address_of(const char *text, struct sockaddr_un *address)
{
    size_t length = strlen(text);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, text, length);
    if (*text == '@')
        address->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
}

/* As sd_notify(3) does, with descriptors. Returns 0, or an errno. */
static int send_to(const char *to, const char *data, size_t size, const int *fds, size_t count)
{
    static _Alignas(struct cmsghdr) char control[CMSG_SPACE(253 * sizeof(int))];
    struct sockaddr_un address;
    char bytes[NOTIFY_MESSAGE_MAX + 1];
    struct iovec part = {.iov_base = memcpy(bytes, data, size), .iov_len = size};
    struct msghdr message = {.msg_name = &address, .msg_iov = &part, .msg_iovlen = 1};
    message.msg_namelen = address_of(to, &address);
    if (count > 0) {
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(count * sizeof *fds);
        struct cmsghdr *header = (struct cmsghdr *)control; /* CMSG_FIRSTHDR() */
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(count * sizeof *fds);
        memcpy(CMSG_DATA(header), fds, count * sizeof *fds);
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(fd, 0);
    int error = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? errno : 0;
    close(fd);
    return error;
}

static int send_text(const char *text)
{
    return send_to(notify.address, text, strlen(text), NULL, 0);
}

static int wait_for(pid_t pid)
{
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Sends it from a process of this uid, which is gone when this returns. Its pid, or -errno. */
static pid_t send_as(uid_t uid, const char *text)
{
    pid_t pid = fork();
    if (pid == 0) {
        if (uid != geteuid())
            become(uid);
        _exit(send_text(text));
    }
    int error = wait_for(pid);
    return error == 0 ? pid : -error;
}

static enum notify_read read_one(void)
{
    memset(&datagram, 0x55, sizeof datagram);
    return notify_socket_read(&notify, &datagram);
}

static void expect_text(const char *expected)
{
    ck_assert_int_eq(read_one(), NOTIFY_RECEIVED);
    ck_assert_uint_eq(datagram.size, strlen(expected));
    ck_assert_int_eq(memcmp(datagram.data, expected, datagram.size), 0);
}

/* --- where it is ------------------------------------------------------------------------------ */

START_TEST(it_is_the_first_that_can_be_written)
{
    static const char *const places[] = {"/run", "/dev/shm", "/tmp", NULL};
    static const char *const addresses[] = {"/run/reeve/notify-web",
                                            "/dev/shm/reeve-notify-0/notify-web",
                                            "/tmp/reeve-notify-0/notify-web", NULL};
    for (int i = 0; i < _i && places[i]; i++)
        close_place(places[i]);
    open_for(&service);
    if (addresses[_i])
        expect_address(addresses[_i]);
    else
        expect_abstract();
    ck_assert_int_gt(send_as(SERVICE, "READY=1"), 0);
    expect_text("READY=1");
}
END_TEST

START_TEST(without_root_it_is_in_a_folder_of_our_own)
{
    become(SERVICE);
    open_for(&service);
    expect_address("/dev/shm/reeve-notify-4242/notify-web");
    expect_entry("/dev/shm/reeve-notify-4242", S_IFDIR | 0755, &service);
    expect_entry(notify.address, S_IFSOCK | 0600, &service);
}
END_TEST

START_TEST(it_belongs_to_its_service_whatever_our_umask_is)
{
    static const mode_t masks[] = {0, 022, 077, 0777};
    umask(masks[_i]);
    open_for(&service);
    expect_address("/run/reeve/notify-web");
    expect_entry("/run/reeve", S_IFDIR | 0755, &root);
    expect_entry(notify.address, S_IFSOCK | 0600, &service);
    ck_assert_uint_eq(umask(0), masks[_i]);
}
END_TEST

START_TEST(only_its_service_and_root_may_write_to_it)
{
    open_for(&service);
    ck_assert_int_gt(send_as(SERVICE, "a"), 0);
    ck_assert_int_gt(send_as(0, "b"), 0);
    ck_assert_int_eq(send_as(OTHER, "c"), -EACCES);
    expect_text("a");
    ck_assert_uint_eq(datagram.uid, SERVICE);
    expect_text("b");
    ck_assert_uint_eq(datagram.uid, 0);
}
END_TEST

START_TEST(it_neither_blocks_nor_outlives_an_exec)
{
    open_for(&root);
    ck_assert_int_ne(fcntl(notify.fd, F_GETFL) & O_NONBLOCK, 0);
    ck_assert_int_ne(fcntl(notify.fd, F_GETFD) & FD_CLOEXEC, 0);
}
END_TEST

static void make_folder_of(uid_t owner, mode_t mode)
{
    ck_assert_int_eq(mkdir("/run/reeve", 0700), 0);
    ck_assert_int_eq(chown("/run/reeve", owner, owner), 0);
    ck_assert_int_eq(chmod("/run/reeve", mode), 0);
}

START_TEST(a_folder_that_others_may_write_to_is_none)
{
    static const struct {
        uid_t owner;
        mode_t mode;
    } folders[] = {{SERVICE, 0700}, {SERVICE, 0755}, {0, 0775}, {0, 0757}, {0, 01777}};
    make_folder_of(folders[_i].owner, folders[_i].mode);
    open_for(&service);
    expect_address("/dev/shm/reeve-notify-0/notify-web");
    ck_assert_int_eq(rmdir("/run/reeve"), 0); /* nothing was left in it */
}
END_TEST

START_TEST(a_link_is_no_folder)
{
    ck_assert_int_eq(mkdir("/run/elsewhere", 0755), 0);
    ck_assert_int_eq(symlink("elsewhere", "/run/reeve"), 0);
    open_for(&service);
    expect_address("/dev/shm/reeve-notify-0/notify-web");
    ck_assert_int_eq(rmdir("/run/elsewhere"), 0);
}
END_TEST

START_TEST(a_folder_that_somebody_could_rename_is_none)
{
    close_place("/run");
    ck_assert_int_eq(chmod("/dev/shm", 0777), 0);
    open_for(&service);
    expect_address("/tmp/reeve-notify-0/notify-web");
    notify_socket_close(&notify);
    ck_assert_int_eq(chown("/tmp", OTHER, OTHER), 0);
    open_for(&service);
    expect_abstract();
}
END_TEST

START_TEST(a_folder_that_the_service_cannot_get_through_is_none)
{
    make_folder_of(0, 0700);
    open_for(&service);
    expect_address("/dev/shm/reeve-notify-0/notify-web");
    open_for(&root);
    expect_address("/run/reeve/notify-web");
}
END_TEST

START_TEST(one_that_cannot_be_given_to_its_service_is_not_left_behind)
{
    become(OTHER);
    open_for(&service);
    expect_abstract();
    ck_assert_int_eq(rmdir("/dev/shm/reeve-notify-4343"), 0);
    ck_assert_int_eq(rmdir("/tmp/reeve-notify-4343"), 0);
}
END_TEST

START_TEST(a_name_too_long_for_a_path_has_an_abstract_one)
{
    char name[NOTIFY_ADDRESS_SIZE];
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    ck_assert_int_eq(notify_socket_open(&notify, name, &root), 0);
    expect_abstract();
    name[sizeof name - sizeof "/run/reeve/notify-"] = '\0';
    ck_assert_int_eq(notify_socket_open(&notify, name, &root), 0);
    ck_assert_uint_eq(strlen(notify.address), NOTIFY_ADDRESS_SIZE - 1);
    ck_assert_int_eq(send_text("READY=1"), 0);
    expect_text("READY=1");
}
END_TEST

/* --- what is there already -------------------------------------------------------------------- */

START_TEST(what_an_earlier_life_has_left_is_replaced)
{
    open_for(&service);
    close(notify.fd); /* as a SIGKILL does */
    ck_assert_int_eq(send_text("lost"), ECONNREFUSED);
    open_for(&service);
    expect_address("/run/reeve/notify-web");
    ck_assert_int_eq(send_text("READY=1"), 0);
    expect_text("READY=1");
}
END_TEST

START_TEST(a_socket_that_somebody_reads_stays_his)
{
    open_for(&service);
    struct notify_socket first = notify;
    open_for(&service);
    expect_address("/dev/shm/reeve-notify-0/notify-web");
    ck_assert_int_eq(send_to(first.address, "first", 5, NULL, 0), 0);
    ck_assert_int_eq(send_text("second"), 0);
    expect_text("second");
    notify = first;
    expect_text("first");
}
END_TEST

START_TEST(what_is_no_socket_stays)
{
    make_folder_of(0, 0755);
    if (_i == 0)
        ck_assert_int_eq(close(creat("/run/reeve/notify-web", 0644)), 0);
    else
        ck_assert_int_eq(symlink("/etc/passwd", "/run/reeve/notify-web"), 0);
    open_for(&service);
    expect_address("/dev/shm/reeve-notify-0/notify-web");
    ck_assert_int_eq(unlink("/run/reeve/notify-web"), 0);
}
END_TEST

START_TEST(services_do_not_share_one)
{
    struct notify_socket db;
    open_for(&service);
    ck_assert_int_eq(notify_socket_open(&db, "db", &service), 0);
    ck_assert_str_eq(db.address, "/run/reeve/notify-db");
    ck_assert_int_eq(send_text("READY=1"), 0);
    ck_assert_int_eq(notify_socket_read(&db, &datagram), NOTIFY_NOTHING);
    expect_text("READY=1");
    notify_socket_close(&db);
    ck_assert_int_eq(send_text("STOPPING=1"), 0);
}
END_TEST

START_TEST(abstract_ones_have_names_of_their_own)
{
    close_all_places();
    open_for(&service);
    struct notify_socket first = notify;
    open_for(&service);
    ck_assert_str_ne(notify.address, first.address);
    ck_assert_int_eq(send_to(first.address, "first", 5, NULL, 0), 0);
    ck_assert_int_eq(read_one(), NOTIFY_NOTHING);
    notify = first;
    expect_text("first");
}
END_TEST

/* --- the end ---------------------------------------------------------------------------------- */

static rlim_t limit_descriptors(rlim_t limit)
{
    struct rlimit limits;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limits), 0);
    rlim_t before = limits.rlim_cur;
    limits.rlim_cur = limit;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limits), 0);
    return before;
}

START_TEST(closing_removes_it)
{
    if (_i == 1)
        close_all_places();
    open_for(&service);
    ck_assert_int_eq(send_text("never read"), 0);
    int fd = notify.fd;
    notify_socket_close(&notify);
    ck_assert_int_eq(notify.fd, -1);
    ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
    ck_assert_int_eq(send_text("a"), _i == 1 ? ECONNREFUSED : ENOENT);
    if (_i == 0)
        ck_assert_int_eq(rmdir("/run/reeve"), 0);
    notify_socket_close(&notify); /* there is none: nothing happens */
}
END_TEST

START_TEST(without_a_descriptor_there_is_none)
{
    int next = dup(0);
    close(next);
    rlim_t before = limit_descriptors((rlim_t)next);
    ck_assert_int_eq(notify_socket_open(&notify, "web", &service), EMFILE);
    ck_assert_int_eq(notify.fd, -1);
    notify_socket_close(&notify);
    limit_descriptors(before);
    ck_assert_int_eq(rmdir("/run/reeve"), 0);
    open_for(&service);
    expect_address("/run/reeve/notify-web");
}
END_TEST

/* --- who ------------------------------------------------------------------------------------- */

START_TEST(a_sender_is_known_when_it_is_gone)
{
    open_for(&service);
    pid_t sender = send_as(SERVICE, "READY=1");
    ck_assert_int_eq(kill(sender, 0), -1);
    expect_text("READY=1");
    ck_assert_int_eq(datagram.pid, sender);
    ck_assert_uint_eq(datagram.uid, SERVICE);
}
END_TEST

/*
 * Runs it in the first process of a new PID namespace. Whoever makes one can fork only once: that
 * is a child of ours. Returns its exit code.
 */
static int run_in_namespace(int (*run)(void))
{
    pid_t maker = fork();
    if (maker == 0) {
        ck_assert_int_eq(unshare(CLONE_NEWPID), 0);
        pid_t pid = fork();
        _exit(pid == 0 ? run() : wait_for(pid));
    }
    return wait_for(maker);
}

static int read_code(void)
{
    enum notify_read result = read_one();
    return datagram.pid == 0 && datagram.uid == 0 && datagram.size == 7 ? (int)result : 100;
}

static int send_ready(void)
{
    return send_text("READY=1");
}

START_TEST(a_sender_outside_our_namespace_is_a_stranger)
{
    open_for(&root);
    ck_assert_int_eq(send_text("READY=1"), 0);
    ck_assert_int_eq(run_in_namespace(read_code), NOTIFY_STRANGER);
}
END_TEST

START_TEST(a_sender_in_a_namespace_within_ours_counts)
{
    open_for(&root);
    ck_assert_int_eq(run_in_namespace(send_ready), 0);
    expect_text("READY=1");
    ck_assert_int_gt(datagram.pid, 1);
}
END_TEST

/* As a service does that begins as root and has connected before it becomes somebody else. */
START_TEST(whoever_could_write_to_a_path_counts)
{
    struct sockaddr_un address;
    open_for(&root);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = address_of(notify.address, &address);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, size), 0);
    pid_t pid = fork();
    if (pid == 0) {
        become(OTHER);
        _exit(send(fd, "READY=1", 7, MSG_DONTWAIT) == 7 ? 0 : 1);
    }
    ck_assert_int_eq(wait_for(pid), 0);
    expect_text("READY=1");
    ck_assert_uint_eq(datagram.uid, OTHER);
}
END_TEST

START_TEST(to_an_abstract_name_others_are_strangers)
{
    close_all_places();
    open_for(&service);
    ck_assert_int_gt(send_as(OTHER, "a"), 0);
    ck_assert_int_gt(send_as(SERVICE, "b"), 0);
    ck_assert_int_gt(send_as(0, "c"), 0);
    ck_assert_int_eq(read_one(), NOTIFY_STRANGER);
    ck_assert_uint_eq(datagram.uid, OTHER);
    expect_text("b");
    expect_text("c");
}
END_TEST

START_TEST(to_an_abstract_name_we_are_no_stranger)
{
    close_all_places();
    become(OTHER);
    open_for(&service);
    ck_assert_int_eq(send_text("READY=1"), 0);
    expect_text("READY=1");
    ck_assert_uint_eq(datagram.uid, OTHER);
}
END_TEST

/* To the kernel a sender is its real uid. */
START_TEST(to_an_abstract_name_root_is_no_stranger)
{
    close_all_places();
    ck_assert_int_eq(seteuid(OTHER), 0);
    open_for(&service);
    ck_assert_int_eq(send_text("READY=1"), 0);
    expect_text("READY=1");
    ck_assert_uint_eq(datagram.uid, 0);
    ck_assert_int_eq(seteuid(0), 0);
}
END_TEST

/* --- what ------------------------------------------------------------------------------------- */

START_TEST(messages_come_one_by_one_in_their_order)
{
    open_for(&root);
    ck_assert_int_eq(read_one(), NOTIFY_NOTHING);
    ck_assert_int_eq(send_text("RELOADING=1\nSTATUS=a"), 0);
    ck_assert_int_eq(send_text(""), 0);
    ck_assert_int_eq(send_text("READY=1"), 0);
    expect_text("RELOADING=1\nSTATUS=a");
    ck_assert_int_eq(datagram.pid, getpid());
    expect_text("");
    expect_text("READY=1");
    ck_assert_int_eq(read_one(), NOTIFY_NOTHING);
}
END_TEST

START_TEST(a_message_too_long_is_dropped)
{
    static char data[NOTIFY_MESSAGE_MAX + 1];
    memset(data, 'a', sizeof data);
    open_for(&root);
    ck_assert_int_eq(send_to(notify.address, data, NOTIFY_MESSAGE_MAX, NULL, 0), 0);
    ck_assert_int_eq(send_to(notify.address, data, NOTIFY_MESSAGE_MAX + 1, NULL, 0), 0);
    ck_assert_int_eq(send_text("READY=1"), 0);
    ck_assert_int_eq(read_one(), NOTIFY_RECEIVED);
    ck_assert_uint_eq(datagram.size, NOTIFY_MESSAGE_MAX);
    ck_assert_int_eq(memcmp(datagram.data, data, NOTIFY_MESSAGE_MAX), 0);
    ck_assert_int_eq(read_one(), NOTIFY_TRUNCATED);
    ck_assert_int_eq(datagram.pid, getpid());
    expect_text("READY=1");
}
END_TEST

START_TEST(of_a_flood_each_call_takes_one)
{
    int sent = 0;
    int taken = 0;
    open_for(&root);
    while (send_text("WATCHDOG=1") == 0)
        sent++;
    ck_assert_int_gt(sent, 1);
    expect_text("WATCHDOG=1");
    ck_assert_int_eq(send_text("READY=1"), 0);      /* there is room for one again, */
    ck_assert_int_eq(send_text("READY=1"), EAGAIN); /* and for no other */
    while (read_one() == NOTIFY_RECEIVED)
        taken++;
    ck_assert_int_eq(taken, sent);
}
END_TEST

/* --- descriptors ------------------------------------------------------------------------------ */

/* The sender's end of a pipe whose other end is to be sent, and which is nobody's but in there. */
static int send_pipe_ends(const char *text, size_t size, size_t count)
{
    int pipe_ends[2];
    int fds[253];
    ck_assert_int_eq(pipe2(pipe_ends, O_CLOEXEC), 0);
    for (size_t i = 0; i < count; i++)
        fds[i] = pipe_ends[1];
    ck_assert_int_eq(send_to(notify.address, text, size, fds, count), 0);
    close(pipe_ends[1]);
    return pipe_ends[0];
}

static bool is_hung_up(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = 0};
    return poll(&poll_fd, 1, 0) == 1 && (poll_fd.revents & POLLHUP) != 0;
}

START_TEST(every_descriptor_is_closed)
{
    static const size_t counts[] = {1, 2, 253};
    open_for(&root);
    int barrier = send_pipe_ends("BARRIER=1", 9, counts[_i]);
    int next = dup(0);
    close(next);
    ck_assert(!is_hung_up(barrier));
    expect_text("BARRIER=1");
    ck_assert_int_eq(datagram.pid, getpid());
    ck_assert(is_hung_up(barrier));
    ck_assert_int_eq(dup(0), next);
}
END_TEST

START_TEST(those_of_a_message_that_is_dropped_are_closed_as_well)
{
    static char data[NOTIFY_MESSAGE_MAX + 1];
    open_for(&root);
    int barrier = send_pipe_ends(data, sizeof data, 1);
    ck_assert_int_eq(read_one(), NOTIFY_TRUNCATED);
    ck_assert(is_hung_up(barrier));
}
END_TEST

START_TEST(they_are_closed_where_there_is_no_room_for_them)
{
    open_for(&root);
    int barrier = send_pipe_ends("BARRIER=1", 9, 3);
    int next = dup(0);
    close(next);
    rlim_t before = limit_descriptors((rlim_t)next + (rlim_t)_i);
    expect_text("BARRIER=1");
    ck_assert(is_hung_up(barrier));
    limit_descriptors(before);
}
END_TEST

START_TEST(those_that_were_never_read_are_closed_with_it)
{
    open_for(&root);
    int first = send_pipe_ends("BARRIER=1", 9, 1);
    int second = send_pipe_ends("", 0, 1);
    notify_socket_close(&notify);
    ck_assert(is_hung_up(first));
    ck_assert(is_hung_up(second));
}
END_TEST

/*
 * A connection that its owner wants to linger for `seconds`, with more to send than is ever read.
 * Returns the other end.
 */
static int connect_lingering(int *connection, int seconds)
{
    static const char bytes[65536];
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    struct linger linger = {.l_onoff = 1, .l_linger = seconds};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(listener, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(listener, 1), 0);
    ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    *connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(connect(*connection, (struct sockaddr *)&address, size), 0);
    int other = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    ck_assert_int_ge(other, 0);
    close(listener);
    while (send(*connection, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        continue;
    ck_assert_int_eq(setsockopt(*connection, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    return other;
}

/* Else this waits for as long as a test may take. */
START_TEST(a_connection_that_lingers_does_not_hold_us)
{
    int connection;
    open_for(&root);
    connect_lingering(&connection, 10000);
    ck_assert_int_eq(send_to(notify.address, "FDSTORE=1", 9, &connection, 1), 0);
    close(connection);
    if (_i == 0)
        expect_text("FDSTORE=1");
    else
        notify_socket_close(&notify);
}
END_TEST

START_TEST(a_connection_that_is_to_be_cut_off_stays_so)
{
    int connection;
    struct linger linger;
    socklen_t size = sizeof linger;
    open_for(&root);
    connect_lingering(&connection, 0);
    ck_assert_int_eq(send_to(notify.address, "FDSTORE=1", 9, &connection, 1), 0);
    expect_text("FDSTORE=1");
    ck_assert_int_eq(getsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, &size), 0);
    ck_assert_int_eq(linger.l_onoff, 1);
}
END_TEST

/* --- the real thing --------------------------------------------------------------------------- */

/* Returns the pipe that hangs up when it has ended. */
static int start_systemd_notify(pid_t *pid)
{
    int ends[2];
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    *pid = fork();
    if (*pid == 0) {
        fcntl(ends[1], F_SETFD, 0);
        setenv("NOTIFY_SOCKET", notify.address, 1);
        execlp("systemd-notify", "systemd-notify", "--ready", "--status=It works", NULL);
        _exit(127);
    }
    close(ends[1]);
    return ends[0];
}

/* It waits five seconds for its barrier, and then fails. */
START_TEST(systemd_notify_is_heard_and_answered)
{
    pid_t pid;
    struct notify_message message;
    bool is_ready = false;
    bool is_barrier = false;
    if (_i == 1)
        close_all_places();
    open_for(&root);
    int ended = start_systemd_notify(&pid);
    struct pollfd fds[] = {{.fd = notify.fd, .events = POLLIN}, {.fd = ended}};
    while (poll(fds, 2, -1) > 0) {
        enum notify_read result = read_one();
        if (result == NOTIFY_NOTHING && fds[1].revents != 0)
            break;
        if (result != NOTIFY_RECEIVED)
            continue;
        notify_message_parse(&message, datagram.data, datagram.size);
        is_ready |= message.is_ready && message.status_length == strlen("It works");
        is_barrier |= message.is_barrier;
    }
    int code = wait_for(pid);
    if (code == 127) {
        puts("skipped: there is no systemd-notify");
        return;
    }
    ck_assert_int_eq(code, 0);
    ck_assert(is_ready);
    ck_assert(is_barrier);
}
END_TEST

int main(void)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0) {
        puts("skipped: only root can have places of its own");
        return EXIT_SUCCESS;
    }
    return unit_run_suite(
        "notify_socket", make_places,
        unit_tests(without_root_it_is_in_a_folder_of_our_own,
                   only_its_service_and_root_may_write_to_it,
                   it_neither_blocks_nor_outlives_an_exec, a_link_is_no_folder,
                   a_folder_that_somebody_could_rename_is_none,
                   a_folder_that_the_service_cannot_get_through_is_none,
                   one_that_cannot_be_given_to_its_service_is_not_left_behind,
                   a_name_too_long_for_a_path_has_an_abstract_one,
                   what_an_earlier_life_has_left_is_replaced,
                   a_socket_that_somebody_reads_stays_his, services_do_not_share_one,
                   abstract_ones_have_names_of_their_own, without_a_descriptor_there_is_none,
                   a_sender_is_known_when_it_is_gone, a_sender_outside_our_namespace_is_a_stranger,
                   a_sender_in_a_namespace_within_ours_counts, whoever_could_write_to_a_path_counts,
                   to_an_abstract_name_others_are_strangers, to_an_abstract_name_we_are_no_stranger,
                   to_an_abstract_name_root_is_no_stranger, messages_come_one_by_one_in_their_order,
                   a_message_too_long_is_dropped, of_a_flood_each_call_takes_one,
                   those_of_a_message_that_is_dropped_are_closed_as_well,
                   those_that_were_never_read_are_closed_with_it,
                   a_connection_that_is_to_be_cut_off_stays_so),
        unit_loops({it_is_the_first_that_can_be_written, 0, 4},
                   {it_belongs_to_its_service_whatever_our_umask_is, 0, 4},
                   {a_folder_that_others_may_write_to_is_none, 0, 5},
                   {what_is_no_socket_stays, 0, 2}, {closing_removes_it, 0, 2},
                   {every_descriptor_is_closed, 0, 3},
                   {they_are_closed_where_there_is_no_room_for_them, 0, 3},
                   {a_connection_that_lingers_does_not_hold_us, 0, 2},
                   {systemd_notify_is_heard_and_answered, 0, 2}));
}
