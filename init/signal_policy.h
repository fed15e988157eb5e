/*
 * What to do with a signal that arrived. Pure.
 */
#pragma once

#include "conf/value.h"

enum signal_action {
    SIGNAL_DROP,    /* nothing */
    SIGNAL_REAP,    /* children changed their state */
    SIGNAL_FORWARD, /* pass it on to those whom signal_policy_rewrite() names one for */
    SIGNAL_STOP,    /* the container is to stop: each service gets its own stop signal */
    SIGNAL_RELOAD,  /* the configuration is to be read again */
};

struct signal_rules {
    signal_set stop_signals;
    bool forwards_stops; /* they go to the one command as they are */
    bool reloads;        /* HUP is for reeve itself */
};

/* `from_self`: the sender is this process. */
enum signal_action signal_policy_decide(int sig, bool from_self, const struct signal_rules *rules);

/*
 * What a service with this `rewrite` gets where `sig` is forwarded: the main service every signal,
 * any other one those that its rewrite names. 0: nothing.
 */
int signal_policy_rewrite(const struct signal_map *rewrite, bool is_main, int sig);
