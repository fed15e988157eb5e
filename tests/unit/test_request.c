#include "ctl/request.h"

#include "tests/unit/unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct request request;
static char error[REQUEST_ERROR_SIZE];

static bool parse(const char *text)
{
    static char line[REQUEST_SIZE];
    ck_assert_uint_lt(strlen(text), sizeof line);
    strcpy(line, text);
    return request_parse(line, &request, error);
}

/* It is a request whose names, separated by blanks, are these. */
static void expect_names(const char *text, const char *expected)
{
    char names[256] = "";
    ck_assert_msg(parse(text), "'%s': %s", text, error);
    const char *name = request.names;
    for (int i = 0; i < request.count; i++, name = request_next_name(name)) {
        strcat(names, i > 0 ? " " : "");
        strcat(names, name);
    }
    ck_assert_str_eq(names, expected);
}

static void expect_error(const char *text, const char *expected)
{
    ck_assert_msg(!parse(text), "'%s' is a request", text);
    ck_assert_str_eq(error, expected);
}

START_TEST(each_command_is_known_by_its_name)
{
    for (int i = 0; i < COMMANDS; i++) {
        char line[64];
        const char *name = command_name((enum command)i);
        bool takes_names = i != COMMAND_RELOAD && i != COMMAND_EVENTS && i != COMMAND_GRAPH &&
                           i != COMMAND_SHUTDOWN;
        snprintf(line, sizeof line, "%s%s%s", name, i == COMMAND_SIGNAL ? " HUP" : "",
                 takes_names ? " web" : "");
        ck_assert_msg(parse(line), "%s: %s", line, error);
        ck_assert_int_eq(request.command, (enum command)i);
        ck_assert_int_eq(request.count, takes_names);
    }
}
END_TEST

START_TEST(names_are_words)
{
    expect_names("stop web", "web");
    expect_names("  stop   web  db@2 ", "web db@2");
    expect_names("status", "");
    expect_names("health", "");
}
END_TEST

START_TEST(options_may_stand_anywhere_before_two_dashes)
{
    expect_names("stop --no-wait web db", "web db");
    ck_assert(!request.waits);
    expect_names("stop web --no-wait db", "web db");
    ck_assert(!request.waits);
    expect_names("stop -- web --no-wait -- db", "web --no-wait -- db");
    ck_assert(request.waits);
}
END_TEST

START_TEST(only_orders_wait)
{
    static const char *const waiting[] = {"start a", "stop a", "restart a"};
    static const char *const others[] = {"status", "signal HUP a", "reload", "health", "graph"};
    for (size_t i = 0; i < unit_count(waiting); i++) {
        ck_assert(parse(waiting[i]));
        ck_assert(request.waits);
    }
    for (size_t i = 0; i < unit_count(others); i++) {
        ck_assert(parse(others[i]));
        ck_assert(!request.waits);
    }
}
END_TEST

START_TEST(health_has_three_questions)
{
    ck_assert(parse("health"));
    ck_assert_int_eq(request.question, HEALTH_SERVING);
    ck_assert(parse("health --live web"));
    ck_assert_int_eq(request.question, HEALTH_LIVE);
    ck_assert(parse("health --ready"));
    ck_assert_int_eq(request.question, HEALTH_READY);
}
END_TEST

START_TEST(a_signal_is_a_name_or_a_number)
{
    expect_names("signal HUP web db", "web db");
    ck_assert_int_eq(request.sig, SIGHUP);
    expect_names("signal SIGUSR1 web", "web");
    ck_assert_int_eq(request.sig, SIGUSR1);
    expect_names("signal 15 -- web", "web");
    ck_assert_int_eq(request.sig, SIGTERM);
}
END_TEST

START_TEST(what_is_no_request_is_said)
{
    expect_error("", "empty line, expected a command");
    expect_error("   ", "empty line, expected a command");
    expect_error("begin", "unknown command 'begin'");
    expect_error("STATUS", "unknown command 'STATUS'");
    expect_error("status --no-wait", "unknown option '--no-wait'");
    expect_error("stop --live web", "unknown option '--live'");
    expect_error("stop -x web", "unknown option '-x'");
    expect_error("stop", "stop needs names of services");
    expect_error("stop --no-wait --", "stop needs names of services");
    expect_error("reload web", "reload takes no names");
    expect_error("events web", "events takes no names");
    expect_error("signal", "signal needs a signal and names of services");
    expect_error("signal HUP", "signal needs names of services");
    expect_error("signal FOO web", "'FOO' is no signal");
    expect_error("signal 0 web", "'0' is no signal");
}
END_TEST

START_TEST(an_error_quotes_no_more_than_there_is_room_for)
{
    static char line[REQUEST_SIZE];
    memset(line, 'x', sizeof line - 1);
    ck_assert(!request_parse(line, &request, error));
    ck_assert_uint_lt(strlen(error), sizeof error);
    ck_assert_int_eq(error[strlen(error) - 1], '\'');
}
END_TEST

START_TEST(a_name_counts_once_however_often_it_is_there)
{
    expect_names("status web web", "web");
    expect_names("stop web db web all --no-wait db -- all web@1", "web db all web@1");
    expect_names("signal HUP HUP web HUP", "HUP web");
}
END_TEST

START_TEST(the_longest_line_may_be_full_of_names)
{
    static char line[REQUEST_SIZE];
    int count = 0;
    strcpy(line, "status");
    for (size_t length = 6; length + 4 < sizeof line; length += 4)
        snprintf(line + length, sizeof line - length, " %03x", (unsigned)count++);
    ck_assert(request_parse(line, &request, error));
    ck_assert_int_eq(request.count, count);
    ck_assert_int_eq(count, (REQUEST_SIZE - 1 - 6) / 4);
}
END_TEST

int main(void)
{
    return unit_run("request", each_command_is_known_by_its_name, names_are_words,
                    options_may_stand_anywhere_before_two_dashes, only_orders_wait,
                    health_has_three_questions, a_signal_is_a_name_or_a_number,
                    what_is_no_request_is_said, an_error_quotes_no_more_than_there_is_room_for,
                    a_name_counts_once_however_often_it_is_there,
                    the_longest_line_may_be_full_of_names);
}
