#include "conf/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t";

void signal_map_init(struct signal_map *map)
{
    for (int sig = 0; sig <= SIGNAL_MAX; sig++)
        map->to[sig] = (uint8_t)sig;
}

const char *value_duration(const char *text, int64_t *ms)
{
    static const char wrong[] = " is no duration, expected for example 500ms, 10s or 1m30s";
    static const struct {
        const char *name;
        int64_t ms;
    } units[] = {{"h", 3600 * 1000}, {"m", 60 * 1000}, {"s", 1000}, {"ms", 1}};
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

/*
 * Copies the next word of *text to `word` and moves *text behind it. Returns false at the end.
 * A word that does not fit is cut: no name of a signal is that long, so that none is mistaken.
 */
static bool next_word(const char **text, char word[static 32])
{
    *text += strspn(*text, blanks);
    size_t length = strcspn(*text, blanks);
    size_t kept = length < 31 ? length : 31;
    memcpy(word, *text, kept);
    word[kept] = '\0';
    *text += length;
    return length > 0;
}

const char *value_signals(const char *text, signal_set *signals)
{
    static const char wrong[] = " names no signals, expected for example TERM, SIGTERM, 15 or RTMIN+3";
    signal_set set = 0;
    char word[32];
    while (next_word(&text, word)) {
        int sig = signal_parse(word);
        if (sig == 0)
            return wrong;
        set |= signal_bit(sig);
    }
    if (set == 0)
        return wrong;
    *signals = set;
    return NULL;
}

const char *value_rewrite(const char *text, struct signal_map *map)
{
    static const char wrong[] =
        " is no rewrite, expected FROM:TO with two signals (TO may be 0), for example HUP:USR2";
    struct signal_map result = *map;
    char word[32];
    int pairs = 0;
    while (next_word(&text, word)) {
        char *colon = strchr(word, ':');
        if (!colon)
            return wrong;
        *colon = '\0';
        int from = signal_parse(word);
        int to = signal_parse(colon + 1);
        if (from == 0 || (to == 0 && strcmp(colon + 1, "0") != 0))
            return wrong;
        result.to[from] = (uint8_t)to;
        pairs++;
    }
    if (pairs == 0)
        return wrong;
    *map = result;
    return NULL;
}

const char *value_exit_code(const char *text, int *code)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 3 || text[digits] != '\0' || atoi(text) > 255)
        return " is no exit code, expected a number from 0 to 255";
    *code = atoi(text);
    return NULL;
}
