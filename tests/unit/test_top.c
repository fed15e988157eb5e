#include "ctl/key.h"
#include "ctl/top_view.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#define KEYS "up/down select  s start  t stop  r restart  q quit"
#define HEADING "NAME   STATE    HEALTH  PID  UPTIME  RESTARTS  LAST EXIT"

/* --- a screen --------------------------------------------------------------------------------- */

enum { MOST_COLUMNS = 200, MOST_LINES = 60 };

/* What a terminal shows of a frame; a character of more than one byte is shown as its last one. */
struct screen {
    int width;
    int height;
    int line; /* of the cursor */
    int column;
    bool is_reverse;
    char text[MOST_LINES][MOST_COLUMNS + 1];
    bool reverse[MOST_LINES]; /* from its first column to its last one */
};

static struct screen screen;

/* Not an assertion each: there are millions of them, and Check takes its time for one. */
static void put(char c)
{
    if (screen.line >= screen.height || screen.column >= screen.width || (unsigned char)c < ' ')
        ck_abort_msg("%d at line %d, column %d", c, screen.line, screen.column);
    screen.text[screen.line][screen.column] = c;
    screen.reverse[screen.line] =
        screen.is_reverse && (screen.column == 0 || screen.reverse[screen.line]);
    screen.column++;
}

static void go_to(const char *parameters)
{
    screen.line = atoi(parameters) - 1;
    screen.column = 0;
    ck_assert_int_ge(screen.line, 0);
    ck_assert_int_lt(screen.line, screen.height);
    ck_assert_ptr_nonnull(strstr(parameters, ";1H"));
}

/* A terminal may still have its cursor on the last character of a line that is full. */
static void erase_to_end(void)
{
    ck_assert_int_lt(screen.column, screen.width);
    for (int i = screen.column; i < screen.width; i++)
        screen.text[screen.line][i] = ' ';
    screen.reverse[screen.line] = false;
}

/* Behind a sequence that begins at `text`. */
static const char *control(const char *text)
{
    const char *parameters = text + 2;
    const char *end = parameters + strspn(parameters, "0123456789;");
    ck_assert_int_eq(text[1], '[');
    switch (*end) {
    case 'H':
        go_to(parameters);
        break;
    case 'K':
        erase_to_end();
        break;
    case 'm':
        screen.is_reverse = parameters[0] == '7';
        break;
    default:
        ck_abort_msg("unknown sequence");
    }
    return end + 1;
}

static void write_frame(const char *text)
{
    while (*text) {
        bool continues = ((unsigned char)*text & 0xc0) == 0x80;
        if (*text == '\x1b') {
            text = control(text);
            continue;
        }
        if (continues)
            screen.text[screen.line][screen.column - 1] = *text;
        else
            put(*text);
        text++;
    }
}

/* The raw text of a frame, to be freed. */
static char *frame(const struct top_view *view)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    top_view_print(view, out);
    fclose(out);
    return text;
}

/* What is on a screen full of other things when a frame was written. */
static void show(const struct top_view *view)
{
    screen = (struct screen){.width = view->width, .height = view->height};
    for (int i = 0; i < screen.height; i++)
        memset(screen.text[i], '#', (size_t)screen.width);
    char *text = frame(view);
    write_frame(text);
    free(text);
    for (int i = 0; i < screen.height; i++) {
        char *end = screen.text[i] + screen.width;
        ck_assert_ptr_null(strchr(screen.text[i], '#'));
        while (end > screen.text[i] && end[-1] == ' ')
            *--end = '\0';
    }
}

static void expect_line(int line, const char *expected)
{
    ck_assert_str_eq(screen.text[line], expected);
}

static void expect_first_line(const char *expected)
{
    char line[MOST_COLUMNS];
    snprintf(line, sizeof line, "reeve %s%s", REEVE_VERSION, expected);
    line[screen.width] = '\0';
    ck_assert_str_eq(screen.text[0], line);
}

/* --- services --------------------------------------------------------------------------------- */

static struct top_view view;

static void set_up(void)
{
    top_view_init(&view, false);
    top_view_resize(&view, 80, 24);
}

static struct status_row *new_row(const char *name, const char *state, struct status_row *next)
{
    struct status_row *row = calloc(1, sizeof *row);
    format_row(&(struct status){.name = name,
                                .state = state,
                                .health = "none",
                                .pid = -1,
                                .uptime_s = -1,
                                .exit_code = strcmp(state, "failed") == 0 ? 3 : -1},
               row);
    row->next = next;
    return row;
}

/* As many services, named from s00 on. */
static struct status_row *many(int count)
{
    char name[8];
    struct status_row *rows = NULL;
    while (count-- > 0) {
        snprintf(name, sizeof name, "s%02d", count);
        rows = new_row(name, "up", rows);
    }
    return rows;
}

