#include "init/signal_policy.h"

#include <signal.h>

struct signal_verdict signal_policy_decide(int sig, bool from_self, signal_set stop_signals,
                                           const struct signal_map *rewrite)
{
    if (sig == SIGCHLD)
        return (struct signal_verdict){.action = SIGNAL_REAP};
    /* A write of our own to a closed pipe is no signal that anybody sent. */
    if (sig == SIGPIPE && from_self)
        return (struct signal_verdict){.action = SIGNAL_DROP};
    int to = rewrite->to[sig];
    return (struct signal_verdict){
        .action = to == 0 ? SIGNAL_DROP : SIGNAL_FORWARD,
        .sig = to,
        .stop = signal_in(stop_signals, sig),
    };
}
