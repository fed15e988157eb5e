#include "conf/signal_name.h"

#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>

START_TEST(a_name_is_read_with_and_without_SIG_in_any_case)
{
    ck_assert_int_eq(signal_parse("TERM"), SIGTERM);
    ck_assert_int_eq(signal_parse("SIGTERM"), SIGTERM);
    ck_assert_int_eq(signal_parse("sigTerm"), SIGTERM);
    ck_assert_int_eq(signal_parse("usr2"), SIGUSR2);
}
END_TEST

START_TEST(numbers_from_1_to_64_are_read)
{
    char text[16];
    for (int sig = 1; sig <= 64; sig++) {
        snprintf(text, sizeof text, "%d", sig);
        ck_assert_int_eq(signal_parse(text), sig);
    }
}
END_TEST

START_TEST(real_time_signals_begin_at_34_whatever_the_libc_says)
{
    ck_assert_int_eq(signal_parse("RTMIN"), 34);
    ck_assert_int_eq(signal_parse("SIGRTMIN+3"), 37);
    ck_assert_int_eq(signal_parse("rtmin+30"), 64);
    ck_assert_int_eq(signal_parse("RTMAX"), 64);
    ck_assert_int_eq(signal_parse("RTMAX-30"), 34);
}
END_TEST

START_TEST(aliases_are_read)
{
    ck_assert_int_eq(signal_parse("IOT"), SIGABRT);
    ck_assert_int_eq(signal_parse("CLD"), SIGCHLD);
    ck_assert_int_eq(signal_parse("POLL"), SIGIO);
}
END_TEST

START_TEST(what_is_no_signal_is_refused)
{
    static const char *const wrong[] = {
        "",        "0",        "65",     "-1",         "+15",     " 15",
        "15 ",     "TERMX",    "SIG",    "SIGSIGTERM", "RTMIN-1", "RTMIN+31",
        "RTMAX+1", "RTMAX-31", "RTMIN+", "RTMIN+x",    "RTMIN 3", "9999999999999999999",
        "\xff",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(signal_parse(wrong[i]) == 0, "'%s' was taken for a signal", wrong[i]);
}
END_TEST

START_TEST(every_signal_is_read_back_from_its_short_name)
{
    char name[SIGNAL_NAME_SIZE];
    for (int sig = 1; sig <= SIGNAL_MAX; sig++)
        ck_assert_int_eq(signal_parse(signal_short_name(sig, name)), sig);
}
END_TEST

START_TEST(names_are_as_people_write_them)
{
    char name[SIGNAL_NAME_SIZE];
    ck_assert_str_eq(signal_name(SIGTERM, name), "SIGTERM");
    ck_assert_str_eq(signal_name(SIGVTALRM, name), "SIGVTALRM");
    ck_assert_str_eq(signal_name(34, name), "SIGRTMIN");
    ck_assert_str_eq(signal_name(64, name), "SIGRTMIN+30");
    ck_assert_str_eq(signal_name(32, name), "signal 32");
    ck_assert_str_eq(signal_short_name(37, name), "RTMIN+3");
}
END_TEST

int main(void)
{
    return unit_run("signal_name", a_name_is_read_with_and_without_SIG_in_any_case,
                    numbers_from_1_to_64_are_read,
                    real_time_signals_begin_at_34_whatever_the_libc_says, aliases_are_read,
                    what_is_no_signal_is_refused, every_signal_is_read_back_from_its_short_name,
                    names_are_as_people_write_them);
}
