#include "init/signal_policy.h"

#include <signal.h>

enum signal_action signal_policy_decide(int sig, bool from_self, const struct signal_rules *rules)
{
    if (sig == SIGCHLD)
        return SIGNAL_REAP;
    /* A write of our own to a closed pipe is no signal that anybody sent. */
    if (sig == SIGPIPE && from_self)
        return SIGNAL_DROP;
    if (signal_in(rules->stop_signals, sig) && !rules->forwards_stops)
        return SIGNAL_STOP;
    return sig == SIGHUP && rules->reloads ? SIGNAL_RELOAD : SIGNAL_FORWARD;
}

int signal_policy_rewrite(const struct signal_map *rewrite, bool is_main, int sig)
{
    return is_main || signal_in(rewrite->named, sig) ? rewrite->to[sig] : 0;
}
