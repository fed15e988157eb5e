/*
 * Restart or not, and after which delay: Docker's policies by the rules of moby's restart manager
 * (daemon/internal/restartmanager). Pure.
 */
#pragma once

#include "conf/conf.h"

/* What earlier runs of a service have come to, since it was last started by hand. */
struct policy_history {
    int64_t delay_ms; /* before the restart that was decided last; -1: none was */
    int restarts;
    int failures;       /* failed runs in a row; one as long as restart-reset begins a new row */
    int short_failures; /* of them, those that were shorter than restart-reset */
};

enum policy_verdict {
    POLICY_RESTART, /* after policy_delay_ms() */
    POLICY_DONE,    /* it ended well and stays so */
    POLICY_FAILED,  /* it has failed for good */
};

/* A run that has ended. One that never began counts as one of 0 ms. */
struct policy_run {
    int64_t length_ms;
    bool is_success; /* its exit code is among success-exit-codes */
};

extern const struct policy_history policy_no_history;

/* Notes the run in *history and decides what follows from it. */
enum policy_verdict policy_decide(const struct restart_conf *conf, struct policy_history *history,
                                  const struct policy_run *run);

/* Of one that is to be restarted: for how long it waits. `random` is any number, for the jitter. */
int64_t policy_delay_ms(const struct restart_conf *conf, const struct policy_history *history,
                        uint32_t random);

/* Why it has failed, of one that policy_decide() called so. */
enum policy_end {
    POLICY_NO_RESTARTS,  /* the policy has none */
    POLICY_OUT_OF_TRIES, /* of on-failure:N */
    POLICY_CRASHES,      /* crash-limit */
};
enum policy_end policy_why_failed(const struct restart_conf *conf,
                                  const struct policy_history *history);
