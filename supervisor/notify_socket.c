#include "supervisor/notify_socket.h"

#include "supervisor/stale_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MOST_DESCRIPTORS = 253, /* in a message: SCM_MAX_FD of unix(7) */
    CONTROL_SIZE = CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int)),
};

/* --- where it is ------------------------------------------------------------------------------ */

/* What is to stay as we have made it there: nobody but root can put something else in its place. */
static bool is_settled(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && (status.st_uid == 0 || status.st_uid == geteuid()) &&
           ((status.st_mode & 022) == 0 || (status.st_mode & S_ISVTX) != 0);
}

/*
 * Makes a folder where it is not there. Whoever owns it, or may write to it, could put another
 * socket in the place of ours: that must be us alone. Returns 0, or an errno.
 */
static int make_folder(const char *path, const struct owner *owner)
{
    struct stat status;
    if (mkdir(path, 0755) == 0) {
        if (chmod(path, 0755) < 0) /* whatever our umask is: the service has to get through it */
            return errno;
    } else if (errno != EEXIST) {
        return errno;
    }
    if (lstat(path, &status) < 0)
        return errno;
    if (!S_ISDIR(status.st_mode))
        return ENOTDIR;
    if (status.st_uid != geteuid() || (status.st_mode & 022) != 0)
        return EPERM;
    return owner->uid == status.st_uid || (status.st_mode & 01) != 0 ? 0 : EACCES;
}

/* Binds it where its owner alone, and root, can write to it. Returns 0, or an errno. */
static int bind_path(int fd, const struct sockaddr_un *address, const struct owner *owner)
{
    mode_t before = umask(0177);
    bool is_bound = bind(fd, (const struct sockaddr *)address, sizeof *address) == 0;
    umask(before);
    if (!is_bound)
        return errno;
    bool is_ours = owner->uid == geteuid() && owner->gid == getegid();
    if (is_ours || lchown(address->sun_path, owner->uid, owner->gid) == 0)
        return 0;
    int error = errno;
    unlink(address->sun_path);
    return error;
}

/* --- opening ---------------------------------------------------------------------------------- */

/* Before it has a name, so that no message comes without credentials. -1 with errno. */
static int new_socket(void)
{
    static const int on = 1;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* Takes the socket where it succeeds. Returns 0, or an errno. */
static int take(struct notify_socket *notify, int fd, int error)
{
    if (error == 0)
        notify->fd = fd;
    else
        close(fd);
    return error;
}

/* A new socket at this path, in a folder that is ours. Returns 0, or an errno. */
static int open_path(struct notify_socket *notify, const struct sockaddr_un *address,
                     const struct owner *owner)
{
    /* The name is ours: of an earlier life, unless another reeve of this folder reads from it. */
    int error = stale_socket_remove(address, SOCK_DGRAM);
    int fd = error ? -1 : new_socket();
    if (fd < 0)
        return error ? error : errno;
    memcpy(notify->address, address->sun_path, sizeof notify->address);
    return take(notify, fd, bind_path(fd, address, owner));
}

/* In parent/folder, which is made. Returns 0, or an errno. */
static int open_in(struct notify_socket *notify, const char *parent, const char *folder,
                   const char *name, const struct owner *owner)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t size = sizeof address.sun_path;
    snprintf(address.sun_path, size, "%s/%s", parent, folder);
    int error = is_settled(parent) ? make_folder(address.sun_path, owner) : EPERM;
    if (error)
        return error;
    int length = snprintf(address.sun_path, size, "%s/%s/notify-%s", parent, folder, name);
    if (length < 0 || (size_t)length >= size)
        return ENAMETOOLONG;
    return open_path(notify, &address, owner);
}

/*
 * The kernel chooses a name that nobody has: no name of ours could be kept from others. Returns 0,
 * or an errno.
 */
static int open_abstract(struct notify_socket *notify)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t length = sizeof address;
    int fd = new_socket();
    if (fd < 0)
        return errno;
    if (bind(fd, (const struct sockaddr *)&address, sizeof address.sun_family) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) < 0)
        return take(notify, fd, errno);
    size_t size = length - offsetof(struct sockaddr_un, sun_path); /* its leading NUL included */
    snprintf(notify->address, sizeof notify->address, "@%.*s", (int)size - 1, address.sun_path + 1);
    return take(notify, fd, 0);
}

