/*
 * Readiness and health as tables. What moby's monitor does is in rows of their own, each with the
 * rule that it stands for.
 */
#include "supervisor/probe.h"

#include "tests/unit/unit.h"

#include <string.h>

enum { NOW = 1000000, PID = 100 };

static struct health_conf health;
static struct probe_run run;
static int64_t now_ms;

/* Docker's defaults. */
static void configure(void)
{
    health = *service_defaults.health;
    now_ms = NOW;
    probe_init(&run, &health);
}

static unsigned step(struct probe_event event)
{
    return probe_step(&run, &event, now_ms);
}

static unsigned tell(enum probe_event_kind kind)
{
    return step((struct probe_event){.kind = kind});
}

static unsigned forked(void)
{
    return step((struct probe_event){.kind = PROBE_FORKED, .pid = PID});
}

static unsigned ended(bool is_ok)
{
    return step((struct probe_event){.kind = PROBE_ENDED, .is_ok = is_ok});
}

static unsigned wait_for_deadline(void)
{
    ck_assert_int_ge(run.deadline_ms, now_ms);
    now_ms = run.deadline_ms;
    return tell(PROBE_DEADLINE);
}

static void wait_and_fork(void)
{
    ck_assert_uint_eq(wait_for_deadline(), PROBE_RUN);
    ck_assert_uint_eq(forked(), 0);
    ck_assert_int_eq(run.state, PROBE_RUNNING);
}

static void begin_ready(void)
{
    probe_init(&run, NULL);
    ck_assert_uint_eq(tell(PROBE_BEGIN), 0);
}

static void begin_health(void)
{
    ck_assert_uint_eq(tell(PROBE_BEGIN), 0);
}

/* --- health ----------------------------------------------------------------------------------- */

enum result { NO_CHECK, PASSES, FAILS, HANGS, NO_FORK };

/* One check: when it starts, from the begin on; how long it takes, or takes to end after its
 * timeout; and what is known then. */
struct check {
    int64_t at_ms;
    enum result result;
    int64_t takes_ms;
    char then; /* the verdict by its first letter, a capital one where it was news */
};

struct life {
    const char *rule;
    struct {
        int64_t interval_ms;
        int64_t timeout_ms;
        int64_t start_period_ms;
        int64_t start_interval_ms;
        int retries;
    } conf; /* 0: Docker's default */
    struct check checks[9];
};

static void choose(int64_t *to_ms, int64_t ms)
{
    if (ms > 0)
        *to_ms = ms;
}

static void configure_life(const struct life *life)
{
    configure();
    choose(&health.interval_ms, life->conf.interval_ms);
    choose(&health.timeout_ms, life->conf.timeout_ms);
    choose(&health.start_period_ms, life->conf.start_period_ms);
    choose(&health.start_interval_ms, life->conf.start_interval_ms);
    if (life->conf.retries > 0)
        health.retries = life->conf.retries;
}

static char letter_of(unsigned actions)
{
    if (actions & PROBE_HEALTHY)
        return 'H';
    if (actions & PROBE_UNHEALTHY)
        return 'U';
    return probe_verdict_name(run.verdict)[0];
}

/* Returns what was told on the way. */
static unsigned take(const struct check *check)
{
    unsigned actions;
    if (check->result == NO_FORK)
        return tell(PROBE_NOT_FORKED);
    forked();
    if (check->result != HANGS) {
        now_ms += check->takes_ms;
        return ended(check->result == PASSES);
    }
    now_ms += health.timeout_ms;
    ck_assert_int_eq(run.deadline_ms, now_ms);
    actions = tell(PROBE_DEADLINE);
    now_ms += check->takes_ms;
    return actions | ended(true); /* however it ends */
}

