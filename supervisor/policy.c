#include "supervisor/policy.h"

const struct policy_history policy_no_history = {.delay_ms = -1};

/*
 * moby: the first delay is 100 ms and each one after it twice as long, a minute at the most, and
 * after a run of 10 s or more the next one is the first again, whatever the policy and the exit
 * code.
 */
static int64_t next_delay_ms(const struct restart_conf *conf, int64_t last_ms)
{
    if (last_ms < 0)
        return conf->delay_ms;
    if (last_ms >= conf->delay_max_ms)
        return conf->delay_max_ms;
    int64_t next_ms = last_ms * conf->factor_percent / 100;
    if (next_ms == last_ms && last_ms > 0 && conf->factor_percent > 100)
        next_ms++; /* what grows is not kept small by rounding */
    return next_ms < conf->delay_max_ms ? next_ms : conf->delay_max_ms;
}

static void note(const struct restart_conf *conf, struct policy_history *history,
                 const struct policy_run *run)
{
    bool is_long = run->length_ms >= conf->reset_ms;
    if (is_long)
        history->delay_ms = -1;
    if (is_long || run->is_success)
        history->failures = history->short_failures = 0;
    if (run->is_success)
        return;
    history->failures++;
    if (!is_long)
        history->short_failures++;
}

static bool has_crashed_too_often(const struct restart_conf *conf,
                                  const struct policy_history *history)
{
    return conf->crash_limit > 0 && history->short_failures >= conf->crash_limit;
}

static enum policy_verdict give_up_or_restart(const struct restart_conf *conf,
                                              const struct policy_history *history)
{
    return has_crashed_too_often(conf, history) ? POLICY_FAILED : POLICY_RESTART;
}

static enum policy_verdict judge(const struct restart_conf *conf,
                                 const struct policy_history *history, bool is_success)
{
    switch (conf->policy) {
    case RESTART_NO:
        return is_success ? POLICY_DONE : POLICY_FAILED;
    case RESTART_ON_FAILURE:
        if (is_success)
            return POLICY_DONE;
        /* moby: a MaximumRetryCount of 0 means any number; uptime gives no tries back */
        if (conf->tries > 0 && history->restarts >= conf->tries)
            return POLICY_FAILED;
        return give_up_or_restart(conf, history);
    case RESTART_ALWAYS:
    case RESTART_UNLESS_STOPPED:
        return give_up_or_restart(conf, history);
    }
    return POLICY_FAILED;
}

/* The delay, up to jitter_percent of it more or less. */
static int64_t jitter(int64_t delay_ms, int percent, uint32_t random)
{
    int64_t most_ms = delay_ms * percent / 100;
    return most_ms > 0 ? delay_ms - most_ms + (int64_t)(random % (uint64_t)(2 * most_ms + 1))
                       : delay_ms;
}

enum policy_verdict policy_decide(const struct restart_conf *conf, struct policy_history *history,
                                  const struct policy_run *run)
{
    note(conf, history, run);
    enum policy_verdict verdict = judge(conf, history, run->is_success);
    if (verdict == POLICY_RESTART) {
        history->delay_ms = next_delay_ms(conf, history->delay_ms);
        history->restarts++;
    }
    return verdict;
}

int64_t policy_delay_ms(const struct restart_conf *conf, const struct policy_history *history,
                        uint32_t random)
{
    int64_t delay_ms = jitter(history->delay_ms, conf->jitter_percent, random);
    return delay_ms < conf->delay_max_ms ? delay_ms : conf->delay_max_ms;
}

enum policy_end policy_why_failed(const struct restart_conf *conf,
                                  const struct policy_history *history)
{
    if (conf->policy == RESTART_NO)
        return POLICY_NO_RESTARTS;
    return has_crashed_too_often(conf, history) ? POLICY_CRASHES : POLICY_OUT_OF_TRIES;
}
