/*
 * What to do with a signal that arrived. Pure.
 */
#pragma once

#include "conf/value.h"

enum signal_action {
    SIGNAL_DROP,    /* nothing */
    SIGNAL_REAP,    /* children changed their state */
    SIGNAL_FORWARD, /* pass it on as `sig` */
};

struct signal_verdict {
    enum signal_action action;
    int sig;   /* what to forward */
    bool stop; /* it also asks the container to stop */
};

/* `from_self`: the sender is this process. */
struct signal_verdict signal_policy_decide(int sig, bool from_self, signal_set stop_signals,
                                           const struct signal_map *rewrite);