static void live(const struct life *life)
{
    configure_life(life);
    begin_health();
    for (int i = 0; life->checks[i].result != NO_CHECK; i++) {
        const struct check *check = &life->checks[i];
        unsigned is_run = wait_for_deadline();
        ck_assert_uint_eq(is_run, PROBE_RUN);
        ck_assert_msg(now_ms - NOW == check->at_ms, "%s: check %d: after %lld ms, expected %lld",
                      life->rule, i + 1, (long long)(now_ms - NOW), (long long)check->at_ms);
        char then = letter_of(take(check));
        ck_assert_msg(then == check->then, "%s: check %d: %c, expected %c", life->rule, i + 1, then,
                      check->then);
    }
}

static const struct life moby[] = {
    {"defaultProbeInterval: also the time before the first probe",
     {0},
     {{30000, PASSES, 0, 'H'}, {60000, PASSES, 0, 'h'}}},
    {"from the end of the first to the start of the second",
     {.interval_ms = 1000},
     {{1000, PASSES, 700, 'H'}, {2700, FAILS, 900, 'h'}, {4600, PASSES, 0, 'h'}}},
    {"a probe may take longer than the interval",
     {.interval_ms = 1000},
     {{1000, PASSES, 25000, 'H'}, {27000, PASSES, 0, 'h'}}},
    {"defaultProbeRetries: consecutive failures for it to be considered unhealthy",
     {.interval_ms = 1000},
     {{1000, FAILS, 0, 's'}, {2000, FAILS, 0, 's'}, {3000, FAILS, 0, 'U'}, {4000, FAILS, 0, 'u'}}},
    {"Retries of 1: the first failure",
     {.interval_ms = 1000, .retries = 1},
     {{1000, FAILS, 0, 'U'}}},
    {"a success ends the failing streak",
     {.interval_ms = 1000, .retries = 2},
     {{1000, FAILS, 0, 's'},
      {2000, PASSES, 0, 'H'},
      {3000, FAILS, 0, 'h'},
      {4000, PASSES, 0, 'h'},
      {5000, FAILS, 0, 'h'},
      {6000, FAILS, 0, 'U'}}},
    {"one success makes an unhealthy one healthy, and it takes all retries again",
     {.interval_ms = 1000, .retries = 2},
     {{1000, FAILS, 0, 's'},
      {2000, FAILS, 0, 'U'},
      {3000, PASSES, 0, 'H'},
      {4000, FAILS, 0, 'h'},
      {5000, FAILS, 0, 'U'}}},
    {"it is still starting, or healthy, until then: stay in that state",
     {.interval_ms = 1000, .retries = 3},
     {{1000, PASSES, 0, 'H'}, {2000, FAILS, 0, 'h'}, {3000, FAILS, 0, 'h'}, {4000, FAILS, 0, 'U'}}},
    {"defaultProbeTimeout: if it takes longer, it has failed, and is waited for",
     {.interval_ms = 1000, .retries = 1},
     {{1000, HANGS, 800, 'U'}, {32800, PASSES, 0, 'H'}}},
    {"one that ends just before its timeout has its own result",
     {.interval_ms = 1000, .timeout_ms = 500, .retries = 1},
     {{1000, PASSES, 499, 'H'}, {2499, FAILS, 499, 'U'}}},
    {"an error of its start is a failed probe",
     {.interval_ms = 1000, .retries = 2},
     {{1000, NO_FORK, 0, 's'}, {2000, NO_FORK, 0, 'U'}, {3000, PASSES, 0, 'H'}}},
    {"within the start period the failing streak is not incremented",
     {.interval_ms = 1000, .start_period_ms = 3000, .start_interval_ms = 1000, .retries = 1},
     {{1000, FAILS, 0, 's'}, {2000, FAILS, 0, 's'}, {3000, FAILS, 0, 'U'}}},
    {"it is the start of the probe that counts, not its end",
     {.interval_ms = 1000, .start_period_ms = 3000, .start_interval_ms = 2999, .retries = 1},
     {{2999, FAILS, 5000, 's'}, {8999, FAILS, 0, 'U'}}},
    {"a timeout within the start period does not count, either",
     {.interval_ms = 1000, .start_period_ms = 3000, .start_interval_ms = 1000, .retries = 1},
     {{1000, HANGS, 0, 's'}, {32000, FAILS, 0, 'U'}}},
    {"nor one that could not be started",
     {.interval_ms = 1000, .start_period_ms = 1500, .start_interval_ms = 1000, .retries = 1},
     {{1000, NO_FORK, 0, 's'}, {2000, NO_FORK, 0, 'U'}}},
    {"what has failed in the start period is not remembered",
     {.interval_ms = 1000, .start_period_ms = 2500, .start_interval_ms = 1000, .retries = 2},
     {{1000, FAILS, 0, 's'}, {2000, FAILS, 0, 's'}, {3000, FAILS, 0, 's'}, {4000, FAILS, 0, 'U'}}},
    {"only of one that is starting: the first success ends the start period",
     {.interval_ms = 1000, .start_period_ms = 60000, .start_interval_ms = 1000, .retries = 2},
     {{1000, PASSES, 0, 'H'}, {2000, FAILS, 0, 'h'}, {3000, FAILS, 0, 'U'}}},
    {"defaultStartInterval: between probes within the start period, and before the first one",
     {.start_period_ms = 60000},
     {{5000, FAILS, 0, 's'}, {10000, FAILS, 100, 's'}, {15100, FAILS, 0, 's'}}},
    {"the interval from the first success on",
     {.start_period_ms = 60000},
     {{5000, FAILS, 0, 's'}, {10000, PASSES, 0, 'H'}, {40000, FAILS, 0, 'h'}}},
    {"the interval once the start period is over",
     {.start_period_ms = 8000},
     {{5000, FAILS, 0, 's'}, {10000, FAILS, 0, 's'}, {40000, FAILS, 0, 's'}}},
    {"which of them is decided where the wait begins, here just before its end",
     {.start_period_ms = 8000},
     {{5000, FAILS, 2999, 's'}, {12999, FAILS, 0, 's'}, {42999, FAILS, 0, 's'}}},
    {"and here at its end",
     {.start_period_ms = 8000},
     {{5000, FAILS, 3000, 's'}, {38000, FAILS, 0, 's'}}},
    {"at the very end of the start period it is over",
     {.start_period_ms = 5000, .retries = 1},
     {{5000, FAILS, 0, 'U'}, {35000, FAILS, 0, 'u'}}},
    {"without a start period there is no start interval",
     {.start_interval_ms = 1},
     {{30000, FAILS, 0, 's'}, {60000, FAILS, 0, 's'}}},
    {"a start interval may be the longer one",
     {.interval_ms = 1000, .start_period_ms = 3000, .start_interval_ms = 4000},
     {{4000, FAILS, 0, 's'}, {5000, FAILS, 0, 's'}, {6000, FAILS, 0, 'U'}}},
};

