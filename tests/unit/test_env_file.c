#include "conf/env_file.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

/* What a line comes to: "NAME|VALUE", "NAME?" where it has a name alone, "" or "bad". */
static const char *take(const char *text)
{
    static char result[256];
    char line[256];
    const char *name = NULL;
    const char *value = NULL;
    strcpy(line, text);
    switch (env_file_line(line, &name, &value)) {
    case ENV_LINE_NONE:
        return "";
    case ENV_LINE_VARIABLE:
        strcpy(result, name);
        strcat(result, "|");
        return strcat(result, value);
    case ENV_LINE_NAME:
        ck_assert_ptr_null(value);
        strcpy(result, name);
        return strcat(result, "?");
    case ENV_LINE_BAD:
        return "bad";
    }
    return NULL;
}

START_TEST(a_value_is_all_that_follows)
{
    ck_assert_str_eq(take("A=b"), "A|b");
    ck_assert_str_eq(take("A=  b c\t"), "A|  b c\t");
    ck_assert_str_eq(take("A=\"b\" 'c' \\n $HOME"), "A|\"b\" 'c' \\n $HOME");
    ck_assert_str_eq(take("A=b # c"), "A|b # c");
    ck_assert_str_eq(take("A=b=c"), "A|b=c");
    ck_assert_str_eq(take("A=="), "A|=");
}
END_TEST

START_TEST(a_value_may_be_empty)
{
    ck_assert_str_eq(take("A="), "A|");
    ck_assert_str_eq(take("A=\n"), "A|");
}
END_TEST

START_TEST(a_name_may_have_any_characters_but_blanks)
{
    ck_assert_str_eq(take("a.b-c/1=d"), "a.b-c/1|d");
    ck_assert_str_eq(take("1A#=d"), "1A#|d");
}
END_TEST

START_TEST(a_name_alone_has_no_value)
{
    ck_assert_str_eq(take("PATH"), "PATH?");
    ck_assert_str_eq(take("  PATH\n"), "PATH?");
}
END_TEST

START_TEST(blanks_before_a_name_mean_nothing)
{
    ck_assert_str_eq(take(" \t A=b"), "A|b");
}
END_TEST

START_TEST(empty_lines_and_comments_are_nothing)
{
    static const char *const lines[] = {"",   "\n",     "\r\n",    " \t \n", " \t",
                                        "#x", "#A=b\n", "  # A=b", "#",      "##\r\n"};
    for (size_t i = 0; i < unit_count(lines); i++)
        ck_assert_str_eq(take(lines[i]), "");
}
END_TEST

START_TEST(the_end_of_the_line_is_no_part_of_it)
{
    ck_assert_str_eq(take("A=b\n"), "A|b");
    ck_assert_str_eq(take("A=b\r\n"), "A|b");
    ck_assert_str_eq(take("A=b \n"), "A|b ");
    ck_assert_str_eq(take("A\r\n"), "A?");
}
END_TEST

START_TEST(a_carriage_return_within_a_value_belongs_to_it)
{
    ck_assert_str_eq(take("A=b\rc\n"), "A|b\rc");
}
END_TEST

START_TEST(a_line_without_a_proper_name_is_bad)
{
    static const char *const lines[] = {"=b",    "=",   " =b\n",      "A B=c", "A =b",
                                        "A\t=b", "A B", "export A=b", "A \n"};
    for (size_t i = 0; i < unit_count(lines); i++)
        ck_assert_msg(strcmp(take(lines[i]), "bad") == 0, "'%s'", lines[i]);
}
END_TEST

static const char *look_up(const char *name)
{
    static const char *const variables[][2] = {
        {"A", "one"}, {"B", " two  words "}, {"EMPTY", ""}, {"ODD", "'a' \"b\" ${A} $$ \\"}};
    for (size_t i = 0; i < unit_count(variables); i++)
        if (strcmp(variables[i][0], name) == 0)
            return variables[i][1];
    return NULL;
}

/* What a value comes to; "bad" where it is refused, with a reason. */
static const char *value_of(const char *text)
{
    static char result[256];
    char error[WORDS_ERROR_SIZE] = "";
    struct words_source source = {.lookup = look_up};
    struct arena arena;
    arena_init(&arena);
    const char *value = env_file_value(&arena, text, &source, error);
    ck_assert_msg(value || *error != '\0', "'%s' is refused without a reason", text);
    snprintf(result, sizeof result, "%s", value ? value : "bad");
    arena_free(&arena);
    return result;
}

/* As `docker run --env-file` has it. */
START_TEST(a_value_without_quotes_before_it_is_taken_as_it_is)
{
    static const char *const values[] = {
        "",       "b",       "  b c\t", "b # c",    "=b=c",      "say \"b\"", "it's", " 'b'",
        " \"b\"", "a\\nb\\", "$A",      "$",        "$$",        "$(A) `A`",  "b}",   "{A}",
        "a;b",    "100%",    "b\rc",    "\xC3\xA4", "\\\"b\\\"", "#b"};
    for (size_t i = 0; i < unit_count(values); i++)
        ck_assert_str_eq(value_of(values[i]), values[i]);
}
END_TEST

