/*
 * The phases at the end of everything and their deadlines. Pure: time is an argument, and what is
 * to be done comes back as a set of actions.
 *
 * RUNNING ─► DELAY ─► ORDERED ─► ALL_ASKED ─► KILLING      while services are there, and then
 * SWEEP_TERM ─► SWEEP_HUP ─► SWEEP_KILL ─► DONE            for what else is left
 *
 * From any phase of the services to SWEEP_TERM the moment that they are gone, and from any phase of
 * the sweep to DONE the moment that nothing is left. The one command knows no phase of services.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum shutdown_phase {
    SHUTDOWN_RUNNING,    /* nobody asked for a stop; the one command may have been */
    SHUTDOWN_DELAY,      /* stop-delay: a load balancer learns that we are going */
    SHUTDOWN_ORDERED,    /* services are asked, each when nothing that needs it is left */
    SHUTDOWN_ALL_ASKED,  /* all of them were asked, in whatever order */
    SHUTDOWN_KILLING,    /* all of them were killed */
    SHUTDOWN_SWEEP_TERM, /* everything that is left was asked to end */
    SHUTDOWN_SWEEP_HUP,  /* and was asked once more */
    SHUTDOWN_SWEEP_KILL, /* and was killed */
    SHUTDOWN_DONE,
};

enum shutdown_action {
    SHUTDOWN_ASK_NEXT = 1 << 0,    /* ask the services whose turn it is */
    SHUTDOWN_ASK_ALL = 1 << 1,     /* ask every service that was not asked yet */
    SHUTDOWN_KILL_ALL = 1 << 2,    /* once: the time of the services is over */
    SHUTDOWN_SWEEP_ASK = 1 << 3,   /* TERM to everything left that was not asked yet */
    SHUTDOWN_SWEEP_AGAIN = 1 << 4, /* the same, and HUP to what does not listen to TERM */
    SHUTDOWN_SWEEP_END = 1 << 5,   /* KILL to everything left */
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
    int64_t delay_ms;         /* from a stop request to ORDERED */
    bool was_asked;           /* somebody has asked the services to stop */
    int64_t requested_ms;     /* when the stop was asked for or began, -1: neither */
    int64_t half_ms;          /* deadline of SWEEP_TERM */
    int64_t end_ms;           /* deadline of the phase after it */
};

enum {
    SHUTDOWN_LOOK_MS = 20,
    SHUTDOWN_KILLED_MS = 1000, /* a process in state D holds us up for no longer */
    SHUTDOWN_FOREVER = -1,
};

void shutdown_init(struct shutdown *shutdown, int64_t timeout_ms, int64_t sweep_timeout_ms,
                   int64_t delay_ms);

/*
 * The one command was asked to stop. The last time before the sweep counts: a program may survive
 * an earlier one (QUIT makes a JVM print its threads), and it must not use up the time of the real
 * one.
 */
void shutdown_note_request(struct shutdown *shutdown, int64_t now_ms);

/*
 * Services are to stop: somebody asked, or one of them has ended (`is_asked` is false), after which
 * nothing is to be drained. Where somebody asks a second time all are asked now, and none is killed
 * sooner.
 */
void shutdown_begin(struct shutdown *shutdown, bool is_asked, int64_t now_ms);

/*
 * Goes on with the phases of the services. `unasked_ms` is the longest stop-timeout that somebody
 * wrote for a service which is still to be asked, 0 where there is none: ORDERED ends in time for
 * it. Returns actions.
 */
unsigned shutdown_step_services(struct shutdown *shutdown, int64_t unasked_ms, int64_t now_ms);

/* When it wants to be called next; SHUTDOWN_FOREVER: not because of the time. */
int64_t shutdown_services_deadline_ms(const struct shutdown *shutdown, int64_t unasked_ms);

/*
 * To be called once the services are gone, first then and again whenever a process has ended or
 * the deadline has come: goes on with the sweep of what is left. Returns actions.
 */
unsigned shutdown_step(struct shutdown *shutdown, enum shutdown_left left, int64_t now_ms);

/* When shutdown_step() wants to be called next; SHUTDOWN_FOREVER: not because of the time. */
int64_t shutdown_deadline_ms(const struct shutdown *shutdown, enum shutdown_left left,
                             int64_t now_ms);