static struct status_row *three(void)
{
    return new_row("db", "up", new_row("web", "backoff", new_row("crash", "failed", NULL)));
}

/* The number of lines with a bar, and the first of them. */
static int count_bars(int *line)
{
    int count = 0;
    *line = -1;
    for (int i = screen.height - 1; i >= 0; i--)
        if (screen.reverse[i]) {
            *line = i;
            count++;
        }
    return count;
}

static void expect_bar(const char *name)
{
    int line;
    ck_assert_int_eq(count_bars(&line), 1);
    ck_assert_str_eq(top_view_selected(&view), name);
    ck_assert(strncmp(screen.text[line], name, strlen(name)) == 0);
}

/* --- whole frames ----------------------------------------------------------------------------- */

START_TEST(a_screen_has_the_counts_the_table_and_the_keys)
{
    top_view_set_rows(&view, three());
    show(&view);
    expect_first_line(" - 3 services, 1 up, 1 backoff, 1 failed");
    expect_line(1, HEADING);
    expect_line(2, "db     up       -         -  -              0");
    expect_line(3, "web    backoff  -         -  -              0");
    expect_line(4, "crash  failed   -         -  -              0  exit code 3");
    for (int i = 5; i < 23; i++)
        expect_line(i, "");
    expect_line(23, KEYS);
    expect_bar("db");
}
END_TEST

START_TEST(one_service_is_counted_as_one)
{
    top_view_set_rows(&view, new_row("db", "starting", NULL));
    show(&view);
    expect_first_line(" - 1 service, 1 starting");
}
END_TEST

START_TEST(before_the_first_answer_nothing_is_counted)
{
    show(&view);
    expect_first_line("");
    expect_line(1, "NAME  STATE  HEALTH  PID  UPTIME  RESTARTS  LAST EXIT");
    expect_line(2, "");
    ck_assert_ptr_null(top_view_selected(&view));
    top_view_set_rows(&view, NULL);
    show(&view);
    expect_first_line(" - 0 services");
    ck_assert_ptr_null(top_view_selected(&view));
}
END_TEST

START_TEST(a_missing_answer_is_said_first)
{
    top_view_set_rows(&view, three());
    view.silent_s = 7;
    top_view_resize(&view, 40, 24);
    show(&view);
    expect_first_line(" - no answer for 7s - 3 services, 1 up");
}
END_TEST

START_TEST(lines_are_cut_at_the_width)
{
    top_view_set_rows(&view, three());
    top_view_resize(&view, 20, 10);
    show(&view);
    expect_first_line(" - 3 services");
    expect_line(1, "NAME   STATE    HEAL");
    expect_line(4, "crash  failed   -");
    expect_line(9, "up/down select  s st");
    expect_bar("db");
}
END_TEST

START_TEST(a_line_that_is_cut_in_a_colour_ends_it)
{
    view.in_colour = true;
    top_view_set_rows(&view, new_row("db", "up", new_row("web", "backoff", NULL)));
    top_view_resize(&view, 9, 24);
    show(&view);
    expect_line(3, "web   bac");
    char *text = frame(&view);
    ck_assert_ptr_nonnull(strstr(text, "web   \x1b[33mbac\x1b[0m\x1b["));
    free(text);
}
END_TEST

START_TEST(characters_are_cut_and_not_bytes)
{
    top_view_set_rows(&view, new_row("\xc3\xa4\xc3\xb6\xc3\xbc", "up", NULL));
    top_view_resize(&view, 2, 24);
    show(&view);
    expect_line(2, "\xa4\xb6");
    char *text = frame(&view);
    ck_assert_ptr_nonnull(strstr(text, "\xc3\xa4\xc3\xb6\x1b"));
    free(text);
}
END_TEST

START_TEST(colours_are_there_only_where_they_are_wanted)
{
    for (int in_colour = 0; in_colour < 2; in_colour++) {
        top_view_fini(&view);
        top_view_init(&view, in_colour);
        top_view_resize(&view, 80, 24);
        top_view_set_rows(&view, three());
        char *text = frame(&view);
        ck_assert_int_eq(strstr(text, "\x1b[33mbackoff\x1b[0m") != NULL, in_colour);
        ck_assert_ptr_nonnull(strstr(text, "\x1b[7mdb     up "));
        free(text);
    }
}
END_TEST

/* --- any size --------------------------------------------------------------------------------- */