START_TEST(moby_s_rules_hold)
{
    live(&moby[_i]);
}
END_TEST

START_TEST(nothing_is_known_before_the_begin_and_after_a_cancel)
{
    ck_assert_str_eq(probe_verdict_name(run.verdict), "none");
    begin_health();
    ck_assert_str_eq(probe_verdict_name(run.verdict), "starting");
    wait_and_fork();
    ck_assert_uint_eq(ended(true), PROBE_HEALTHY);
    ck_assert_str_eq(probe_verdict_name(run.verdict), "healthy");
    tell(PROBE_CANCEL);
    ck_assert_str_eq(probe_verdict_name(run.verdict), "none");
    ck_assert_int_eq(run.deadline_ms, PROBE_NO_DEADLINE);
}
END_TEST

START_TEST(a_begin_forgets_what_was_before)
{
    health.retries = 2;
    begin_health();
    wait_and_fork();
    ended(false);
    now_ms += 10;
    begin_health();
    ck_assert_int_eq(run.failures, 0);
    ck_assert_int_eq(run.deadline_ms, now_ms + health.interval_ms);
    wait_and_fork();
    ck_assert_uint_eq(ended(false), 0);
    wait_and_fork();
    ck_assert_uint_eq(ended(false), PROBE_UNHEALTHY);
}
END_TEST

