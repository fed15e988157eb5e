#include "init/channels.h"

#include "init/loop.h"
#include "supervisor/group.h"
#include "supervisor/identity.h"
#include "supervisor/notify_message.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct channel {
    struct channel *next;
    pid_t pid; /* of the leader that has the other end; a service may have two of them */
    bool is_watched;
    bool is_notify;
    enum channel_phase phase;
    bool is_for_ready;           /* what it says of that counts */
    int fd;                      /* of ours, with a line; -1: it is closed */
    struct notify_socket socket; /* is_notify */
    pid_t heir;                  /* MAINPID that is still somebody else's child; 0: none */
    int heir_pidfd;              /* so that its number is its own */
    struct loop_watch watch;
};

static struct {
    const struct channels_callbacks *callbacks;
    void *data;
    struct channel *first;
    bool has_new;
} all;

void channels_init(const struct channels_callbacks *callbacks, void *data)
{
    all.callbacks = callbacks;
    all.data = data;
}

/* --- making one ------------------------------------------------------------------------------- */

static bool open_pipe(struct channel *channel, const struct service *service, struct spawn *how)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    channel->fd = ends[0];
    channel->is_for_ready = true;
    how->ready_fd = ends[1];
    how->ready_number = service->conf->ready->probe.number;
    return true;
}

/* It belongs to whom the service runs as, who else could not write to it. */
static bool open_socket(struct channel *channel, const struct service *service, struct spawn *how)
{
    struct identity identity;
    struct identity_fault fault;
    if (!identity_resolve(service->conf->identity, &identity, &fault)) {
        errno = fault.error ? fault.error : ENOENT;
        return false;
    }
    const struct owner owner = {.uid = identity.uid, .gid = identity.gid};
    channel->is_notify = true;
    channel->is_for_ready = service->conf->ready->probe.kind == PROBE_NOTIFY;
    if ((errno = notify_socket_open(&channel->socket, service->name, &owner)) != 0)
        return false;
    channel->fd = channel->socket.fd;
    how->notify_socket = channel->socket.address;
    return true;
}

static void close_end(struct channel *channel)
{
    if (channel->is_watched)
        loop_unwatch(&channel->watch);
    channel->is_watched = false;
    if (channel->is_notify && channel->fd >= 0)
        notify_socket_close(&channel->socket);
    else if (channel->fd >= 0)
        close(channel->fd);
    channel->fd = -1;
}

static void forget_heir(struct channel *channel)
{
    if (channel->heir != 0)
        group_release(channel->heir_pidfd);
    channel->heir = 0;
}

/* One more of the service, before the others. Returns false with errno. */
static bool add(bool (*open)(struct channel *channel, const struct service *service,
                             struct spawn *how),
                const struct service *service, struct spawn *how, struct channel **channels)
{
    struct channel *channel = calloc(1, sizeof *channel);
    if (!channel)
        return false;
    if (!open(channel, service, how)) {
        int error = errno;
        free(channel);
        errno = error;
        return false;
    }
    channel->next = *channels;
    *channels = channel;
    return true;
}

bool channels_open(const struct service *service, struct spawn *how, struct channel **channels,
                   struct spawn_error *error)
{
    enum probe_kind ready = service->conf->ready->probe.kind;
    bool needs_socket = ready == PROBE_NOTIFY || service->conf->health->watchdog_ms > 0;
    *channels = NULL;
    if ((ready != PROBE_FD || add(open_pipe, service, how, channels)) &&
        (!needs_socket || add(open_socket, service, how, channels)))
        return true;
    *error = (struct spawn_error){.stage = SPAWN_CHANNEL, .error = errno};
    channels_begin(*channels, how, -1);
    return false;
}

static void begin(struct channel *channel, pid_t pid)
{
    if (pid < 0) {
        close_end(channel);
        free(channel);
        return;
    }
    channel->pid = pid;
    channel->next = all.first;
    all.first = channel;
    all.has_new = true;
}

void channels_begin(struct channel *channels, struct spawn *how, pid_t pid)
{
    if (how->ready_fd >= 0)
        close(how->ready_fd);
    while (channels) {
        struct channel *channel = channels;
        channels = channel->next;
        begin(channel, pid);
    }
}

/* --- hearing of it ---------------------------------------------------------------------------- */

/* Whatever it writes, a newline is what counts (as s6 has it). Then, or at its end, nothing more.
 */
static void hear_line(struct channel *channel)
{
    char text[256];
    ssize_t length;
    while ((length = read(channel->fd, text, sizeof text)) > 0) {
        if (!memchr(text, '\n', (size_t)length))
            continue;
        close_end(channel);
        all.callbacks->on_ready(all.data, channel->pid);
        return;
    }
    if (length == 0)
        close_end(channel);
}

static void move_to(struct channel *channel, pid_t main)
{
    pid_t before = channel->pid;
    forget_heir(channel);
    for (channel = all.first; channel; channel = channel->next)
        if (channel->pid == before)
            channel->pid = main;
}