START_TEST(a_screen_of_any_size_is_filled_and_not_left)
{
    int line;
    top_view_set_rows(&view, many(50));
    for (int width = 1; width <= 120; width += 7)
        for (int height = 1; height <= MOST_LINES; height++)
            for (int by = -17; by <= 17; by += 34) {
                top_view_resize(&view, width, height);
                top_view_move(&view, by);
                top_view_note(&view, "a note");
                show(&view);
                ck_assert_int_eq(count_bars(&line), height > 3);
                ck_assert_int_eq(screen.text[0][0], 'r');
                ck_assert_int_ge(top_view_page(&view), 1);
            }
}
END_TEST

START_TEST(the_smallest_screen_shows_the_selected_service)
{
    top_view_set_rows(&view, many(50));
    top_view_resize(&view, 20, 4);
    top_view_move(&view, 30);
    show(&view);
    expect_line(1, "NAME  STATE  HEALTH");
    expect_line(2, "s30   up     -");
    expect_line(3, "up/down select  s st");
    expect_bar("s30");
}
END_TEST

/* --- selecting -------------------------------------------------------------------------------- */

START_TEST(the_selection_stays_within_the_rows)
{
    top_view_set_rows(&view, many(5));
    top_view_move(&view, -1);
    ck_assert_str_eq(top_view_selected(&view), "s00");
    top_view_move(&view, 3);
    ck_assert_str_eq(top_view_selected(&view), "s03");
    top_view_move(&view, 3);
    ck_assert_str_eq(top_view_selected(&view), "s04");
    top_view_move(&view, -view.count);
    ck_assert_str_eq(top_view_selected(&view), "s00");
}
END_TEST

START_TEST(rows_beyond_the_height_scroll_with_the_selection)
{
    top_view_set_rows(&view, many(50));
    top_view_resize(&view, 80, 10); /* six of them */
    ck_assert_int_eq(top_view_page(&view), 6);
    top_view_move(&view, 5);
    show(&view);
    ck_assert(strncmp(screen.text[2], "s00", 3) == 0);
    expect_bar("s05");
    top_view_move(&view, 1);
    show(&view);
    ck_assert(strncmp(screen.text[2], "s01", 3) == 0);
    expect_bar("s06");
    top_view_move(&view, -5);
    show(&view);
    ck_assert(strncmp(screen.text[2], "s01", 3) == 0);
    expect_bar("s01");
    top_view_move(&view, -1);
    show(&view);
    ck_assert(strncmp(screen.text[2], "s00", 3) == 0);
    expect_bar("s00");
    top_view_move(&view, 50);
    show(&view);
    ck_assert(strncmp(screen.text[2], "s44", 3) == 0);
    ck_assert(strncmp(screen.text[7], "s49", 3) == 0);
    expect_bar("s49");
}
END_TEST

START_TEST(a_larger_screen_leaves_no_room_unused)
{
    top_view_set_rows(&view, many(20));
    top_view_resize(&view, 80, 10);
    top_view_move(&view, 20);
    top_view_resize(&view, 80, 20);
    show(&view);
    ck_assert(strncmp(screen.text[2], "s04", 3) == 0);
    expect_bar("s19");
}
END_TEST

START_TEST(a_smaller_screen_still_shows_the_selected_service)
{
    top_view_set_rows(&view, many(20));
    top_view_move(&view, 15);
    top_view_resize(&view, 80, 8);
    show(&view);
    expect_bar("s15");
}
END_TEST

START_TEST(what_was_selected_stays_so_when_services_come_and_go)
{
    top_view_set_rows(&view, three());
    top_view_move(&view, 1);
    top_view_set_rows(&view, new_row("a", "up", new_row("b", "up", three())));
    ck_assert_str_eq(top_view_selected(&view), "web");
    top_view_set_rows(&view, new_row("web", "up", NULL));
    ck_assert_str_eq(top_view_selected(&view), "web");
}
END_TEST

START_TEST(where_the_selected_service_is_gone_its_neighbour_is_selected)
{
    top_view_set_rows(&view, many(5));
    top_view_move(&view, 4);
    top_view_set_rows(&view, many(3));
    show(&view);
    expect_bar("s02");
    top_view_set_rows(&view, NULL);
    ck_assert_ptr_null(top_view_selected(&view));
    top_view_move(&view, 1);
    ck_assert_ptr_null(top_view_selected(&view));
    top_view_set_rows(&view, many(3));
    ck_assert_str_eq(top_view_selected(&view), "s00");
}
END_TEST

/* --- notes ------------------------------------------------------------------------------------ */

START_TEST(a_note_stands_above_the_keys)
{
    top_view_set_rows(&view, three());
    top_view_note(&view, "stop web: ordered");
    show(&view);
    expect_line(22, "stop web: ordered");
    expect_line(23, KEYS);
    top_view_note(&view, "");
    show(&view);
    expect_line(22, "");
}
END_TEST

