/*
 * Everything that is left when the services are gone: adopted orphans, daemons that left their
 * session, processes that an engine's exec put into the container. They are asked to end, and
 * killed in the end. When and how often is decided elsewhere (supervisor/shutdown.h).
 *
 * As PID 1 that is every process of the namespace. Otherwise only our own children, adopted ones
 * among them: kill(-1) would take everything that the user has.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct sweep {
    bool is_pid1;
    bool begun;
    bool warned;  /* that children cannot be found */
    pid_t *asked; /* who has got TERM */
    size_t count;
    size_t capacity;
};

void sweep_init(struct sweep *sweep, bool is_pid1);

/*
 * Sends TERM, and CONT so that a stopped process can act on it, to everything that has not been
 * asked yet; who ignores TERM, as an interactive shell does, gets HUP too.
 */
void sweep_ask(struct sweep *sweep);

/* The same, once more as PID 1; where /proc cannot tell who ignores TERM, everybody gets HUP. */
void sweep_ask_again(struct sweep *sweep);

/* Sends KILL to everything that was asked; who was not, because it has just become ours, is. */
void sweep_kill(struct sweep *sweep);

/* As PID 1: are there processes in the namespace, ours or not? Else: false. */
bool sweep_has_strangers(const struct sweep *sweep);
