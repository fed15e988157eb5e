#include "ctl/top_view.h"

#include "ctl/escape.h"

#include <stdlib.h>
#include <string.h>

#define KEYS "up/down select  s start  t stop  r restart  q quit"

enum {
    LINE_SIZE = 2 * sizeof(struct status_row), /* a row, padded */
    BESIDES_ROWS = 3,                          /* lines: the first one, the heading, the keys */
    NOTE_HEIGHT = 6,                           /* of a screen on which a note has its own line */
};

#define REVERSE "\x1b[7m"
#define PLAIN "\x1b[0m"
#define ERASE_TO_END "\x1b[K"

/* --- rows ------------------------------------------------------------------------------------- */

void top_view_init(struct top_view *view, bool in_colour)
{
    *view = (struct top_view){.in_colour = in_colour, .widths = format_widths(NULL)};
}

void top_view_free_rows(struct status_row *rows)
{
    while (rows) {
        struct status_row *next = rows->next;
        free(rows);
        rows = next;
    }
}

void top_view_fini(struct top_view *view)
{
    top_view_free_rows(view->rows);
    view->rows = NULL;
}

static bool has_note_line(const struct top_view *view)
{
    return view->height >= NOTE_HEIGHT;
}

int top_view_page(const struct top_view *view)
{
    int page = view->height - BESIDES_ROWS - has_note_line(view);
    return page > 1 ? page : 1;
}

static int clamp(int value, int least, int most)
{
    if (value > most)
        value = most;
    return value < least ? least : value;
}

/* Scrolls as little as shows the selected row, and leaves no room unused. */
static void keep_in_sight(struct top_view *view)
{
    int page = top_view_page(view);
    view->selected = clamp(view->selected, 0, view->count - 1);
    view->first = clamp(view->first, view->selected - page + 1, view->selected);
    view->first = clamp(view->first, 0, view->count - page);
}

void top_view_resize(struct top_view *view, int width, int height)
{
    view->width = width;
    view->height = height;
    keep_in_sight(view);
}

static const struct status_row *row_at(const struct status_row *rows, int number)
{
    while (rows && number-- > 0)
        rows = rows->next;
    return rows;
}

/* -1 where there is none of this name. */
static int find_row(const struct status_row *rows, const char *name)
{
    for (int i = 0; rows; i++, rows = rows->next)
        if (strcmp(rows->name, name) == 0)
            return i;
    return -1;
}

const char *top_view_selected(const struct top_view *view)
{
    const struct status_row *row = row_at(view->rows, view->selected);
    return row ? row->name : NULL;
}

void top_view_set_rows(struct top_view *view, struct status_row *rows)
{
    const char *name = top_view_selected(view);
    int selected = name ? find_row(rows, name) : -1;
    if (selected >= 0)
        view->selected = selected;
    top_view_free_rows(view->rows);
    view->rows = rows;
    view->count = 0;
    for (; rows; rows = rows->next)
        view->count++;
    view->widths = format_widths(view->rows);
    view->is_known = true;
    keep_in_sight(view);
}

void top_view_move(struct top_view *view, int by)
{
    view->selected = clamp(view->selected + by, 0, view->count - 1);
    keep_in_sight(view);
}

void top_view_note(struct top_view *view, const char *text)
{
    escape_text(view->note, sizeof view->note, text);
}

/* --- lines ------------------------------------------------------------------------------------ */

static bool continues_character(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Behind a sequence that sets a colour; it begins at `text`. */
static const char *skip_colour(const char *text)
{
    while (*text && *text != 'm')
        text++;
    return *text ? text + 1 : text;
}

/* Prints at most `width` characters, and every colour. Returns how many they are. */
static int print_cut(FILE *out, const char *text, int width)
{
    int column = 0;
    while (*text) {
        const char *end = text + 1;
        bool is_colour = *text == '\x1b';
        if (is_colour)
            end = skip_colour(text);
        while (continues_character(*end))
            end++;
        if (is_colour || column < width)
            fwrite(text, 1, (size_t)(end - text), out);
        if (!is_colour && column < width)
            column++;
        text = end;
    }
    return column;
}

/*
 * A whole line of the screen. One that is full is not erased to its end: behind its last character
 * the cursor of some terminals still stands on it.
 */
static void print_line(const struct top_view *view, FILE *out, int number, const char *text,
                       bool is_selected)
{
    if (number >= view->height)
        return;
    fprintf(out, "\x1b[%d;1H%s", number + 1, is_selected ? REVERSE : "");
    int column = print_cut(out, text, view->width);
    if (is_selected)
        fprintf(out, "%*s" PLAIN, view->width - column, "");
    else if (column < view->width)
        fputs(ERASE_TO_END, out);
}

/* --- the first line --------------------------------------------------------------------------- */

static int count_state(const struct top_view *view, const char *state)
{
    int count = 0;
    for (const struct status_row *row = view->rows; row; row = row->next)
        count += strcmp(row->state, state) == 0;
    return count;
}

static void print_counts(const struct top_view *view, FILE *out)
{
    static const char *const states[] = {"up",       "done",    "starting", "waiting",
                                         "stopping", "backoff", "failed",   "down"};
    fprintf(out, " - %d service%s", view->count, view->count == 1 ? "" : "s");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        int count = count_state(view, states[i]);
        if (count > 0)
            fprintf(out, ", %d %s", count, states[i]);
    }
}

static void print_first_line(const struct top_view *view, FILE *out)
{
    char line[LINE_SIZE] = "";
    FILE *text = fmemopen(line, sizeof line, "w");
    if (!text)
        return;
    fputs("reeve " REEVE_VERSION, text);
    if (view->silent_s > 0)
        fprintf(text, " - no answer for %ds", view->silent_s);
    if (view->is_known)
        print_counts(view, text);
    fclose(text);
    print_line(view, out, 0, line, false);
}

/* --- the table -------------------------------------------------------------------------------- */

/* The heading, where there is no row. */
static void print_table_line(const struct top_view *view, FILE *out, int number,
                             const struct status_row *row, bool is_selected)
{
    char line[LINE_SIZE] = "";
    FILE *text = fmemopen(line, sizeof line, "w");
    if (!text)
        return;
    /* In the bar of the selected row a colour would be hard to read, and its end would end it. */
    if (row)
        format_print_row(text, row, &view->widths, view->in_colour && !is_selected);
    else
        format_print_heading(text, &view->widths);
    fclose(text);
    print_line(view, out, number, line, is_selected);
}

static void print_table(const struct top_view *view, FILE *out)
{
    int page = view->height - BESIDES_ROWS - has_note_line(view);
    const struct status_row *row = row_at(view->rows, view->first);
    print_table_line(view, out, 1, NULL, false);
    for (int i = 0; i < page; i++) {
        if (row)
            print_table_line(view, out, 2 + i, row, view->first + i == view->selected);
        else
            print_line(view, out, 2 + i, "", false);
        row = row ? row->next : NULL;
    }
}

void top_view_print(const struct top_view *view, FILE *out)
{
    bool keys_give_way = !has_note_line(view) && view->note[0] != '\0';
    print_first_line(view, out);
    print_table(view, out);
    if (has_note_line(view))
        print_line(view, out, view->height - 2, view->note, false);
    if (view->height >= BESIDES_ROWS)
        print_line(view, out, view->height - 1, keys_give_way ? view->note : KEYS, false);
}
