#include "init/signal_policy.h"

#include "tests/unit/unit.h"

#include <signal.h>

/* The rules of the one command; `services` are those of configured ones. */
static const struct signal_rules command = {.stop_signals = 0, .forwards_stops = true};
static const struct signal_rules services = {
    .stop_signals = (signal_set)1 << (SIGTERM - 1) | (signal_set)1 << (37 - 1), .reloads = true};

static enum signal_action decide(int sig, const struct signal_rules *rules)
{
    return signal_policy_decide(sig, false, rules);
}

static int rewritten(int sig, const char *rewrite, bool is_main)
{
    struct signal_map map = SIGNAL_MAP_IDENTITY;
    if (rewrite)
        ck_assert_ptr_null(value_rewrite(rewrite, &map));
    return signal_policy_rewrite(&map, is_main, sig);
}

START_TEST(every_signal_but_CHLD_is_forwarded_to_one_command)
{
    for (int sig = 1; sig <= SIGNAL_MAX; sig++)
        ck_assert_int_eq(decide(sig, &command), sig == SIGCHLD ? SIGNAL_REAP : SIGNAL_FORWARD);
}
END_TEST

START_TEST(services_are_stopped_by_a_stop_signal_and_reloaded_by_HUP)
{
    for (int sig = 1; sig <= SIGNAL_MAX; sig++) {
        enum signal_action expected = sig == SIGCHLD                ? SIGNAL_REAP
                                      : sig == SIGHUP               ? SIGNAL_RELOAD
                                      : sig == SIGTERM || sig == 37 ? SIGNAL_STOP
                                                                    : SIGNAL_FORWARD;
        ck_assert_int_eq(decide(sig, &services), expected);
    }
}
END_TEST

START_TEST(HUP_stops_services_where_it_is_a_stop_signal)
{
    struct signal_rules rules = services;
    rules.stop_signals |= signal_bit(SIGHUP);
    ck_assert_int_eq(decide(SIGHUP, &rules), SIGNAL_STOP);
}
END_TEST

START_TEST(SIGPIPE_is_dropped_where_it_is_our_own)
{
    ck_assert_int_eq(signal_policy_decide(SIGPIPE, true, &command), SIGNAL_DROP);
    ck_assert_int_eq(signal_policy_decide(SIGPIPE, false, &command), SIGNAL_FORWARD);
    ck_assert_int_eq(signal_policy_decide(SIGTERM, true, &services), SIGNAL_STOP);
}
END_TEST

START_TEST(the_main_service_gets_every_signal_as_its_rewrite_has_it)
{
    ck_assert_int_eq(rewritten(SIGUSR1, NULL, true), SIGUSR1);
    ck_assert_int_eq(rewritten(SIGHUP, "HUP:USR2", true), SIGUSR2);
    ck_assert_int_eq(rewritten(SIGUSR2, "HUP:USR2", true), SIGUSR2);
    ck_assert_int_eq(rewritten(SIGINT, "INT:0", true), 0);
}
END_TEST

START_TEST(another_service_gets_only_what_its_rewrite_names)
{
    ck_assert_int_eq(rewritten(SIGUSR1, NULL, false), 0);
    ck_assert_int_eq(rewritten(SIGUSR1, "USR1:QUIT", false), SIGQUIT);
    ck_assert_int_eq(rewritten(SIGUSR1, "USR1:USR1", false), SIGUSR1);
    ck_assert_int_eq(rewritten(SIGUSR2, "USR1:QUIT", false), 0);
    ck_assert_int_eq(rewritten(SIGUSR1, "USR1:0", false), 0);
}
END_TEST

int main(void)
{
    return unit_run("signal_policy", every_signal_but_CHLD_is_forwarded_to_one_command,
                    services_are_stopped_by_a_stop_signal_and_reloaded_by_HUP,
                    HUP_stops_services_where_it_is_a_stop_signal,
                    SIGPIPE_is_dropped_where_it_is_our_own,
                    the_main_service_gets_every_signal_as_its_rewrite_has_it,
                    another_service_gets_only_what_its_rewrite_names);
}
