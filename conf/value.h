/*
 * The value types of reeve's settings, read from text. Pure.
 *
 * Each reader returns NULL where the text is well, else what is wrong with it and what was
 * expected, in words that follow the quoted value: "'soon'" + " is no duration, expected ...".
 * The result is untouched then.
 */
#pragma once

#include "conf/signal_name.h"

#include <stdbool.h>
#include <stdint.h>

/* Where every signal goes: to[n] is what a signal n becomes, 0 swallows it. */
struct signal_map {
    uint8_t to[SIGNAL_MAX + 1];
    signal_set named; /* those that were written, also where they stay themselves */
};

/* Every signal stays itself. */
#define SIGNAL_MAP_4(n) (n), (n) + 1, (n) + 2, (n) + 3
#define SIGNAL_MAP_16(n) \
    SIGNAL_MAP_4(n), SIGNAL_MAP_4((n) + 4), SIGNAL_MAP_4((n) + 8), SIGNAL_MAP_4((n) + 12)
#define SIGNAL_MAP_IDENTITY                                                                     \
    {                                                                                           \
        .to = { SIGNAL_MAP_16(0), SIGNAL_MAP_16(16), SIGNAL_MAP_16(32), SIGNAL_MAP_16(48), 64 } \
    }

/* A set of exit codes, 0 to 255. */
struct exit_codes {
    uint64_t bits[4];
};

void exit_codes_add(struct exit_codes *codes, int code);
bool exit_codes_has(const struct exit_codes *codes, int code);

/* "250ms", "5s", "2m", "1h", "1m30s", or a bare number of seconds; at most ten years. */
const char *value_duration(const char *text, int64_t *ms);

/* A number of bytes, with K, M or G (1024) behind it. */
const char *value_size(const char *text, uint64_t *bytes);

/* yes/no, true/false, on/off, 1/0. */
const char *value_bool(const char *text, bool *value);

/* A whole number from `least` to `most`, in decimal. */
const char *value_number(const char *text, int least, int most, int *number);

/* One of `count` words; *index says which. `expected` is what the error says. */
const char *value_choice(const char *text, const char *const *choices, int count,
                         const char *expected, int *index);

/* A signal by name or number, as signal_parse() reads it. */
const char *value_signal(const char *text, int *sig);

/* A pair FROM:TO; TO may be 0. Changes what the map has for FROM. */
const char *value_rewrite(const char *text, struct signal_map *map);

/* 0 to 255. */
const char *value_exit_code(const char *text, int *code);
