#include "conf/ini_reader.h"

#include "tests/unit/unit.h"

#include <string.h>

/* What was read, a line each: "[section]@3", "key=value@4", and errors as "!5 text". */
static char story[4 * INI_LINE_MAX];
static struct conf_errors errors;

static void on_section(void *data, const char *name, struct place place)
{
    (void)data;
    sprintf(story + strlen(story), "[%s]@%d\n", name, place.line);
}

static void on_key(void *data, const char *key, const char *value, struct place place)
{
    (void)data;
    sprintf(story + strlen(story), "%s=%s@%d\n", key, value, place.line);
}

static bool is_key(void *data, const char *name)
{
    (void)data;
    return strcmp(name, "known") == 0;
}

static const struct ini_callbacks callbacks = {on_section, on_key, is_key};

static const char *read_bytes(const char *bytes, size_t length)
{
    FILE *file = fmemopen((void *)(uintptr_t)bytes, length, "r");
    *story = '\0';
    errors_init(&errors);
    ini_read(file, "f", &callbacks, NULL, &errors);
    fclose(file);
    for (const struct conf_error *e = errors.first; e; e = e->next)
        sprintf(story + strlen(story), "!%d %.20s\n", e->place.line, e->text);
    errors_free(&errors);
    return story;
}

static const char *read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

START_TEST(sections_and_keys_come_with_their_lines)
{
    ck_assert_str_eq(read_text("\n[a b]\nk = v\n\n[c]\nx=y z\n"),
                     "[a b]@2\nk=v@3\n[c]@5\nx=y z@6\n");
}
END_TEST

START_TEST(a_last_line_needs_no_newline)
{
    ck_assert_str_eq(read_text("[a]\nk = v"), "[a]@1\nk=v@2\n");
    ck_assert_str_eq(read_text("[a]"), "[a]@1\n");
}
END_TEST

START_TEST(lines_may_end_in_CR_LF_and_the_file_begin_with_a_mark)
{
    ck_assert_str_eq(read_text("\xef\xbb\xbf[a]\r\nk = v\r\n  w\r\n"), "[a]@1\nk=v\nw@2\n");
}
END_TEST

START_TEST(comments_are_whole_lines_or_behind_a_blank_and_a_semicolon)
{
    ck_assert_str_eq(read_text("# c\n; c\nk = a ; c\nl = a;b #c\nm = ; c\nn =;x\n"),
                     "k=a@3\nl=a;b #c@4\nm=@5\nn=;x@6\n");
}
END_TEST

START_TEST(a_semicolon_in_quotes_is_none)
{
    ck_assert_str_eq(read_text("k = \"a ; b\" ' ; ' ; c\n"), "k=\"a ; b\" ' ; '@1\n");
    ck_assert_str_eq(read_text("k = \"a\n  ; b\" ; c\n"), "k=\"a\n; b\"@1\n");
    ck_assert_str_eq(read_text("k = 'it''s' ; c '\n"), "k='it''s'@1\n");
    ck_assert_str_eq(read_text("k = a \\; b\n"), "k=a \\; b@1\n");
    ck_assert_str_eq(read_text("k = ${A:-it's} ; c\nl = $${ ; c\n"), "k=${A:-it's}@1\nl=$${@2\n");
    ck_assert_str_eq(read_text("k = ${A:-b ;c}\n"), "k=${A:-b@1\n"); /* comments go first */
    ck_assert_str_eq(read_text("k = \"a \\\n  \" ; c\n"), "k=\"a \\\n\"@1\n");
    ck_assert_str_eq(read_text("k = x $\n  {y ; c\n"), "k=x $\n{y@1\n");
}
END_TEST

START_TEST(an_indented_line_continues_the_value_above)
{
    ck_assert_str_eq(read_text("k = a\n  b\n\tc ; d\nl = e\n"), "k=a\nb\nc@1\nl=e@4\n");
    ck_assert_str_eq(read_text("k =\n  a\n"), "k=\na@1\n");
    ck_assert_str_eq(read_text("k = a\n# c\n  b\n"), "k=a\nb@1\n");
    ck_assert_str_eq(read_text("k = a\n   ; c\n  b\n"), "k=a\nb@1\n");
}
END_TEST

