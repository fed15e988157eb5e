#include "conf/env_file.h"

#include "tests/unit/unit.h"

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

int main(void)
{
    return unit_run("env_file", a_value_is_all_that_follows, a_value_may_be_empty,
                    a_name_may_have_any_characters_but_blanks, a_name_alone_has_no_value,
                    blanks_before_a_name_mean_nothing, empty_lines_and_comments_are_nothing,
                    the_end_of_the_line_is_no_part_of_it,
                    a_carriage_return_within_a_value_belongs_to_it,
                    a_line_without_a_proper_name_is_bad);
}
