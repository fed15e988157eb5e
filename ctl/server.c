#include "ctl/server.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    PEERS = 64,        /* at once; more of them wait in the socket's backlog */
    IDLE_MS = 10000,   /* for a whole request, or until a client reads on */
    AGAIN_MS = 1000,   /* until we look whether there is a descriptor for the next client */
    CONTROL_TURN = -2, /* of libev's priorities: behind everything else of a wake-up */
};

struct peer {
    struct session session;
    ev_io io;
    int64_t deadline_ms; /* SERVER_FOREVER: it may take its time */
};

static struct {
    struct ev_loop *ev;
    struct control *control;
    ev_io listener;
    int64_t listen_again_ms; /* SERVER_FOREVER: we listen, or are full */
    int count;
    bool has_worked;           /* somebody asked for something, since the last tick */
    struct peer *peers[PEERS]; /* each in the place of its bit */
} server = {.listen_again_ms = SERVER_FOREVER};

/* --- the end of a client ---------------------------------------------------------------------- */

static void drop(int place)
{
    struct peer *peer = server.peers[place];
    ev_io_stop(server.ev, &peer->io);
    session_fini(&peer->session);
    free(peer);
    server.peers[place] = NULL;
    if (server.count-- == PEERS)
        ev_io_start(server.ev, &server.listener);
}

static int place_of(const struct peer *peer)
{
    int place = 0;
    while (server.peers[place] != peer)
        place++;
    return place;
}

static bool is_over(const struct peer *peer)
{
    const struct connection *connection = &peer->session.connection;
    return connection->is_broken || ((connection->is_closing || connection->has_ended) &&
                                     !connection_has_output(connection));
}

/* --- a client --------------------------------------------------------------------------------- */

/* What it is watched for; one that has more to say than we take now is not read. */
static void watch(struct peer *peer)
{
    const struct connection *connection = &peer->session.connection;
    int events = 0;
    if (!connection->has_ended && connection->length < sizeof connection->in)
        events |= EV_READ;
    if (connection_has_output(connection))
        events |= EV_WRITE;
    if (events == (peer->io.events & (EV_READ | EV_WRITE)) && ev_is_active(&peer->io))
        return;
    ev_io_stop(server.ev, &peer->io);
    ev_io_set(&peer->io, connection->fd, events);
    if (events != 0)
        ev_io_start(server.ev, &peer->io);
}

/* Who waits for an answer or for events is waited for; who owes us something is not, for long. */
static void set_deadline(struct peer *peer, bool has_moved, int64_t now_ms)
{
    const struct session *session = &peer->session;
    bool owes = connection_has_output(&session->connection) || !session->is_busy;
    if (!owes)
        peer->deadline_ms = SERVER_FOREVER;
    else if (has_moved || peer->deadline_ms == SERVER_FOREVER)
        peer->deadline_ms = now_ms + IDLE_MS;
}

/* Goes on with it as far as it can, and no further. Returns false where it is no more. */
static bool attend(int place, int64_t now_ms)
{
    struct peer *peer = server.peers[place];
    struct connection *connection = &peer->session.connection;
    bool has_moved = connection_send(connection);
    bool has_worked = session_work(&peer->session); /* a whole line came, or its turn */
    server.has_worked = server.has_worked || has_worked;
    has_moved = connection_send(connection) || has_moved || has_worked;
    if (is_over(peer)) {
        drop(place);
        return false;
    }
    set_deadline(peer, has_moved, now_ms);
    watch(peer);
    return true;
}

static void on_peer(struct ev_loop *ev, ev_io *io, int events)
{
    struct peer *peer = io->data;
    (void)ev;
    if (events & EV_READ)
        connection_receive(&peer->session.connection);
    attend(place_of(peer), server.control->ops->clock_ms());
}

/* --- new ones --------------------------------------------------------------------------------- */

/* Root, and who reeve runs as: whatever the mode of the socket has become. */
static bool may_enter(int fd, uid_t *uid)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return false;
    *uid = peer.uid;
    return peer.uid == 0 || peer.uid == geteuid();
}