START_TEST(an_empty_line_in_quotes_is_kept_elsewhere_not)
{
    ck_assert_str_eq(read_text("k = 'a\n\n  b'\n"), "k='a\n\nb'@1\n");
    ck_assert_str_eq(read_text("k = a\n\n  b\n"), "k=a\nb@1\n");
}
END_TEST

START_TEST(a_repeated_key_is_no_continuation)
{
    ck_assert_str_eq(read_text("k = a\nk = b\n"), "k=a@1\nk=b@2\n");
}
END_TEST

START_TEST(only_the_equals_sign_separates)
{
    ck_assert_str_eq(read_text("k = a:b=c\nrewrite = HUP:USR2\n"),
                     "k=a:b=c@1\nrewrite=HUP:USR2@2\n");
    ck_assert_str_eq(read_text("k:v\n"), "!1 'k:v' is neither a s\n");
}
END_TEST

START_TEST(long_names_of_sections_stay_apart)
{
    char text[256];
    char expected[256];
    char name[81];
    memset(name, 'x', 80);
    name[80] = '\0';
    sprintf(text, "[%s1]\nk = v\n[%s2]\nk = v\n", name, name);
    sprintf(expected, "[%s1]@1\nk=v@2\n[%s2]@3\nk=v@4\n", name, name);
    ck_assert_str_eq(read_text(text), expected);
}
END_TEST

START_TEST(what_is_no_line_of_the_format_is_said_with_its_line)
{
    ck_assert_str_eq(read_text("[a\n"), "[]@1\n!1 the section has no '\n");
    ck_assert_str_eq(read_text("[a] b\n"), "[]@1\n!1 something follows th\n");
    ck_assert_str_eq(read_text("words\n"), "!1 'words' is neither a\n");
    ck_assert_str_eq(read_text("= v\n"), "!1 '= v' is neither a s\n");
    ck_assert_str_eq(read_text("  words\n"), "!1 the line begins with\n");
    ck_assert_str_eq(read_text("k = a\n  # c\n"), "k=a@1\n!2 a comment that begin\n");
    ck_assert_str_eq(read_text("k = a\n  known = b\n"), "k=a@1\n!2 a key begins its lin\n");
    ck_assert_str_eq(read_text("k = a\n  other = b\n"), "k=a\nother = b@1\n");
}
END_TEST

START_TEST(a_quote_that_is_not_closed_ends_where_a_line_begins)
{
    ck_assert_str_eq(read_text("k = 'a\nl = b\n"), "l=b@2\n!1 a quote is not close\n");
    ck_assert_str_eq(read_text("k = 'a\n"), "!1 a quote is not close\n");
}
END_TEST

START_TEST(bytes_that_are_no_text_are_refused)
{
    ck_assert_str_eq(read_bytes("k = a\0b\n", 8), "!1 the line has a NUL b\n");
    ck_assert_str_eq(read_bytes("k = a\x01\nl = c\n", 13), "l=c@2\n!1 the line has a contr\n");
    ck_assert_str_eq(read_bytes("k = a\rb\n", 8), "!1 the line has a contr\n");
    ck_assert_str_eq(read_bytes("k = a\n b\x02\nl = c\n", 16), "l=c@3\n!2 the line has a contr\n");
}
END_TEST

START_TEST(an_error_does_not_hide_the_next)
{
    ck_assert_str_eq(read_text("x\n[a\ny\nk = v\n"),
                     "[]@2\nk=v@4\n!1 'x' is neither a sec\n!2 the section has no '\n"
                     "!3 'y' is neither a sec\n");
}
END_TEST

