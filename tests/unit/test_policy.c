/*
 * Restarts as tables. What moby's restart manager does is in rows of their own, each with the rule
 * that it stands for.
 */
#include "supervisor/policy.h"

#include "tests/unit/unit.h"

enum { NOTHING = 0, DONE = -1, FAILED = -2 };

/* One run: how long, and whether it was a success; and what follows: a delay, DONE or FAILED. */
struct run {
    int64_t length_ms;
    bool is_success;
    int64_t then;
};

struct life {
    const char *rule;
    struct {
        enum restart_policy policy;
        int tries;
        int crash_limit;
    } conf;
    struct run runs[14]; /* one that nothing follows ends them */
};

static struct restart_conf conf_of(const struct life *life)
{
    struct restart_conf conf = conf_restart_never;
    conf.policy = life->conf.policy;
    conf.tries = life->conf.tries;
    conf.crash_limit = life->conf.crash_limit;
    return conf;
}

static int64_t decide(const struct restart_conf *conf, struct policy_history *history,
                      const struct run *run)
{
    struct policy_run ended = {.length_ms = run->length_ms, .is_success = run->is_success};
    switch (policy_decide(conf, history, &ended)) {
    case POLICY_RESTART:
        return policy_delay_ms(conf, history, 0);
    case POLICY_DONE:
        return DONE;
    case POLICY_FAILED:
        return FAILED;
    }
    return NOTHING;
}

static void live(const struct life *life)
{
    struct restart_conf conf = conf_of(life);
    struct policy_history history = policy_no_history;
    for (int i = 0; life->runs[i].then != NOTHING; i++) {
        int64_t then = decide(&conf, &history, &life->runs[i]);
        ck_assert_msg(then == life->runs[i].then, "%s: run %d: %lld, expected %lld", life->rule,
                      i + 1, (long long)then, (long long)life->runs[i].then);
    }
}

static const struct life moby[] = {
    {"moby: defaultTimeout, the first delay is 100 ms", {RESTART_ALWAYS, 0, 0}, {{0, false, 100}}},
    {"moby: backoffMultiplier, each delay is twice the one before",
     {RESTART_ALWAYS, 0, 0},
     {{0, false, 100}, {0, false, 200}, {0, false, 400}, {0, false, 800}}},
    {"moby: maxRestartTimeout, a minute at the most",
     {RESTART_ALWAYS, 0, 0},
     {{0, false, 100},
      {0, false, 200},
      {0, false, 400},
      {0, false, 800},
      {0, false, 1600},
      {0, false, 3200},
      {0, false, 6400},
      {0, false, 12800},
      {0, false, 25600},
      {0, false, 51200},
      {0, false, 60000},
      {0, false, 60000}}},
    {"moby: executionDuration >= 10 s begins at the first delay again",
     {RESTART_ALWAYS, 0, 0},
     {{0, false, 100}, {0, false, 200}, {10000, false, 100}, {0, false, 200}}},
    {"moby: one millisecond less does not",
     {RESTART_ALWAYS, 0, 0},
     {{0, false, 100}, {9999, false, 200}}},
    {"moby: regardless of status",
     {RESTART_ALWAYS, 0, 0},
     {{0, true, 100}, {0, true, 200}, {10000, true, 100}}},
    {"moby: and of policy",
     {RESTART_ON_FAILURE, 0, 0},
     {{0, false, 100}, {0, false, 200}, {20000, false, 100}}},
    {"moby: IsAlways, whatever the exit code",
     {RESTART_ALWAYS, 0, 0},
     {{0, true, 100}, {0, false, 200}, {0, true, 400}}},
    {"moby: IsUnlessStopped && !hasBeenManuallyStopped, the same",
     {RESTART_UNLESS_STOPPED, 0, 0},
     {{0, true, 100}, {0, false, 200}, {0, true, 400}}},
    {"moby: IsOnFailure, exitCode != 0",
     {RESTART_ON_FAILURE, 0, 0},
     {{0, false, 100}, {0, true, DONE}}},
    {"moby: MaximumRetryCount of 0, any number of restarts",
     {RESTART_ON_FAILURE, 0, 0},
     {{10000, false, 100},
      {10000, false, 100},
      {10000, false, 100},
      {10000, false, 100},
      {10000, false, 100}}},
    {"moby: restartCount < max, three restarts and no fourth",
     {RESTART_ON_FAILURE, 3, 0},
     {{0, false, 100}, {0, false, 200}, {0, false, 400}, {0, false, FAILED}}},
    {"moby: uptime gives no tries back",
     {RESTART_ON_FAILURE, 2, 0},
     {{99999, false, 100}, {99999, false, 100}, {99999, false, FAILED}}},
    {"moby: on-failure counts restarts, not failures: a delay that begins anew gives none back",
     {RESTART_ON_FAILURE, 3, 0},
     {{0, false, 100}, {10000, false, 100}, {0, false, 200}, {0, false, FAILED}}},
    {"moby: IsOnFailure, nothing follows a first success",
     {RESTART_ON_FAILURE, 0, 0},
     {{0, true, DONE}}},
    {"moby: an unless-stopped one that ran for 10 s begins at the first delay, too",
     {RESTART_UNLESS_STOPPED, 0, 0},
     {{0, false, 100}, {0, true, 200}, {10000, true, 100}, {9999, false, 200}}},
    {"moby: IsNone, never", {RESTART_NO, 0, 0}, {{0, false, FAILED}}},
    {"moby: IsNone, never after a success", {RESTART_NO, 0, 0}, {{0, true, DONE}}},
};

