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
};

void signal_map_init(struct signal_map *map); /* every signal stays itself */

/* "250ms", "5s", "2m", "1h", "1m30s", or a bare number of seconds; at most ten years. */
const char *value_duration(const char *text, int64_t *ms);

/* Names or numbers of signals, separated by blanks; at least one. */
const char *value_signals(const char *text, signal_set *signals);

/* "FROM:TO" pairs, separated by blanks; TO may be 0. Adds to what the map has. */
const char *value_rewrite(const char *text, struct signal_map *map);

/* 0 to 255. */
const char *value_exit_code(const char *text, int *code);
