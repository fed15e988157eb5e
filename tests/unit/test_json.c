#include "ctl/json.h"

#include "tests/unit/unit.h"

#include <string.h>

static struct json_field fields[8];

static int count_of(const char *text)
{
    static char line[512];
    ck_assert_uint_lt(strlen(text), sizeof line);
    strcpy(line, text);
    return json_read(line, fields, 8);
}

static const char *text_of(const char *text)
{
    ck_assert_int_eq(count_of(text), 1);
    ck_assert_int_eq(fields[0].kind, JSON_STRING);
    return fields[0].text;
}

START_TEST(an_object_is_a_line)
{
    char text[256];
    struct json json;
    json_begin(&json, text, sizeof text);
    json_string(&json, "s", "a \"b\"\n");
    json_string(&json, "n", NULL);
    json_number(&json, "i", -7);
    json_bool(&json, "t", true);
    json_bool(&json, "f", false);
    json_null(&json, "z");
    size_t length = json_end(&json);
    ck_assert_str_eq(text, "{\"s\":\"a \\\"b\\\"\\n\",\"n\":null,\"i\":-7,\"t\":true,\"f\":false,"
                           "\"z\":null}\n");
    ck_assert_uint_eq(length, strlen(text));
}
END_TEST

START_TEST(an_object_may_be_empty)
{
    char text[3 + 1];
    struct json json;
    json_begin(&json, text, sizeof text);
    ck_assert_uint_eq(json_end(&json), 3);
    ck_assert_str_eq(text, "{}\n");
    ck_assert_int_eq(count_of("{}"), 0);
    ck_assert_int_eq(count_of(" { } \r\n"), 0);
}
END_TEST

/* Every size: what is there is always a whole object of whole fields, and within its bounds. */
START_TEST(what_does_not_fit_is_left_out_and_the_rest_is_well_formed)
{
    for (size_t size = 4; size < 100; size++) {
        char text[128];
        struct json json;
        memset(text, '#', sizeof text);
        json_begin(&json, text, size);
        json_string(&json, "name", "\xe2\x82\xac\n\"\\ is a long text of which some is cut");
        json_number(&json, "number", 1234567);
        json_bool(&json, "bool", true);
        json_null(&json, "null");
        size_t length = json_end(&json);
        ck_assert_uint_lt(length, size);
        ck_assert_int_eq(text[length], '\0');
        ck_assert_int_eq(text[length - 1], '\n');
        ck_assert_int_eq(text[size], '#');
        ck_assert_int_ge(json_read(text, fields, 8), 0);
    }
}
END_TEST

START_TEST(a_field_that_does_not_fit_leaves_room_for_a_smaller_one)
{
    char text[24];
    struct json json;
    json_begin(&json, text, sizeof text);
    json_number(&json, "much-too-long-a-name", 1);
    json_number(&json, "a", 1);
    json_end(&json);
    ck_assert_str_eq(text, "{\"a\":1}\n");
}
END_TEST

START_TEST(fields_are_found_by_name_and_kind)
{
    ck_assert_int_eq(count_of("{\"a\":\"x\",\"b\":3,\"c\":true,\"d\":null,\"a\":4}"), 5);
    ck_assert_str_eq(json_find(fields, 5, "a", JSON_STRING)->text, "x");
    ck_assert_int_eq(json_find(fields, 5, "a", JSON_NUMBER)->number, 4);
    ck_assert_int_eq(json_find(fields, 5, "b", JSON_NUMBER)->number, 3);
    ck_assert_int_eq(json_find(fields, 5, "c", JSON_BOOL)->number, 1);
    ck_assert_ptr_nonnull(json_find(fields, 5, "d", JSON_NULL));
    ck_assert_ptr_null(json_find(fields, 5, "b", JSON_STRING));
    ck_assert_ptr_null(json_find(fields, 5, "e", JSON_NULL));
}
END_TEST

