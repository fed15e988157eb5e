/* What is waited for, in every state of whoever it is waited for. */
#include "tests/unit/one_service.h"

#include "supervisor/condition.h"

/* DOWN, WAITING, STARTING and not known to run, STARTING and known to, UP, STOPPING, BACKOFF,
 * FAILED, DONE. */
static const char states[] = "DWSRUTBFN";

static void bring_to(char state)
{
    static const uint8_t names[] = {
        ['D'] = SERVICE_DOWN,     ['W'] = SERVICE_WAITING, ['S'] = SERVICE_STARTING,
        ['R'] = SERVICE_STARTING, ['U'] = SERVICE_UP,      ['T'] = SERVICE_STOPPING,
        ['B'] = SERVICE_BACKOFF,  ['F'] = SERVICE_FAILED,  ['N'] = SERVICE_DONE,
    };
    configure();
    service.state = names[(unsigned char)state];
    /* Whoever is being stopped still runs. */
    service.executed_ms = strchr("RUT", state) ? now_ms : -1;
}

/* In each of the states: met, open or impossible. */
static const struct {
    enum condition condition;
    bool is_order_only;
    const char *results;
} rows[] = {
    {CONDITION_STARTED, false, "ooommommm"},  {CONDITION_READY, false, "oooomooii"},
    {CONDITION_DEFAULT, false, "oooomooii"},  {CONDITION_COMPLETED, false, "oooooooim"},
    {CONDITION_HEALTHY, false, "oooooooii"},  {CONDITION_READY, true, "mooomoomm"},
    {CONDITION_COMPLETED, true, "mooomoomm"},
};

START_TEST(every_condition_in_every_state_is_met_or_open_or_impossible)
{
    for (size_t i = 0; states[i]; i++) {
        bring_to(states[i]);
        enum condition_result result =
            condition_look(&service, rows[_i].condition, rows[_i].is_order_only);
        ck_assert_msg("moi"[result] == rows[_i].results[i], "condition %d of %c: %c, expected %c",
                      (int)rows[_i].condition, states[i], "moi"[result], rows[_i].results[i]);
    }
}
END_TEST

START_TEST(what_never_ran_was_not_started)
{
    static const char expected[] = {['B'] = 'o', ['F'] = 'i'};
    for (const char *state = "BF"; *state; state++)
        for (int is_refused = 0; is_refused < 2; is_refused++) {
            bring_to(*state);
            service.was_refused = is_refused;
            service.is_impossible = !is_refused;
            ck_assert_int_eq("moi"[condition_look(&service, CONDITION_STARTED, false)],
                             expected[(unsigned char)*state]);
        }
}
END_TEST

START_TEST(who_waits_for_health_waits_for_a_check_that_passes)
{
    static const char results[] = {[VERDICT_NONE] = 'o',
                                   [VERDICT_STARTING] = 'o',
                                   [VERDICT_HEALTHY] = 'm',
                                   [VERDICT_UNHEALTHY] = 'o'};
    bring_to('U');
    service.health = (uint8_t)_i;
    ck_assert_int_eq("moi"[condition_look(&service, CONDITION_HEALTHY, false)], results[_i]);
    ck_assert_int_eq(condition_look(&service, CONDITION_READY, false), CONDITION_MET);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "condition", configure, unit_tests(what_never_ran_was_not_started),
        unit_loops(
            {every_condition_in_every_state_is_met_or_open_or_impossible, 0, unit_count(rows)},
            {who_waits_for_health_waits_for_a_check_that_passes, 0, VERDICT_UNHEALTHY + 1}));
}
