#include "ctl/escape.h"

#include "tests/unit/unit.h"

#include <string.h>

static void expect_text(const char *from, const char *expected)
{
    char to[256];
    size_t length = escape_text(to, sizeof to, from);
    ck_assert_str_eq(to, expected);
    ck_assert_uint_eq(length, strlen(expected));
}

static void expect_json(const char *from, const char *expected)
{
    char to[256];
    size_t length = escape_json(to, sizeof to, from);
    ck_assert_str_eq(to, expected);
    ck_assert_uint_eq(length, strlen(expected));
}

START_TEST(plain_text_and_utf8_stay_as_they_are)
{
    expect_text("web: \"a\\b\" gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x90\xa7",
                "web: \"a\\b\" gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x90\xa7");
    expect_json("gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x90\xa7",
                "gr\xc3\xbc\xc3\x9f\x65 \xe2\x82\xac \xf0\x9f\x90\xa7");
}
END_TEST

START_TEST(control_characters_cannot_reach_a_terminal_or_break_a_line)
{
    expect_text("a\nb\tc\r\x1b[31m\x7f", "a\\nb\\tc\\r\\x1b[31m\\x7f");
    expect_text("\xc2\x9b"
                "31m \xc2\xa0",
                "\\x9b31m \xc2\xa0");
    expect_json("\xc2\x9b", "\\u009b");
    expect_json("a\nb\x1b\"\\", "a\\nb\\u001b\\\"\\\\");
}
END_TEST

START_TEST(bytes_that_are_no_utf8_are_shown_as_such)
{
    /* a lone byte, a cut character, an overlong slash, a surrogate, beyond Unicode */
    expect_text("\xff", "\\xff");
    expect_text("\xe2\x82", "\\xe2\\x82");
    expect_json("\xff|\xe2\x82|\xc0\xaf|\xed\xa0\x80|\xf4\x90\x80\x80",
                "\\ufffd|\\ufffd\\ufffd|\\ufffd\\ufffd|\\ufffd\\ufffd\\ufffd|"
                "\\ufffd\\ufffd\\ufffd\\ufffd");
}
END_TEST

START_TEST(what_does_not_fit_is_cut_between_two_characters)
{
    char to[8];
    for (size_t size = 1; size <= sizeof to; size++) {
        memset(to, 'x', sizeof to);
        size_t length = escape_json(to, size, "a\n\xe2\x82\xac\xe2\x82\xac");
        ck_assert_uint_lt(length, size);
        ck_assert_int_eq(to[length], '\0');
        static const size_t whole[] = {0, 0, 1, 1, 3, 3, 3, 6, 6}; /* by size */
        ck_assert_uint_eq(length, whole[size]);
    }
}
END_TEST

int main(void)
{
    return unit_run("escape", plain_text_and_utf8_stay_as_they_are,
                    control_characters_cannot_reach_a_terminal_or_break_a_line,
                    bytes_that_are_no_utf8_are_shown_as_such,
                    what_does_not_fit_is_cut_between_two_characters);
}