START_TEST(where_there_is_no_room_a_note_takes_the_place_of_the_keys)
{
    top_view_set_rows(&view, three());
    top_view_resize(&view, 80, 5);
    top_view_note(&view, "stop web: ordered");
    show(&view);
    expect_line(4, "stop web: ordered");
    top_view_note(&view, "");
    show(&view);
    expect_line(4, KEYS);
}
END_TEST

START_TEST(a_note_cannot_steer_the_terminal)
{
    top_view_note(&view, "stop: \x1b[2J\n");
    show(&view);
    expect_line(22, "stop: \\x1b[2J\\n");
}
END_TEST

/* --- keys ------------------------------------------------------------------------------------- */

static const struct {
    const char *bytes;
    enum key key;
} sequences[] = {
    {"k", KEY_UP},
    {"j", KEY_DOWN},
    {"s", KEY_START},
    {"t", KEY_STOP},
    {"r", KEY_RESTART},
    {"q", KEY_QUIT},
    {"\x1b[A", KEY_UP},
    {"\x1b[B", KEY_DOWN},
    {"\x1bOA", KEY_UP},
    {"\x1bOB", KEY_DOWN},
    {"\x1b[5~", KEY_PAGE_UP},
    {"\x1b[6~", KEY_PAGE_DOWN},
    {"\x1b[H", KEY_HOME},
    {"\x1bOH", KEY_HOME},
    {"\x1b[1~", KEY_HOME},
    {"\x1b[7~", KEY_HOME},
    {"\x1b[F", KEY_END},
    {"\x1bOF", KEY_END},
    {"\x1b[4~", KEY_END},
    {"\x1b[8~", KEY_END},
    {"\x1b[1;5A", KEY_UP},
    {"\x1b[6;2~", KEY_PAGE_DOWN},
    {"x", KEY_NONE},
    {"S", KEY_NONE},
    {" ", KEY_NONE},
    {"\xc3", KEY_NONE},
    {"\x1b[C", KEY_NONE},
    {"\x1bOP", KEY_NONE},
    {"\x1b[15~", KEY_NONE},
    {"\x1b[99999999999999999999~", KEY_NONE},
    {"\x1b[?1;2c", KEY_NONE},
};

START_TEST(a_key_is_read_as_soon_as_all_of_it_is_there)
{
    enum key key;
    char bytes[64];
    size_t length = strlen(sequences[_i].bytes);
    snprintf(bytes, sizeof bytes, "%sq", sequences[_i].bytes);
    for (size_t i = 0; i < length; i++)
        ck_assert_uint_eq(key_read(bytes, i, &key), 0);
    for (size_t i = length; i <= length + 1; i++) {
        ck_assert_uint_eq(key_read(bytes, i, &key), length);
        ck_assert_int_eq((int)key, (int)sequences[_i].key);
    }
}
END_TEST

START_TEST(the_key_escape_does_not_swallow_the_next_one)
{
    enum key key;
    ck_assert_uint_eq(key_read("\x1bq", 2, &key), 1);
    ck_assert_int_eq((int)key, (int)KEY_NONE);
    ck_assert_uint_eq(key_read("\x1b\x1b[A", 4, &key), 1);
    ck_assert_int_eq((int)key, (int)KEY_NONE);
    ck_assert_uint_eq(key_read("\x1b[1\x1b[A", 6, &key), 3);
    ck_assert_int_eq((int)key, (int)KEY_NONE);
}
END_TEST

int main(void)
{
    return unit_run_suite(
        "top", set_up,
        unit_tests(
            a_screen_has_the_counts_the_table_and_the_keys, one_service_is_counted_as_one,
            before_the_first_answer_nothing_is_counted, a_missing_answer_is_said_first,
            lines_are_cut_at_the_width, a_line_that_is_cut_in_a_colour_ends_it,
            characters_are_cut_and_not_bytes, colours_are_there_only_where_they_are_wanted,
            a_screen_of_any_size_is_filled_and_not_left,
            the_smallest_screen_shows_the_selected_service, the_selection_stays_within_the_rows,
            rows_beyond_the_height_scroll_with_the_selection, a_larger_screen_leaves_no_room_unused,
            a_smaller_screen_still_shows_the_selected_service,
            what_was_selected_stays_so_when_services_come_and_go,
            where_the_selected_service_is_gone_its_neighbour_is_selected,
            a_note_stands_above_the_keys, where_there_is_no_room_a_note_takes_the_place_of_the_keys,
            a_note_cannot_steer_the_terminal, the_key_escape_does_not_swallow_the_next_one),
        unit_loops({a_key_is_read_as_soon_as_all_of_it_is_there, 0, unit_count(sequences)}));
}