START_TEST(blanks_may_stand_between_everything)
{
    ck_assert_int_eq(count_of("\t{ \"a\" : 1 ,\r\n \"b\":\"x\" } "), 2);
    ck_assert_int_eq(fields[0].number, 1);
    ck_assert_str_eq(fields[1].text, "x");
}
END_TEST

START_TEST(escapes_become_what_they_mean)
{
    ck_assert_str_eq(text_of("{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}"), "\"\\/\b\f\n\r\t");
    ck_assert_str_eq(text_of("{\"a\":\"\\u0041\\u00e9\\u20AC\"}"), "A\xc3\xa9\xe2\x82\xac");
    ck_assert_str_eq(text_of("{\"a\":\"\\ud83d\\udc27!\"}"), "\xf0\x9f\x90\xa7!");
    ck_assert_str_eq(text_of("{\"a\":\"\\ud800\\udc00\\udbff\\udfff\"}"),
                     "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}
END_TEST

START_TEST(numbers_are_whole)
{
    ck_assert_int_eq(count_of("{\"a\":-12,\"b\":0,\"c\":999999999999999999}"), 3);
    ck_assert_int_eq(fields[0].number, -12);
    ck_assert_int_eq(fields[1].number, 0);
    ck_assert(fields[2].number == 999999999999999999);
}
END_TEST

static const char *const bad[] = {
    "",
    "x",
    "{",
    "}",
    "{}x",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1",
    "{\"a\":1,}",
    "{,\"a\":1}",
    "{\"a\":1 \"b\":2}",
    "{a:1}",
    "{\"a:1}",
    "{\"a\":\"x}",
    "{\"a\":\"\\",
    "{\"a\":\"\\x\"}",
    "{\"a\":\"\\u12\"}",
    "{\"a\":\"\\u12g4\"}",
    "{\"a\":\"\\u0000\"}",
    "{\"a\":\"\\ud83d\"}",
    "{\"a\":\"\\ud83d\\u0041\"}",
    "{\"a\":\"\\udc27\"}",
    "{\"a\":\"\n\"}",
    "{\"a\":1.5}",
    "{\"a\":1e3}",
    "{\"a\":-}",
    "{\"a\":+1}",
    "{\"a\":1000000000000000000}",
    "{\"a\":nul}",
    "{\"a\":truely}",
    "{\"a\":[1]}",
    "{\"a\":{}}",
    "[1]",
    "{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\"i\":1}",
};

START_TEST(everything_else_is_refused)
{
    ck_assert_msg(count_of(bad[_i]) == -1, "'%s' was read", bad[_i]);
}
END_TEST

START_TEST(as_many_fields_as_there_is_room_for_are_read)
{
    ck_assert_int_eq(count_of("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1}"),
                     8);
}
END_TEST

START_TEST(the_time_of_day_has_milliseconds)
{
    char text[64];
    struct json json;
    json_begin(&json, text, sizeof text);
    json_now(&json, "ts");
    json_end(&json);
    const char *now = text_of(text);
    ck_assert_uint_eq(strlen(now), strlen("2026-01-31T12:00:00.123Z"));
    ck_assert_int_eq(now[10], 'T');
    ck_assert_int_eq(now[19], '.');
    ck_assert_int_eq(now[23], 'Z');
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "json", NULL,
        unit_tests(an_object_is_a_line, an_object_may_be_empty,
                   what_does_not_fit_is_left_out_and_the_rest_is_well_formed,
                   a_field_that_does_not_fit_leaves_room_for_a_smaller_one,
                   fields_are_found_by_name_and_kind, blanks_may_stand_between_everything,
                   escapes_become_what_they_mean, numbers_are_whole,
                   as_many_fields_as_there_is_room_for_are_read, the_time_of_day_has_milliseconds),
        unit_loops({everything_else_is_refused, 0, (int)unit_count(bad)}));
}