/* Says why to somebody whom nothing else is said; what the socket does not take at once is lost. */
static void turn_away(int fd, uid_t uid)
{
    char line[ANSWER_SIZE];
    char error[80];
    snprintf(error, sizeof error, "refused: uid %u is neither root nor %u", (unsigned)uid,
             (unsigned)geteuid());
    size_t length = answer_verdict(line, sizeof line,
                                   &(struct verdict){.code = ANSWER_UNREACHABLE, .error = error});
    (void)!send(fd, line, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    close(fd);
}

static void let_in(int fd, int64_t now_ms)
{
    int place = 0;
    struct peer *peer = malloc(sizeof *peer);
    if (!peer) {
        close(fd);
        return;
    }
    while (server.peers[place])
        place++;
    session_init(&peer->session, server.control, fd, (uint64_t)1 << place);
    peer->deadline_ms = now_ms + IDLE_MS;
    ev_io_init(&peer->io, on_peer, fd, EV_READ);
    ev_set_priority(&peer->io, CONTROL_TURN);
    peer->io.data = peer;
    ev_io_start(server.ev, &peer->io);
    server.peers[place] = peer;
    if (++server.count == PEERS)
        ev_io_stop(server.ev, &server.listener);
}

/* Without a descriptor for the next client the socket would be ready again and again. */
static void listen_later(int64_t now_ms)
{
    ev_io_stop(server.ev, &server.listener);
    server.listen_again_ms = now_ms + AGAIN_MS;
}

static void on_listener(struct ev_loop *ev, ev_io *io, int events)
{
    uid_t uid = (uid_t)-1;
    int64_t now_ms = server.control->ops->clock_ms();
    (void)ev;
    (void)events;
    for (int i = 0; i < PEERS && server.count < PEERS; i++) {
        int fd = accept4(io->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
            listen_later(now_ms);
        if (fd < 0)
            return;
        if (may_enter(fd, &uid))
            let_in(fd, now_ms);
        else
            turn_away(fd, uid);
    }
}

/* --- the end of a wake-up --------------------------------------------------------------------- */

void server_note_change(const struct service *service, int64_t now_ms)
{
    for (int place = 0; server.count > 0 && place < PEERS; place++)
        if (server.peers[place])
            session_note_change(&server.peers[place]->session, service, now_ms);
}

static void listen_again(int64_t now_ms)
{
    if (server.listen_again_ms == SERVER_FOREVER || now_ms < server.listen_again_ms)
        return;
    server.listen_again_ms = SERVER_FOREVER;
    if (server.count < PEERS)
        ev_io_start(server.ev, &server.listener);
}

static int64_t earlier_ms(int64_t a_ms, int64_t b_ms)
{
    if (a_ms < 0 || b_ms < 0)
        return a_ms < 0 ? b_ms : a_ms;
    return a_ms < b_ms ? a_ms : b_ms;
}

bool server_tick(int64_t now_ms, int64_t *deadline_ms)
{
    *deadline_ms = SERVER_FOREVER;
    if (!server.ev)
        return false;
    server.has_worked = false;
    listen_again(now_ms);
    *deadline_ms = server.listen_again_ms;
    for (int place = 0; server.count > 0 && place < PEERS; place++) {
        struct peer *peer = server.peers[place];
        if (!peer)
            continue;
        session_finish(&peer->session, now_ms);
        if (peer->deadline_ms != SERVER_FOREVER && now_ms >= peer->deadline_ms)
            peer->session.connection.is_broken = true;
        if (attend(place, now_ms))
            *deadline_ms = earlier_ms(*deadline_ms, peer->deadline_ms);
    }
    return server.has_worked;
}

void server_init(struct ev_loop *ev, const struct listener *listener, struct control *control)
{
    if (listener->fd < 0)
        return;
    server.ev = ev;
    server.control = control;
    ev_io_init(&server.listener, on_listener, listener->fd, EV_READ);
    ev_set_priority(&server.listener, CONTROL_TURN);
    ev_io_start(ev, &server.listener);
}

void server_fini(void)
{
    for (int place = 0; place < PEERS; place++)
        if (server.peers[place])
            drop(place);
}
