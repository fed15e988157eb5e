/*
 * The socket that a service sends its sd_notify(3) messages to, one for each that has to.
 *
 * It is made where its service can reach it and nobody else can put another one in its place: in a
 * folder that only we can write to. Where none can be made it has an abstract name, which lives in
 * the network namespace: that may be one of several containers.
 */
#pragma once

#include "supervisor/chown_tree.h"
#include "supervisor/notify_message.h"

#include <stdbool.h>
#include <sys/un.h>

enum { NOTIFY_ADDRESS_SIZE = sizeof((struct sockaddr_un *)NULL)->sun_path };

struct notify_socket {
    int fd;                            /* -1: none */
    uid_t uid;                         /* of its service */
    char address[NOTIFY_ADDRESS_SIZE]; /* for NOTIFY_SOCKET: a path, or @ and an abstract name */
};

/*
 * Opens the socket of the service `name`, closed on exec and never blocking, in /run/reeve, or a
 * folder of ours in /dev/shm or /tmp, or with an abstract name, whichever comes first. `owner` is
 * who the service begins as, and alone may send to it, beside root. What an earlier life has left
 * in its place is removed; a socket that somebody still reads is not.
 *
 * Returns 0; else an errno, and there is none.
 */
int notify_socket_open(struct notify_socket *notify, const char *name, const struct owner *owner);

/* Closes and removes it, with all that was not read. */
void notify_socket_close(struct notify_socket *notify);

enum notify_read {
    NOTIFY_NOTHING,   /* no message waits */
    NOTIFY_RECEIVED,  /* one of the service */
    NOTIFY_STRANGER,  /* one that does not count */
    NOTIFY_TRUNCATED, /* one of more than NOTIFY_MESSAGE_MAX bytes, of which nothing counts */
};

/* Where the kernel lets a sender say who it is, only a privileged one may lie. */
struct notify_datagram {
    pid_t pid; /* who sent it, and may be gone by now; 0: it is not in our PID namespace */
    uid_t uid; /* its real one, as our user namespace has it; -1: unknown */
    size_t size;
    char data[NOTIFY_MESSAGE_MAX]; /* for notify_message_parse() */
};

/*
 * Takes one message, without blocking; all of *datagram is known unless it is NOTIFY_NOTHING.
 * Every descriptor that came with it is closed when this returns: sd_notify_barrier(3) waits for
 * that.
 *
 * A sender counts wherever in our PID namespace it is: systemd-notify is no child of ours. The
 * kernel asks who may write to a path; of an abstract name we ask that it is who the service began
 * as, root, or us.
 */
enum notify_read notify_socket_read(const struct notify_socket *notify,
                                    struct notify_datagram *datagram);