START_TEST(the_start_period_begins_anew_with_each_begin)
{
    health.start_period_ms = 6000;
    health.retries = 1;
    begin_health();
    wait_and_fork();
    ended(true);
    now_ms += 100000;
    begin_health();
    ck_assert_int_eq(run.deadline_ms, now_ms + health.start_interval_ms);
    wait_and_fork();
    ck_assert_uint_eq(ended(false), 0);
}
END_TEST

START_TEST(another_interval_counts_from_where_the_old_one_did)
{
    struct health_conf other = health;
    other.interval_ms = 1000;
    begin_health();
    wait_and_fork();
    ended(true);
    int64_t end_ms = now_ms;
    now_ms += 5000;
    run.health = &other;
    ck_assert_uint_eq(tell(PROBE_RECONFIGURED), 0);
    ck_assert_int_eq(run.deadline_ms, end_ms + 1000);
    ck_assert_uint_eq(tell(PROBE_DEADLINE), PROBE_RUN);
}
END_TEST

START_TEST(a_check_that_runs_is_not_touched_by_other_rules)
{
    begin_health();
    wait_and_fork();
    int64_t deadline_ms = run.deadline_ms;
    health.timeout_ms = 1;
    ck_assert_uint_eq(tell(PROBE_RECONFIGURED), 0);
    ck_assert_int_eq(run.deadline_ms, deadline_ms);
}
END_TEST

/* --- readiness -------------------------------------------------------------------------------- */

START_TEST(readiness_is_tried_at_once_and_then_after_growing_waits)
{
    static const int64_t waits_ms[] = {0, 100, 200, 400, 800, 1000, 1000, 1000};
    begin_ready();
    for (size_t i = 0; i < unit_count(waits_ms); i++) {
        ck_assert_int_eq(run.deadline_ms, now_ms + waits_ms[i]);
        wait_and_fork();
        now_ms += 70; /* a wait begins with the end of the try before it */
        ck_assert_uint_eq(ended(false), 0);
    }
}
END_TEST

START_TEST(readiness_that_has_passed_is_not_tried_again)
{
    begin_ready();
    wait_and_fork();
    ended(false);
    wait_and_fork();
    ck_assert_uint_eq(ended(true), PROBE_PASSED);
    ck_assert_int_eq(run.state, PROBE_IDLE);
    ck_assert_int_eq(run.deadline_ms, PROBE_NO_DEADLINE);
    now_ms += 100000;
    ck_assert_uint_eq(tell(PROBE_DEADLINE), 0);
}
END_TEST

START_TEST(readiness_never_gives_up_by_itself)
{
    begin_ready();
    for (int i = 0; i < 10000; i++) {
        wait_and_fork();
        ck_assert_uint_eq(ended(false), 0);
    }
    ck_assert_int_eq(run.deadline_ms, now_ms + 1000);
    ck_assert_int_eq(run.verdict, VERDICT_NONE);
    run.failures = INT32_MAX; /* and in a few decades */
    wait_and_fork();
    ck_assert_uint_eq(ended(false), 0);
    ck_assert_int_eq(run.failures, INT32_MAX);
}
END_TEST

START_TEST(a_try_that_hangs_has_failed_and_is_followed_by_another)
{
    begin_ready();
    wait_and_fork();
    ck_assert_int_eq(run.deadline_ms, now_ms + 30000);
    ck_assert_uint_eq(wait_for_deadline(), PROBE_END);
    now_ms += 20;
    ck_assert_uint_eq(ended(true), 0); /* too late */
    ck_assert_int_eq(run.deadline_ms, now_ms + 100);
    wait_and_fork();
    ck_assert_uint_eq(ended(true), PROBE_PASSED);
}
END_TEST

