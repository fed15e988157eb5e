#include "supervisor/probe.h"

#include <limits.h>

enum {
    TRY_AGAIN_MS = 100, /* readiness, and twice as long each time */
    TRY_AGAIN_MOST_MS = 1000,
    TRY_TIMEOUT_MS = 30000, /* moby's defaultProbeTimeout */
    ASKED_MS = 1000,        /* from TERM to the first SIGKILL */
    KILL_AGAIN_MS = 1000,   /* as a service that is in state D */
    KILL_AGAIN_MOST_MS = 60000,
};

void probe_init(struct probe_run *run, const struct health_conf *health)
{
    *run =
        (struct probe_run){.health = health, .deadline_ms = PROBE_NO_DEADLINE, .state = PROBE_IDLE};
}

const char *probe_verdict_name(enum probe_verdict verdict)
{
    switch (verdict) {
    case VERDICT_NONE:
        return "none";
    case VERDICT_STARTING:
        return "starting";
    case VERDICT_HEALTHY:
        return "healthy";
    case VERDICT_UNHEALTHY:
        return "unhealthy";
    }
    return "?";
}

/* --- rules ------------------------------------------------------------------------------------ */

/* moby: the first success ends it, too. */
static bool is_in_start_period(const struct probe_run *run, int64_t at_ms)
{
    return run->verdict == VERDICT_STARTING && at_ms - run->begun_ms < run->health->start_period_ms;
}

static int64_t try_again_ms(int failures)
{
    int64_t wait_ms = failures > 0 ? TRY_AGAIN_MS : 0;
    for (; failures > 1 && wait_ms < TRY_AGAIN_MOST_MS; failures--)
        wait_ms *= 2;
    return wait_ms < TRY_AGAIN_MOST_MS ? wait_ms : TRY_AGAIN_MOST_MS;
}

static int64_t wait_ms(const struct probe_run *run)
{
    if (!run->health)
        return try_again_ms(run->failures);
    return is_in_start_period(run, run->since_ms) ? run->health->start_interval_ms
                                                  : run->health->interval_ms;
}

static int64_t timeout_ms(const struct probe_run *run)
{
    return run->health ? run->health->timeout_ms : TRY_TIMEOUT_MS;
}

static unsigned change_verdict(struct probe_run *run, enum probe_verdict verdict, unsigned action)
{
    if (run->verdict == verdict)
        return 0;
    run->verdict = (uint8_t)verdict;
    return action;
}

static unsigned pass(struct probe_run *run)
{
    run->failures = 0;
    if (run->health)
        return change_verdict(run, VERDICT_HEALTHY, PROBE_HEALTHY);
    run->is_wanted = false;
    return PROBE_PASSED;
}

static unsigned fail(struct probe_run *run)
{
    if (run->health && is_in_start_period(run, run->run_ms))
        return 0;
    if (run->failures < INT_MAX)
        run->failures++;
    if (!run->health || run->failures < run->health->retries)
        return 0;
    return change_verdict(run, VERDICT_UNHEALTHY, PROBE_UNHEALTHY);
}

/* --- changes of state: the only writers of state and deadline --------------------------------- */

static void enter(struct probe_run *run, enum probe_state state, int64_t deadline_ms)
{
    run->state = (uint8_t)state;
    run->deadline_ms = deadline_ms;
}

/* No probe is there. */
static void wait_or_rest(struct probe_run *run)
{
    if (run->is_wanted)
        enter(run, PROBE_WAITING, run->since_ms + wait_ms(run));
    else
        enter(run, PROBE_IDLE, PROBE_NO_DEADLINE);
}

static unsigned ask(struct probe_run *run, int64_t now_ms)
{
    enter(run, PROBE_ASKED, now_ms + ASKED_MS);
    return PROBE_END;
}

static unsigned repeat_kill(struct probe_run *run, int64_t now_ms)
{
    enter(run, PROBE_KILLED, now_ms + run->kill_ms);
    return PROBE_KILL;
}

/* --- intents ---------------------------------------------------------------------------------- */

