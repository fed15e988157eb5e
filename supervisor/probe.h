/*
 * When a service is looked at, and what comes of it, as a pure function: no system call, no clock,
 * no memory. One struct and one step serve readiness, which is tried until it passes, and health,
 * which is checked as long as the service is up. What a probe is, and who forks it, is not known
 * here.
 *
 * Health follows Docker's HEALTHCHECK, by the rules of moby's monitor (daemon/health.go):
 * - The interval is from the end of one check to the start of the next, and before the first one,
 *   too. It is start-interval where, as it begins, start-period is not over and no check has
 *   passed yet.
 * - A failed check that was begun within start-period does not count as long as none has passed.
 * - As many failures in a row as `retries` says make unhealthy, one that passes makes healthy.
 * - One that has not ended by its timeout has failed. So has one that could not be forked.
 * - What comes of a check that was cancelled means nothing.
 * Two things are ours. A check past its timeout gets SIGKILL after one second, not ten. And after
 * a cancel there is no verdict, where moby calls a container unhealthy that has no monitor.
 *
 * Readiness: at once, then 100 ms after the end of the first try, and twice as long each time, a
 * second at the most. A try has the time that Docker gives to a check where nobody says otherwise.
 */
#pragma once

#include "conf/conf.h"

#include <sys/types.h>

enum probe_state {
    PROBE_IDLE,    /* nothing runs, and nothing will before PROBE_BEGIN */
    PROBE_WAITING, /* for its next run; from its deadline on for an answer to PROBE_RUN */
    PROBE_RUNNING, /* until its timeout */
    PROBE_ASKED,   /* it got TERM; whatever it ends with, it has failed or is cancelled */
    PROBE_KILLED,  /* it got SIGKILL, which is repeated */
};

enum probe_verdict {
    VERDICT_NONE,     /* a readiness probe, or not begun */
    VERDICT_STARTING, /* no check has passed yet, and too few have failed */
    VERDICT_HEALTHY,
    VERDICT_UNHEALTHY,
};

enum probe_event_kind {
    /* Intents */
    PROBE_BEGIN,        /* the service is there to be looked at; also anew */
    PROBE_CANCEL,       /* it is not any more */
    PROBE_RECONFIGURED, /* run->health is another one */
    /* Facts */
    PROBE_FORKED,     /* event->pid */
    PROBE_NOT_FORKED, /* there is no probe, for want of something */
    PROBE_ENDED,      /* it exited, event->is_ok: with 0 */
    PROBE_DEADLINE,   /* run->deadline_ms has come */
};

struct probe_event {
    enum probe_event_kind kind;
    pid_t pid;
    bool is_ok;
};

enum probe_action {
    PROBE_RUN = 1 << 0,  /* fork one, and answer by PROBE_FORKED or PROBE_NOT_FORKED before anything
                            else; whoever does not answer is asked again */
    PROBE_END = 1 << 1,  /* TERM to the group of run->pid */
    PROBE_KILL = 1 << 2, /* SIGKILL to it */
    PROBE_PASSED = 1 << 3,    /* readiness: it is ready, and nothing is tried any more */
    PROBE_HEALTHY = 1 << 4,   /* the verdict has changed to that */
    PROBE_UNHEALTHY = 1 << 5, /* the same */
};

enum { PROBE_NO_DEADLINE = -1 };

struct probe_run {
    const struct health_conf *health; /* NULL: a readiness probe */
    int64_t deadline_ms;              /* of the state; PROBE_NO_DEADLINE, when it is idle */
    int64_t begun_ms;                 /* when it was begun; start-period counts from here */
    int64_t since_ms;                 /* from when it waits: begun, or the end of the last probe */
    int64_t run_ms;                   /* when the last probe was begun */
    pid_t pid;                        /* of the probe, which leads its group; 0: none */
    int32_t kill_ms;                  /* PROBE_KILLED: until the next SIGKILL */
    int failures;                     /* that count, in a row */
    uint8_t state;                    /* enum probe_state */
    uint8_t verdict;                  /* enum probe_verdict */
    bool is_wanted;                   /* begun, and neither cancelled nor passed */
    bool is_cancelled;                /* the probe that there is, or was last, was cancelled */
};

/*
 * `health` is kept and not copied. Where it is replaced, run->health is, too, and the step is told
 * so; readiness does not become health that way.
 */
void probe_init(struct probe_run *run, const struct health_conf *health);

/*
 * Returns actions, to be carried out in their order. There is at most one probe at a time, and
 * whenever one is there or wanted there is a deadline, in the past where something is due. Times
 * are in ms, of a clock that is never set.
 */
unsigned probe_step(struct probe_run *run, const struct probe_event *event, int64_t now_ms);

/* The name of a verdict, as users see it. */
const char *probe_verdict_name(enum probe_verdict verdict);
