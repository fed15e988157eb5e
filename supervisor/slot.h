/*
 * What the files of the supervisor share, and nobody else sees: a service and what is known of it
 * outside of the pure core.
 */
#pragma once

#include "supervisor/supervisor.h"

struct slot {
    struct service service;
    struct slot *next_in_bucket;
    struct slot *next_to_spawn;
    int pidfd; /* of its dead leader, while its group may be there; else -1 */
    bool is_queued;
};

/* One step of its service, and all that follows from it. */
void slot_step(struct supervisor *supervisor, struct slot *slot, const struct service_event *event,
               int64_t now_ms);

/* The same for an event that says nothing but its kind. */
void slot_step_kind(struct supervisor *supervisor, struct slot *slot, enum service_event_kind kind,
                    int64_t now_ms);

/* That, for every service. */
void slots_step_kind(struct supervisor *supervisor, enum service_event_kind kind, int64_t now_ms);

/* By the pid of its leader, which it has got. */
void slot_add_pid(struct supervisor *supervisor, struct slot *slot);

/* Starts what has nothing left to wait for, and forks what is to be started. */
void slots_start(struct supervisor *supervisor, int64_t now_ms);

/* Goes on with the shutdown, where there is one; returns its deadline, SHUTDOWN_FOREVER for none.
 */
int64_t slots_stop(struct supervisor *supervisor, int64_t now_ms);
