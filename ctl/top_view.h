/*
 * What `reevectl top` shows: services, the selected one of them, and the text of a whole screen.
 * Pure.
 */
#pragma once

#include "ctl/format.h"

enum { TOP_NOTE_SIZE = 256 };

struct top_view {
    int width; /* of the screen, in characters */
    int height;
    bool in_colour;
    bool is_known; /* there was an answer, so that no service means that there is none */
    struct status_row *rows;
    struct status_widths widths;
    int count;                /* of rows */
    int first;                /* row that is shown */
    int selected;             /* 0 where there is no row */
    int silent_s;             /* there has been no answer for so long; 0: there is nothing to say */
    char note[TOP_NOTE_SIZE]; /* "": none */
};

void top_view_init(struct top_view *view, bool in_colour);
void top_view_fini(struct top_view *view);

void top_view_resize(struct top_view *view, int width, int height);

/* Takes over a list of allocated rows. What was selected stays so, by its name. */
void top_view_set_rows(struct top_view *view, struct status_row *rows);
void top_view_free_rows(struct status_row *rows);

/* Selects another row, by so many; the first or the last one at most. */
void top_view_move(struct top_view *view, int by);

/* How many rows there is room for, at least one. */
int top_view_page(const struct top_view *view);

/* The name of the service that is selected; NULL where there is none. */
const char *top_view_selected(const struct top_view *view);

/* Something to be said of an order. `text` comes from elsewhere. */
void top_view_note(struct top_view *view, const char *text);

/*
 * Everything that a terminal needs to show it, whatever it shows now: no line is longer than the
 * screen, and none is emptied before it is written anew.
 */
void top_view_print(const struct top_view *view, FILE *out);