START_TEST(a_try_that_could_not_be_forked_is_one_that_failed)
{
    begin_ready();
    for (int64_t wait = 100; wait <= 800; wait *= 2) {
        ck_assert_uint_eq(wait_for_deadline(), PROBE_RUN);
        ck_assert_uint_eq(tell(PROBE_NOT_FORKED), 0);
        ck_assert_int_eq(run.deadline_ms, now_ms + wait);
    }
}
END_TEST

/* --- both ------------------------------------------------------------------------------------- */

START_TEST(whoever_does_not_answer_is_asked_again)
{
    begin_ready();
    ck_assert_uint_eq(wait_for_deadline(), PROBE_RUN);
    now_ms += 50;
    ck_assert_int_le(run.deadline_ms, now_ms);
    ck_assert_uint_eq(tell(PROBE_DEADLINE), PROBE_RUN);
    forked();
    ck_assert_uint_eq(ended(true), PROBE_PASSED);
}
END_TEST

START_TEST(a_deadline_that_has_not_come_means_nothing)
{
    begin_health();
    now_ms = run.deadline_ms - 1;
    ck_assert_uint_eq(tell(PROBE_DEADLINE), 0);
    now_ms++;
    ck_assert_uint_eq(tell(PROBE_DEADLINE), PROBE_RUN);
    forked();
    now_ms = run.deadline_ms - 1;
    ck_assert_uint_eq(tell(PROBE_DEADLINE), 0);
    ck_assert_int_eq(run.state, PROBE_RUNNING);
}
END_TEST

START_TEST(one_past_its_timeout_is_asked_and_a_second_later_killed_and_again_and_again)
{
    static const int64_t waits_ms[] = {1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000};
    begin_health();
    wait_and_fork();
    ck_assert_uint_eq(wait_for_deadline(), PROBE_END);
    ck_assert_int_eq(run.deadline_ms, now_ms + 1000);
    for (size_t i = 0; i < unit_count(waits_ms); i++) {
        ck_assert_uint_eq(wait_for_deadline(), PROBE_KILL);
        ck_assert_int_eq(run.deadline_ms, now_ms + waits_ms[i]);
        ck_assert_int_eq(run.pid, PID);
    }
    ck_assert_int_eq(run.failures, 1);
    ck_assert_uint_eq(ended(false), 0);
    ck_assert_int_eq(run.failures, 1);
    ck_assert_int_eq(run.deadline_ms, now_ms + health.interval_ms);
}
END_TEST

START_TEST(a_second_one_that_hangs_has_a_second_of_its_own)
{
    begin_health();
    wait_and_fork();
    for (int i = 0; i < 4; i++)
        wait_for_deadline();
    ended(false);
    wait_and_fork();
    ck_assert_uint_eq(wait_for_deadline(), PROBE_END);
    ck_assert_uint_eq(wait_for_deadline(), PROBE_KILL);
    ck_assert_int_eq(run.deadline_ms, now_ms + 1000);
}
END_TEST

START_TEST(what_a_cancelled_one_ends_with_means_nothing)
{
    for (int i = 0; i < 4; i++) {
        probe_init(&run, i < 2 ? &health : NULL);
        health.retries = 1;
        tell(PROBE_BEGIN);
        wait_and_fork();
        ck_assert_uint_eq(tell(PROBE_CANCEL), PROBE_END);
        ck_assert_uint_eq(ended(i % 2), 0);
        ck_assert_int_eq(run.state, PROBE_IDLE);
        ck_assert_int_eq(run.verdict, VERDICT_NONE);
        ck_assert_int_eq(run.deadline_ms, PROBE_NO_DEADLINE);
    }
}
END_TEST

START_TEST(a_cancelled_one_that_stays_is_killed)
{
    begin_health();
    wait_and_fork();
    tell(PROBE_CANCEL);
    ck_assert_int_eq(run.deadline_ms, now_ms + 1000);
    ck_assert_uint_eq(wait_for_deadline(), PROBE_KILL);
    ck_assert_uint_eq(wait_for_deadline(), PROBE_KILL);
}
END_TEST

