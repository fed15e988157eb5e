/*
 * The life of one service as a pure function: no system call, no clock, no memory. It is told what
 * somebody wants and what has happened, changes the one struct, and returns what is to be done.
 *
 * DOWN ─► WAITING ─► STARTING ─► UP ─► STOPPING ─► BACKOFF ─► STARTING ...
 *                                         └──────► DOWN, DONE or FAILED
 */
#pragma once

#include "conf/conf.h"
#include "supervisor/policy.h"
#include "supervisor/probe.h"
#include "supervisor/spawn_error.h"

#include <sys/types.h>

enum service_state {
    SERVICE_DOWN,     /* not wanted, and nothing of it runs */
    SERVICE_WAITING,  /* for what it is to start after */
    SERVICE_STARTING, /* to be spawned, or not yet known to run; a oneshot until it ends */
    SERVICE_UP,       /* its program runs */
    SERVICE_STOPPING, /* something of it still runs and is to end */
    SERVICE_BACKOFF,  /* it waits for its next start */
    SERVICE_FAILED,   /* for good */
    SERVICE_DONE,     /* it has ended well, for good */
};

/* How far STOPPING has come. */
enum service_step {
    STEP_COMMAND, /* its stop-command runs */
    STEP_SIGNAL,  /* it got its stop signal; with kill-mode = mixed the leader alone */
    STEP_REST,    /* the rest of its group got the stop signal */
    STEP_KILL,    /* it got SIGKILL, which is repeated */
};

/* Why it is STOPPING, or was. */
enum service_reason {
    REASON_NONE,
    REASON_BY_HAND,
    REASON_SHUTDOWN,
    REASON_START_TIMEOUT, /* it was not ready in time: a failed run */
    REASON_UNHEALTHY,     /* too many of its checks failed: the same */
    REASON_WATCHDOG,      /* it did not say in time that it is well: the same */
    REASON_LEADER_GONE,   /* it ended by itself, and others of its group may be left */
};

enum service_event_kind {
    /* Intents */
    SERVICE_WANT_UP,
    SERVICE_WANT_DOWN,       /* for event->reason */
    SERVICE_WANT_NO_RESTART, /* it may go on, and is not started again when it ends */
    SERVICE_WANT_DEAD,       /* the time of the shutdown is over */
    SERVICE_RECONFIGURED,    /* service->conf is another one */
    /* Facts */
    SERVICE_DEPS_MET,        /* nothing that it waits for is missing */
    SERVICE_DEPS_IMPOSSIBLE, /* event->cause_code */
    SERVICE_FORKED,          /* event->pid */
    SERVICE_EXECUTED,        /* its program runs */
    SERVICE_DAEMON_NAMED,    /* its launcher is about to end, and leaves event->pid */
    SERVICE_DAEMON_FOUND,    /* it has, and that one is ours now, in event->group */
    SERVICE_DAEMON_MISSING,  /* its launcher has ended and leaves none, but others may be left */
    SERVICE_MAIN_PID,        /* its leader is event->pid from now on, in event->group */
    SERVICE_READY,           /* it says so, or was found to be */
    SERVICE_EXTENDED,        /* it asks for event->extend_ms more */
    SERVICE_HEALTHY,         /* a health check has passed */
    SERVICE_UNHEALTHY,       /* too many have failed */
    SERVICE_KEEPALIVE,       /* it says that it is well */
    SERVICE_WATCHDOG_SET,    /* it will say so every event->watchdog_ms; 0: no more */
    SERVICE_WATCHDOG_PULLED, /* it says that it is not */
    SERVICE_SPAWN_FAILED,    /* event->spawn_error; a child that told so is still to exit */
    SERVICE_EXITED,          /* event->wait_status; its leader, in event->group, not reaped yet */
    SERVICE_GROUP_LEFT,      /* its leader is reaped, others of its group are there */
    SERVICE_GROUP_GONE,      /* its leader is reaped, and nobody else is there */
    SERVICE_HELPER_FORKED,   /* event->pid, of the stop-command */
    SERVICE_HELPER_ENDED,    /* the stop-command ended, or could not be started */
    SERVICE_DEADLINE,        /* service_deadline_ms() has come */
};

struct service_event {
    enum service_event_kind kind;
    enum service_reason reason;
    pid_t pid;
    pid_t group;
    int wait_status;    /* as waitpid(2) gives it */
    bool out_of_memory; /* the kernel killed it for that */
    int cause_code;     /* exit code of what it waited for */
    int64_t extend_ms;
    int64_t watchdog_ms;
    struct spawn_error spawn_error;
};

