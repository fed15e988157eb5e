/*
 * What the files of the supervisor share, and nobody else sees: a service and what is known of it
 * outside of the pure core. A child that is forked to run a program does not see it either.
 */
#pragma once

#include "supervisor/probe.h"
#include "supervisor/supervisor.h"

/* What a service is looked at for. */
enum probe_purpose { FOR_READY, FOR_HEALTH, PURPOSES };

struct slot {
    struct service service; /* first, see supervisor_number_of() */
    struct slot *next_in_bucket;
    struct slot *next_to_spawn;
    struct probe_run *probes[PURPOSES]; /* NULL: it needs none */
    int pidfd; /* of its dead leader, while its group may be there; else -1 */
    bool is_queued;
    bool is_to_stop;  /* by hand, when nothing that is to stop as well needs it any more */
    bool is_to_start; /* by hand, when it is down */
    bool is_removed;  /* from the configuration: it ends, and is in no graph */
    bool is_gone;     /* and has ended: there is no such service any more */
};

/* One step of its service, and all that follows from it. */
void slot_step(struct supervisor *supervisor, struct slot *slot, const struct service_event *event,
               int64_t now_ms);

/* The same for an event that says nothing but its kind. */
void slot_step_kind(struct supervisor *supervisor, struct slot *slot, enum service_event_kind kind,
                    int64_t now_ms);

/* That, for every service. */
void slots_step_kind(struct supervisor *supervisor, enum service_event_kind kind, int64_t now_ms);

/* Makes graph and slots of `conf`, with room for `more` slots behind them. Returns false where
 * there is no memory. */
bool slots_lay_out(struct supervisor *supervisor, const struct conf *conf, int more);

void slots_free(struct supervisor *supervisor);

/* What follows from the rules of all of them together. */
void slots_note_rules(struct supervisor *supervisor);

/* Those that are removed and have ended since. */
void slots_forget_removed(struct supervisor *supervisor);

/* It waits for its fork. */
void slot_queue_spawn(struct supervisor *supervisor, struct slot *slot);

/* Somebody has to look at it from outside. */
bool slot_needs_probe(const struct service_conf *conf, enum probe_purpose purpose);

/* Room for what is known of that; for all that it needs. Returns false where there is no memory. */
bool slot_make_probe(struct supervisor *supervisor, struct slot *slot, enum probe_purpose purpose);
bool slot_make_probes(struct supervisor *supervisor, struct slot *slot);

/* How many of its probes run; one of them is this one. */
int slot_count_probes(const struct slot *slot);
bool slot_is_probe(const struct slot *slot, pid_t pid);

/* It runs, and is to be looked at until it is ready. */
void slot_begin_readying(struct supervisor *supervisor, struct slot *slot, int64_t now_ms);

/* What it has become says what it is looked at for: in step() of its service. */
void slot_settle_probes(struct supervisor *supervisor, struct slot *slot, int64_t now_ms);

/* Its configuration is another one. */
void slot_reconfigure_health(struct supervisor *supervisor, struct slot *slot, int64_t now_ms);
void slot_probe_deadlines(struct supervisor *supervisor, struct slot *slot, int64_t now_ms);

/* Returns whether the child that has ended was a probe. */
bool slots_probe_ended(struct supervisor *supervisor, pid_t pid, int wait_status, int64_t now_ms);

/* The one whose leader it is; NULL where there is none. */
struct slot *slot_of_pid(const struct supervisor *supervisor, pid_t pid);

/* A stop-command or a probe of one of them has this pid. */
bool slots_has_helper(const struct supervisor *supervisor, pid_t pid);

/* It is not found by the pid of its leader any more. */
void slot_remove_pid(struct supervisor *supervisor, struct slot *slot);

/* By the pid of its leader, which it has got. */
void slot_add_pid(struct supervisor *supervisor, struct slot *slot);

/* Marks in supervisor->is_needed which services are needed by one of those that `is_there` says. */
void slots_find_needed(struct supervisor *supervisor, bool (*is_there)(const struct slot *slot));

/* Stops and starts those whose turn it is, of what somebody asked for by hand. */
void slots_follow_orders(struct supervisor *supervisor, int64_t now_ms);
void slots_forget_orders(struct supervisor *supervisor);

/* Starts what has nothing left to wait for, and forks what is to be started. */
void slots_start(struct supervisor *supervisor, int64_t now_ms);

/* Goes on with the shutdown, where there is one; returns its deadline, SHUTDOWN_FOREVER for none.
 */
int64_t slots_stop(struct supervisor *supervisor, int64_t now_ms);
