/*
 * All services: started in order, told what happened to them, stopped in order. The shell around
 * the pure service_step(): it carries out what that returns, by way of a few operations.
 *
 * Facts and intents come in at any time; whatever starts something is done in the tick.
 */
#pragma once

#include "supervisor/ending.h"
#include "supervisor/graph.h"
#include "supervisor/own_memory.h"
#include "supervisor/shutdown.h"

enum supervisor_program {
    PROGRAM_MAIN,
    PROGRAM_STOP_COMMAND,
    PROGRAM_PROBE,
    PROGRAM_HEALTH_CHECK,
    PROGRAM_RELOAD_COMMAND
};

enum supervisor_target {
    TARGET_LEADER,
    TARGET_GROUP,  /* its leader is not reaped */
    TARGET_HELPER, /* the group of its stop-command */
};

/* The health check that has made a service healthy or unhealthy. */
struct supervisor_check {
    int failures;             /* in a row; 0: it has passed */
    bool is_late;             /* it has not ended in time */
    pid_t pid;                /* of one that has ended; 0: none has */
    int wait_status;          /* of that one, as waitpid(2) gives it */
    struct spawn_error error; /* of one that neither ended nor is late: it could not be forked */
};

/* What a supervisor cannot do by itself. `data` is its owner's. */
struct supervisor_ops {
    /*
     * Forks. Returns the pid, and tells later by supervisor_executed() or
     * supervisor_not_executed() how the exec of a main program went; -1 with *error where there is
     * no child.
     */
    pid_t (*spawn)(void *data, const struct service *service, enum supervisor_program program,
                   struct spawn_error *error);
    void (*signal)(void *data, const struct service *service, enum supervisor_target target,
                   int sig);
    /* To the group of a probe. */
    void (*signal_probe)(void *data, pid_t pid, int sig);
    /* As group_hold(), group_signal_held() and group_release(). */
    int (*hold)(void *data, pid_t leader);
    int (*signal_held)(void *data, const struct service *service, int pidfd, int sig);
    void (*release)(void *data, int pidfd);
    /* Its state changed, or its program is known to run. */
    void (*changed)(void *data, const struct service *service);
    /* Its health is about to be another one; and it is, while its state did not change. */
    void (*checked)(void *data, const struct service *service,
                    const struct supervisor_check *check);
    void (*health_changed)(void *data, const struct service *service);
    /* It waits for `cause`, which will not come; it fails. */
    void (*impossible)(void *data, const struct service *service, const struct service *cause);
    /* Its stop-command ended, or could not be started: wait_status is -1, then. */
    void (*helper_ended)(void *data, const struct service *service, int wait_status,
                         const struct spawn_error *error);
    /* It was stopped by hand before reeve began, and is to stay so. NULL: none was. */
    bool (*was_stopped)(void *data, const struct service *service);
    /* The container stops because of its end. */
    void (*ended_all)(void *data, const struct service *service);
};

struct supervisor_exit {
    pid_t pid;
    int wait_status;    /* as waitpid(2) gives it */
    bool out_of_memory; /* the kernel killed it for that */
    pid_t group;        /* that it was in; 0: its own */
};

/* At most so many forked children are not known to run yet, each of which has a descriptor. */
enum { SUPERVISOR_UNCONFIRMED = 64 };

struct slot; /* one service */

struct supervisor {
    const struct supervisor_ops *ops;
    void *data;
    struct graph graph;
    struct arena arena;
    struct own_memory tables; /* slots to is_blocked, which no child gets */
    struct slot *slots; /* the instances of a service one behind the other, in the files' order */
    struct slot **buckets; /* by the pid of the leader */
    int *first_slot;       /* of each service of the graph, and one more */
    bool *is_needed;  /* of each service of the graph: something that is still there needs it */
    bool *is_blocked; /* of each service of the graph: one before it is still to be started */
    struct slot *to_spawn; /* waiting for their fork, first come first served */
    struct slot *last_to_spawn;
    struct shutdown shutdown;
    struct ending ending;
    int64_t earliest_ms; /* of all deadlines of services, where deadlines_changed is false */
    int count;
    int bucket_mask;
    int unconfirmed; /* forked, and not known to run yet */
    int active;      /* not at rest */
    int waiting;
    int held;         /* stopped by hand: they may be started again */
    int orders;       /* by hand, and not carried out yet */
    int removed;      /* from the configuration, and not ended yet */
    int lingering;    /* groups whose leader is gone */
    int helpers;      /* stop-commands that run */
    int probes;       /* that run */
    bool has_changed; /* a state did, since the last tick */
    bool deadlines_changed;
    bool is_stopping;    /* nothing is started again */
    bool cleans_groups;  /* of some service: its end has to be told before it is reaped */
    bool is_steered;     /* somebody can start services by hand */
    bool is_command;     /* there is the one command and nothing else */
    bool forwards_stops; /* stop signals go to it as they are, without timers */
};

/*
 * Makes the services of `conf`, which has to stay; none is started before the first tick.
 * `is_command` says that there is the one command and nothing else. Returns false where there is no
 * memory.
 */
bool supervisor_init(struct supervisor *supervisor, const struct conf *conf,
                     const struct supervisor_ops *ops, void *data, bool is_command);
void supervisor_fini(struct supervisor *supervisor);

/* Whether children that are forked from now on may look at services: at first they may not. */
void supervisor_share(const struct supervisor *supervisor, bool is_shared);

/* Every service that is to start does, from the next tick on. */
void supervisor_start(struct supervisor *supervisor, int64_t now_ms);

