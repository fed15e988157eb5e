#include "supervisor/shutdown.h"

void shutdown_init(struct shutdown *shutdown, int64_t timeout_ms, int64_t sweep_timeout_ms,
                   int64_t delay_ms)
{
    *shutdown = (struct shutdown){
        .phase = SHUTDOWN_RUNNING,
        .timeout_ms = timeout_ms,
        .sweep_timeout_ms = sweep_timeout_ms,
        .delay_ms = delay_ms,
        .requested_ms = -1,
    };
}

/* --- services --------------------------------------------------------------------------------- */

void shutdown_note_request(struct shutdown *shutdown, int64_t now_ms)
{
    if (shutdown->phase == SHUTDOWN_RUNNING)
        shutdown->requested_ms = now_ms;
}

void shutdown_begin(struct shutdown *shutdown, bool is_asked, int64_t now_ms)
{
    switch (shutdown->phase) {
    case SHUTDOWN_RUNNING:
        shutdown->requested_ms = now_ms;
        if (!is_asked)
            shutdown->delay_ms = 0;
        shutdown->phase = SHUTDOWN_DELAY;
        break;
    case SHUTDOWN_DELAY:
    case SHUTDOWN_ORDERED:
        if (is_asked && shutdown->was_asked) /* and killed when they would have been anyway */
            shutdown->phase = SHUTDOWN_ALL_ASKED;
        break;
    case SHUTDOWN_ALL_ASKED:
    case SHUTDOWN_KILLING:
    case SHUTDOWN_SWEEP_TERM:
    case SHUTDOWN_SWEEP_HUP:
    case SHUTDOWN_SWEEP_KILL:
    case SHUTDOWN_DONE:
        break;
    }
    shutdown->was_asked = shutdown->was_asked || is_asked;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When services may be asked, and how long they have from then on. */
static int64_t begin_ms(const struct shutdown *shutdown)
{
    return shutdown->requested_ms + shutdown->delay_ms;
}

static int64_t room_ms(const struct shutdown *shutdown)
{
    return shutdown->timeout_ms - shutdown->delay_ms;
}

/* When services are killed. A sweep-timeout that is large for the whole gets a quarter of it: else
 * they would be killed when they are asked. */
static int64_t killing_ms(const struct shutdown *shutdown)
{
    return begin_ms(shutdown) + room_ms(shutdown) -
           least(shutdown->sweep_timeout_ms, room_ms(shutdown) / 4);
}

/* Half of the time; or sooner, so that whoever is still to be asked gets what was written for it;
 * or at once where there is not that much. */
static int64_t all_asked_ms(const struct shutdown *shutdown, int64_t unasked_ms)
{
    int64_t half_ms = begin_ms(shutdown) + room_ms(shutdown) / 2;
    int64_t in_time_ms = killing_ms(shutdown) - unasked_ms;
    return in_time_ms < begin_ms(shutdown) ? begin_ms(shutdown) : least(half_ms, in_time_ms);
}

int64_t shutdown_services_deadline_ms(const struct shutdown *shutdown, int64_t unasked_ms)
{
    if (shutdown->phase == SHUTDOWN_DELAY)
        return begin_ms(shutdown);
    if (shutdown->timeout_ms == 0)
        return SHUTDOWN_FOREVER;
    switch (shutdown->phase) {
    case SHUTDOWN_ORDERED:
        return all_asked_ms(shutdown, unasked_ms);
    case SHUTDOWN_ALL_ASKED:
        return killing_ms(shutdown);
    case SHUTDOWN_RUNNING:
    case SHUTDOWN_DELAY:
    case SHUTDOWN_KILLING: /* until they are gone, or taken for gone */
    case SHUTDOWN_SWEEP_TERM:
    case SHUTDOWN_SWEEP_HUP:
    case SHUTDOWN_SWEEP_KILL:
    case SHUTDOWN_DONE:
        return SHUTDOWN_FOREVER;
    }
    return SHUTDOWN_FOREVER;
}

unsigned shutdown_step_services(struct shutdown *shutdown, int64_t unasked_ms, int64_t now_ms)
{
    enum shutdown_phase before = shutdown->phase;
    int64_t deadline_ms;
    while ((deadline_ms = shutdown_services_deadline_ms(shutdown, unasked_ms)) >= 0 &&
           now_ms >= deadline_ms)
        shutdown->phase++; /* they stand in the order of time */
    switch (shutdown->phase) {
    case SHUTDOWN_ORDERED:
        return SHUTDOWN_ASK_NEXT;
    case SHUTDOWN_ALL_ASKED:
        return SHUTDOWN_ASK_ALL;
    case SHUTDOWN_KILLING:
        return before == SHUTDOWN_KILLING ? 0 : SHUTDOWN_KILL_ALL;
    case SHUTDOWN_RUNNING:
    case SHUTDOWN_DELAY:
    case SHUTDOWN_SWEEP_TERM:
    case SHUTDOWN_SWEEP_HUP:
    case SHUTDOWN_SWEEP_KILL:
    case SHUTDOWN_DONE:
        return 0;
    }
    return 0;
}

/* --- the sweep -------------------------------------------------------------------------------- */

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
    return SHUTDOWN_SWEEP_ASK;
}

static unsigned end_sweep(struct shutdown *shutdown, int64_t now_ms)
{
    shutdown->phase = SHUTDOWN_SWEEP_KILL;
    shutdown->end_ms = now_ms + SHUTDOWN_KILLED_MS;
    return SHUTDOWN_SWEEP_END;
}

unsigned shutdown_step(struct shutdown *shutdown, enum shutdown_left left, int64_t now_ms)
{
    if (left == SHUTDOWN_NONE_LEFT)
        shutdown->phase = SHUTDOWN_DONE;
    switch (shutdown->phase) {
    case SHUTDOWN_RUNNING:
    case SHUTDOWN_DELAY:
    case SHUTDOWN_ORDERED:
    case SHUTDOWN_ALL_ASKED:
    case SHUTDOWN_KILLING:
        return begin_sweep(shutdown, now_ms);
    case SHUTDOWN_SWEEP_TERM:
        if (now_ms >= shutdown->end_ms)
            return end_sweep(shutdown, now_ms);
        if (now_ms < shutdown->half_ms)
            return SHUTDOWN_SWEEP_ASK;
        shutdown->phase = SHUTDOWN_SWEEP_HUP;
        return SHUTDOWN_SWEEP_AGAIN;
    case SHUTDOWN_SWEEP_HUP:
        return now_ms < shutdown->end_ms ? SHUTDOWN_SWEEP_ASK : end_sweep(shutdown, now_ms);
    case SHUTDOWN_SWEEP_KILL:
        if (now_ms < shutdown->end_ms)
            return SHUTDOWN_SWEEP_END;
        /* A process in state D does not hold us up: the kernel ends it when it can. */
        shutdown->phase = SHUTDOWN_DONE;
        return SHUTDOWN_SWEEP_END;
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
    case SHUTDOWN_DELAY:
    case SHUTDOWN_ORDERED:
    case SHUTDOWN_ALL_ASKED:
    case SHUTDOWN_KILLING:
    case SHUTDOWN_DONE:
        return SHUTDOWN_FOREVER;
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
