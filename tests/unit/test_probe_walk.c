/*
 * Long random walks of readiness and of health beside a model: the process of a probe, and a log of
 * all checks, from which the verdict is worked out anew each time. Whatever happens, in whatever
 * order: there is never more than one probe, none gets a signal that is not there, none SIGKILL
 * before it had its second, nothing is waited for without a deadline, and every walk can be ended.
 */
#include "supervisor/probe.h"

#include "tests/unit/unit.h"

enum { WALKS = 4000, STEPS = 300, PID = 100, CHECKS = STEPS + 1 };

struct check {
    int64_t start_ms;
    bool has_passed;
};

static struct walk {
    unsigned seed;
    uint64_t random;
    int64_t now_ms;
    struct health_conf health;
    struct probe_run run;
    /* the model: the probe that there is */
    bool is_there;
    bool is_judged; /* what it comes to is known, or nobody wants to know */
    bool is_of_old; /* it was cancelled */
    bool was_asked;
    int64_t start_ms;
    int64_t asked_ms;
    int64_t timeout_ms; /* what it was when it began */
    /* and what is wanted of it */
    bool is_wanted;
    int64_t begun_ms;
    int64_t wait_ms; /* since when it waits */
    struct check checks[CHECKS];
    int count;
} w;

static unsigned pick(unsigned count)
{
    w.random ^= w.random << 13;
    w.random ^= w.random >> 7;
    w.random ^= w.random << 17;
    return (unsigned)(w.random >> 20) % count;
}

