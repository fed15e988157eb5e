#include "conf/value.h"

#include "tests/unit/unit.h"

#include <signal.h>

START_TEST(durations_are_read_in_every_unit)
{
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"0", 0},           {"7", 7000},     {"250ms", 250},   {"5s", 5000},
        {"2m", 120000},     {"1h", 3600000}, {"1m30s", 90000}, {"1h2m3s4ms", 3723004},
        {"1h1ms", 3600001}, {"0s", 0},
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
    static const char *const wrong[] = {"",
                                        "soon",
                                        "s",
                                        "-1",
                                        "+1",
                                        "1.5s",
                                        "5 s",
                                        "5s ",
                                        " 5s",
                                        "1d",
                                        "5sec",
                                        "1m30",
                                        "30s1m",
                                        "1s1s",
                                        "1ms1s",
                                        "10S",
                                        "99999999999999999999",
                                        "1h-1m"};
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

START_TEST(rewrites_change_one_signal_and_the_last_one_wins)
{
    struct signal_map map = SIGNAL_MAP_IDENTITY;
    for (int sig = 1; sig <= SIGNAL_MAX; sig++)
        ck_assert_int_eq(map.to[sig], sig);
    ck_assert_ptr_null(value_rewrite("HUP:USR2", &map));
    ck_assert_ptr_null(value_rewrite("15:3", &map));
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
    static const char *const wrong[] = {"",      "TERM", "TERM:",  ":TERM",   "TERM:65", "TERM:-1",
                                        "0:INT", "A:B",  "1:2:3x", "TERM:00", "HUP:1 2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct signal_map map = SIGNAL_MAP_IDENTITY;
        ck_assert_msg(value_rewrite(wrong[i], &map) != NULL, "'%s' was taken", wrong[i]);
        for (int sig = 1; sig <= SIGNAL_MAX; sig++)
            ck_assert_int_eq(map.to[sig], sig);
    }
}
END_TEST

START_TEST(sizes_are_bytes_or_powers_of_1024)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } rows[] = {{"0", 0}, {"7", 7}, {"1K", 1024}, {"3M", 3U << 20}, {"2G", (uint64_t)2 << 30}};
    static const char *const wrong[] = {"", "K", "-1", "1k", "1KB", "1T", "1 K", "9999999999999G"};
    uint64_t bytes = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_ptr_null(value_size(rows[i].text, &bytes));
        ck_assert_uint_eq(bytes, rows[i].bytes);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(value_size(wrong[i], &bytes) != NULL, "'%s' was taken", wrong[i]);
}
END_TEST

START_TEST(a_bool_has_four_pairs_of_words)
{
    static const char *const yes[] = {"yes", "true", "on", "1"};
    static const char *const no[] = {"no", "false", "off", "0"};
    static const char *const wrong[] = {"", "Yes", "2", "y", "no "};
    for (size_t i = 0; i < 4; i++) {
        bool value = false;
        ck_assert(!value_bool(yes[i], &value) && value);
        ck_assert(!value_bool(no[i], &value) && !value);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        bool value = true;
        ck_assert_msg(value_bool(wrong[i], &value) != NULL && value, "'%s' was taken", wrong[i]);
    }
}
END_TEST

START_TEST(numbers_have_bounds)
{
    int number = 7;
    ck_assert_ptr_null(value_number("-20", -20, 19, &number));
    ck_assert_int_eq(number, -20);
    static const char *const wrong[] = {
        "", "-", "-21", "20", "1x", "+1", "0x1", "--1", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(value_number(wrong[i], -20, 19, &number) != NULL, "'%s' was taken", wrong[i]);
    ck_assert_int_eq(number, -20);
}
END_TEST

START_TEST(a_set_of_exit_codes_has_what_was_added)
{
    struct exit_codes codes = {.bits = {0}};
    exit_codes_add(&codes, 0);
    exit_codes_add(&codes, 63);
    exit_codes_add(&codes, 64);
    exit_codes_add(&codes, 255);
    for (int code = 0; code <= 255; code++)
        ck_assert_int_eq(exit_codes_has(&codes, code),
                         code == 0 || code == 63 || code == 64 || code == 255);
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
                    rewrites_change_one_signal_and_the_last_one_wins,
                    a_wrong_rewrite_changes_nothing, sizes_are_bytes_or_powers_of_1024,
                    a_bool_has_four_pairs_of_words, numbers_have_bounds,
                    a_set_of_exit_codes_has_what_was_added, exit_codes_are_0_to_255);
}