static const struct life ours[] = {
    {"a third failed run in a row is one too many for a crash-limit of 3",
     {RESTART_ON_FAILURE, 0, 3},
     {{0, false, 100}, {0, false, 200}, {0, false, FAILED}}},
    {"crash-limit counts under always too",
     {RESTART_ALWAYS, 0, 2},
     {{0, false, 100}, {0, false, FAILED}}},
    {"a success begins a new row",
     {RESTART_ALWAYS, 0, 2},
     {{0, false, 100}, {0, true, 200}, {0, false, 400}, {0, false, FAILED}}},
    {"a run as long as restart-reset begins a new row and is not in it",
     {RESTART_ALWAYS, 0, 2},
     {{0, false, 100}, {10000, false, 100}, {0, false, 200}, {0, false, FAILED}}},
    {"a crash-limit of 1 restarts nothing that fails soon",
     {RESTART_ALWAYS, 0, 1},
     {{10000, false, 100}, {9999, false, FAILED}}},
    {"a crash-limit of 0 is none",
     {RESTART_UNLESS_STOPPED, 0, 0},
     {{0, false, 100}, {0, false, 200}, {0, false, 400}, {0, false, 800}}},
    {"crash-limit sooner than the tries of on-failure",
     {RESTART_ON_FAILURE, 5, 2},
     {{0, false, 100}, {0, false, FAILED}}},
    {"long failed runs, however many, are no crashes",
     {RESTART_ALWAYS, 0, 2},
     {{10000, false, 100}, {10000, false, 100}, {10000, false, 100}, {0, false, 200}}},
    {"no more tries than on-failure has, whatever the crash-limit",
     {RESTART_ON_FAILURE, 1, 10},
     {{0, false, 100}, {0, false, FAILED}}},
};

START_TEST(moby_s_rules_hold)
{
    live(&moby[_i]);
}
END_TEST

START_TEST(our_own_rules_hold)
{
    live(&ours[_i]);
}
END_TEST

START_TEST(the_times_are_those_that_were_written)
{
    struct restart_conf conf = {.policy = RESTART_ALWAYS,
                                .delay_ms = 10,
                                .delay_max_ms = 45,
                                .reset_ms = 500,
                                .factor_percent = 150};
    static const struct run runs[] = {{0, false, 10},  {499, false, 15}, {0, false, 22},
                                      {0, false, 33},  {0, false, 45},   {0, false, 45},
                                      {500, false, 10}};
    struct policy_history history = policy_no_history;
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        ck_assert_int_eq(decide(&conf, &history, &runs[i]), runs[i].then);
}
END_TEST

START_TEST(a_delay_of_0_is_at_once_every_time)
{
    struct restart_conf conf = conf_restart_never;
    struct policy_history history = policy_no_history;
    conf.policy = RESTART_ALWAYS;
    conf.delay_ms = 0;
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(decide(&conf, &history, &(struct run){0, false, 0}), 0);
}
END_TEST