/* ck_assert would tell its parent of each one that holds. */
#define expect(condition)                                    \
    do {                                                     \
        if (!(condition))                                    \
            ck_abort_msg("seed %u: %s", w.seed, #condition); \
    } while (0)

/* --- the model -------------------------------------------------------------------------------- */

static bool is_health(void)
{
    return w.run.health != NULL;
}

static bool has_any_passed(void)
{
    for (int i = 0; i < w.count; i++)
        if (w.checks[i].has_passed)
            return true;
    return false;
}

/* How often in a row it has failed, of what counts, up to and with check `end`. */
static int failures_until(int end)
{
    int failures = 0;
    bool has_passed = false;
    for (int i = 0; i <= end; i++) {
        const struct check *check = &w.checks[i];
        bool counts = has_passed || !is_health() ||
                      check->start_ms >= w.begun_ms + w.health.start_period_ms ||
                      failures >= w.health.retries;
        has_passed = has_passed || check->has_passed;
        failures = check->has_passed ? 0 : failures + counts;
    }
    return failures;
}

static enum probe_verdict verdict_by_log(void)
{
    if (!w.is_wanted || !is_health())
        return VERDICT_NONE;
    enum probe_verdict verdict = VERDICT_STARTING;
    for (int i = 0; i < w.count; i++) {
        if (w.checks[i].has_passed)
            verdict = VERDICT_HEALTHY;
        else if (failures_until(i) >= w.health.retries)
            verdict = VERDICT_UNHEALTHY;
    }
    return verdict;
}

/* From the begin, or the end of the last probe, to the next one. */
static int64_t expected_wait_ms(void)
{
    static const int64_t growing_ms[] = {0, 100, 200, 400, 800, 1000};
    int failures = w.count;
    if (!is_health())
        return growing_ms[failures < 5 ? failures : 5];
    bool is_starting = !has_any_passed() && verdict_by_log() == VERDICT_STARTING;
    return is_starting && w.wait_ms < w.begun_ms + w.health.start_period_ms
               ? w.health.start_interval_ms
               : w.health.interval_ms;
}

static void note_result(bool has_passed)
{
    w.checks[w.count++] = (struct check){w.start_ms, has_passed};
    w.is_judged = true;
    if (has_passed && !is_health())
        w.is_wanted = false;
}

/* --- what the shell does ---------------------------------------------------------------------- */

static void send(struct probe_event event);

static void start(void)
{
    expect(!w.is_there && w.is_wanted);
    expect(w.now_ms >= w.wait_ms + expected_wait_ms());
    if (pick(20) == 0)
        return; /* it is asked again */
    w.start_ms = w.now_ms;
    if (pick(10) == 0) {
        note_result(false);
        w.wait_ms = w.now_ms;
        send((struct probe_event){.kind = PROBE_NOT_FORKED});
        return;
    }
    w.is_there = true;
    w.is_judged = w.is_of_old = w.was_asked = false;
    w.timeout_ms = is_health() ? w.health.timeout_ms : 30000;
    send((struct probe_event){.kind = PROBE_FORKED, .pid = PID});
}

static void perform(unsigned actions)
{
    if (actions & PROBE_RUN)
        start();
    if (actions & PROBE_END) {
        expect(w.is_there && !w.was_asked);
        expect(w.is_judged);
        w.was_asked = true;
        w.asked_ms = w.now_ms;
    }
    if (actions & PROBE_KILL)
        expect(w.is_there && w.was_asked && w.now_ms >= w.asked_ms + 1000);
    expect(!(actions & PROBE_PASSED) || (!is_health() && !w.is_wanted));
}

static void check_verdict(enum probe_verdict before, unsigned actions)
{
    bool is_news = w.run.verdict != before;
    expect(w.run.verdict == verdict_by_log());
    expect((is_news && w.run.verdict == VERDICT_HEALTHY) == !!(actions & PROBE_HEALTHY));
    expect((is_news && w.run.verdict == VERDICT_UNHEALTHY) == !!(actions & PROBE_UNHEALTHY));
}

static void check(void)
{
    const struct probe_run *run = &w.run;
    expect((run->pid != 0) == w.is_there);
    expect(run->is_wanted == w.is_wanted);
    expect((run->deadline_ms != PROBE_NO_DEADLINE) == (w.is_there || w.is_wanted));
    expect((run->state == PROBE_IDLE) == (!w.is_there && !w.is_wanted));
    expect((run->state == PROBE_WAITING) == (!w.is_there && w.is_wanted));
    expect((run->state == PROBE_RUNNING) == (w.is_there && !w.was_asked));
    if (run->state == PROBE_WAITING)
        expect(run->deadline_ms == w.wait_ms + expected_wait_ms());
    if (run->state == PROBE_RUNNING)
        expect(run->deadline_ms == w.start_ms + w.timeout_ms);
    if (run->state == PROBE_ASKED)
        expect(run->deadline_ms == w.asked_ms + 1000);
    if (run->state == PROBE_KILLED)
        expect(run->deadline_ms <= w.now_ms + 60000);
    if (w.is_wanted)
        expect(run->failures == failures_until(w.count - 1));
}

static void send(struct probe_event event)
{
    enum probe_verdict before = w.run.verdict;
    unsigned actions = probe_step(&w.run, &event, w.now_ms);
    check_verdict(before, actions);
    perform(actions);
    check();
}

/* --- what happens ----------------------------------------------------------------------------- */

static void cancel(void)
{
    w.is_wanted = false;
    w.is_judged = w.is_of_old = true;
    w.count = 0;
}

static void begin(void)
{
    cancel();
    w.is_wanted = true;
    w.begun_ms = w.wait_ms = w.now_ms;
    send((struct probe_event){.kind = PROBE_BEGIN});
}

static void end_probe(void)
{
    bool is_ok = pick(2);
    if (!w.is_judged)
        note_result(is_ok);
    if (!w.is_of_old) /* else what is wanted now waits since its begin */
        w.wait_ms = w.now_ms;
    w.is_there = false;
    send((struct probe_event){.kind = PROBE_ENDED, .is_ok = is_ok});
}

static void reach_deadline(void)
{
    int64_t deadline_ms = w.run.deadline_ms;
    if (deadline_ms == PROBE_NO_DEADLINE)
        return;
    w.now_ms = deadline_ms > w.now_ms ? deadline_ms : w.now_ms;
    if (w.run.state == PROBE_RUNNING)
        note_result(false);
    send((struct probe_event){.kind = PROBE_DEADLINE});
}

/* Rules for which a walk comes to every one of their ends. */
static void choose_rules(void)
{
    static const int64_t times_ms[] = {1, 100, 1000, 30000};
    w.health = *service_defaults.health;
    w.health.interval_ms = times_ms[pick(4)];
    w.health.timeout_ms = times_ms[pick(4)];
    w.health.start_interval_ms = times_ms[pick(4)];
    w.health.start_period_ms = pick(3) ? times_ms[pick(4)] * (int)pick(5) : 0;
    w.health.retries = 1 + (int)pick(4);
}

/* The log is of the rules of then: retries and start-period stay. */
static void change_intervals(void)
{
    w.health.interval_ms = 1 + pick(5000);
    w.health.timeout_ms = 1 + pick(5000);
    if (is_health())
        send((struct probe_event){.kind = PROBE_RECONFIGURED});
}

static void happen(void)
{
    w.now_ms += pick(3) ? 0 : pick(1500);
    if (w.run.deadline_ms != PROBE_NO_DEADLINE && w.run.deadline_ms <= w.now_ms && pick(8)) {
        reach_deadline();
        return;
    }
    switch (pick(12)) {
    case 0:
        if (!w.is_wanted || pick(6) == 0)
            begin();
        break;
    case 1:
        if (pick(3) == 0) {
            cancel();
            send((struct probe_event){.kind = PROBE_CANCEL});
        }
        break;
    case 2:
        if (pick(4) == 0)
            change_intervals();
        break;
    case 3:
    case 4:
    case 5:
    case 6:
        if (w.is_there)
            end_probe();
        break;
    case 7: /* before it has come */
        if (w.now_ms < w.run.deadline_ms)
            send((struct probe_event){.kind = PROBE_DEADLINE});
        break;
    default:
        reach_deadline();
        break;
    }
}

/* Told to leave it, where SIGKILL works. */
static void come_to_rest(void)
{
    cancel();
    send((struct probe_event){.kind = PROBE_CANCEL});
    while (w.is_there && w.run.state != PROBE_KILLED)
        reach_deadline();
    if (w.is_there)
        end_probe();
    expect(w.run.state == PROBE_IDLE && w.run.deadline_ms == PROBE_NO_DEADLINE);
}

static void init(unsigned seed)
{
    w = (struct walk){
        .seed = seed, .random = (uint64_t)seed * 2654435761U + 88172645463325252U, .now_ms = 10};
    choose_rules();
    probe_init(&w.run, seed % 3 ? &w.health : NULL);
}

START_TEST(no_walk_breaks_a_rule_and_every_walk_can_be_ended)
{
    int states[PROBE_KILLED + 1] = {0};
    int verdicts[VERDICT_UNHEALTHY + 1] = {0};
    for (unsigned seed = 1; seed <= WALKS; seed++) {
        init(seed);
        for (int i = 0; i < STEPS; i++) {
            happen();
            states[w.run.state]++;
            verdicts[w.run.verdict]++;
        }
        come_to_rest();
    }
    for (int i = 0; i <= PROBE_KILLED; i++) /* a walk that goes nowhere shows nothing */
        ck_assert_int_gt(states[i], WALKS);
    for (int i = 0; i <= VERDICT_UNHEALTHY; i++)
        ck_assert_int_gt(verdicts[i], WALKS);
}
END_TEST

int main(void)
{
    return unit_run("probe_walk", no_walk_breaks_a_rule_and_every_walk_can_be_ended);
}
