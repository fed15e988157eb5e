/*
 * The terminal, taken over as a whole: keys come one by one and unseen, the cursor is hidden, and
 * what was on the screen is back afterwards.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

struct terminal {
    int in;
    int out;
    struct termios before;
};

/* Returns false where these are not both a terminal that can move its cursor. */
bool terminal_init(struct terminal *terminal, int in, int out);

/* Takes it over; does no harm where that was done already. */
void terminal_enter(const struct terminal *terminal);
/* Gives it back. Errors are left alone: it may be gone. */
void terminal_leave(const struct terminal *terminal);

/* In characters; 80x24 where it does not know. */
void terminal_size(const struct terminal *terminal, int *width, int *height);

/*
 * Writes it at once. Returns false where the terminal is gone. A signal that is caught cuts it
 * short where the terminal takes no more: to be written anew, as a whole.
 */
bool terminal_write(const struct terminal *terminal, const char *text, size_t length);
