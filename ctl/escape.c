#include "ctl/escape.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 8 }; /* room for one escaped character and a NUL */

/* The length of the UTF-8 character at `p`, or 0 where there is none (RFC 3629, its table). */
static size_t utf8_length(const unsigned char *p)
{
    if (p[0] < 0x80)
        return 1;
    size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    unsigned char least = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    unsigned char most = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    if (p[0] < 0xc2 || p[0] > 0xf4 || p[1] < least || p[1] > most)
        return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    return length;
}

/* A control character as C writes it, where it has such a form. */
static char short_form(unsigned char c)
{
    switch (c) {
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return '\0';
    }
}

/* The control characters U+0080 to U+009F: to some terminals they are like those below a blank. */
static bool is_c1_control(const unsigned char *from)
{
    return from[0] == 0xc2 && from[1] >= 0x80 && from[1] < 0xa0;
}

/* Stands for itself. Nearly all do: they are copied, since formatting each takes its time. */
static bool is_plain(const unsigned char *from, size_t length, bool json)
{
    if (length != 1)
        return length > 1;
    bool is_special = json && (*from == '"' || *from == '\\');
    return *from >= 0x20 && *from != 0x7f && !is_special;
}

/* One character of `from`, as it is to stand in `to`; returns how many bytes of `from` it took. */
static size_t escape_one(char to[static LONGEST], const unsigned char *from, bool json)
{
    size_t length = utf8_length(from);
    unsigned char c = *from;
    if (is_c1_control(from)) {
        snprintf(to, LONGEST, json ? "\\u00%02x" : "\\x%02x", from[1]);
    } else if (is_plain(from, length, json)) {
        memcpy(to, from, length);
        to[length] = '\0';
    } else if (length == 0) {
        snprintf(to, LONGEST, json ? "\\ufffd" : "\\x%02x", c);
    } else if (short_form(c)) {
        snprintf(to, LONGEST, "\\%c", short_form(c));
    } else if (c < 0x20 || c == 0x7f) {
        snprintf(to, LONGEST, json ? "\\u%04x" : "\\x%02x", c);
    } else {
        snprintf(to, LONGEST, "\\%c", c); /* in JSON, what would end or escape a string */
    }
    return length ? length : 1;
}

static size_t escape(char *to, size_t size, const char *from, bool json)
{
    const unsigned char *p = (const unsigned char *)from;
    size_t length = 0;
    while (*p) {
        char one[LONGEST];
        size_t taken = escape_one(one, p, json);
        size_t needed = strlen(one);
        if (length + needed >= size)
            break;
        memcpy(to + length, one, needed);
        length += needed;
        p += taken;
    }
    if (size > 0)
        to[length] = '\0';
    return length;
}

size_t escape_text(char *to, size_t size, const char *from)
{
    return escape(to, size, from, false);
}

size_t escape_json(char *to, size_t size, const char *from)
{
    return escape(to, size, from, true);
}