START_TEST(a_growing_delay_comes_to_its_maximum_however_small_it_begins)
{
    static const int factors[] = {101, 110, 150, 200, 10000};
    static const int64_t delays[] = {1, 2, 10, 100};
    for (size_t i = 0; i < unit_count(factors) * unit_count(delays); i++) {
        struct restart_conf conf = conf_restart_never;
        struct policy_history history = policy_no_history;
        conf.policy = RESTART_ALWAYS;
        conf.factor_percent = factors[i % unit_count(factors)];
        conf.delay_ms = delays[i / unit_count(factors)];
        for (int failures = 0; failures < 2000; failures++)
            decide(&conf, &history, &(struct run){0, false, 0});
        ck_assert_msg(history.delay_ms == conf.delay_max_ms, "%lld ms by %d%%: %lld ms",
                      (long long)conf.delay_ms, conf.factor_percent, (long long)history.delay_ms);
    }
}
END_TEST

START_TEST(a_factor_of_1_keeps_the_delay)
{
    struct restart_conf conf = conf_restart_never;
    struct policy_history history = policy_no_history;
    conf.policy = RESTART_ALWAYS;
    conf.factor_percent = 100;
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(decide(&conf, &history, &(struct run){0, false, 0}), 100);
}
END_TEST

/* The least and the most that many random numbers make of one delay. */
static void expect_jitter(int64_t delay_ms, int percent, int64_t least_ms, int64_t most_ms)
{
    struct restart_conf conf = conf_restart_never;
    struct policy_history history = policy_no_history;
    int64_t least = INT64_MAX;
    int64_t most = 0;
    conf.policy = RESTART_ALWAYS;
    conf.delay_ms = delay_ms;
    conf.jitter_percent = percent;
    policy_decide(&conf, &history, &(struct policy_run){0});
    for (uint32_t n = 0; n < 5000; n++) {
        int64_t jittered_ms = policy_delay_ms(&conf, &history, n * 2654435761U);
        least = jittered_ms < least ? jittered_ms : least;
        most = jittered_ms > most ? jittered_ms : most;
    }
    ck_assert_int_eq(least, least_ms);
    ck_assert_int_eq(most, most_ms);
}

START_TEST(jitter_is_a_percentage_more_or_less)
{
    expect_jitter(100, 0, 100, 100);
    expect_jitter(100, 1, 99, 101);
    expect_jitter(100, 10, 90, 110);
    expect_jitter(100, 100, 0, 200);
    expect_jitter(0, 50, 0, 0);
}
END_TEST

START_TEST(jitter_does_not_add_up)
{
    struct restart_conf conf = conf_restart_never;
    struct policy_history history = policy_no_history;
    conf.policy = RESTART_ALWAYS;
    conf.jitter_percent = 100;
    for (int64_t delay_ms = 100; delay_ms <= 1600; delay_ms *= 2) {
        policy_decide(&conf, &history, &(struct policy_run){0});
        policy_delay_ms(&conf, &history, 0);
        ck_assert_int_eq(history.delay_ms, delay_ms);
    }
}
END_TEST

START_TEST(why_it_has_failed_is_known)
{
    static const struct {
        struct life life;
        enum policy_end why;
    } lives[] = {
        {{"", {RESTART_NO, 0, 0}, {{0, false, FAILED}}}, POLICY_NO_RESTARTS},
        {{"", {RESTART_ON_FAILURE, 1, 0}, {{0, false, 100}, {0, false, FAILED}}},
         POLICY_OUT_OF_TRIES},
        {{"", {RESTART_ON_FAILURE, 0, 2}, {{0, false, 100}, {0, false, FAILED}}}, POLICY_CRASHES},
        {{"", {RESTART_ALWAYS, 0, 1}, {{0, false, FAILED}}}, POLICY_CRASHES},
    };
    for (size_t i = 0; i < sizeof lives / sizeof *lives; i++) {
        struct restart_conf conf = conf_of(&lives[i].life);
        struct policy_history history = policy_no_history;
        for (const struct run *run = lives[i].life.runs; run->then != NOTHING; run++)
            ck_assert_int_eq(decide(&conf, &history, run), run->then);
        ck_assert_int_eq(policy_why_failed(&conf, &history), lives[i].why);
    }
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "policy", NULL,
        unit_tests(the_times_are_those_that_were_written, a_delay_of_0_is_at_once_every_time,
                   a_growing_delay_comes_to_its_maximum_however_small_it_begins,
                   a_factor_of_1_keeps_the_delay, jitter_is_a_percentage_more_or_less,
                   jitter_does_not_add_up, why_it_has_failed_is_known),
        unit_loops({moby_s_rules_hold, 0, unit_count(moby)},
                   {our_own_rules_hold, 0, unit_count(ours)}));
}
