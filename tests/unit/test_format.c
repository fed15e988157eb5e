#include "ctl/format.h"

#include "tests/unit/unit.h"

#include <string.h>

/* --- texts ------------------------------------------------------------------------------------ */

static const struct {
    long long seconds;
    const char *expected;
} durations[] = {
    {-1, "-"},          {0, "0s"},         {59, "59s"},       {60, "1m 0s"},
    {192, "3m 12s"},    {3599, "59m 59s"}, {3600, "1h 0m"},   {7559, "2h 5m"},
    {86399, "23h 59m"}, {86400, "1d 0h"},  {359999, "4d 3h"}, {31536000LL * 1000, "365000d 0h"},
};

START_TEST(a_duration_has_its_two_largest_units)
{
    char text[FORMAT_DURATION_SIZE];
    ck_assert_str_eq(format_duration(durations[_i].seconds, text), durations[_i].expected);
}
END_TEST

static const struct {
    struct status status;
    const char *expected;
} ends[] = {
    {{.exit_code = -1}, ""},
    {{.exit_code = 0}, "exit code 0"},
    {{.exit_code = 255}, "exit code 255"},
    {{.exit_code = -1, .signal = "TERM"}, "killed by SIGTERM"},
    {{.exit_code = -1, .signal = "RTMIN+3"}, "killed by SIGRTMIN+3"},
    {{.exit_code = -1, .signal = "SEGV", .core_dumped = true}, "killed by SIGSEGV, core dumped"},
    {{.exit_code = -1, .signal = "KILL", .out_of_memory = true},
     "killed by SIGKILL, out of memory"},
    {{.exit_code = 127, .error = "No such file or directory (exec)"},
     "cannot start: No such file or directory (exec)"},
};

START_TEST(the_last_exit_is_said_in_words)
{
    char text[FORMAT_EXIT_SIZE];
    ck_assert_str_eq(format_exit(&ends[_i].status, text), ends[_i].expected);
}
END_TEST

START_TEST(a_long_error_is_cut)
{
    char error[2 * FORMAT_EXIT_SIZE];
    char text[FORMAT_EXIT_SIZE];
    memset(error, 'e', sizeof error - 1);
    error[sizeof error - 1] = '\0';
    format_exit(&(struct status){.exit_code = 126, .error = error}, text);
    ck_assert_uint_eq(strlen(text), sizeof text - 1);
}
END_TEST

/* --- rows ------------------------------------------------------------------------------------- */

static const struct status db = {
    .name = "db",
    .state = "up",
    .wanted = "up",
    .health = "healthy",
    .pid = 11,
    .uptime_s = 192,
    .exit_code = -1,
};
static const struct status migrate = {
    .name = "migrate",
    .state = "done",
    .wanted = "up",
    .health = "none",
    .pid = -1,
    .uptime_s = -1,
    .exit_code = 0,
};
static const struct status web = {
    .name = "web",
    .state = "backoff",
    .wanted = "up",
    .health = "none",
    .signal = "SEGV",
    .core_dumped = true,
    .pid = -1,
    .uptime_s = -1,
    .restarts = 7,
    .exit_code = -1,
};

START_TEST(a_row_has_the_texts_of_a_status)
{
    struct status_row row;
    format_row(&db, &row);
    ck_assert_str_eq(row.name, "db");
    ck_assert_str_eq(row.state, "up");
    ck_assert_str_eq(row.health, "healthy");
    ck_assert_str_eq(row.pid, "11");
    ck_assert_str_eq(row.uptime, "3m 12s");
    ck_assert_str_eq(row.restarts, "0");
    ck_assert_str_eq(row.exit, "");
}
END_TEST

START_TEST(what_there_is_none_of_is_a_dash)
{
    struct status_row row;
    format_row(&web, &row);
    ck_assert_str_eq(row.health, "-");
    ck_assert_str_eq(row.pid, "-");
    ck_assert_str_eq(row.uptime, "-");
}
END_TEST

START_TEST(no_text_of_a_status_can_steer_a_terminal)
{
    struct status_row row;
    const struct status bad = {
        .name = "a\x1b[2Jb",
        .state = "u\rp",
        .health = "\xc2\x9b"
                  "1m",
        .error = "a\nb\x07",
    };
    format_row(&bad, &row);
    ck_assert_str_eq(row.name, "a\\x1b[2Jb");
    ck_assert_str_eq(row.state, "u\\rp");
    ck_assert_str_eq(row.health, "\\x9b1m");
    ck_assert_str_eq(row.exit, "cannot start: a\\nb\\x07");

    format_row(&(struct status){.name = "", .state = "", .health = "", .signal = "\x1b"}, &row);
    ck_assert_str_eq(row.exit, "killed by SIG\\x1b");
}
END_TEST

START_TEST(texts_that_are_too_long_are_cut)
{
    char name[4 * sizeof((struct status_row *)NULL)->name];
    struct status_row row;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    format_row(&(struct status){.name = name, .state = name, .health = name}, &row);
    ck_assert_uint_eq(strlen(row.name), sizeof row.name - 1);
    ck_assert_uint_eq(strlen(row.state), sizeof row.state - 1);
    ck_assert_uint_eq(strlen(row.health), sizeof row.health - 1);
}
END_TEST