START_TEST(what_is_begun_anew_waits_for_the_end_of_the_cancelled_one)
{
    begin_ready();
    wait_and_fork();
    tell(PROBE_CANCEL);
    ck_assert_uint_eq(tell(PROBE_BEGIN), 0);
    ck_assert_int_eq(run.state, PROBE_ASKED);
    now_ms += 300;
    ck_assert_uint_eq(ended(true), 0); /* it was the earlier life that it asked */
    ck_assert_int_le(run.deadline_ms, now_ms);
    ck_assert_uint_eq(tell(PROBE_DEADLINE), PROBE_RUN);
    forked();
    ck_assert_uint_eq(ended(true), PROBE_PASSED);
}
END_TEST

START_TEST(its_interval_counts_from_its_begin_and_not_from_the_end_of_the_cancelled_one)
{
    begin_health();
    wait_and_fork();
    tell(PROBE_CANCEL);
    now_ms += 200;
    begin_health();
    int64_t begun_ms = now_ms;
    now_ms += 300;
    ck_assert_uint_eq(ended(false), 0);
    ck_assert_int_eq(run.failures, 0);
    ck_assert_int_eq(run.deadline_ms, begun_ms + health.interval_ms);
    wait_and_fork(); /* the next one ends by itself, and its end counts */
    now_ms += 300;
    ended(true);
    ck_assert_int_eq(run.deadline_ms, now_ms + health.interval_ms);
}
END_TEST

START_TEST(one_past_its_timeout_that_is_cancelled_has_no_say_in_the_next_life)
{
    begin_health();
    wait_and_fork();
    ck_assert_uint_eq(wait_for_deadline(), PROBE_END);
    ck_assert_uint_eq(tell(PROBE_CANCEL), 0);
    begin_health();
    int64_t begun_ms = now_ms;
    now_ms += 700;
    ended(true);
    ck_assert_int_eq(run.verdict, VERDICT_STARTING);
    ck_assert_int_eq(run.deadline_ms, begun_ms + health.interval_ms);
}
END_TEST

START_TEST(a_begin_anew_ends_the_probe_that_runs)
{
    begin_health();
    wait_and_fork();
    ck_assert_uint_eq(tell(PROBE_BEGIN), PROBE_END);
    ck_assert_int_eq(run.verdict, VERDICT_STARTING);
    ck_assert_uint_eq(ended(true), 0);
    ck_assert_int_eq(run.state, PROBE_WAITING);
}
END_TEST

START_TEST(one_that_was_forked_after_the_cancel_is_ended_at_once)
{
    begin_health();
    wait_for_deadline();
    tell(PROBE_CANCEL);
    ck_assert_uint_eq(forked(), PROBE_END);
    ck_assert_int_eq(run.deadline_ms, now_ms + 1000);
    ck_assert_uint_eq(ended(true), 0);
    ck_assert_int_eq(run.state, PROBE_IDLE);
}
END_TEST

START_TEST(one_that_was_not_forked_after_the_cancel_was_none)
{
    begin_health();
    wait_for_deadline();
    tell(PROBE_CANCEL);
    ck_assert_uint_eq(tell(PROBE_NOT_FORKED), 0);
    ck_assert_int_eq(run.state, PROBE_IDLE);
    ck_assert_int_eq(run.failures, 0);
}
END_TEST

/* --- all pairs -------------------------------------------------------------------------------- */

/* IDLE, WAITING, RUNNING, ASKED, KILLED. */
static const char states[] = "IWRAK";

static void bring_to(char state)
{
    configure();
    health.retries = 1;
    if (state == 'I')
        return;
    begin_health();
    now_ms = run.deadline_ms;
    if (state == 'W')
        return;
    tell(PROBE_DEADLINE);
    forked();
    for (const char *at = strchr(states, 'R'); *at != state; at++)
        wait_for_deadline();
}

static void name_actions(unsigned actions, char *name)
{
    static const char letters[] = "+tkph!";
    for (int i = 0; letters[i]; i++)
        if (actions & 1U << i)
            *name++ = letters[i];
    *name = '\0';
}

