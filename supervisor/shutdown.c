#include "supervisor/shutdown.h"

void shutdown_init(struct shutdown *shutdown, int64_t timeout_ms, int64_t sweep_timeout_ms)
{
    *shutdown = (struct shutdown){
        .phase = SHUTDOWN_RUNNING,
        .timeout_ms = timeout_ms,
        .sweep_timeout_ms = sweep_timeout_ms,
        .requested_ms = -1,
    };
}

void shutdown_request(struct shutdown *shutdown, int64_t now_ms)
{
    if (shutdown->phase == SHUTDOWN_RUNNING)
        shutdown->requested_ms = now_ms;
}

/*
 * The end of the sweep: sweep-timeout from now, or what is left of the whole shutdown where that is
 * more. Never less, however long the services took: nobody is killed who had no time to end.
 */
static int64_t sweep_end_ms(const struct shutdown *shutdown, int64_t now_ms)
{
    int64_t end_ms = now_ms + shutdown->sweep_timeout_ms;
    if (shutdown->requested_ms < 0 || shutdown->timeout_ms == 0)
        return end_ms;
    int64_t whole_ms = shutdown->requested_ms + shutdown->timeout_ms;
    return whole_ms > end_ms ? whole_ms : end_ms;
}

static unsigned begin_sweep(struct shutdown *shutdown, int64_t now_ms)
{
    shutdown->phase = SHUTDOWN_SWEEP_TERM;
    shutdown->end_ms = sweep_end_ms(shutdown, now_ms);
    shutdown->half_ms = now_ms + (shutdown->end_ms - now_ms) / 2;
    return SHUTDOWN_ASK;
}

static unsigned kill_all(struct shutdown *shutdown, int64_t now_ms)
{
    shutdown->phase = SHUTDOWN_SWEEP_KILL;
    shutdown->end_ms = now_ms + SHUTDOWN_KILLED_MS;
    return SHUTDOWN_KILL;
}

unsigned shutdown_step(struct shutdown *shutdown, enum shutdown_left left, int64_t now_ms)
{
    if (left == SHUTDOWN_NONE_LEFT)
        shutdown->phase = SHUTDOWN_DONE;
    switch (shutdown->phase) {
    case SHUTDOWN_RUNNING:
        return begin_sweep(shutdown, now_ms);
    case SHUTDOWN_SWEEP_TERM:
        if (now_ms >= shutdown->end_ms)
            return kill_all(shutdown, now_ms);
        if (now_ms < shutdown->half_ms)
            return SHUTDOWN_ASK;
        shutdown->phase = SHUTDOWN_SWEEP_HUP;
        return SHUTDOWN_ASK_AGAIN;
    case SHUTDOWN_SWEEP_HUP:
        return now_ms < shutdown->end_ms ? SHUTDOWN_ASK : kill_all(shutdown, now_ms);
    case SHUTDOWN_SWEEP_KILL:
        if (now_ms < shutdown->end_ms)
            return SHUTDOWN_KILL;
        /* A process in state D does not hold us up: the kernel ends it when it can. */
        shutdown->phase = SHUTDOWN_DONE;
        return SHUTDOWN_KILL;
    case SHUTDOWN_DONE:
        return 0;
    }
    return 0;
}

int64_t shutdown_deadline_ms(const struct shutdown *shutdown, enum shutdown_left left,
                             int64_t now_ms)
{
    int64_t deadline_ms = shutdown->end_ms;
    switch (shutdown->phase) {
    case SHUTDOWN_RUNNING:
    case SHUTDOWN_DONE:
        return -1;
    case SHUTDOWN_SWEEP_TERM:
        deadline_ms = shutdown->half_ms;
        break;
    case SHUTDOWN_SWEEP_HUP:
    case SHUTDOWN_SWEEP_KILL:
        break;
    }
    int64_t look_ms = now_ms + SHUTDOWN_LOOK_MS;
    return left == SHUTDOWN_STRANGERS_LEFT && look_ms < deadline_ms ? look_ms : deadline_ms;
}