/* --- the table -------------------------------------------------------------------------------- */

enum { MOST = 4, TABLE_SIZE = 2048 };

static void print_table(char text[static TABLE_SIZE], const struct status *const *list, int count,
                        bool in_colour)
{
    struct status_row rows[MOST];
    for (int i = 0; i < count; i++) {
        format_row(list[i], &rows[i]);
        rows[i].next = i + 1 < count ? &rows[i + 1] : NULL;
    }
    struct status_widths widths = format_widths(count > 0 ? rows : NULL);
    FILE *out = fmemopen(text, TABLE_SIZE, "w");
    format_print_heading(out, &widths);
    for (int i = 0; i < count; i++) {
        fputc('\n', out);
        format_print_row(out, &rows[i], &widths, in_colour);
    }
    fclose(out);
}

static void expect_table(const struct status *const *list, int count, bool in_colour,
                         const char *expected)
{
    char text[TABLE_SIZE];
    print_table(text, list, count, in_colour);
    ck_assert_str_eq(text, expected);
}

START_TEST(columns_are_as_wide_as_their_widest_text)
{
    expect_table(
        (const struct status *[]){&db, &migrate, &web}, 3, false,
        "NAME     STATE    HEALTH   PID  UPTIME  RESTARTS  LAST EXIT\n"
        "db       up       healthy   11  3m 12s         0\n"
        "migrate  done     -          -  -              0  exit code 0\n"
        "web      backoff  -          -  -              7  killed by SIGSEGV, core dumped");
}
END_TEST

START_TEST(columns_are_at_least_as_wide_as_their_heading)
{
    expect_table(NULL, 0, false, "NAME  STATE  HEALTH  PID  UPTIME  RESTARTS  LAST EXIT");
    const struct status narrow = {.name = "a", .state = "up", .health = "none", .exit_code = -1};
    expect_table((const struct status *[]){&narrow}, 1, false,
                 "NAME  STATE  HEALTH  PID  UPTIME  RESTARTS  LAST EXIT\n"
                 "a     up     -         0  0s             0");
}
END_TEST

START_TEST(wide_numbers_widen_their_columns)
{
    struct status busy = db;
    busy.pid = 4194304;
    busy.restarts = 1234567890;
    expect_table(
        (const struct status *[]){&busy, &web}, 2, false,
        "NAME  STATE    HEALTH       PID  UPTIME    RESTARTS  LAST EXIT\n"
        "db    up       healthy  4194304  3m 12s  1234567890\n"
        "web   backoff  -              -  -                7  killed by SIGSEGV, core dumped");
}
END_TEST

START_TEST(characters_are_counted_and_not_bytes)
{
    struct status other = migrate;
    other.name = "gr\xc3\xbc\xc3\x9f\x65";
    expect_table((const struct status *[]){&other, &db}, 2, false,
                 "NAME   STATE  HEALTH   PID  UPTIME  RESTARTS  LAST EXIT\n"
                 "gr\xc3\xbc\xc3\x9f\x65  done   -          -  -              0  exit code 0\n"
                 "db     up     healthy   11  3m 12s         0");
}
END_TEST

static const struct {
    const char *state;
    const char *colour; /* NULL: none */
} colours[] =
    {
        {"up", "32"},      {"done", "32"},    {"starting", "33"},
        {"waiting", "33"}, {"backoff", "33"}, {"stopping", "33"},
        {"failed", "31"},  {"down", "2"},     {"new", NULL}, /* of a reeve that knows more states */
};

START_TEST(a_state_has_its_colour_and_lines_up_as_without)
{
    char expected[TABLE_SIZE];
    struct status status = migrate;
    const char *state = colours[_i].state;
    const char *colour = colours[_i].colour;
    status.state = state;
    int padding = strlen(state) < 5 ? 5 - (int)strlen(state) : 0;
    snprintf(expected, sizeof expected,
             "NAME     STATE%*s  HEALTH  PID  UPTIME  RESTARTS  LAST EXIT\n"
             "migrate  %s%s%s%s%s%*s  -         -  -              0  exit code 0",
             (int)strlen(state) + padding - 5, "", colour ? "\x1b[" : "", colour ? colour : "",
             colour ? "m" : "", state, colour ? "\x1b[0m" : "", padding, "");
    expect_table((const struct status *[]){&status}, 1, true, expected);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "format", NULL,
        unit_tests(a_long_error_is_cut, a_row_has_the_texts_of_a_status,
                   what_there_is_none_of_is_a_dash, no_text_of_a_status_can_steer_a_terminal,
                   texts_that_are_too_long_are_cut, columns_are_as_wide_as_their_widest_text,
                   columns_are_at_least_as_wide_as_their_heading, wide_numbers_widen_their_columns,
                   characters_are_counted_and_not_bytes),
        unit_loops({a_duration_has_its_two_largest_units, 0, unit_count(durations)},
                   {the_last_exit_is_said_in_words, 0, unit_count(ends)},
                   {a_state_has_its_colour_and_lines_up_as_without, 0, unit_count(colours)}));
}
