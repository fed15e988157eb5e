#include "supervisor/notify_message.h"

#include "tests/unit/unit.h"

#include <limits.h>
#include <string.h>

static struct notify_message parse_bytes(const char *data, size_t size)
{
    struct notify_message message;
    memset(&message, 0x55, sizeof message); /* all of it is written */
    notify_message_parse(&message, data, size);
    return message;
}

static struct notify_message parse(const char *text)
{
    return parse_bytes(text, strlen(text));
}

static bool is_same(const struct notify_message *a, const struct notify_message *b)
{
    return a->is_ready == b->is_ready && a->is_reloading == b->is_reloading &&
           a->is_stopping == b->is_stopping && a->is_watchdog == b->is_watchdog &&
           a->wants_watchdog_trigger == b->wants_watchdog_trigger &&
           a->is_barrier == b->is_barrier && (a->status == NULL) == (b->status == NULL) &&
           a->status_length == b->status_length && a->main_pid == b->main_pid &&
           a->extend_us == b->extend_us && a->watchdog_us == b->watchdog_us;
}

static void expect(const char *text, struct notify_message expected)
{
    struct notify_message message = parse(text);
    ck_assert_msg(is_same(&message, &expected), "'%s'", text);
}

#define NOTHING .extend_us = -1, .watchdog_us = -1

static void expect_nothing(const char *text)
{
    expect(text, (struct notify_message){NOTHING});
}

/* NULL: no status. */
static void expect_status(const char *text, const char *expected)
{
    struct notify_message message = parse(text);
    ck_assert_int_eq(message.status != NULL, expected != NULL);
    if (!expected)
        return;
    ck_assert_uint_eq(message.status_length, strlen(expected));
    ck_assert_int_eq(memcmp(message.status, expected, message.status_length), 0);
}

START_TEST(each_word_says_one_thing)
{
    expect("READY=1", (struct notify_message){NOTHING, .is_ready = true});
    expect("RELOADING=1", (struct notify_message){NOTHING, .is_reloading = true});
    expect("STOPPING=1", (struct notify_message){NOTHING, .is_stopping = true});
    expect("WATCHDOG=1", (struct notify_message){NOTHING, .is_watchdog = true});
    expect("WATCHDOG=trigger", (struct notify_message){NOTHING, .wants_watchdog_trigger = true});
    expect("BARRIER=1", (struct notify_message){NOTHING, .is_barrier = true});
    expect("MAINPID=4711", (struct notify_message){NOTHING, .main_pid = 4711});
    expect("EXTEND_TIMEOUT_USEC=5000000",
           (struct notify_message){.extend_us = 5000000, .watchdog_us = -1});
    expect("WATCHDOG_USEC=20000000",
           (struct notify_message){.extend_us = -1, .watchdog_us = 20000000});
    expect_status("STATUS=66% done", "66% done");
}
END_TEST

START_TEST(a_message_may_say_several_things)
{
    struct notify_message message = parse("READY=1\nSTATUS=Serving\nMAINPID=12\nWATCHDOG=1\n"
                                          "RELOADING=1\nSTOPPING=1\nWATCHDOG=trigger\n"
                                          "WATCHDOG_USEC=7\nEXTEND_TIMEOUT_USEC=8\n");
    struct notify_message all = {true, true, true, true, true, false, "", strlen("Serving"),
                                 12,   8,    7};
    ck_assert(is_same(&message, &all));
    ck_assert_int_eq(memcmp(message.status, "Serving", message.status_length), 0);
}
END_TEST

START_TEST(nothing_says_nothing)
{
    expect_nothing("");
    expect_nothing("\n");
    expect_nothing("\n\r\n\n");
    struct notify_message message = parse_bytes("READY=1", 0);
    ck_assert(is_same(&message, &(struct notify_message){NOTHING}));
}
END_TEST

START_TEST(the_last_line_needs_no_newline)
{
    expect("STOPPING=1\nREADY=1",
           (struct notify_message){NOTHING, .is_ready = true, .is_stopping = true});
    expect("READY=1\n", (struct notify_message){NOTHING, .is_ready = true});
    expect("READY=1\r\n", (struct notify_message){NOTHING, .is_ready = true});
    expect_status("STATUS=a b \r\n", "a b ");
    expect_status("STATUS=a\rREADY=1", "a");
}
END_TEST

