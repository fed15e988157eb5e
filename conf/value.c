#include "conf/value.h"

#include <stdlib.h>
#include <string.h>

void exit_codes_add(struct exit_codes *codes, int code)
{
    codes->bits[code / 64] |= (uint64_t)1 << (code % 64);
}

bool exit_codes_has(const struct exit_codes *codes, int code)
{
    return (codes->bits[code / 64] >> (code % 64) & 1) != 0;
}

const char *value_duration(const char *text, int64_t *ms)
{
    static const char wrong[] = " is no duration, expected for example 500ms, 10s or 1m30s";
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"h", INT64_C(3600000)}, {"m", 60000}, {"s", 1000}, {"ms", 1}};
    enum { UNITS = sizeof units / sizeof *units };
    const int64_t limit = INT64_C(10) * 365 * 24 * 3600 * 1000;

    int64_t total = 0;
    size_t unit = 0; /* units come from the largest to the smallest, each once */
    const char *p = text;
    do {
        size_t digits = strspn(p, "0123456789");
        if (digits == 0 || digits > 15)
            return wrong;
        int64_t number = strtoll(p, NULL, 10);
        bool bare = p == text && p[digits] == '\0';
        p += digits;
        size_t letters = strcspn(p, "0123456789");
        if (bare)
            unit = 2;
        else
            while (unit < UNITS && (strlen(units[unit].name) != letters ||
                                    strncmp(p, units[unit].name, letters) != 0))
                unit++;
        if (unit == UNITS)
            return wrong;
        if (number > limit / units[unit].ms)
            return " is too long a duration, expected at most ten years";
        total += number * units[unit++].ms;
        p += letters;
    } while (*p != '\0');
    if (total > limit)
        return " is too long a duration, expected at most ten years";
    *ms = total;
    return NULL;
}

/* Digits only, at most 18 of them; -1 where the text does not begin with any. */
static int64_t parse_digits(const char *text, const char **end)
{
    size_t digits = strspn(text, "0123456789");
    *end = text + digits;
    return digits > 0 && digits <= 18 ? strtoll(text, NULL, 10) : -1;
}

const char *value_size(const char *text, uint64_t *bytes)
{
    static const char wrong[] = " is no size, expected a number of bytes, with K, M or G for more";
    static const char units[] = "KMG";
    const char *end;
    int64_t number = parse_digits(text, &end);
    int shift = 0;
    if (*end != '\0') {
        const char *unit = strchr(units, *end);
        if (!unit || end[1] != '\0')
            return wrong;
        shift = 10 * (int)(unit - units + 1);
    }
    if (number < 0 || number > INT64_MAX >> shift)
        return wrong;
    *bytes = (uint64_t)number << shift;
    return NULL;
}

const char *value_bool(const char *text, bool *value)
{
    static const char *const words[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};
    int index;
    const char *wrong =
        value_choice(text, words, sizeof words / sizeof *words, " is neither yes nor no", &index);
    if (!wrong)
        *value = index % 2 == 1;
    return wrong;
}

const char *value_number(const char *text, int least, int most, int *number)
{
    const char *end;
    bool negative = *text == '-';
    int64_t value = parse_digits(text + negative, &end);
    if (value < 0 || *end != '\0')
        return " is no whole number";
    if (negative)
        value = -value;
    if (value < least)
        return " is too small";
    if (value > most)
        return " is too large";
    *number = (int)value;
    return NULL;
}

const char *value_choice(const char *text, const char *const *choices, int count,
                         const char *expected, int *index)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(text, choices[i]) == 0) {
            *index = i;
            return NULL;
        }
    }
    return expected;
}

const char *value_signal(const char *text, int *sig)
{
    int parsed = signal_parse(text);
    if (parsed == 0)
        return " is no signal, expected for example TERM, SIGTERM, 15 or RTMIN+3";
    *sig = parsed;
    return NULL;
}

const char *value_rewrite(const char *text, struct signal_map *map)
{
    static const char wrong[] =
        " is no rewrite, expected FROM:TO with two signals (TO may be 0), for example HUP:USR2";
    char from_name[32];
    const char *colon = strchr(text, ':');
    if (!colon || (size_t)(colon - text) >= sizeof from_name)
        return wrong;
    memcpy(from_name, text, (size_t)(colon - text));
    from_name[colon - text] = '\0';
    int from = signal_parse(from_name);
    int to = signal_parse(colon + 1);
    if (from == 0 || (to == 0 && strcmp(colon + 1, "0") != 0))
        return wrong;
    map->to[from] = (uint8_t)to;
    map->named |= signal_bit(from);
    return NULL;
}

const char *value_exit_code(const char *text, int *code)
{
    return value_number(text, 0, 255, code) ? " is no exit code, expected a number from 0 to 255"
                                            : NULL;
}