/*
 * Goes on with the services of another configuration, `conf`, which has to stay: those of the same
 * name go on by its rules, and are started again where they would run in another way; new ones
 * start, and those that are not there any more are stopped. supervisor_is_using_old() tells how
 * long the one before has to stay, too. Tells `told` of each that is not as before. Returns false,
 * with nothing changed, where there is no memory.
 */
enum supervisor_reloaded { RELOADED_ADDED, RELOADED_REMOVED, RELOADED_CHANGED, RELOADED_RESTARTED };
bool supervisor_reload(struct supervisor *supervisor, const struct conf *conf, int64_t now_ms,
                       void (*told)(void *data, const char *name, enum supervisor_reloaded what),
                       void *data);
bool supervisor_is_using_old(const struct supervisor *supervisor);

/* Somebody asked the container to stop; once more, that everything be asked at once. */
void supervisor_stop(struct supervisor *supervisor, int64_t now_ms);

enum supervisor_order { ORDER_START, ORDER_STOP, ORDER_RESTART };

/*
 * Somebody wants this of the service with this number by hand, from the next tick on; the last one
 * to say it is heard. Of several that are to stop, each is asked when nothing among them that comes
 * behind it is left, and started in start order again. While all of them stop nothing of that is
 * heard, nor of one that is removed: it stops already.
 */
void supervisor_order(struct supervisor *supervisor, int number, enum supervisor_order order);

/* What was ordered of it last is still to be done. */
bool supervisor_has_order(const struct supervisor *supervisor, int number);

/* It is to run, now or when an order of it is carried out. */
bool supervisor_wants_up(const struct supervisor *supervisor, int number);

/* How the exec of a main program went that was forked as `pid`. */
void supervisor_executed(struct supervisor *supervisor, pid_t pid, int64_t now_ms);
void supervisor_not_executed(struct supervisor *supervisor, pid_t pid,
                             const struct spawn_error *error, int64_t now_ms);

/* The service with this leader has said that it is ready, or needs so much longer. */
void supervisor_ready(struct supervisor *supervisor, pid_t pid, int64_t now_ms);
void supervisor_extended(struct supervisor *supervisor, pid_t pid, int64_t extend_ms,
                         int64_t now_ms);

/*
 * It has said something of its watchdog: SERVICE_KEEPALIVE, SERVICE_WATCHDOG_SET with `watchdog_ms`
 * or SERVICE_WATCHDOG_PULLED.
 */
void supervisor_watchdog(struct supervisor *supervisor, pid_t pid, enum service_event_kind kind,
                         int64_t watchdog_ms, int64_t now_ms);

/*
 * The service whose leader is `old` says that its leader is `pid`, a child of ours in the process
 * group `group`. Returns false where that, or its group, is something else's, or it is being
 * stopped.
 */
bool supervisor_main_pid(struct supervisor *supervisor, pid_t old, pid_t pid, pid_t group,
                         int64_t now_ms);

/*
 * Of a forking service, `launching` being the process that stands for what is launched. When it has
 * said that it leaves `daemon` and has ended, that one, in the process group `group`, is the
 * leader. Returns false where it, or its group, is something else's. Or nothing that it leaves is
 * the daemon; it ends when all of that has.
 */
void supervisor_daemon_named(struct supervisor *supervisor, pid_t launching, pid_t daemon,
                             int64_t now_ms);
bool supervisor_daemon_found(struct supervisor *supervisor, pid_t launching, pid_t daemon,
                             pid_t group, int64_t now_ms);
void supervisor_daemon_missing(struct supervisor *supervisor, pid_t launching, int64_t now_ms);

/* No child is left: the end of every probe was lost. */
void supervisor_lost_probes(struct supervisor *supervisor, int64_t now_ms);

/* A child has ended and is not reaped yet. Returns false where it is none of ours: an orphan. */
bool supervisor_exited(struct supervisor *supervisor, const struct supervisor_exit *exit,
                       int64_t now_ms);

/* All that have ended are reaped. */
void supervisor_drained(struct supervisor *supervisor, int64_t now_ms);

/*
 * Acts on what is due. Returns the next deadline, SHUTDOWN_FOREVER where there is none.
 */
int64_t supervisor_tick(struct supervisor *supervisor, int64_t now_ms);

/* Every service is at rest, or was killed and does not go: there is nothing more to do for them. */
bool supervisor_is_over(const struct supervisor *supervisor);

/* The exit code of the container, once it is over. */
int supervisor_exit_code(const struct supervisor *supervisor);

/* Services have numbers from 0 to count - 1, in the order of the files. */
const struct service *supervisor_service(const struct supervisor *supervisor, int number);

/*
 * Those that `name` means, a service or one instance of it or all of its instances: *first up to
 * but without *end. Returns false where there is none.
 */
bool supervisor_find_named(const struct supervisor *supervisor, const char *name, int *first,
                           int *end);

/* Its number. */
int supervisor_number_of(const struct supervisor *supervisor, const struct service *service);

/* Sets service->watchers, for its owner's use. */
void supervisor_set_watchers(struct supervisor *supervisor, int number, uint64_t watchers);

/* There is no such service any more. */
bool supervisor_is_gone(const struct supervisor *supervisor, int number);

/* Calls `visit` for each service. */
void supervisor_each(struct supervisor *supervisor,
                     void (*visit)(void *data, const struct service *service), void *data);

/* The service whose leader has this pid; NULL where there is none. */
const struct service *supervisor_find(const struct supervisor *supervisor, pid_t pid);