/* Actions, to be carried out in this order. */
enum service_action {
    SERVICE_CHANGED = 1 << 0,     /* tell whoever wants to know */
    SERVICE_AWAIT_READY = 1 << 9, /* find out, or hear, when it is ready */
    SERVICE_SPAWN = 1 << 1,
    SERVICE_RUN_STOP_COMMAND = 1 << 2,
    SERVICE_SIGNAL = 1 << 3,       /* the stop signal to the leader, and CONT */
    SERVICE_SIGNAL_GROUP = 1 << 4, /* the stop signal to the group, and CONT */
    SERVICE_KILL = 1 << 5,         /* SIGKILL to the leader */
    SERVICE_KILL_GROUP = 1 << 6,
    SERVICE_END_HELPER = 1 << 7, /* TERM to the group of the stop-command */
    SERVICE_KILL_HELPER = 1 << 8,
    SERVICE_HEALTH_CHANGED = 1 << 10, /* tell of that, too: its state is as it was */
};

enum { SERVICE_NO_DEADLINE = -1 };

struct service {
    const struct service_conf *conf;
    const char *name;
    int64_t deadline_ms;           /* of the state; SERVICE_NO_DEADLINE */
    int64_t keepalive_deadline_ms; /* by when it has to say that it is well; SERVICE_NO_DEADLINE */
    int64_t watchdog_ms;           /* how often it has to, in this run; 0: never */
    int64_t executed_ms; /* since when its program runs; -1: it does not, or is not known to */
    int64_t run_ms;      /* how long its last run was */
    int64_t asked_ms;    /* when the last run, or what it left, got the stop signal */
    struct policy_history history;
    struct spawn_error spawn_error; /* why it could not be started, where was_refused */
    pid_t pid;                      /* of the leader; 0: none */
    pid_t pgid;      /* of the group that its leader is in: its own, unless it was told otherwise */
    pid_t group;     /* the number of its process group while others may be left; 0: none are */
    pid_t helper;    /* of the stop-command; 0: none */
    pid_t daemon;    /* whom its launcher leaves; 0: not known */
    int wait_status; /* of the last run, where has_ended */
    uint64_t watchers;      /* bits of whoever waits for what was ordered; nothing of it is ours */
    int32_t ready_after_ms; /* how long it took from its exec until it was up; before: how long it
                               may take to start, where that is limited */
    int32_t wait_ms;        /* STEP_KILL: until the next SIGKILL; BACKOFF: until the next start */
    int16_t cause_code;     /* is_impossible */
    uint16_t instance;      /* 1 to N; 0: it has no instances */
    uint8_t state;          /* enum service_state */
    uint8_t step;           /* enum service_step */
    uint8_t reason;         /* enum service_reason */
    uint8_t health;         /* enum probe_verdict; VERDICT_NONE where nobody looks at it */
    bool is_wanted;         /* up, rather than down */
    bool leaves_group;    /* others of its group are not its concern: they are left to the sweep */
    bool has_ended;       /* a run of it has ended: wait_status */
    bool was_refused;     /* the last start failed: spawn_error */
    bool is_impossible;   /* it failed because of what it waited for: cause_code */
    bool was_forced;      /* we stopped its last run, which counts as failed */
    bool was_pulled;      /* it said itself that it is not well: REASON_WATCHDOG */
    bool was_asked;       /* the last run got the stop signal from us, or its stop-command */
    bool group_was_asked; /* it was for its whole group, or they got it since */
    bool was_wanted;      /* when it ended, it was to go on; or it is to be started anew */
    bool out_of_memory;   /* the kernel killed its last run for that */
    bool is_late;         /* the shutdown has no stop-timeout left for it */
    bool has_left_some;   /* when its leader ended, others of its group were there */
    bool is_launching;    /* its leader stands for what is launched, and leaves a daemon */
    bool said_ready;      /* the daemon, while it was launching */
};

void service_init(struct service *service, const struct service_conf *conf);

/* Returns actions. */
unsigned service_step(struct service *service, const struct service_event *event, int64_t now_ms);

/* Something of it runs. */
bool service_has_processes(const struct service *service);

/* Nothing of it runs, and nothing will unless somebody asks for it. */
bool service_is_at_rest(const struct service *service);

/* It was killed a while ago and is still there: in state D, or beyond our rights. */
bool service_outlives_kill(const struct service *service);

/* When its leader ends, others of its group are asked to end, too, and killed in the end. */
bool service_cleans_group(const struct service *service);

/* Somebody stopped it by hand, or it was so when we began: it stays down until somebody starts it.
 */
bool service_is_held_down(const struct service *service);

/* When it is to be told SERVICE_DEADLINE; SERVICE_NO_DEADLINE. */
int64_t service_deadline_ms(const struct service *service);

/* There are health checks of it from when it is up until it is to go. */
bool service_is_checked(const struct service *service);

/* It was unhealthy, and that is the end of the container. */
bool service_ends_all(const struct service *service);

/* Its program is known to run. */
bool service_is_executed(const struct service *service);

/* Of its last run or start: 0 to 255; 0 where there was none. */
int service_exit_code(const struct service *service);

/*
 * Its last run was a success: its exit code is one, or it ended by the stop signal, or by an exit
 * with 128 + its number, after we had sent it.
 */
bool service_ended_well(const struct service *service);

/* The name of a state, as users see it. */
const char *service_state_name(enum service_state state);
