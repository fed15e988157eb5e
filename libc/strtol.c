/*
 * strtol(3) and its kin for numbers of base 10, the only one in use here. In musl they read a FILE
 * that is made of the text: 3 kB.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

_Static_assert(sizeof(long) == sizeof(long long), "one range for all");

/* Reads digits and returns what follows; *number is at most `most`, with ERANGE if it were more. */
static const char *read_digits(const char *text, uint64_t most, uint64_t *number)
{
    bool fits = true;
    *number = 0;
    for (; *text >= '0' && *text <= '9'; text++) {
        unsigned digit = (unsigned)(*text - '0');
        fits = fits && *number <= (most - digit) / 10;
        *number = fits ? 10 * *number + digit : most;
    }
    if (!fits)
        errno = ERANGE;
    return text;
}

/* Blanks and a sign; returns what follows. */
static const char *skip_sign(const char *text, bool *is_negative)
{
    while (*text == ' ' || (*text >= '\t' && *text <= '\r'))
        text++;
    *is_negative = *text == '-';
    return text + (*text == '-' || *text == '+');
}

static void tell_end(char **end, const char *text)
{
    if (end)
        *end = (char *)(uintptr_t)text;
}

long strtol(const char *restrict text, char **restrict end, int base)
{
    bool is_negative;
    uint64_t number;
    const char *digits = skip_sign(text, &is_negative);
    const char *behind = read_digits(digits, (uint64_t)LONG_MAX + is_negative, &number);
    (void)base;
    tell_end(end, behind == digits ? text : behind);
    return (long)(is_negative ? 0 - number : number);
}

long long strtoll(const char *restrict text, char **restrict end, int base)
{
    return strtol(text, end, base);
}

/* A negative one counts from the other end, but for one that is out of range. */
unsigned long long strtoull(const char *restrict text, char **restrict end, int base)
{
    bool is_negative;
    uint64_t number;
    const char *digits = skip_sign(text, &is_negative);
    const char *behind = read_digits(digits, UINT64_MAX, &number);
    (void)base;
    tell_end(end, behind == digits ? text : behind);
    return is_negative && number != UINT64_MAX ? 0 - number : number;
}

unsigned long strtoul(const char *restrict text, char **restrict end, int base)
{
    return strtoull(text, end, base);
}

int atoi(const char *text)
{
    return (int)strtol(text, NULL, 10);
}
