/*
 * reeve itself as a job of a shell whose command leads a session of its own: the terminal that it
 * hands on to that session, and how it stops with it. Both only where it is called so.
 */
#pragma once

#include "init/settings.h"

#include <sys/types.h>

struct job {
    const struct settings *settings;
    pid_t self;
    signal_set handed_on; /* signals that come of giving up the terminal, until they have come */
};

/* Gives up the terminal, where another session is to have it: before that is there. */
void job_begin(struct job *job, const struct settings *settings, pid_t self);

/* It is one of the signals that the kernel sends for that, and for nobody. */
bool job_lets_pass(struct job *job, int sig);

/* TSTP, TTIN and TTOU: what a terminal stops a job by. */
bool job_is_stopped_by(int sig);

/* Stops us after such a signal. PID 1 is never stopped. */
void job_stop(const struct job *job, int sig);
