#include "ctl/key.h"

#include <stdbool.h>

#define ESCAPE '\x1b'

static enum key of_letter(char c)
{
    switch (c) {
    case 'k':
        return KEY_UP;
    case 'j':
        return KEY_DOWN;
    case 's':
        return KEY_START;
    case 't':
        return KEY_STOP;
    case 'r':
        return KEY_RESTART;
    case 'q':
        return KEY_QUIT;
    default:
        return KEY_NONE;
    }
}

/* Behind ESC [, or behind ESC O where the terminal is in application mode. */
static enum key of_final(char c)
{
    switch (c) {
    case 'A':
        return KEY_UP;
    case 'B':
        return KEY_DOWN;
    case 'H':
        return KEY_HOME;
    case 'F':
        return KEY_END;
    default:
        return KEY_NONE;
    }
}

/* ESC [ number ~ */
static enum key of_number(int number)
{
    switch (number) {
    case 1:
    case 7:
        return KEY_HOME;
    case 4:
    case 8:
        return KEY_END;
    case 5:
        return KEY_PAGE_UP;
    case 6:
        return KEY_PAGE_DOWN;
    default:
        return KEY_NONE;
    }
}

static bool is_within(char c, char first, char last)
{
    return c >= first && c <= last;
}

/* The first number of a sequence; 0 where there is none or a large one. */
static int first_number(const char *bytes)
{
    int number = 0;
    for (; is_within(*bytes, '0', '9'); bytes++)
        number = number < 100 ? number * 10 + (*bytes - '0') : 0;
    return number;
}

/* ESC [, parameters and the like, and a final byte. Another byte in its midst begins anew. */
static size_t read_sequence(const char *bytes, size_t length, enum key *key)
{
    size_t end = 2;
    while (end < length && is_within(bytes[end], ' ', '?'))
        end++;
    if (end == length)
        return 0;
    if (!is_within(bytes[end], '@', '~'))
        return end;
    *key = bytes[end] == '~' ? of_number(first_number(bytes + 2)) : of_final(bytes[end]);
    return end + 1;
}

size_t key_read(const char *bytes, size_t length, enum key *key)
{
    *key = KEY_NONE;
    if (length == 0)
        return 0;
    if (bytes[0] != ESCAPE) {
        *key = of_letter(bytes[0]);
        return 1;
    }
    if (length == 1)
        return 0;
    if (bytes[1] == '[')
        return read_sequence(bytes, length, key);
    if (bytes[1] != 'O')
        return 1; /* the key Escape, which means nothing, and another one */
    if (length == 2)
        return 0;
    *key = of_final(bytes[2]);
    return 3;
}
