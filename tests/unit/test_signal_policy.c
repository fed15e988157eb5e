#include "init/signal_policy.h"

#include "tests/unit/unit.h"

#include <signal.h>

static struct signal_verdict decide(int sig, bool from_self, const char *rewrite)
{
    struct signal_map map = SIGNAL_MAP_IDENTITY;
    if (rewrite)
        ck_assert_ptr_null(value_rewrite(rewrite, &map));
    return signal_policy_decide(sig, from_self, signal_bit(SIGTERM) | signal_bit(37), &map);
}

START_TEST(every_signal_but_CHLD_is_forwarded_as_it_is)
{
    for (int sig = 1; sig <= SIGNAL_MAX; sig++) {
        struct signal_verdict verdict = decide(sig, false, NULL);
        ck_assert_int_eq(verdict.action, sig == SIGCHLD ? SIGNAL_REAP : SIGNAL_FORWARD);
        if (sig != SIGCHLD)
            ck_assert_int_eq(verdict.sig, sig);
    }
}
END_TEST

START_TEST(only_the_stop_signals_ask_for_a_stop)
{
    for (int sig = 1; sig <= SIGNAL_MAX; sig++)
        ck_assert_int_eq(decide(sig, false, NULL).stop, sig == SIGTERM || sig == 37);
}
END_TEST

START_TEST(SIGPIPE_is_dropped_where_it_is_our_own)
{
    ck_assert_int_eq(decide(SIGPIPE, true, NULL).action, SIGNAL_DROP);
    ck_assert_int_eq(decide(SIGPIPE, false, NULL).action, SIGNAL_FORWARD);
    ck_assert_int_eq(decide(SIGTERM, true, NULL).action, SIGNAL_FORWARD);
}
END_TEST

START_TEST(a_rewritten_signal_is_forwarded_as_the_other_one)
{
    struct signal_verdict verdict = decide(SIGHUP, false, "HUP:USR2");
    ck_assert_int_eq(verdict.action, SIGNAL_FORWARD);
    ck_assert_int_eq(verdict.sig, SIGUSR2);
    ck_assert_int_eq(decide(SIGUSR2, false, "HUP:USR2").sig, SIGUSR2);
}
END_TEST

START_TEST(a_signal_rewritten_to_0_is_swallowed)
{
    ck_assert_int_eq(decide(SIGINT, false, "INT:0").action, SIGNAL_DROP);
}
END_TEST

START_TEST(a_stop_signal_asks_for_a_stop_whatever_it_is_rewritten_to)
{
    ck_assert(decide(SIGTERM, false, "TERM:QUIT").stop);
    ck_assert(decide(SIGTERM, false, "TERM:0").stop);
    ck_assert(!decide(SIGHUP, false, "HUP:TERM").stop);
}
END_TEST

START_TEST(CHLD_is_for_the_reaper_even_where_it_is_rewritten)
{
    ck_assert_int_eq(decide(SIGCHLD, false, "CHLD:TERM").action, SIGNAL_REAP);
}
END_TEST

int main(void)
{
    return unit_run("signal_policy", every_signal_but_CHLD_is_forwarded_as_it_is,
                    only_the_stop_signals_ask_for_a_stop, SIGPIPE_is_dropped_where_it_is_our_own,
                    a_rewritten_signal_is_forwarded_as_the_other_one,
                    a_signal_rewritten_to_0_is_swallowed,
                    a_stop_signal_asks_for_a_stop_whatever_it_is_rewritten_to,
                    CHLD_is_for_the_reaper_even_where_it_is_rewritten);
}