START_TEST(a_line_of_64_KiB_works_and_one_byte_more_is_refused)
{
    static char text[INI_LINE_MAX + 16];
    for (int extra = 0; extra <= 1; extra++) {
        size_t length = (size_t)INI_LINE_MAX + (size_t)extra;
        snprintf(text, sizeof text, "k = ");
        memset(text + 4, 'x', length - 4);
        text[length] = '\n';
        read_bytes(text, length + 1);
        if (extra)
            ck_assert_str_eq(story, "!1 the line is longer t\n");
        else
            ck_assert_uint_eq(strlen(story), length - 4 + strlen("k=@1\n"));
    }
}
END_TEST

START_TEST(a_value_of_many_lines_is_refused_beyond_64_KiB)
{
    static char text[3 * INI_LINE_MAX];
    strcpy(text, "k = a\n");
    char *end = text + strlen(text);
    for (int i = 0; i < 700; i++) {
        *end++ = ' ';
        memset(end, 'x', 99);
        end += 99;
        *end++ = '\n';
    }
    strcpy(end, "l = b\n");
    ck_assert_str_eq(read_text(text), "l=b@702\n!1 the value is longer \n");
}
END_TEST

/* --- the property: whatever stands in quotes comes back ------------------------------------- */

static unsigned next_random(unsigned *state)
{
    *state = *state * 1103515245U + 12345U;
    return *state >> 8;
}

static char expected_value[INI_LINE_MAX + 1];

static void on_property_key(void *data, const char *key, const char *value, struct place place)
{
    (void)key;
    (void)place;
    ck_assert_uint_eq(strlen(value), strlen(expected_value));
    ck_assert(memcmp(value, expected_value, strlen(value)) == 0);
    ++*(int *)data;
}

/* A value in double quotes of any printable character, as it stands in a file. */
static void make_value(unsigned *state, size_t length)
{
    char *p = expected_value;
    *p++ = '"';
    while ((size_t)(p - expected_value) + 2 < length) {
        char c = (char)(' ' + next_random(state) % 95);
        if (strchr("\"\\$", c))
            *p++ = '\\';
        *p++ = c;
    }
    *p++ = '"';
    *p = '\0';
}

START_TEST(random_values_of_up_to_65000_bytes_come_back_equal)
{
    static const struct ini_callbacks property = {on_section, on_property_key, is_key};
    static char text[INI_LINE_MAX + 16];
    unsigned state = 20260131;
    for (int round = 0; round < 400; round++) {
        int seen = 0;
        size_t most = round % 20 == 0 ? 65000 : round % 3 ? 400 : 5000;
        make_value(&state, 4 + next_random(&state) % most);
        sprintf(text, "key = %s\n", expected_value);
        FILE *file = fmemopen(text, strlen(text), "r");
        errors_init(&errors);
        ini_read(file, "f", &property, &seen, &errors);
        ck_assert_int_eq(errors.count, 0);
        ck_assert_int_eq(seen, 1);
        errors_free(&errors);
        fclose(file);
    }
}
END_TEST

int main(void)
{
    return unit_run(
        "ini_reader", sections_and_keys_come_with_their_lines, a_last_line_needs_no_newline,
        lines_may_end_in_CR_LF_and_the_file_begin_with_a_mark,
        comments_are_whole_lines_or_behind_a_blank_and_a_semicolon, a_semicolon_in_quotes_is_none,
        an_indented_line_continues_the_value_above, an_empty_line_in_quotes_is_kept_elsewhere_not,
        a_repeated_key_is_no_continuation, only_the_equals_sign_separates,
        long_names_of_sections_stay_apart, what_is_no_line_of_the_format_is_said_with_its_line,
        a_quote_that_is_not_closed_ends_where_a_line_begins, bytes_that_are_no_text_are_refused,
        an_error_does_not_hide_the_next, a_line_of_64_KiB_works_and_one_byte_more_is_refused,
        a_value_of_many_lines_is_refused_beyond_64_KiB,
        random_values_of_up_to_65000_bytes_come_back_equal);
}
