/*
 * What the files of a reeve at work share, and nobody else sees: run.c, which turns it, ops.c, what
 * the supervisor has done, and hearing.c, what programs tell.
 */
#pragma once

#include "init/channels.h"
#include "init/job.h"
#include "init/launch.h"
#include "init/loop.h"
#include "init/oom.h"
#include "init/starts.h"
#include "init/steering.h"
#include "init/sweep.h"
#include "supervisor/supervisor.h"

struct run {
    struct inherited_signals inherited;
    struct supervisor supervisor;
    struct launch launch;
    struct sweep sweep;
    struct oom oom;
    struct steering steering;
    struct job job;
    pid_t self;
    int signals;
    struct loop_watch signals_watch;
    bool is_pid1;
    bool children_left; /* as the last drain saw it */
    bool pausing;       /* --pause, and not asked to stop yet */
    bool main_stopped;  /* as far as we know: nobody tells us that it goes on */
};

/* All of these get the struct run. */
extern const struct supervisor_ops running_ops;
extern const struct starts_callbacks running_starts;
extern const struct channels_callbacks running_channels;
