#include "supervisor/instance.h"

#include "tests/unit/unit.h"

#include <stdint.h>
#include <string.h>

enum { MOST_INSTANCES = 65535 };

/* Copies are the caller's. */
static void free_copy(const void *copy)
{
    free((void *)(uintptr_t)copy);
}

static void free_copies(char *const *copies)
{
    for (char *const *copy = copies; *copy; copy++)
        free_copy(*copy);
    free_copy(copies);
}

static void expect(const char *text, int instance, const char *expected)
{
    const char *copy = instance_text(text, instance);
    ck_assert_str_eq(copy, expected);
    ck_assert_ptr_ne(copy, text);
    free_copy(copy);
}

START_TEST(every_sign_becomes_the_number)
{
    expect("%i", 1, "1");
    expect("/run/web-%i.sock", 12, "/run/web-12.sock");
    expect("%i:%i", 3, "3:3");
    expect("%i%i%i", 7, "777");
    expect("--id=%i", 345, "--id=345");
}
END_TEST

START_TEST(what_is_no_sign_stays)
{
    expect("", 1, "");
    expect("web", 1, "web");
    expect("50%", 1, "50%");
    expect("%", 1, "%");
    expect("%I %d %s %n i", 1, "%I %d %s %n i");
    expect("% i", 1, "% i");
}
END_TEST

START_TEST(a_text_of_signs_alone_has_room_for_the_largest_number)
{
    enum { SIGNS = 1000, DIGITS = 5 };
    char text[SIGNS * 2 + 1] = "";
    for (int i = 0; i < SIGNS; i++)
        memcpy(text + (size_t)i * 2, "%i", 3);
    const char *copy = instance_text(text, MOST_INSTANCES);
    ck_assert_uint_eq(strlen(copy), (size_t)SIGNS * DIGITS);
    for (size_t i = 0; i < SIGNS; i++)
        ck_assert_int_eq(strncmp(copy + i * DIGITS, "65535", DIGITS), 0);
    free_copy(copy);
}
END_TEST

START_TEST(what_is_no_instance_keeps_the_sign_and_copies_nothing)
{
    static char *const argv[] = {"web", "%i", NULL};
    const char *text = "web-%i";
    ck_assert_ptr_eq(instance_text(text, 0), text);
    ck_assert_ptr_eq(instance_argv(argv, 0), argv);
}
END_TEST

START_TEST(every_word_of_a_command_has_the_number)
{
    static char *const argv[] = {"/bin/web-%i", "", "--port", "80%i", NULL};
    char *const *copy = instance_argv(argv, 4);
    ck_assert_str_eq(copy[0], "/bin/web-4");
    ck_assert_str_eq(copy[1], "");
    ck_assert_str_eq(copy[2], "--port");
    ck_assert_str_eq(copy[3], "804");
    ck_assert_ptr_null(copy[4]);
    free_copies(copy);
}
END_TEST

START_TEST(the_texts_of_the_configuration_stay_for_the_next_instance)
{
    char word[] = "web-%i";
    char *const argv[] = {word, NULL};
    for (int instance = 1; instance <= 2; instance++) {
        char *const *copy = instance_argv(argv, instance);
        ck_assert_str_eq(copy[0], instance == 1 ? "web-1" : "web-2");
        ck_assert_str_eq(word, "web-%i");
        free_copies(copy);
    }
}
END_TEST

int main(void)
{
    return unit_run("instance", every_sign_becomes_the_number, what_is_no_sign_stays,
                    a_text_of_signs_alone_has_room_for_the_largest_number,
                    what_is_no_instance_keeps_the_sign_and_copies_nothing,
                    every_word_of_a_command_has_the_number,
                    the_texts_of_the_configuration_stay_for_the_next_instance);
}