/*
 * Every event in every state of a health check with one retry: the state that follows, and what is
 * to be done: + to fork, t and k for signals, h and ! for another verdict. A dot: it cannot happen
 * there.
 */
static const struct {
    const char *name;
    struct probe_event event;
    const char *then[sizeof states - 1];
} pairs[] = {
    /* clang-format off */
    {"BEGIN", {.kind = PROBE_BEGIN}, {"W", "W", "At", "A", "K"}},
    {"CANCEL", {.kind = PROBE_CANCEL}, {"I", "I", "At", "A", "K"}},
    {"RECONFIGURED", {.kind = PROBE_RECONFIGURED}, {"I", "W", "R", "A", "K"}},
    {"FORKED", {.kind = PROBE_FORKED, .pid = PID}, {"At", "R", ".", ".", "."}},
    {"NOT_FORKED", {.kind = PROBE_NOT_FORKED}, {"I", "W!", ".", ".", "."}},
    {"ENDED well", {.kind = PROBE_ENDED, .is_ok = true}, {"I", "W", "Wh", "W", "W"}},
    {"ENDED", {.kind = PROBE_ENDED}, {"I", "W", "W!", "W", "W"}},
    {"DEADLINE", {.kind = PROBE_DEADLINE}, {"I", "W+", "At!", "Kk", "Kk"}},
    /* clang-format on */
};

START_TEST(every_event_in_every_state_has_its_meaning)
{
    for (size_t i = 0; i < sizeof states - 1; i++) {
        char then[16] = "";
        if (*pairs[_i].then[i] == '.')
            continue;
        bring_to(states[i]);
        ck_assert_int_eq(states[run.state], states[i]);
        now_ms = run.deadline_ms != PROBE_NO_DEADLINE ? run.deadline_ms : now_ms;
        unsigned actions = step(pairs[_i].event);
        then[0] = states[run.state];
        name_actions(actions, then + 1);
        ck_assert_msg(strcmp(then, pairs[_i].then[i]) == 0, "%s in %c: %s, expected %s",
                      pairs[_i].name, states[i], then, pairs[_i].then[i]);
        ck_assert_int_eq(run.deadline_ms == PROBE_NO_DEADLINE, run.state == PROBE_IDLE);
    }
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "probe", configure,
        unit_tests(
            nothing_is_known_before_the_begin_and_after_a_cancel, a_begin_forgets_what_was_before,
            the_start_period_begins_anew_with_each_begin,
            another_interval_counts_from_where_the_old_one_did,
            a_check_that_runs_is_not_touched_by_other_rules,
            readiness_is_tried_at_once_and_then_after_growing_waits,
            readiness_that_has_passed_is_not_tried_again, readiness_never_gives_up_by_itself,
            a_try_that_hangs_has_failed_and_is_followed_by_another,
            a_try_that_could_not_be_forked_is_one_that_failed,
            whoever_does_not_answer_is_asked_again, a_deadline_that_has_not_come_means_nothing,
            one_past_its_timeout_is_asked_and_a_second_later_killed_and_again_and_again,
            a_second_one_that_hangs_has_a_second_of_its_own,
            what_a_cancelled_one_ends_with_means_nothing, a_cancelled_one_that_stays_is_killed,
            what_is_begun_anew_waits_for_the_end_of_the_cancelled_one,
            its_interval_counts_from_its_begin_and_not_from_the_end_of_the_cancelled_one,
            one_past_its_timeout_that_is_cancelled_has_no_say_in_the_next_life,
            a_begin_anew_ends_the_probe_that_runs,
            one_that_was_forked_after_the_cancel_is_ended_at_once,
            one_that_was_not_forked_after_the_cancel_was_none),
        unit_loops({moby_s_rules_hold, 0, unit_count(moby)},
                   {every_event_in_every_state_has_its_meaning, 0, unit_count(pairs)}));
}