START_TEST(quotes_around_a_value_are_no_part_of_it)
{
    ck_assert_str_eq(value_of("\"b\""), "b");
    ck_assert_str_eq(value_of("'b'"), "b");
    ck_assert_str_eq(value_of("\" b  c \""), " b  c ");
    ck_assert_str_eq(value_of("\"it's # ; =\""), "it's # ; =");
    ck_assert_str_eq(value_of("'say \"b\"'"), "say \"b\"");
    ck_assert_str_eq(value_of("\"\""), "");
    ck_assert_str_eq(value_of("''"), "");
}
END_TEST

START_TEST(a_backslash_in_double_quotes_takes_the_meaning_of_what_has_one)
{
    ck_assert_str_eq(value_of("\"a\\\"b\""), "a\"b");
    ck_assert_str_eq(value_of("\"a\\\\b\""), "a\\b");
    ck_assert_str_eq(value_of("\"\\${A}\""), "${A}");
    ck_assert_str_eq(value_of("\"a\\nb\""), "a\\nb");
    ck_assert_str_eq(value_of("'a\\b\\'"), "a\\b\\");
}
END_TEST

START_TEST(a_variable_in_braces_stands_for_its_value)
{
    ck_assert_str_eq(value_of("${A}"), "one");
    ck_assert_str_eq(value_of("x${A}y${A}z"), "xoneyonez");
    ck_assert_str_eq(value_of("${A}${A}"), "oneone");
    ck_assert_str_eq(value_of("\"x ${A} y\""), "x one y");
    ck_assert_str_eq(value_of("<${EMPTY}>"), "<>");
    ck_assert_str_eq(value_of("${EMPTY}"), "");
}
END_TEST

START_TEST(the_value_of_a_variable_is_never_split_nor_looked_at_again)
{
    ck_assert_str_eq(value_of("${B}"), " two  words ");
    ck_assert_str_eq(value_of("\"${B}\""), " two  words ");
    ck_assert_str_eq(value_of("${ODD}"), "'a' \"b\" ${A} $$ \\");
    ck_assert_str_eq(value_of("\"${ODD}\""), "'a' \"b\" ${A} $$ \\");
}
END_TEST

START_TEST(a_default_stands_for_what_is_not_set_or_empty)
{
    ck_assert_str_eq(value_of("${NONE:-b}"), "b");
    ck_assert_str_eq(value_of("${NONE:-}"), "");
    ck_assert_str_eq(value_of("${EMPTY:-b}"), "b");
    ck_assert_str_eq(value_of("${A:-b}"), "one");
    ck_assert_str_eq(value_of("${NONE:-b c}!"), "b c!");
    ck_assert_str_eq(value_of("${NONE:-a\"b'c}"), "a\"b'c");
    ck_assert_str_eq(value_of("\"${NONE:-a\"b}\""), "a\"b");
    ck_assert_str_eq(value_of("http://${NONE:-localhost:80}/${A}"), "http://localhost:80/one");
}
END_TEST

START_TEST(nothing_is_a_variable_in_single_quotes)
{
    ck_assert_str_eq(value_of("'${A}'"), "${A}");
    ck_assert_str_eq(value_of("'${A'"), "${A");
    ck_assert_str_eq(value_of("'$$'"), "$$");
}
END_TEST

START_TEST(what_is_not_closed_or_names_no_variable_is_bad)
{
    static const char *const values[] = {"\"",          "'",         "\"b",
                                         "'b",          "\"b\\\"",   "\"b'",
                                         "'b\"",        "${A",       "x${",
                                         "\"${A\"",     "${}",       "${1}",
                                         "${a b}",      "${A+b}",    "${A-b}",
                                         "${A:+b}",     "${A:b}",    "${NONE}",
                                         "\"${NONE}\"", "${NONE:?}", "${NONE:?it is needed}"};
    for (size_t i = 0; i < unit_count(values); i++)
        ck_assert_msg(strcmp(value_of(values[i]), "bad") == 0, "'%s'", values[i]);
}
END_TEST

START_TEST(nothing_but_blanks_may_be_behind_the_closing_quote)
{
    static const char *const values[] = {"\"a\" b",   "'a' b",     "\"a\"b", "'a'b",
                                         "\"a\"'b'",  "'a'\\''b'", "''a",    "\"\" \"\"",
                                         "\"a\" # b", "\"a\"${A}"};
    for (size_t i = 0; i < unit_count(values); i++)
        ck_assert_msg(strcmp(value_of(values[i]), "bad") == 0, "'%s'", values[i]);
    ck_assert_str_eq(value_of("\"a\" \t"), "a");
    ck_assert_str_eq(value_of("'a'  "), "a");
}
END_TEST

int main(void)
{
    return unit_run(
        "env_file", a_value_is_all_that_follows, a_value_may_be_empty,
        a_name_may_have_any_characters_but_blanks, a_name_alone_has_no_value,
        blanks_before_a_name_mean_nothing, empty_lines_and_comments_are_nothing,
        the_end_of_the_line_is_no_part_of_it, a_carriage_return_within_a_value_belongs_to_it,
        a_line_without_a_proper_name_is_bad, a_value_without_quotes_before_it_is_taken_as_it_is,
        quotes_around_a_value_are_no_part_of_it,
        a_backslash_in_double_quotes_takes_the_meaning_of_what_has_one,
        a_variable_in_braces_stands_for_its_value,
        the_value_of_a_variable_is_never_split_nor_looked_at_again,
        a_default_stands_for_what_is_not_set_or_empty, nothing_is_a_variable_in_single_quotes,
        what_is_not_closed_or_names_no_variable_is_bad,
        nothing_but_blanks_may_be_behind_the_closing_quote);
}