int notify_socket_open(struct notify_socket *notify, const char *name, const struct owner *owner)
{
    char ours[32]; /* where everybody may make folders */
    snprintf(ours, sizeof ours, "reeve-notify-%u", (unsigned)geteuid());
    *notify = (struct notify_socket){.fd = -1, .uid = owner->uid};
    if (open_in(notify, "/run", "reeve", name, owner) == 0 ||
        open_in(notify, "/dev/shm", ours, name, owner) == 0 ||
        open_in(notify, "/tmp", ours, name, owner) == 0)
        return 0;
    return open_abstract(notify);
}

static bool is_abstract(const struct notify_socket *notify)
{
    return notify->address[0] == '@';
}

void notify_socket_close(struct notify_socket *notify)
{
    struct notify_datagram datagram;
    if (notify->fd < 0)
        return;
    if (!is_abstract(notify))
        unlink(notify->address);
    /* Nothing more comes: this ends. What came is let go as ever, see let_go(). */
    shutdown(notify->fd, SHUT_RD);
    while (notify_socket_read(notify, &datagram) != NOTIFY_NOTHING)
        continue;
    close(notify->fd);
    notify->fd = -1;
}

/* --- reading ---------------------------------------------------------------------------------- */

/*
 * We may be the last to hold it. A connection with unsent data that is to linger would keep us
 * waiting in close(2) for as long as its owner has asked.
 */
static void let_go(int fd)
{
    static const struct linger none = {0};
    struct linger linger = {0};
    socklen_t size = sizeof linger;
    if (getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &size) == 0 && linger.l_onoff &&
        linger.l_linger > 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
}

static void let_all_go(const struct cmsghdr *header)
{
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
        let_go(fd);
    }
}

/* musl's macro turns a mask into an unsigned one. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
static struct cmsghdr *next_header(struct msghdr *message, struct cmsghdr *header)
{
    return CMSG_NXTHDR(message, header);
}
#pragma GCC diagnostic pop

/*
 * Who sent it; and away with what came with it. Every message has credentials: false where there
 * was none.
 */
static bool take_control(struct msghdr *message, struct notify_datagram *datagram)
{
    bool has_sender = false;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header;
         header = next_header(message, header)) {
        if (header->cmsg_level != SOL_SOCKET)
            continue;
        if (header->cmsg_type == SCM_RIGHTS) {
            let_all_go(header);
        } else if (header->cmsg_type == SCM_CREDENTIALS) {
            struct ucred sender;
            memcpy(&sender, CMSG_DATA(header), sizeof sender);
            datagram->pid = sender.pid;
            datagram->uid = sender.uid;
            has_sender = true;
        }
    }
    return has_sender;
}

static bool is_stranger(const struct notify_socket *notify, const struct notify_datagram *datagram)
{
    if (datagram->pid <= 0)
        return true;
    return is_abstract(notify) && datagram->uid != notify->uid && datagram->uid != 0 &&
           datagram->uid != geteuid();
}

enum notify_read notify_socket_read(const struct notify_socket *notify,
                                    struct notify_datagram *datagram)
{
    _Alignas(struct cmsghdr) char control[CONTROL_SIZE];
    struct iovec data = {.iov_base = datagram->data, .iov_len = sizeof datagram->data};
    struct msghdr message = {
        .msg_iov = &data,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    ssize_t size = recvmsg(notify->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0) /* whatever it is, it is asked again when there is something to read */
        return NOTIFY_NOTHING;
    datagram->size = (size_t)size;
    datagram->pid = 0;
    datagram->uid = (uid_t)-1;
    bool has_sender = take_control(&message, datagram);
    if (!has_sender && size == 0)
        return NOTIFY_NOTHING; /* the end after shutdown(2), of which Linux says EAGAIN */
    if (is_stranger(notify, datagram))
        return NOTIFY_STRANGER;
    return (message.msg_flags & MSG_TRUNC) != 0 ? NOTIFY_TRUNCATED : NOTIFY_RECEIVED;
}
