#include "conf/words.h"

#include "tests/unit/unit.h"

#include <string.h>

static struct arena arena;
static char error[WORDS_ERROR_SIZE];

static const char *lookup(const char *name)
{
    if (strcmp(name, "A") == 0)
        return "one two";
    if (strcmp(name, "QUOTES") == 0)
        return "'x' \"y\" ; $A \\z";
    if (strcmp(name, "EMPTY") == 0)
        return "";
    if (strcmp(name, "BLANKS") == 0)
        return "  x  ";
    return NULL;
}

/* Joins the words as <a><b>; "!" and the error where it fails. */
static const char *split(const char *text)
{
    static char joined[1024];
    struct words_source source = {.lookup = lookup};
    struct words words;
    arena_init(&arena);
    strcpy(joined, "");
    if (words_split(&arena, text, &source, &words, error)) {
        for (int i = 0; i < words.count; i++) {
            strcat(joined, "<");
            strcat(joined, words.word[i]);
            strcat(joined, ">");
        }
        ck_assert_ptr_null(words.word[words.count]);
    } else {
        strcpy(joined, "!");
        strcat(joined, error);
    }
    arena_free(&arena);
    return joined;
}

START_TEST(words_are_separated_by_blanks_and_newlines)
{
    ck_assert_str_eq(split("a  b\tc\nd "), "<a><b><c><d>");
    ck_assert_str_eq(split(""), "");
    ck_assert_str_eq(split(" \n\t "), "");
}
END_TEST

START_TEST(quotes_keep_blanks_and_join_with_what_stands_beside_them)
{
    ck_assert_str_eq(split("'a b' \"c d\" e'f 'g\"h \"i"), "<a b><c d><ef gh i>");
    ck_assert_str_eq(split("'' \"\" x''"), "<><><x>");
    ck_assert_str_eq(split("'a\nb'"), "<a\nb>");
    ck_assert_str_eq(split("\"'\" '\"'"), "<'><\">");
}
END_TEST

START_TEST(a_backslash_takes_the_meaning_of_the_next_character_away)
{
    ck_assert_str_eq(split("a\\ b \\' \\\" \\\\ \\$A \\${A}"), "<a b><'><\"><\\><$A><${A}>");
    ck_assert_str_eq(split("\"\\a \\\" \\\\ \\$ \\`\""), "<\\a \" \\ $ `>");
    ck_assert_str_eq(split("'\\a \\\\'"), "<\\a \\\\>");
    ck_assert_str_eq(split("a\\\nb \"c\\\nd\""), "<ab><cd>");
}
END_TEST

START_TEST(a_variable_is_split_outside_of_quotes_only)
{
    ck_assert_str_eq(split("${A}"), "<one><two>");
    ck_assert_str_eq(split("\"${A}\""), "<one two>");
    ck_assert_str_eq(split("'${A}'"), "<${A}>");
    ck_assert_str_eq(split("x${A}y"), "<xone><twoy>");
    ck_assert_str_eq(split("a${BLANKS}b"), "<a><x><b>");
    ck_assert_str_eq(split("${EMPTY} \"${EMPTY}\""), "<>");
}
END_TEST

START_TEST(what_a_variable_holds_is_never_looked_at_again)
{
    ck_assert_str_eq(split("\"${QUOTES}\""), "<'x' \"y\" ; $A \\z>");
    ck_assert_str_eq(split("${QUOTES}"), "<'x'><\"y\"><;><$A><\\z>");
}
END_TEST

START_TEST(a_default_stands_in_for_what_is_not_set_or_empty)
{
    ck_assert_str_eq(split("${NONE:-a b}"), "<a><b>");
    ck_assert_str_eq(split("\"${NONE:-redis://h:1/}\""), "<redis://h:1/>");
    ck_assert_str_eq(split("${EMPTY:-x}"), "<x>");
    ck_assert_str_eq(split("${A:-x}"), "<one><two>");
    ck_assert_str_eq(split("\"${NONE:-}\""), "<>");
}
END_TEST

START_TEST(what_is_not_set_and_has_no_default_is_an_error)
{
    ck_assert_str_eq(split("a ${NONE}"), "!${NONE} is not set and has no default");
    ck_assert_str_eq(split("${NONE:?set it to the database}"), "!${NONE}: set it to the database");
    ck_assert_str_eq(split("${EMPTY:?must not be empty}"), "!${EMPTY}: must not be empty");
}
END_TEST

START_TEST(a_lenient_source_counts_what_is_not_set)
{
    struct words_source source = {.lookup = lookup, .lenient = true};
    struct words words;
    arena_init(&arena);
    ck_assert(words_split(&arena, "${NONE} x ${NONE:?m} ${A}", &source, &words, error));
    ck_assert_int_eq(source.unset, 2);
    ck_assert_int_eq(words.count, 3);
    arena_free(&arena);
}
END_TEST

START_TEST(two_dollars_are_one_and_a_lone_one_is_itself)
{
    ck_assert_str_eq(split("$$ $ $A a$ \"$$ $\" '$$'"), "<$><$><$A><a$><$ $><$$>");
    ck_assert_str_eq(split("$${A}"), "<${A}>");
}
END_TEST

START_TEST(what_is_not_closed_is_an_error_that_shows_where)
{
    ck_assert_str_eq(split("a 'b c"), "!the quote before 'b c' is not closed");
    ck_assert_str_eq(split("a \"b c"), "!the quote before 'b c' is not closed");
    ck_assert_str_eq(split("a ${B"), "!'${B' has no '}'");
    ck_assert_str_eq(split("a \\"), "!nothing follows the last '\\'");
}
END_TEST

START_TEST(what_names_no_variable_is_an_error)
{
    static const char *const wrong[] = {"${}",    "${1}",  "${A-x}", "${A:x}",
                                        "${A B}", "${A:}", "${-}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(*split(wrong[i]) == '!', "'%s' was taken", wrong[i]);
}
END_TEST

START_TEST(quotes_can_be_followed_in_pieces)
{
    struct quote_state state = {.quote = QUOTE_NONE};
    static const char text[] = "a\\'\"b'\\\"";
    for (const char *c = text; *c; c++)
        quote_next(&state, *c);
    ck_assert_int_eq(state.quote, QUOTE_DOUBLE);
    quote_next(&state, '"');
    ck_assert_int_eq(state.quote, QUOTE_NONE);
}
END_TEST

int main(void)
{
    return unit_run(
        "words", words_are_separated_by_blanks_and_newlines,
        quotes_keep_blanks_and_join_with_what_stands_beside_them,
        a_backslash_takes_the_meaning_of_the_next_character_away,
        a_variable_is_split_outside_of_quotes_only, what_a_variable_holds_is_never_looked_at_again,
        a_default_stands_in_for_what_is_not_set_or_empty,
        what_is_not_set_and_has_no_default_is_an_error, a_lenient_source_counts_what_is_not_set,
        two_dollars_are_one_and_a_lone_one_is_itself,
        what_is_not_closed_is_an_error_that_shows_where, what_names_no_variable_is_an_error,
        quotes_can_be_followed_in_pieces);
}