START_TEST(empty_lines_are_passed_over)
{
    expect("\n\nREADY=1\n\n\nSTOPPING=1",
           (struct notify_message){NOTHING, .is_ready = true, .is_stopping = true});
}
END_TEST

START_TEST(a_word_that_is_not_known_says_nothing)
{
    static const char *const texts[] = {
        "READY",
        "READY=",
        "READY=0",
        "READY=11",
        "READY=1 ",
        " READY=1",
        "ready=1",
        "XREADY=1",
        "READY =1",
        "READY=yes",
        "RELOADING=0",
        "STOPPING=2",
        "WATCHDOG=0",
        "WATCHDOG=",
        "WATCHDOG=triggers",
        "BARRIER=0",
        "X_STATUS=a",
        "STATUS",
        "STATU",
        "FDSTORE=1",
        "FDNAME=a",
        "ERRNO=2",
        "=",
        "=1",
        "X_A=READY=1",
        "MAINPID",
        "WATCHDOG_USEC",
        "MAINPIDFD=1",
        "NOTIFYACCESS=all",
        "BUSERROR=a.b.c",
    };
    for (size_t i = 0; i < unit_count(texts); i++)
        expect_nothing(texts[i]);
}
END_TEST

START_TEST(what_is_not_known_hides_nothing_else)
{
    expect("X_A=1\nREADY=1\nMAINPID=x\nrubbish\nSTOPPING=1",
           (struct notify_message){NOTHING, .is_ready = true, .is_stopping = true});
}
END_TEST

START_TEST(a_status_is_all_that_follows_in_its_line)
{
    expect_status("STATUS=READY=1", "READY=1");
    expect_nothing("X_A=\x1b[31m\tREADY=1");
    expect_status("STATUS= a = \xff\x1b ", " a = \xff\x1b ");
    expect_status("READY=1", NULL);
    expect_status("STATUS=", "");
    expect_status("STATUS=\nREADY=1", "");
    ck_assert(!parse("STATUS=READY=1").is_ready);
}
END_TEST

START_TEST(a_number_is_digits_alone)
{
    static const char *const values[] = {"",    "-1", "+1",  " 1",  "1 ", "0x10", "1.5",
                                         "1e3", "a",  "1 2", "\t1", "1s", "--1",  "1\v"};
    static const char *const names[] = {"MAINPID=", "EXTEND_TIMEOUT_USEC=", "WATCHDOG_USEC="};
    char text[64];
    for (size_t n = 0; n < unit_count(names); n++) {
        for (size_t v = 0; v < unit_count(values); v++) {
            strcpy(text, names[n]);
            expect_nothing(strcat(text, values[v]));
        }
    }
}
END_TEST

START_TEST(a_pid_is_a_positive_number_that_fits)
{
    ck_assert_int_eq(parse("MAINPID=1").main_pid, 1);
    ck_assert_int_eq(parse("MAINPID=0012").main_pid, 12);
    ck_assert_int_eq(parse("MAINPID=2147483647").main_pid, INT_MAX);
    expect_nothing("MAINPID=0");
    expect_nothing("MAINPID=2147483648");
    expect_nothing("MAINPID=4294967297");
    expect_nothing("MAINPID=18446744073709551617");
    expect_nothing("MAINPID=99999999999999999999999999999999999999");
}
END_TEST

START_TEST(a_duration_too_long_is_the_longest)
{
    static const char *const values[] = {"315360000000001", "9223372036854775808",
                                         "18446744073709551615", "18446744073709551616",
                                         "99999999999999999999999999999999999999"};
    char text[64];
    ck_assert_int_eq(parse("WATCHDOG_USEC=0").watchdog_us, 0);
    ck_assert_int_eq(parse("EXTEND_TIMEOUT_USEC=0").extend_us, 0);
    ck_assert_int_eq(parse("EXTEND_TIMEOUT_USEC=315359999999999").extend_us,
                     NOTIFY_DURATION_MAX_US - 1);
    for (size_t i = 0; i < unit_count(values); i++) {
        ck_assert_int_eq(parse(strcat(strcpy(text, "EXTEND_TIMEOUT_USEC="), values[i])).extend_us,
                         NOTIFY_DURATION_MAX_US);
        ck_assert_int_eq(parse(strcat(strcpy(text, "WATCHDOG_USEC="), values[i])).watchdog_us,
                         NOTIFY_DURATION_MAX_US);
    }
}
END_TEST

