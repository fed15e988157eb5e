/*
 * The phases at the end of everything and their deadlines. Pure: time is an argument, and what is
 * to be done comes back as a set of actions.
 *
 * RUNNING ── services gone ──> SWEEP_TERM ── half of the time ──> SWEEP_HUP ── all of it ──>
 * SWEEP_KILL ── one more second ──> DONE; and from any phase of the sweep to DONE the moment that
 * nothing is left.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum shutdown_phase {
    SHUTDOWN_RUNNING,    /* services run, or were asked to stop and still do */
    SHUTDOWN_SWEEP_TERM, /* everything that is left was asked to end */
    SHUTDOWN_SWEEP_HUP,  /* and was asked once more */
    SHUTDOWN_SWEEP_KILL, /* and was killed */
    SHUTDOWN_DONE,
};

enum shutdown_action {
    SHUTDOWN_ASK = 1 << 0,       /* send TERM to everything left that was not asked yet */
    SHUTDOWN_ASK_AGAIN = 1 << 1, /* the same, and HUP to what does not listen to TERM */
    SHUTDOWN_KILL = 1 << 2,      /* send KILL to everything left */
};

enum shutdown_left {
    SHUTDOWN_CHILDREN_LEFT,  /* the reaper will tell when one of them ends */
    SHUTDOWN_STRANGERS_LEFT, /* processes that are not our children: nobody will tell */
    SHUTDOWN_NONE_LEFT,
};

struct shutdown {
    enum shutdown_phase phase;
    int64_t timeout_ms;       /* for everything from the stop request on, 0: none */
    int64_t sweep_timeout_ms; /* for the sweep, where more is not left of timeout_ms */
    int64_t requested_ms;     /* when the stop was asked for, -1: nobody has */
    int64_t half_ms;          /* deadline of SWEEP_TERM */
    int64_t end_ms;           /* deadline of the phase after it */
};

enum { SHUTDOWN_LOOK_MS = 20, SHUTDOWN_KILLED_MS = 1000 };

void shutdown_init(struct shutdown *shutdown, int64_t timeout_ms, int64_t sweep_timeout_ms);

/*
 * Somebody asked us to stop. The last time before the sweep counts: a program may survive an
 * earlier one (QUIT makes a JVM print its threads), and it must not use up the time of the real
 * one.
 */
void shutdown_request(struct shutdown *shutdown, int64_t now_ms);

/*
 * To be called once the services are gone, first then and again whenever a process has ended or
 * the deadline has come: goes on with the sweep of what is left. Returns actions.
 */
unsigned shutdown_step(struct shutdown *shutdown, enum shutdown_left left, int64_t now_ms);

/* When shutdown_step() wants to be called next; -1: not because of the time. */
int64_t shutdown_deadline_ms(const struct shutdown *shutdown, enum shutdown_left left,
                             int64_t now_ms);
