/*
 * What services say of themselves while they run: a line on a descriptor that they got, or
 * sd_notify(3). Each run of a service has a channel of its own, so that nobody is taken for the one
 * before it.
 */
#pragma once

#include "supervisor/notify_message.h"
#include "supervisor/notify_socket.h"
#include "supervisor/service.h"
#include "supervisor/spawn.h"

/* What it does, as far as it has said. */
enum channel_phase { CHANNEL_SERVING, CHANNEL_RELOADING, CHANNEL_STOPPING };

struct channels_callbacks {
    void (*on_ready)(void *data, pid_t pid);
    void (*on_extended)(void *data, pid_t pid, int64_t extend_ms);
    /* It has changed that; a run of it begins by serving. */
    void (*on_phase)(void *data, pid_t pid, enum channel_phase phase);
    /* The process `sender` of the user `uid` says that its leader is `main`: may that be? */
    bool (*may_name)(void *data, pid_t pid, pid_t main, pid_t sender, uid_t uid);
    /* So it says, and may; returns whether it is from now on. Where it is not, it is
     * asked once more when `pid` is dead: `is_last`. */
    bool (*on_main_pid)(void *data, pid_t pid, pid_t main, bool is_last);
    /* Somebody else wrote to it, who does not count. */
    void (*on_stranger)(void *data, pid_t pid, pid_t sender, uid_t uid);
    /* It says something of its watchdog. */
    void (*on_watchdog)(void *data, pid_t pid, const struct notify_message *message);
    /* What it says about itself, for people. */
    void (*on_status)(void *data, pid_t pid, const char *status, size_t length);
};

void channels_init(const struct channels_callbacks *callbacks, void *data);

struct channel;

/*
 * Before the fork: makes what the service needs, and notes it in *how. Returns false with *error
 * where it cannot be made; *channels is NULL where it needs none.
 */
bool channels_open(const struct service *service, struct spawn *how, struct channel **channels,
                   struct spawn_error *error);

/* Behind it: `pid` has the other end; -1: there is no child. */
void channels_begin(struct channel *channels, struct spawn *how, pid_t pid);

/* Has the loop watch those that are new. */
void channels_watch(void);

/* The leader of who has `pid` for that is `main` from now on. */
void channels_move(pid_t pid, pid_t main);

/*
 * The leader is dead: what it had to say is heard now, and nothing later, unless it has left
 * another one in its place.
 */
void channels_finish(pid_t pid);

/* The descriptors of all of them, at most `most`; returns how many. */
size_t channels_descriptors(int *fds, size_t most);