START_TEST(the_last_of_several_counts)
{
    expect_status("STATUS=one\nSTATUS=two", "two");
    expect_status("STATUS=one\nSTATUS=", "");
    ck_assert_int_eq(parse("MAINPID=1\nMAINPID=2").main_pid, 2);
    ck_assert_int_eq(parse("WATCHDOG_USEC=9\nWATCHDOG_USEC=1").watchdog_us, 1);
    ck_assert_int_eq(parse("EXTEND_TIMEOUT_USEC=9\nEXTEND_TIMEOUT_USEC=1").extend_us, 1);
    ck_assert_int_eq(parse("MAINPID=1\nMAINPID=x").main_pid, 1);
    ck_assert_int_eq(parse("MAINPID=1\nMAINPID=0").main_pid, 1);
}
END_TEST

START_TEST(a_barrier_says_nothing_else)
{
    struct notify_message barrier = {NOTHING, .is_barrier = true};
    expect("BARRIER=1\nREADY=1", barrier);
    expect("READY=1\nSTATUS=a\nMAINPID=3\nWATCHDOG_USEC=1\nEXTEND_TIMEOUT_USEC=1\nBARRIER=1\n",
           barrier);
}
END_TEST

START_TEST(all_ends_at_a_nul)
{
    static const char text[] = "READY=1\0\nSTOPPING=1";
    struct notify_message message = parse_bytes(text, sizeof text);
    ck_assert(is_same(&message, &(struct notify_message){NOTHING, .is_ready = true}));
    static const char status[] = "STATUS=ab\0c";
    ck_assert_uint_eq(parse_bytes(status, sizeof status).status_length, 2);
    message = parse_bytes("\0READY=1", 8);
    ck_assert(is_same(&message, &(struct notify_message){NOTHING}));
}
END_TEST

START_TEST(no_byte_behind_the_datagram_is_read)
{
    static const char text[] = "STATUS=ab\nREADY=1\nMAINPID=12";
    for (size_t size = 0; size < sizeof text; size++) {
        char *exact = malloc(size + 1);
        memcpy(exact, text, size);
        exact[size] = '3';
        struct notify_message message = parse_bytes(exact, size);
        ck_assert_int_eq(message.is_ready, size >= strlen("STATUS=ab\nREADY=1"));
        ck_assert_int_le(message.main_pid, 12);
        ck_assert_uint_le(message.status_length, 2);
        free(exact);
    }
}
END_TEST

START_TEST(a_message_has_a_longest_size)
{
    static char data[NOTIFY_MESSAGE_MAX + 1];
    static const char begin[] = "READY=1\nSTATUS=";
    strcpy(data, begin);
    memset(data + strlen(begin), 'a', sizeof data - strlen(begin));
    struct notify_message message = parse_bytes(data, NOTIFY_MESSAGE_MAX);
    ck_assert(message.is_ready);
    ck_assert_uint_eq(message.status_length, NOTIFY_MESSAGE_MAX - strlen(begin));
    message = parse_bytes(data, NOTIFY_MESSAGE_MAX + 1);
    ck_assert(is_same(&message, &(struct notify_message){NOTHING}));
}
END_TEST

int main(void)
{
    return unit_run("notify_message", each_word_says_one_thing, a_message_may_say_several_things,
                    nothing_says_nothing, the_last_line_needs_no_newline,
                    empty_lines_are_passed_over, a_word_that_is_not_known_says_nothing,
                    what_is_not_known_hides_nothing_else, a_status_is_all_that_follows_in_its_line,
                    a_number_is_digits_alone, a_pid_is_a_positive_number_that_fits,
                    a_duration_too_long_is_the_longest, the_last_of_several_counts,
                    a_barrier_says_nothing_else, all_ends_at_a_nul,
                    no_byte_behind_the_datagram_is_read, a_message_has_a_longest_size);
}