void channels_move(pid_t pid, pid_t main)
{
    for (struct channel *channel = all.first; channel; channel = channel->next)
        if (channel->pid == pid)
            move_to(channel, main);
}

/*
 * A program that puts itself into the background names its child and ends. Which of the two we see
 * first is chance: as long as it lives, the child is not ours. So we come back to it when it ends.
 */
static void hear_main_pid(struct channel *channel, pid_t main, const struct notify_datagram *from)
{
    if (main != channel->pid &&
        !all.callbacks->may_name(all.data, channel->pid, main, from->pid, from->uid))
        return;
    forget_heir(channel);
    if (main == channel->pid)
        return;
    if (all.callbacks->on_main_pid(all.data, channel->pid, main, false)) {
        move_to(channel, main);
        return;
    }
    channel->heir = main;
    channel->heir_pidfd = group_hold(main);
}

/* Its leader has ended. */
static void call_heir(struct channel *channel)
{
    if (channel->heir != 0 && group_is_held(channel->heir_pidfd) &&
        all.callbacks->on_main_pid(all.data, channel->pid, channel->heir, true))
        move_to(channel, channel->heir);
}

static void enter_phase(struct channel *channel, enum channel_phase phase)
{
    if (channel->phase == phase)
        return;
    channel->phase = phase;
    all.callbacks->on_phase(all.data, channel->pid, phase);
}

static void hear_message(struct channel *channel, const struct notify_message *message,
                         const struct notify_datagram *from)
{
    if (message->main_pid != 0)
        hear_main_pid(channel, message->main_pid, from);
    if (message->extend_us >= 0)
        all.callbacks->on_extended(all.data, channel->pid, message->extend_us / 1000);
    if (message->status)
        all.callbacks->on_status(all.data, channel->pid, message->status, message->status_length);
    if (message->is_reloading)
        enter_phase(channel, CHANNEL_RELOADING);
    if (message->is_stopping)
        enter_phase(channel, CHANNEL_STOPPING);
    if (message->is_ready)
        enter_phase(channel, CHANNEL_SERVING);
    if (message->is_ready && channel->is_for_ready)
        all.callbacks->on_ready(all.data, channel->pid);
    if (message->is_watchdog || message->wants_watchdog_trigger || message->watchdog_us >= 0)
        all.callbacks->on_watchdog(all.data, channel->pid, message);
}

/*
 * Messages at a time: who sends more of them waits. What a leader has said that is dead is heard to
 * its end. That is bounded by net.unix.max_dgram_qlen, which is 10, and 512 where systemd has set
 * it; ours is for those who go on sending.
 */
enum { MESSAGES = 32, LAST_MESSAGES = 1024 };

static void hear_messages(struct channel *channel, int most)
{
    static struct notify_datagram datagram;
    struct notify_message message;
    for (int i = 0; i < most && channel->fd >= 0; i++) {
        switch (notify_socket_read(&channel->socket, &datagram)) {
        case NOTIFY_NOTHING:
            return;
        case NOTIFY_RECEIVED:
            notify_message_parse(&message, datagram.data, datagram.size);
            hear_message(channel, &message, &datagram);
            break;
        case NOTIFY_STRANGER:
            all.callbacks->on_stranger(all.data, channel->pid, datagram.pid, datagram.uid);
            break;
        case NOTIFY_TRUNCATED:
            break;
        }
    }
}

static void hear_some(struct channel *channel, int most)
{
    if (channel->is_notify)
        hear_messages(channel, most);
    else
        hear_line(channel);
}

static void hear(void *data)
{
    hear_some(data, MESSAGES);
}

void channels_watch(void)
{
    struct channel *channel = all.has_new ? all.first : NULL;
    all.has_new = false;
    for (; channel; channel = channel->next) {
        if (channel->is_watched || channel->fd < 0)
            continue;
        loop_watch(&channel->watch, channel->fd, LOOP_STATUS, hear, channel);
        channel->is_watched = true;
    }
}

static void for_each_of(pid_t pid, void (*visit)(struct channel *channel))
{
    for (struct channel *channel = all.first; channel; channel = channel->next)
        if (channel->pid == pid)
            visit(channel);
}

static void hear_rest(struct channel *channel)
{
    if (channel->fd >= 0)
        hear_some(channel, LAST_MESSAGES);
}

/* Where it has left another leader, the service goes on, and may have more to say. */
void channels_finish(pid_t pid)
{
    for_each_of(pid, hear_rest);
    for_each_of(pid, call_heir);
    for (struct channel **at = &all.first; *at;) {
        struct channel *channel = *at;
        if (channel->pid != pid) {
            at = &channel->next;
            continue;
        }
        forget_heir(channel);
        close_end(channel);
        *at = channel->next;
        free(channel);
    }
}

size_t channels_descriptors(int *fds, size_t most)
{
    size_t count = 0;
    for (const struct channel *channel = all.first; channel && count < most;
         channel = channel->next)
        if (channel->fd >= 0)
            fds[count++] = channel->fd;
    return count;
}
