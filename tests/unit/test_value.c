#include "conf/value.h"

#include "tests/unit/unit.h"

#include <signal.h>

START_TEST(durations_are_read_in_every_unit)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"0", 0},           {"7", 7000},         {"250ms", 250},
        {"5s", 5000},       {"2m", 120000},      {"1h", 3600000},
        {"1m30s", 90000},   {"1h2m3s4ms", 3723004}, {"1h1ms", 3600001},
        {"0s", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms = -1;
        const char *wrong = value_duration(rows[i].text, &ms);
        ck_assert_msg(!wrong, "'%s'%s", rows[i].text, wrong);
        ck_assert_int_eq(ms, rows[i].ms);
    }
}
END_TEST

START_TEST(what_is_no_duration_is_refused_and_changes_nothing)
{
    static const char *const wrong[] = {"",     "soon", "s",    "-1",  "+1",   "1.5s", "5 s",
                                        "5s ",  " 5s",  "1d",   "5sec", "1m30", "30s1m", "1s1s",
                                        "1ms1s", "10S", "99999999999999999999", "1h-1m"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        int64_t ms = 42;
        ck_assert_msg(value_duration(wrong[i], &ms) != NULL, "'%s' was taken", wrong[i]);
        ck_assert_int_eq(ms, 42);
    }
}
END_TEST

START_TEST(a_duration_of_more_than_ten_years_is_refused)
{
    int64_t ms = 0;
    ck_assert_ptr_null(value_duration("87600h", &ms));
    ck_assert_ptr_nonnull(value_duration("87601h", &ms));
    ck_assert_ptr_nonnull(value_duration("87600h1ms", &ms));
    ck_assert_ptr_nonnull(value_duration("999999999999999", &ms));
}
END_TEST

START_TEST(a_list_of_signals_becomes_a_set)
{
    signal_set set = 0;
    ck_assert_ptr_null(value_signals(" TERM  2\tRTMIN+3 ", &set));
    ck_assert(set == (signal_bit(SIGTERM) | signal_bit(SIGINT) | signal_bit(37)));
    ck_assert_ptr_null(value_signals("64", &set));
    ck_assert(set == signal_bit(64));
}
END_TEST

START_TEST(a_list_with_one_wrong_name_changes_nothing)
{
    signal_set set = signal_bit(SIGHUP);
    ck_assert_ptr_nonnull(value_signals("TERM NOPE", &set));
    ck_assert_ptr_nonnull(value_signals("", &set));
    ck_assert_ptr_nonnull(value_signals("TERM,INT", &set));
    ck_assert_ptr_nonnull(value_signals("TERMxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &set));
    ck_assert(set == signal_bit(SIGHUP));
}
END_TEST

START_TEST(rewrites_add_up_and_the_last_one_wins)
{
    struct signal_map map;
    signal_map_init(&map);
    ck_assert_ptr_null(value_rewrite("HUP:USR2 15:3", &map));
    ck_assert_ptr_null(value_rewrite("INT:0", &map));
    ck_assert_ptr_null(value_rewrite("HUP:RTMIN+1", &map));
    ck_assert_int_eq(map.to[SIGHUP], 35);
    ck_assert_int_eq(map.to[SIGTERM], SIGQUIT);
    ck_assert_int_eq(map.to[SIGINT], 0);
    ck_assert_int_eq(map.to[SIGUSR1], SIGUSR1);
}
END_TEST

START_TEST(a_wrong_rewrite_changes_nothing)
{
    static const char *const wrong[] = {"",      "TERM", "TERM:",   ":TERM",    "TERM:65",
                                        "0:INT", "A:B",  "1:2:3x",  "INT:QUIT HUP", "TERM:00"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct signal_map map;
        signal_map_init(&map);
        ck_assert_msg(value_rewrite(wrong[i], &map) != NULL, "'%s' was taken", wrong[i]);
        for (int sig = 1; sig <= SIGNAL_MAX; sig++)
            ck_assert_int_eq(map.to[sig], sig);
    }
}
END_TEST

START_TEST(exit_codes_are_0_to_255)
{
    int code = -1;
    ck_assert_ptr_null(value_exit_code("0", &code));
    ck_assert_int_eq(code, 0);
    ck_assert_ptr_null(value_exit_code("255", &code));
    ck_assert_int_eq(code, 255);
    static const char *const wrong[] = {"", "256", "-1", "1000", "1x", " 1", "0x1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(value_exit_code(wrong[i], &code) != NULL, "'%s' was taken", wrong[i]);
    ck_assert_int_eq(code, 255);
}
END_TEST

int main(void)
{
    return unit_run("value", durations_are_read_in_every_unit,
                    what_is_no_duration_is_refused_and_changes_nothing,
                    a_duration_of_more_than_ten_years_is_refused,
                    a_list_of_signals_becomes_a_set, a_list_with_one_wrong_name_changes_nothing,
                    rewrites_add_up_and_the_last_one_wins, a_wrong_rewrite_changes_nothing,
                    exit_codes_are_0_to_255);
}