static unsigned cancel(struct probe_run *run, int64_t now_ms)
{
    run->is_wanted = false;
    run->verdict = VERDICT_NONE;
    run->is_cancelled = run->pid != 0;
    switch ((enum probe_state)run->state) {
    case PROBE_WAITING:
        wait_or_rest(run);
        return 0;
    case PROBE_RUNNING:
        return ask(run, now_ms);
    case PROBE_IDLE:
    case PROBE_ASKED:
    case PROBE_KILLED:
        return 0;
    }
    return 0;
}

/* What was cancelled and is still there ends first. */
static unsigned begin(struct probe_run *run, int64_t now_ms)
{
    unsigned actions = cancel(run, now_ms);
    run->is_wanted = true;
    run->verdict = run->health ? VERDICT_STARTING : VERDICT_NONE;
    run->failures = 0;
    run->begun_ms = run->since_ms = now_ms;
    if (run->pid == 0)
        wait_or_rest(run);
    return actions;
}

static unsigned on_reconfigured(struct probe_run *run)
{
    if (run->state == PROBE_WAITING)
        wait_or_rest(run);
    return 0;
}

/* --- facts ------------------------------------------------------------------------------------ */

static unsigned on_forked(struct probe_run *run, pid_t pid, int64_t now_ms)
{
    run->pid = pid;
    run->run_ms = now_ms;
    run->is_cancelled = !run->is_wanted;
    if (run->is_cancelled) /* since it was asked for */
        return ask(run, now_ms);
    enter(run, PROBE_RUNNING, now_ms + timeout_ms(run));
    return 0;
}

static unsigned on_not_forked(struct probe_run *run, int64_t now_ms)
{
    if (run->state != PROBE_WAITING)
        return 0; /* cancelled since it was asked for */
    run->run_ms = run->since_ms = now_ms;
    unsigned actions = fail(run);
    wait_or_rest(run);
    return actions;
}

/* In any state but RUNNING what it comes to is known already, or nobody wants to know. */
static unsigned on_ended(struct probe_run *run, bool is_ok, int64_t now_ms)
{
    unsigned actions = 0;
    if (run->pid == 0)
        return 0;
    if (run->state == PROBE_RUNNING)
        actions = is_ok ? pass(run) : fail(run);
    if (!run->is_cancelled) /* else it waits since it was begun anew */
        run->since_ms = now_ms;
    run->pid = 0;
    wait_or_rest(run);
    return actions;
}

static unsigned on_deadline(struct probe_run *run, int64_t now_ms)
{
    if (now_ms < run->deadline_ms)
        return 0; /* it was put off meanwhile */
    switch ((enum probe_state)run->state) {
    case PROBE_IDLE:
        return 0;
    case PROBE_WAITING:
        return PROBE_RUN;
    case PROBE_RUNNING: /* moby does not wait for its end, either, to count it as failed */
        return ask(run, now_ms) | fail(run);
    case PROBE_ASKED:
        run->kill_ms = KILL_AGAIN_MS;
        return repeat_kill(run, now_ms);
    case PROBE_KILLED:
        run->kill_ms =
            run->kill_ms < KILL_AGAIN_MOST_MS / 2 ? run->kill_ms * 2 : KILL_AGAIN_MOST_MS;
        return repeat_kill(run, now_ms);
    }
    return 0;
}

unsigned probe_step(struct probe_run *run, const struct probe_event *event, int64_t now_ms)
{
    switch (event->kind) {
    case PROBE_BEGIN:
        return begin(run, now_ms);
    case PROBE_CANCEL:
        return cancel(run, now_ms);
    case PROBE_RECONFIGURED:
        return on_reconfigured(run);
    case PROBE_FORKED:
        return on_forked(run, event->pid, now_ms);
    case PROBE_NOT_FORKED:
        return on_not_forked(run, now_ms);
    case PROBE_ENDED:
        return on_ended(run, event->is_ok, now_ms);
    case PROBE_DEADLINE:
        return on_deadline(run, now_ms);
    }
    return 0;
}
